"""The topics that hear of costs."""

import json

import pytest

from readiness.alarming.grant import SERVICE as CLOUDWATCH
from readiness.alarming.route import PAGES
from readiness.each import Each
from readiness.facts.anomalies import AnomalySubscription, AnomalySubscriptions
from readiness.facts.billing_alarms import BillingAlarms
from readiness.facts.budgets import Notice, Notices
from readiness.facts.cost_listeners import CostTopic, cost_topic_listeners, cost_topics
from readiness.facts.cost_topics import (
    ANOMALIES,
    BUDGETS,
    CostDelivery,
    CostTopicKey,
    cost_delivery,
    cost_topic_attributes,
    cost_topic_key,
)
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, Account
from tests.aws.costs import let_publish
from tests.rules.alarms import alarm
from tests.rules.facts import AT

SNS = f"arn:aws:sns:us-east-1:{ACCOUNT}:"
FAR = f"arn:aws:sns:eu-west-1:{ACCOUNT}:far"
BUDGET = f"arn:aws:budgets::{ACCOUNT}:budget/dynamodb"
DENIED = Unavailable(Reason.ACCESS_DENIED, "ce:GetAnomalySubscriptions")
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
NONE = AnomalySubscriptions(AT, ())
NO_ALARMS = BillingAlarms((), far=False)


