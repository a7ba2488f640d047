from collections.abc import Sequence

import pytest

from readiness.checklist import AlarmSettings
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Status
from tests.rules import table_alarms as given
from tests.rules.alarms import alarm, opaque
from tests.rules.alarms_wired.builders import errors
from tests.rules.table_alarms import query


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([given.user_errors()], Status.PASS, id="without a dimension"),
        pytest.param([], Status.FAIL, id="no alarm"),
        pytest.param([alarm("dead", given.summed("UserErrors"), threshold=50)], Status.FAIL, id="with a table name"),
        pytest.param([given.user_errors(threshold=0)], Status.WARN, id="the first error of any table"),
        pytest.param(
            [given.user_errors(threshold=0), alarm("b", given.USER_ERRORS, threshold=5)],
            Status.PASS,
            id="that, and another",
        ),
        pytest.param([given.user_errors(operator="LessThanThreshold")], Status.FAIL, id="too few errors"),
        pytest.param(
            [given.user_errors(threshold=0, operator="GreaterThanOrEqualToThreshold")], Status.FAIL, id="none is enough"
        ),
        pytest.param([given.user_errors(threshold=5000)], Status.WARN, id="a thousand a minute"),
        pytest.param([given.user_errors(datapoints=6)], Status.WARN, id="for half an hour"),
        pytest.param([query("UserErrors")], Status.FAIL, id="a query for dimensions that it does not have"),
    ],
)
def test_wrong_requests(alarms: Sequence[Alarm], status: Status) -> None:
    assert errors(*alarms).status is status


def test_wrong_requests_by_promql() -> None:
    vouched = AlarmSettings(vouched={"shop": "user-errors"})
    assert errors(opaque("shop", "promql"), settings=vouched).status is Status.PASS
