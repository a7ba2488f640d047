"""What is seen of an alarm that was set off: by its history, and by what SNS counts."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.cloudwatch.models import cloudwatch_backends

from readiness.cli.drill.watch import Acted, Counted, delivered
from readiness.model import Reason, Unavailable
from tests.aws.account import ACCOUNT, REGION
from tests.drill.world import ALARM, PAGER, TOPIC, World

DENIED = "AccessDenied"
FILTER = json.dumps({"Severity": ["HIGH"]})


def test_a_message_that_arrives(world: World) -> None:
    queue = world.listen()
    (seen,) = world.watch()
    assert (seen.acted, seen.counted) == (Acted("Succeeded", None), Counted(1, 0))
    assert delivered([seen]) is True
    assert world.slept == []
    (message,) = world.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"])["NewStateValue"] == "ALARM"


def test_nobody_is_subscribed(world: World) -> None:
    (seen,) = world.watch(30)
    assert (seen.acted, seen.counted) == (Acted("Succeeded", None), Counted(0, 0))
    assert delivered([seen]) is False
    assert world.slept == [10, 10, 10]


def test_a_subscription_that_filters_it_out(world: World) -> None:
    world.subscribe(FilterPolicy=FILTER)
    assert delivered(world.watch(10)) is False


def test_one_of_two_subscriptions_fails(world: World) -> None:
    world.subscribe()
    world.subscribe("sqs", "arn:aws:sqs:us-east-1:123456789012:deleted")
    (seen,) = world.watch()
    assert seen.counted == Counted(1, 1)
    assert delivered([seen]) is True
    assert world.slept == []


def test_it_waits_for_what_comes_late(world: World) -> None:
    world.subscribe()
    assert delivered(world.watch(meanwhile=world.set_off)) is True
    assert world.slept == [10]


def test_it_waits_for_every_subscription_while_there_is_time(world: World) -> None:
    world.subscribe()
    world.subscribe("sms", "+15550101", FilterPolicy=FILTER)
    assert delivered(world.watch(25)) is True
    assert world.slept == [10, 10, 5]


def test_no_time_is_one_look(world: World) -> None:
    world.subscribe()
    assert delivered(world.watch(0)) is True
    assert world.slept == []


def test_an_alarm_that_does_not_act(world: World) -> None:
    (seen,) = world.watch(20, meanwhile=lambda: None)
    assert seen.acted is None
    assert delivered([seen]) is False


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        pytest.param({"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}}, None, id="admitted"),
        pytest.param(
            {"Effect": "Allow", "Principal": {"Service": "budgets.amazonaws.com"}}, "not authorized", id="not admitted"
        ),
    ],
)
def test_a_topic_admits_cloudwatch_or_not(world: World, statement: dict[str, Any], error: str | None) -> None:
    world.subscribe()
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sns:Publish", "Resource": TOPIC}]}
    world.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(policy))
    (seen,) = world.watch()
    assert seen.acted == Acted("Failed" if error else "Succeeded", error)
    assert delivered([seen]) is (error is None)
    assert world.slept == []


def test_a_topic_that_was_deleted(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=TOPIC)
    (seen,) = world.watch()
    assert seen.acted == Acted("Failed", "does not exist")


KEY = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."


@pytest.mark.parametrize(
    ("summary", "data", "expected"),
    [
        pytest.param(
            f'Failed to execute action {TOPIC}. Received error: "{KEY}"',
            '{"actionState": "Failed"}',
            Acted("Failed", "not authorized to use the key"),
            id="a key",
        ),
        pytest.param(
            f'Failed to execute action {TOPIC}. Received error: "ada@example.com moved"',
            '{"actionState": "Failed", "publishedMessage": "secret"}',
            Acted("Failed", "other"),
            id="of an error nothing but its kind is kept",
        ),
        pytest.param(
            f"Successfully executed action {TOPIC}",
            '{"actionState": "Succeeded", "publishedMessage": "cut o',
            Acted("Succeeded", None),
            id="data that is cut off",
        ),
        pytest.param(
            f'Failed to execute action {TOPIC}. Received error: "x"',
            '{"actionState": "Failed", "publishedMessage": "cut o',
            Acted("Failed", "other"),
            id="data of a failure that is cut off",
        ),
        pytest.param(f"Successfully executed action {TOPIC}-2", "{}", None, id="another action"),
    ],
)
def test_what_the_history_says(world: World, summary: str, data: str, expected: Acted | None) -> None:
    """https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger has CloudWatch's words."""
    item = {"AlarmName": ALARM, "HistoryItemType": "Action", "HistorySummary": summary, "HistoryData": data}
    world.account.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": [item]})
    (seen,) = world.watch(0)
    assert seen.acted == expected