@pytest.fixture
def topic(account: Account) -> CostTopic:
    """It has a subscription, and the policy that SNS made."""
    arn = account.client("sns").create_topic(Name="costs")["TopicArn"]
    account.client("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="ada@example.com")
    return CostTopic(arn, "costs")


def told(*topics: str) -> Each[Notices]:
    return Each({BUDGET: Notices(BUDGET, (Notice("ACTUAL", timely=True, topics=topics),))})


def delivery(account: Account, topic: CostTopic) -> CostDelivery:
    attributes = cost_topic_attributes(account.aws, topic)
    listeners = cost_topic_listeners(account.aws, topic)
    return cost_delivery(topic, attributes, cost_topic_key(account.aws, topic, attributes), listeners, Each({}))


def encrypt(account: Account, topic: CostTopic, *services: str) -> None:
    """With a customer key that these may use."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement] if services else []})
    key = account.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    account.client("sns").set_topic_attributes(TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue=key)


def test_each_topic_once_whoever_names_it(account: Account) -> None:
    subscription = AnomalySubscription("daily", "arn", (), topics=(SNS + "costs", SNS + "anomalies"))
    bills = BillingAlarms((alarm("bill", actions=(SNS + "bills", "arn:aws:automate:us-east-1:ec2:stop")),), far=True)
    found = cost_topics(account.aws, told(SNS + "costs", FAR), AnomalySubscriptions(AT, (subscription,)), bills)
    assert [each.name for each in found] == ["far", "anomalies", "bills", "costs"]


def test_alarms_that_are_followed_anyhow_and_topics_of_others_are_not_looked_at(account: Account) -> None:
    bills = BillingAlarms((alarm("bill", actions=(SNS + "bills",)),), far=False)
    other = "arn:aws:sns:us-east-1:999999999999:costs"
    assert list(cost_topics(account.aws, told(other), NONE, bills)) == []


@pytest.mark.parametrize("unread", ["notices", "subscriptions", "billing"])
def test_what_could_not_be_read_may_name_more(account: Account, unread: str) -> None:
    found = cost_topics(
        account.aws,
        Each({}, DENIED) if unread == "notices" else told(SNS + "costs"),
        DENIED if unread == "subscriptions" else NONE,
        DENIED if unread == "billing" else NO_ALARMS,
    )
    with pytest.raises(Unreadable):
        list(found)


def test_a_topic_that_lets_budgets_publish(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    assert delivery(account, topic).route(BUDGETS, BUDGET) == PAGES


def test_the_policy_that_sns_makes_lets_cloudwatch_alone(account: Account, topic: CostTopic) -> None:
    found = delivery(account, topic)
    assert found.route(CLOUDWATCH, "arn") == PAGES
    for service, name in ((BUDGETS, "AWS Budgets"), (ANOMALIES, "Cost Anomaly Detection")):
        assert found.route(service, "arn").why == f"the policy of the topic costs does not let {name} publish"


def test_a_topic_that_lets_another_service_publish(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, ANOMALIES)
    found = delivery(account, topic)
    assert found.route(ANOMALIES, "arn") == PAGES
    assert found.route(BUDGETS, BUDGET).status == "silent"


def test_a_topic_of_another_region(account: Account) -> None:
    sns = account.aws.client("sns", "eu-west-1")
    arn = sns.create_topic(Name="far")["TopicArn"]
    assert arn == FAR
    topic = CostTopic(arn, "far")
    assert not cost_topic_listeners(account.aws, topic).of
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ada@example.com")
    assert cost_topic_listeners(account.aws, topic).of
    assert cost_topic_attributes(account.aws, topic).key is None


def test_a_topic_that_nobody_has_confirmed(account: Account, topic: CostTopic) -> None:
    pending = {"SubscriptionArn": "PendingConfirmation", "Protocol": "email", "Endpoint": "ada@example.com"}
    account.answer(
        "sns",
        "ListSubscriptionsByTopic",
        {"Subscriptions": [pending], "NextToken": "1"},
        {"Subscriptions": [], "NextToken": "2"},
        {"Subscriptions": [{**pending, "SubscriptionArn": "Deleted"}]},
    )
    assert delivery(account, topic).route(BUDGETS, BUDGET).why == "the topic costs has no confirmed subscription"


def test_a_topic_that_was_deleted(account: Account, topic: CostTopic) -> None:
    account.client("sns").delete_topic(TopicArn=topic.arn)
    with pytest.raises(Gone):
        cost_topic_attributes(account.aws, topic)
    route = cost_delivery(topic, Gone("it is"), None, Gone("it is"), Each({})).route(BUDGETS, BUDGET)
    assert (route.status, route.why) == ("silent", "the topic costs does not exist")


def test_the_key_that_aws_manages_lets_no_service(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    account.client("sns").set_topic_attributes(
        TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
    )
    assert "the key that AWS manages for SNS" in delivery(account, topic).route(BUDGETS, BUDGET).why


def test_a_customer_key_has_to_let_the_service_too(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    encrypt(account, topic, BUDGETS)
    assert delivery(account, topic).route(BUDGETS, BUDGET) == PAGES
    encrypt(account, topic, CLOUDWATCH)
    why = delivery(account, topic).route(BUDGETS, BUDGET).why
    assert why == "the key of the topic costs does not let AWS Budgets publish"


@pytest.mark.parametrize(
    ("key", "status", "why"),
    [
        pytest.param(DENIED, "unknown", "", id="denied"),
        pytest.param(Gone("it is"), "silent", "the key of the topic costs does not exist", id="gone"),
        pytest.param(
            CostTopicKey(KEY, "AWS", "Enabled"), "silent", "which no service may use", id="of AWS under another name"
        ),
        pytest.param(
            CostTopicKey(KEY, "CUSTOMER", "PendingDeletion"),
            "silent",
            "the key of the topic costs is PendingDeletion",
            id="dying",
        ),
    ],
)
def test_a_key_that_can_not_be_used(
    account: Account, topic: CostTopic, key: CostTopicKey | Gone | Unavailable, status: str, why: str
) -> None:
    encrypt(account, topic)
    attributes = cost_topic_attributes(account.aws, topic)
    found = cost_delivery(topic, attributes, key, cost_topic_listeners(account.aws, topic), Each({})).heard
    assert found.status == status
    assert why in found.why


def test_a_policy_that_does_not_let_it_in_is_known_though_who_listens_is_not(
    account: Account, topic: CostTopic
) -> None:
    found = cost_delivery(topic, cost_topic_attributes(account.aws, topic), None, DENIED, Each({}))
    assert found.route(CLOUDWATCH, "arn").unavailable == DENIED
    assert found.route(BUDGETS, BUDGET).status == "silent"
