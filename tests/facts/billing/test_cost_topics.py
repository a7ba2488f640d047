"""The topics that hear of costs."""

import json

import pytest

from readiness.alarms.route import PAGES
from readiness.alarms.services import ANOMALIES, BUDGETS
from readiness.engine.each import Each
from readiness.facts.billing.anomalies import AnomalySubscription, AnomalySubscriptions
from readiness.facts.billing.budgets import Notice, Notices
from readiness.facts.billing.cost_topics import (
    CostDelivery,
    CostTopic,
    CostTopicKey,
    cost_delivery,
    cost_receivers,
    cost_reception,
    cost_topic_attributes,
    cost_topic_key,
    cost_topic_listeners,
    cost_topics,
)
from readiness.facts.cloudwatch.alarm_indexes import BillingAlarms
from readiness.iam.service_access import CLOUDWATCH
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, Account
from tests.aws.admitting import admit
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
    key = cost_topic_key(account.aws, topic, attributes)
    called = cost_receivers(account.aws, Each({topic.arn: listeners}), NO_ALARMS)
    receptions = Each({each.arn: cost_reception(account.aws, each) for each in called})
    return cost_delivery(topic, attributes, key, listeners, receptions)


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
        assert (
            found.route(service, "arn").why == f"the access policy of SNS topic costs does not allow {name} to publish"
        )


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
    assert delivery(account, topic).route(BUDGETS, BUDGET).why == "SNS topic costs has no confirmed subscription"


def test_a_topic_that_was_deleted(account: Account, topic: CostTopic) -> None:
    account.client("sns").delete_topic(TopicArn=topic.arn)
    with pytest.raises(Gone):
        cost_topic_attributes(account.aws, topic)
    route = cost_delivery(topic, Gone("it is"), None, Gone("it is"), Each({})).route(BUDGETS, BUDGET)
    assert (route.status, route.why) == ("silent", "SNS topic costs does not exist")


def test_the_key_that_aws_manages_lets_no_service(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    account.client("sns").set_topic_attributes(
        TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
    )
    assert "an AWS managed key" in delivery(account, topic).route(BUDGETS, BUDGET).why


def test_a_customer_key_has_to_let_the_service_too(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    encrypt(account, topic, BUDGETS)
    assert delivery(account, topic).route(BUDGETS, BUDGET) == PAGES
    encrypt(account, topic, CLOUDWATCH)
    why = delivery(account, topic).route(BUDGETS, BUDGET).why
    assert why == "the key policy of SNS topic costs does not allow AWS Budgets to publish"


@pytest.mark.parametrize(
    ("key", "status", "why"),
    [
        pytest.param(DENIED, "unknown", "", id="denied"),
        pytest.param(Gone("it is"), "silent", "KMS key of SNS topic costs does not exist", id="gone"),
        pytest.param(
            CostTopicKey(KEY, "AWS", "Enabled"),
            "silent",
            "which no other AWS service can use",
            id="of AWS under another name",
        ),
        pytest.param(
            CostTopicKey(KEY, "CUSTOMER", "PendingDeletion"),
            "silent",
            "KMS key of SNS topic costs is PendingDeletion",
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


def alone(account: Account, topic: CostTopic, protocol: str, endpoint: str, **attributes: str) -> None:
    """The only one who listens."""
    sns = account.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    sns.subscribe(TopicArn=topic.arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)


def test_a_queue_that_does_not_let_the_topic_in_hears_of_no_costs(account: Account, topic: CostTopic) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    url = account.client("sqs").create_queue(QueueName="costs")["QueueUrl"]
    alone(account, topic, "sqs", f"arn:aws:sqs:us-east-1:{ACCOUNT}:costs")
    assert (
        delivery(account, topic).route(BUDGETS, BUDGET).why
        == "the resource policy of SQS queue costs does not allow SNS"
    )
    admit(account.client("sqs"), url, topic.arn)
    assert delivery(account, topic).route(BUDGETS, BUDGET) == PAGES


@pytest.mark.parametrize(
    ("protocol", "endpoint", "attributes", "status"),
    [
        pytest.param("email", "ada@example.com", {}, "pages", id="mail is soon enough for costs"),
        pytest.param(
            "firehose", "arn:aws:firehose:us-east-1:1:deliverystream/x", {}, "doubtful", id="Firehose tells nobody"
        ),
        pytest.param(
            "email", "ada@example.com", {"FilterPolicy": '{"a": ["b"]}'}, "doubtful", id="a filter may drop it"
        ),
        pytest.param(
            "email",
            "ada@example.com",
            {"FilterPolicy": '{"a": ["b"]}', "FilterPolicyScope": "MessageBody"},
            "doubtful",
            id="one on the text too",
        ),
    ],
)
def test_who_hears_of_costs(  # noqa: PLR0917  a row of the table
    account: Account, topic: CostTopic, protocol: str, endpoint: str, attributes: dict[str, str], status: str
) -> None:
    let_publish(account.client, topic.arn, BUDGETS)
    alone(account, topic, protocol, endpoint, **attributes)
    assert delivery(account, topic).route(BUDGETS, BUDGET).status == status


def test_a_filter_on_attributes_drops_what_an_alarm_says_of_the_bill(account: Account, topic: CostTopic) -> None:
    alone(account, topic, "email", "ada@example.com", FilterPolicy='{"a": [{"exists": false}]}')
    assert delivery(account, topic).route(CLOUDWATCH, "arn").status == "silent"


def test_an_attribute_that_is_missing_is_missing_there_alone(account: Account, topic: CostTopic) -> None:
    account.answer("sns", "GetTopicAttributes", {"Attributes": {}})
    attributes = cost_topic_attributes(account.aws, topic)
    listeners = cost_topic_listeners(account.aws, topic)
    found = cost_delivery(topic, attributes, None, listeners, Each({}))
    assert found.heard == PAGES
    assert found.route(BUDGETS, BUDGET).status == "unknown"
