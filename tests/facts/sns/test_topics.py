"""Topics, their keys and their subscriptions."""

import json
from typing import Any

import pytest

from readiness.aws.answer import lacking
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import FollowedAlarms
from readiness.facts.cloudwatch.alarm_rules import of_alarm
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.on_call import CHAT, OnCallRoutes
from readiness.facts.sns.subscriptions import (
    TOO_MANY,
    Filtering,
    Subscription,
    filtering,
    subscriptions,
)
from readiness.facts.sns.topics import Topic, TopicAttributes, topic_attributes, topic_key, topics
from readiness.iam.service_access import admits
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.rules.alarms import PREFIX, alarm, failures_alarm

SNS = f"arn:aws:sns:{REGION}:{ACCOUNT}:"
CARTS = PREFIX + "carts"
DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms")


@pytest.fixture
def topic(account: Account) -> Topic:
    arn = account.client("sns").create_topic(Name="on-call")["TopicArn"]
    return Topic(arn, "on-call")


def listed(*alarms: Alarm, aws: Any, unread: Unavailable | None = None) -> Each[Topic]:
    return topics(aws, FollowedAlarms(alarms, unread), Each({}))


def encrypted(account: Account, topic: Topic, key: str) -> TopicAttributes:
    account.client("sns").set_topic_attributes(TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
    return topic_attributes(account.aws, topic)


def subscribe(account: Account, topic: Topic, protocol: str, endpoint: str, **attributes: str) -> str:
    answer = account.client("sns").subscribe(
        TopicArn=topic.arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True
    )
    arn: str = answer["SubscriptionArn"]
    return arn


def body(policy: str) -> dict[str, str]:
    """A filter on the text of the message."""
    return {"FilterPolicy": policy, "FilterPolicyScope": "MessageBody"}


def test_each_topic_once_however_many_alarms_name_it(account: Account) -> None:
    found = listed(
        failures_alarm("cart", actions=(SNS + "on-call", "arn:aws:automate:us-east-1:ec2:reboot")),
        failures_alarm("quote", actions=(SNS + "on-call", SNS + "mail")),
        alarm("any", kind="composite", rule="ALARM(x)", actions=(SNS + "composite",)),
        failures_alarm("far", actions=("arn:aws:sns:eu-west-1:123456789012:a", "arn:aws:sns:us-east-1:1:b")),
        aws=account.aws,
    )
    assert [topic.name for topic in found] == ["composite", "mail", "on-call"]
    assert account.calls == []


def test_alarms_that_could_not_be_read_may_name_more_topics(account: Account) -> None:
    with pytest.raises(Unreadable):
        list(listed(aws=account.aws, unread=DENIED))


def test_the_policy_that_sns_makes_lets_cloudwatch_publish(account: Account, topic: Topic) -> None:
    found = topic_attributes(account.aws, topic)
    assert admits(found.publish, CARTS) == "yes"
    assert (found.key, found.pending) == (None, 0)


def test_a_policy_that_was_rewritten(account: Account, topic: Topic) -> None:
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sns:*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**owner, "Resource": topic.arn}]})
    account.client("sns").set_topic_attributes(TopicArn=topic.arn, AttributeName="Policy", AttributeValue=policy)
    assert admits(topic_attributes(account.aws, topic).publish, CARTS) == "no"


def test_a_topic_that_was_deleted(account: Account, topic: Topic) -> None:
    account.client("sns").delete_topic(TopicArn=topic.arn)
    with pytest.raises(Gone, match="SNS topic on-call does not exist"):
        topic_attributes(account.aws, topic)


@pytest.mark.parametrize("key", ["alias/aws/sns", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/sns"])
def test_the_key_that_aws_manages_for_sns_need_not_be_looked_at(account: Account, topic: Topic, key: str) -> None:
    assert topic_key(account.aws, topic, encrypted(account, topic, key)) is None
    assert "kms:DescribeKey" not in account.calls


def test_no_key_without_encryption(account: Account, topic: Topic) -> None:
    assert topic_key(account.aws, topic, topic_attributes(account.aws, topic)) is None


@pytest.mark.parametrize("named", ["arn", "id", "alias"])
def test_a_customer_key_that_lets_cloudwatch(account: Account, topic: Topic, named: str) -> None:
    kms = account.client("kms")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
    }
    made = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))["KeyMetadata"]
    kms.create_alias(AliasName="alias/topics", TargetKeyId=made["KeyId"])
    name = {"arn": made["Arn"], "id": made["KeyId"], "alias": "alias/topics"}[named]
    found = topic_key(account.aws, topic, encrypted(account, topic, name))
    assert found
    assert (found.arn, found.manager, found.state) == (made["Arn"], "CUSTOMER", "Enabled")
    assert {admits(found.generate, CARTS), admits(found.decrypt, CARTS)} == {"yes"}


