from collections.abc import Callable

import pytest

from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Status, Verdict
from readiness.rules.alarms_wired import dead, steady
from tests.rules.alarms_wired.builders import errors, made_by, of_account, of_functions, spikes, throttles
from tests.rules.facts import description
from tests.rules.functions import THE_TABLE
from tests.rules.table_alarms import INDEX, indexed

Judge = Callable[[Alarm], Verdict]


REMEDIES: dict[str, Judge] = {
    "throttling": throttles,
    "index-throttling": lambda made: throttles(made, index=True),
    "user-errors": errors,
    "read-spikes": spikes,
    "function-throttles": of_functions,
    "concurrency": of_account,
}


MISSING: dict[str, Callable[[], Verdict]] = {
    "throttling": throttles,
    "index-throttling": lambda: throttles(index=True),
    "user-errors": errors,
    "read-spikes": spikes,
    "function-throttles": of_functions,
    "concurrency": of_account,
}


@pytest.mark.parametrize("check", REMEDIES)
def test_the_alarm_that_is_offered_satisfies_the_check(check: str) -> None:
    made = made_by(check, MISSING[check]())
    assert REMEDIES[check](made).status is Status.PASS
    assert all(verdict.status is Status.PASS for verdict in steady(THE_TABLE, indexed(made)))
    indexes = description(indexes=(INDEX.name,))
    assert all(verdict.status is Status.PASS for verdict in dead(THE_TABLE, indexes, indexed(made)))
