from datetime import timedelta
from typing import Any

import pytest

from readiness.facts.cloudwatch.alarm_actions import FailedActions, failed_actions
from tests.aws.account import Account
from tests.aws.cloudwatch import acted
from tests.aws.completed import complete
from tests.rules.alarms import TOPIC
from tests.rules.facts import AT, NOW

complete()

DONE = f"Successfully executed action {TOPIC}"
REFUSED = f'Failed to execute action {TOPIC}. Received error: "CloudWatch Alarms is not authorized"'


@pytest.mark.parametrize(
    ("summaries", "failed"),
    [
        pytest.param((), {}, id="nothing happened"),
        pytest.param((DONE,), {}, id="what was done"),
        pytest.param((REFUSED,), {"carts": (TOPIC,)}, id="what was refused"),
        pytest.param((f"Failed to execute action {TOPIC}",), {"carts": (TOPIC,)}, id="without a reason"),
        pytest.param((REFUSED, DONE), {"carts": (TOPIC,)}, id="refused after it was done"),
        pytest.param((DONE, REFUSED), {}, id="done after it was refused"),
        pytest.param(
            (DONE.replace("on-call", "other"), REFUSED), {"carts": (TOPIC,)}, id="done for another topic since"
        ),
        pytest.param(("Alarm updated from OK to ALARM",), {}, id="what was no action"),
    ],
)
def test_the_last_time_counts(account: Account, summaries: tuple[str, ...], failed: dict[str, Any]) -> None:
    acted(account, "carts", *summaries)
    assert failed_actions(account.aws, NOW) == FailedActions(failed)


def test_thirty_days_of_all_alarms_are_asked_for_at_once_and_no_more_than_a_thousand_actions(account: Account) -> None:
    asked: list[Any] = []
    events = account.client("cloudwatch").meta.events
    events.register("provide-client-params.cloudwatch.DescribeAlarmHistory", lambda params, **_: asked.append(params))
    page = [{"AlarmName": "other", "HistorySummary": DONE}] * 100
    pages = [{"AlarmHistoryItems": page, "NextToken": str(number)} for number in range(11)]
    account.answer("cloudwatch", "DescribeAlarmHistory", *pages)
    failed_actions(account.aws, NOW)
    assert len(asked) == 10
    assert asked[0]["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm"]
    assert asked[0]["StartDate"] == AT - timedelta(days=30)
    assert (asked[0]["MaxRecords"], asked[0]["ScanBy"]) == (100, "TimestampDescending")
