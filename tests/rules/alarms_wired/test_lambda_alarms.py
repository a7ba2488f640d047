from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from readiness.alarms.series import series
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import OF_ACCOUNT, function_alarms, throttles_of
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Status, Unreadable
from readiness.rules.alarms_wired import concurrency, function_throttles
from tests.rules.alarms import SILENT, UNKNOWN, alarm, opaque, routes
from tests.rules.alarms_wired.builders import of_account, of_functions
from tests.rules.facts import checklist

OF_CHECKOUT, OF_ALL = throttles_of("checkout")


EXECUTIONS = replace(OF_ACCOUNT[0], statistic="Maximum")


@pytest.mark.parametrize(
    ("alarms", "status", "why"),
    [
        pytest.param([], Status.WARN, "Throttles of cart and Throttles of checkout: no alarm", id="none"),
        pytest.param([alarm("a", replace(OF_ALL, statistic="Sum"))], Status.PASS, "", id="one on all of the account"),
        pytest.param(
            [alarm("a", replace(OF_CHECKOUT, statistic="Sum"))],
            Status.WARN,
            "on-call for Throttles of cart",
            id="one",
        ),
        pytest.param(
            [alarm("a", replace(OF_ALL, statistic="Average"), threshold=1)],
            Status.WARN,
            "cannot be breached",
            id="one that never fires",
        ),
    ],
)
def test_functions_that_are_throttled(alarms: Sequence[Alarm], status: Status, why: str) -> None:
    verdict = of_functions(*alarms)
    assert verdict.status is status
    assert why in verdict.message


def test_whom_an_alarm_on_functions_reaches_may_be_unknown() -> None:
    with pytest.raises(Unreadable):
        of_functions(alarm("a", replace(OF_ALL, statistic="Sum")), a=UNKNOWN)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(None, Status.WARN, id="no alarm"),
        pytest.param(alarm("a", EXECUTIONS, threshold=800), Status.PASS, id="executions"),
        pytest.param(alarm("a", replace(OF_ACCOUNT[1], statistic="Maximum"), threshold=800), Status.PASS, id="claimed"),
        pytest.param(alarm("a", EXECUTIONS, threshold=5000), Status.WARN, id="above the default"),
        pytest.param(alarm("a", series("AWS/Lambda", EXECUTIONS.metric, FunctionName="a")), Status.WARN, id="one's"),
    ],
)
def test_the_concurrency_of_the_account(found: Alarm | None, status: Status) -> None:
    assert of_account(*([found] if found else [])).status is status


def test_an_alarm_that_cannot_be_read_may_watch_functions() -> None:
    unread = opaque("logs")
    with pytest.raises(Unreadable):
        of_functions(unread)
    with pytest.raises(Unreadable):
        of_account(unread)
    assert of_functions(unread, alarm("a", replace(OF_ALL, statistic="Sum"))).status is Status.PASS
    assert of_account(unread, logs=SILENT).status is Status.WARN, "it tells nobody, whatever it watches"


def test_without_functions_nobody_is_throttled() -> None:
    none = function_alarms(Each({}))
    assert function_throttles(Each({}), none, routes(), checklist()).status is Status.NOT_APPLICABLE
    assert concurrency(Each({}), none, routes(), checklist()).status is Status.NOT_APPLICABLE