def test_the_way_back_is_no_part_of_it(world: World) -> None:
    """Of an alarm that is OK again before anybody looks, the first action counts."""
    world.subscribe()
    world.alarm(ALARM, TOPIC, OKActions=[TOPIC])

    def there_and_back() -> None:
        world.set_off()
        world.client("sns").delete_topic(TopicArn=TOPIC)
        world.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="test")

    (seen,) = world.watch(10, meanwhile=there_and_back)
    assert seen.acted == Acted("Succeeded", None)


def test_an_action_that_is_no_topic_is_delivered_when_it_is_called(world: World) -> None:
    world.alarm(ALARM, PAGER)
    (seen,) = world.watch()
    assert (seen.acted, seen.counted) == (Acted("Succeeded", None), None)
    assert delivered([seen]) is True
    assert "cloudwatch:GetMetricData" not in world.account.calls


def test_one_of_two_actions_reaches_nobody(world: World) -> None:
    world.alarm(ALARM, PAGER, TOPIC)
    pager, topic = world.watch(10)
    assert (pager.delivered, topic.delivered) == (True, False)
    assert delivered([pager, topic]) is False


def test_what_a_topic_of_another_account_delivers_is_not_seen(world: World) -> None:
    world.alarm(ALARM, "arn:aws:sns:us-east-1:999999999999:on-call")
    item = {
        "AlarmName": ALARM,
        "HistorySummary": "Successfully executed action arn:aws:sns:us-east-1:999999999999:on-call",
        "HistoryData": '{"actionState": "Succeeded"}',
    }
    world.account.answer("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": [item]})
    (seen,) = world.watch()
    assert isinstance(seen.counted, Unavailable)
    assert delivered([seen]) is None


@pytest.mark.parametrize("operation", ["DescribeAlarmHistory", "GetMetricData"])
def test_what_is_denied_is_not_seen_and_not_waited_for(world: World, operation: str) -> None:
    world.subscribe()
    world.account.refuse("cloudwatch", operation, DENIED, 403)
    (seen,) = world.watch()
    why = Unavailable(Reason.ACCESS_DENIED, f"cloudwatch:{operation}", DENIED)
    assert why in {seen.acted, seen.counted}
    assert delivered([seen]) is None
    assert world.slept == []


@pytest.mark.parametrize("code", ["InternalError", "Forbidden"])
def test_counts_that_cloudwatch_could_not_read_are_not_none(world: World, code: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html: StatusCode."""
    result = {"Id": "q0", "Values": [], "StatusCode": code}
    world.account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [result]})
    (seen,) = world.watch(0)
    assert seen.counted == Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", code)
    assert delivered([seen]) is None


def test_counts_are_summed_over_pages(world: World) -> None:
    first = {"Id": "q0", "Values": [1.0], "StatusCode": "PartialData"}
    second = {"Id": "q0", "Values": [2.0], "StatusCode": "Complete"}
    world.account.answer(
        "cloudwatch",
        "GetMetricData",
        {"MetricDataResults": [first], "NextToken": "1"},
        {"MetricDataResults": [second, {"Id": "q1", "Values": [1.0], "StatusCode": "Complete"}]},
    )
    (seen,) = world.watch(0)
    assert seen.counted == Counted(3, 1)


def test_a_failed_action_is_certain_whatever_else_is_denied(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=TOPIC)
    world.account.refuse("cloudwatch", "GetMetricData", DENIED, 403)
    assert delivered(world.watch()) is False


def test_a_call_that_is_throttled_is_made_again(world: World) -> None:
    world.subscribe()
    answers = [True]
    world.account.refuse_while(answers, "cloudwatch", "DescribeAlarmHistory", "ThrottlingException")

    def later() -> None:
        world.set_off()
        answers.clear()

    assert delivered(world.watch(meanwhile=later)) is True
    assert world.slept == [10]


def test_an_endpoint_that_is_not_reached_leaves_it_unseen(world: World) -> None:
    world.subscribe()
    world.account.fail("cloudwatch", "GetMetricData", EndpointConnectionError(endpoint_url="https://monitoring"))
    (seen,) = world.watch(20)
    assert isinstance(seen.counted, Unavailable)
    assert seen.counted.reason is Reason.NO_ENDPOINT
    assert delivered([seen]) is None


def test_a_composite_alarm_has_a_history_too(world: World) -> None:
    """Moto has composite alarms, but not PutCompositeAlarm."""
    cloudwatch_backends[ACCOUNT][REGION].alarms[ALARM].rule = "ALARM(other)"
    world.subscribe()
    assert delivered(world.watch()) is True