def test_a_customer_key_for_the_account_alone(account: Account, topic: Topic) -> None:
    """The policy that KMS makes for a key names the account, of which a service is no part."""
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    account.client("kms").disable_key(KeyId=key)
    found = topic_key(account.aws, topic, encrypted(account, topic, key))
    assert found
    assert {admits(found.generate, CARTS), admits(found.decrypt, CARTS)} == {"no"}
    assert found.state == "Disabled"


def test_of_an_endpoint_only_what_is_no_persons_is_kept(account: Account, topic: Topic) -> None:
    subscribe(account, topic, "email", "ada@example.com")
    subscribe(account, topic, "https", "https://hooks.example.com/secret?token=1")
    subscribe(account, topic, "lambda", "arn:aws:lambda:us-east-1:123456789012:function:page")
    subscribe(account, topic, "sms", "+15555550100")
    found = {each.protocol: each.endpoint for each in subscriptions(account.aws, topic, OnCallRoutes())}
    assert found == {
        "email": None,
        "https": "hooks.example.com",
        "lambda": "arn:aws:lambda:us-east-1:123456789012:function:page",
        "sms": None,
    }


@pytest.mark.parametrize(
    ("endpoints", "waking"),
    [
        pytest.param((), {"email": None, "https": True, "sms": True}, id="nobody has said: all but mail"),
        pytest.param(("sms:*",), {"email": False, "https": False, "sms": True}, id="those of a protocol"),
        pytest.param(
            ("https:hooks.example.com",), {"email": False, "https": True, "sms": False}, id="a web hook, by its host"
        ),
        pytest.param(
            ("email:on-call-*@example.com",), {"email": True, "https": False, "sms": False}, id="a mailbox that is read"
        ),
    ],
)
def test_who_is_woken(
    account: Account, topic: Topic, endpoints: tuple[str, ...], waking: dict[str, bool | None]
) -> None:
    subscribe(account, topic, "email", "on-call-shop@example.com")
    subscribe(account, topic, "https", "https://hooks.example.com/secret?token=1")
    subscribe(account, topic, "sms", "+15555550100")
    found = subscriptions(account.aws, topic, OnCallRoutes(endpoints))
    assert {each.protocol: each.wakes for each in found} == waking


