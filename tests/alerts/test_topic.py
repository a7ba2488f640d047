"""Messages through a real topic: what each kind of subscriber gets, and what a refusal is called."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from readiness.alerts import compose as alert
from readiness.alerts.alert import Alert
from readiness.alerts.topic import AlertTopic, Refused
from readiness.model import Message
from tests.alerts.samples import NOW, PLACE, RULES, first, news, off, ttl_moved

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def sns() -> "SNSClient":
    return boto3.client("sns")


@pytest.fixture
def sqs() -> "SQSClient":
    return boto3.client("sqs")


@pytest.fixture
def arn(sns: "SNSClient") -> str:
    return sns.create_topic(Name="on-call")["TopicArn"]


def subscribed(sns: "SNSClient", sqs: "SQSClient", arn: str, **attributes: str) -> str:
    """A queue of the topic, by its address."""
    queue = sqs.create_queue(QueueName="pager")["QueueUrl"]
    target = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=target, Attributes=attributes)
    return queue


def received(sqs: "SQSClient", queue: str) -> list[str]:
    """The bodies in the queue."""
    return [each["Body"] for each in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])]


def composed(what: Alert) -> Message:
    """The message there must be."""
    message = alert.compose(what)
    assert message is not None
    return message


def test_a_raw_queue_gets_the_json_itself(sns: "SNSClient", sqs: "SQSClient", arn: str) -> None:
    queue = subscribed(sns, sqs, arn, RawMessageDelivery="true")
    AlertTopic(sns, arn).publish(composed(news(off())))
    (body,) = received(sqs, queue)
    assert json.loads(body)["events"][0]["check"] == "pitr-enabled/on"


def test_a_queue_gets_the_json_in_the_envelope_of_sns(sns: "SNSClient", sqs: "SQSClient", arn: str) -> None:
    queue = subscribed(sns, sqs, arn)
    AlertTopic(sns, arn).publish(composed(news(off())))
    (body,) = received(sqs, queue)
    envelope = json.loads(body)
    assert envelope["Subject"] == composed(news(off())).subject
    assert json.loads(envelope["Message"])["schema"] == "readiness.alert/1"
    assert envelope["MessageAttributes"]["rules"] == {"Type": "String.Array", "Value": '["pitr-enabled"]'}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param({"severity": ["CRITICAL"]}, ["CRITICAL", "CRITICAL"], id="severity"),
        pytest.param({"rules": ["ttl-enabled"]}, ["HIGH", "CRITICAL"], id="a rule, and what concerns all of them"),
        pytest.param({"table": ["another"]}, [], id="another table"),
        pytest.param({"kind": ["WATCHING"]}, ["CRITICAL"], id="kind"),
    ],
)
def test_a_filter_policy_selects(
    policy: dict[str, Any], expected: list[str], sns: "SNSClient", sqs: "SQSClient", arn: str
) -> None:
    queue = subscribed(sns, sqs, arn, RawMessageDelivery="true", FilterPolicy=json.dumps(policy))
    for what in (news(off()), news(ttl_moved()), first()):
        AlertTopic(sns, arn).publish(composed(what))
    assert [json.loads(body)["severity"] for body in received(sqs, queue)] == expected


def test_the_test_message_goes_the_way_of_a_real_one(sns: "SNSClient", sqs: "SQSClient", arn: str) -> None:
    policy = json.dumps({"severity": ["CRITICAL"], "rules": ["pitr-enabled"]})
    queue = subscribed(sns, sqs, arn, RawMessageDelivery="true", FilterPolicy=policy)
    AlertTopic(sns, arn).publish(alert.test_message(PLACE, NOW, RULES, ()))
    (body,) = received(sqs, queue)
    assert json.loads(body)["kind"] == "TEST"


def test_a_message_that_sns_can_not_take_is_invalid_and_its_safe_one_goes_through(
    sns: "SNSClient", sqs: "SQSClient", arn: str
) -> None:
    queue = subscribed(sns, sqs, arn)
    large = Message("an-id/7", "large", {"default": "x" * 300_000}, {})
    with pytest.raises(Refused) as refused:
        AlertTopic(sns, arn).publish(large)
    assert refused.value.invalid
    AlertTopic(sns, arn).publish(alert.safe_message(large))
    (body,) = received(sqs, queue)
    assert "an-id/7" in json.loads(body)["Message"]


@pytest.mark.parametrize(
    ("code", "invalid"),
    [
        ("InvalidParameter", True),
        ("ParameterValueInvalid", True),
        ("AuthorizationError", False),
        ("KMSDisabled", False),
        ("Throttled", False),
        ("NotFound", False),
        ("InternalError", False),
    ],
)
def test_only_a_fault_of_the_message_makes_it_invalid(code: str, sns: "SNSClient", arn: str, *, invalid: bool) -> None:
    with Stubber(sns) as stubber:
        stubber.add_client_error("publish", code)
        with pytest.raises(Refused) as refused:
            AlertTopic(sns, arn).publish(composed(news(off())))
    assert refused.value.invalid is invalid
    assert code in str(refused.value)


def test_a_request_that_can_not_even_be_made_is_invalid(sns: "SNSClient", arn: str) -> None:
    with pytest.raises(Refused) as refused:
        AlertTopic(sns, arn).publish(Message("i", None, {"default": "x"}, {}))  # type: ignore[arg-type]
    assert refused.value.invalid


def test_a_topic_that_is_gone_refuses_and_does_not_blame_the_message(sns: "SNSClient", arn: str) -> None:
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(Refused) as refused:
        AlertTopic(sns, arn).publish(composed(news(off())))
    assert not refused.value.invalid


@pytest.mark.parametrize(
    ("confirmed", "pending", "heard"),
    [
        pytest.param("0", "0", False, id="nobody"),
        pytest.param("0", "1", False, id="somebody who has not confirmed"),
        pytest.param("1", "0", True, id="somebody who has"),
    ],
)
def test_only_confirmed_subscriptions_are_subscribers(
    confirmed: str, pending: str, sns: "SNSClient", arn: str, *, heard: bool
) -> None:
    with Stubber(sns) as stubber:
        answer = {"Attributes": {"SubscriptionsConfirmed": confirmed, "SubscriptionsPending": pending}}
        stubber.add_response("get_topic_attributes", answer, {"TopicArn": arn})
        assert AlertTopic(sns, arn).has_subscribers() is heard


def test_a_topic_that_can_not_be_read_counts_as_heard(sns: "SNSClient", arn: str) -> None:
    with Stubber(sns) as stubber:
        stubber.add_client_error("get_topic_attributes", "AuthorizationError")
        assert AlertTopic(sns, arn).has_subscribers()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="no attributes"),
        pytest.param({"Attributes": {}}, id="no count among them"),
        pytest.param({"Attributes": {"SubscriptionsConfirmed": "some"}}, id="no number"),
    ],
)
def test_a_topic_that_does_not_say_who_listens_counts_as_heard_and_is_logged(
    answer: dict[str, Any], sns: "SNSClient", arn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Stubber(sns) as stubber:
        stubber.add_response("get_topic_attributes", answer)
        assert AlertTopic(sns, arn).has_subscribers()
    (record,) = caplog.records
    assert (vars(record)["error"], vars(record)["operation"]) == ("INCOMPLETE_ANSWER", "sns:GetTopicAttributes")


def test_a_message_that_sns_takes_without_naming_it_is_sent(sns: "SNSClient", arn: str) -> None:
    with Stubber(sns) as stubber:
        stubber.add_response("publish", {})
        AlertTopic(sns, arn).publish(composed(news(off())))
        stubber.assert_no_pending_responses()
