import pytest

from readiness.alarms.dynamodb import NAMESPACE, USER_ERRORS, series_of
from readiness.alarms.series import Query, series
from readiness.checklist import AlarmSettings, FailureSettings, Settings, TableSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import followed_alarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Reason, Unavailable
from tests.rules.alarms import alarm, failures_alarm, opaque, queue_alarm

SETTINGS = Settings(
    tables=(
        TableSettings("orders", alarms=AlarmSettings(vouched={"shop": "throttling"})),
        TableSettings("carts", write_failures=FailureSettings(namespace="Carts")),
    )
)
DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms", "AccessDenied")


@pytest.mark.parametrize(
    ("found", "followed"),
    [
        pytest.param(alarm("a", series_of("ReadThrottleEvents", "carts")), True, id="on a table of the checklist"),
        pytest.param(alarm("a", series_of("ReadThrottleEvents", "other")), False, id="on another table"),
        pytest.param(alarm("a", USER_ERRORS), True, id="on all tables"),
        pytest.param(alarm("a", insights=(Query(NAMESPACE, "UserErrors", "SUM"),)), True, id="a query over tables"),
        pytest.param(queue_alarm("letters"), True, id="on a queue"),
        pytest.param(failures_alarm("quote"), True, id="on failed writes"),
        pytest.param(alarm("a", series("Carts", "WriteFailure", Domain="x")), True, id="on those of the other table"),
        pytest.param(alarm("a", series("Carts", "Sold", Domain="x")), False, id="on something else of theirs"),
        pytest.param(alarm("a", series("AWS/Billing", "EstimatedCharges")), True, id="on what is paid"),
        pytest.param(alarm("a", series("AWS/EC2", "CPUUtilization")), False, id="on a machine"),
        pytest.param(alarm("any", kind="composite", rule="ALARM(a)"), True, id="a composite one"),
        pytest.param(opaque("shop", "promql"), True, id="one on PromQL"),
        pytest.param(opaque("other"), True, id="one on logs"),
        pytest.param(alarm("a", series("AWS/Lambda", "Throttles", "Sum")), True, id="throttled functions"),
        pytest.param(alarm("a", series("AWS/Lambda", "Errors", "Sum")), False, id="their errors"),
    ],
)
def test_which_alarms_are_followed(found: Alarm, *, followed: bool) -> None:
    assert bool(followed_alarms(Each({found.arn: found}), SETTINGS).alarms) is followed


def test_that_there_may_be_more_is_not_forgotten() -> None:
    assert followed_alarms(Each({}, DENIED), SETTINGS).unread == DENIED