def test_pending_and_deleted_subscriptions_are_none(account: Account, topic: Topic) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html; moto confirms all at once."""
    account.answer(
        "sns",
        "ListSubscriptionsByTopic",
        {"Subscriptions": [_listed("PendingConfirmation"), _listed("Deleted")], "NextToken": "1"},
        {"Subscriptions": [], "NextToken": "2"},
        {"Subscriptions": [_listed("PendingConfirmation"), _listed(f"{topic.arn}:1")]},
    )
    assert [each.arn for each in subscriptions(account.aws, topic, OnCallRoutes())] == [f"{topic.arn}:1"]


def test_of_very_many_subscriptions_the_first_are_read(account: Account, topic: Topic) -> None:
    """A page has a hundred; the second is not asked for, and that there may be more is not forgotten."""
    page = {"Subscriptions": [_listed(f"{topic.arn}:{number}") for number in range(100)], "NextToken": "1"}
    account.answer("sns", "ListSubscriptionsByTopic", page)
    found, unread = subscriptions(account.aws, topic, OnCallRoutes()).readable()
    assert (len(found), unread) == (100, TOO_MANY)


@pytest.mark.parametrize(
    ("attributes", "passes", "scope"),
    [
        pytest.param({}, "yes", None, id="no filter lets all through"),
        pytest.param({"FilterPolicy": "{}"}, "yes", None, id="an empty filter is none"),
        pytest.param(
            {"FilterPolicy": '{"Severity": ["HIGH"]}'}, "no", "MessageAttributes", id="an attribute that is not there"
        ),
        pytest.param(
            {"FilterPolicy": '{"Severity": [{"exists": false}]}'},
            "no",
            "MessageAttributes",
            id="that an attribute is absent never matches a message without any",
        ),
        pytest.param(
            {"FilterPolicy": '{"$or": [{"a": ["1"]}, {"b": [{"exists": false}]}]}'},
            "no",
            "MessageAttributes",
            id="nor does one of several attributes",
        ),
        pytest.param(body('{"NewStateValue": ["ALARM", "OK"]}'), "yes", "MessageBody", id="the state"),
        pytest.param(body('{"NewStateValue": ["OK"]}'), "no", "MessageBody", id="another state"),
        pytest.param(
            {"FilterPolicy": '{"a": ["b"]}', "FilterPolicyScope": "Tomorrow"},
            "maybe",
            "Tomorrow",
            id="a scope that nobody here knows is not guessed",
        ),
    ],
)
def test_filtering(account: Account, attributes: dict[str, str], passes: Any, scope: str | None) -> None:
    account.answer("sns", "GetSubscriptionAttributes", {"Attributes": attributes})
    found = filtering(account.aws, Subscription(f"{SNS}on-call:1", "sqs", None))
    assert (found.passes(of_alarm(alarm("carts"))), found.scope) == (passes, scope)


@pytest.mark.parametrize(("policy", "redriven"), [('{"deadLetterTargetArn": "arn"}', True), ("{}", False), ("", False)])
def test_what_can_not_be_delivered_may_wait(account: Account, policy: str, *, redriven: bool) -> None:
    account.answer("sns", "GetSubscriptionAttributes", {"Attributes": {"RedrivePolicy": policy}})
    arn = f"{SNS}on-call:1"
    assert filtering(account.aws, Subscription(arn, "sqs", None)) == Filtering(arn, redriven=redriven)


@pytest.mark.parametrize("policy", ["no JSON", "[]", '"ALARM"'])
def test_a_filter_that_is_no_object_is_not_guessed(account: Account, policy: str) -> None:
    account.answer("sns", "GetSubscriptionAttributes", {"Attributes": {"FilterPolicy": policy}})
    with pytest.raises(Unreadable):
        filtering(account.aws, Subscription(f"{SNS}on-call:1", "sqs", None))


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        pytest.param("firehose", f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/alarms", id="a Firehose stream"),
        pytest.param("https", f"https://{CHAT}", id="a chat"),
    ],
)
def test_what_is_read_later_wakes_nobody_unless_the_checklist_says_so(
    account: Account, topic: Topic, protocol: str, endpoint: str
) -> None:
    listing = {"SubscriptionArn": f"{topic.arn}:1", "Protocol": protocol, "Endpoint": endpoint}
    account.answer("sns", "ListSubscriptionsByTopic", *[{"Subscriptions": [listing]}] * 2)
    for routes, wakes in ((OnCallRoutes(), None), (OnCallRoutes((f"{protocol}:*",)), True)):
        assert [each.wakes for each in subscriptions(account.aws, topic, routes)] == [wakes]


def test_one_that_lacks_its_protocol_hides_no_other(account: Account, topic: Topic) -> None:
    bare = {"SubscriptionArn": f"{topic.arn}:1"}
    account.answer("sns", "ListSubscriptionsByTopic", {"Subscriptions": [bare, _listed(f"{topic.arn}:2")]})
    found, unread = subscriptions(account.aws, topic, OnCallRoutes()).readable()
    assert [each.arn for each in found] == [f"{topic.arn}:2"]
    assert unread == Unavailable(Reason.INCOMPLETE_ANSWER, "sns:ListSubscriptionsByTopic", "Subscriptions[].Protocol")


def test_an_answer_without_the_list_is_no_empty_list(account: Account, topic: Topic) -> None:
    account.answer("sns", "ListSubscriptionsByTopic", {})
    assert subscriptions(account.aws, topic, OnCallRoutes()).unlisted


def test_what_an_attribute_lacks_is_missing_there_alone(account: Account, topic: Topic) -> None:
    account.answer("sns", "GetTopicAttributes", {"Attributes": {"SubscriptionsPending": "2"}})
    found = topic_attributes(account.aws, topic)
    assert (found.pending, found.key) == (2, None)
    assert sorted(lacking(found)) == ["publish", "relay"]


def _listed(arn: str) -> dict[str, str]:
    return {"SubscriptionArn": arn, "Protocol": "email", "Endpoint": "ada@example.com"}
