"""Who hears of failed events by a topic."""

import pytest

from readiness.alarms.route import PAGES
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.lambda_.failure_targets import TargetListeners, target_listeners
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.admitting import admit

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:kept"


@pytest.fixture
def topic(account: Account) -> str:
    arn: str = account.client("sns").create_topic(Name="failures")["TopicArn"]
    return arn


def heard(account: Account, topic: str) -> TargetListeners | None:
    return target_listeners(account.aws, FailureTarget(topic, ()))


def test_a_topic_without_subscriptions(account: Account, topic: str) -> None:
    assert heard(account, topic) == TargetListeners(None)
    assert heard(account, QUEUE) is None


def test_a_queue_that_lets_the_topic_in(account: Account, topic: str) -> None:
    account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)
    url = account.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    found = heard(account, topic)
    assert found
    assert found.heard
    assert found.heard.why == "the resource policy of SQS queue kept does not allow SNS"
    admit(account.client("sqs"), url, topic)
    assert heard(account, topic) == TargetListeners(PAGES)


def test_a_filter_may_drop_what_failed_and_one_that_hears_all_is_enough(account: Account, topic: str) -> None:
    sns = account.client("sns")
    filtered = {"FilterPolicy": '{"RequestID": [{"exists": true}]}'}
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com", Attributes=filtered)
    found = heard(account, topic)
    assert found
    assert found.heard
    assert found.heard.status == "doubtful"
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")
    assert heard(account, topic) == TargetListeners(PAGES)
