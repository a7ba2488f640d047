"""Queues and topics that receive failed events, and their KMS keys."""

from readiness.aws.answer import Partial, deferred
from readiness.aws.arn import service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import KEY, TOPIC
from readiness.facts.iam.grants import Grants, grants
from readiness.facts.iam.owned_keys import read_key
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.sns.topics import read_topic
from readiness.facts.sqs.dead_letter_queues import DlqAttributes
from readiness.facts.sqs.queues import Queue
from readiness.model import Fact, Gone

USES_OF_A_KEY = ("kms:GenerateDataKey", "kms:Decrypt")


class TargetQueue(Fact):
    """The queue that receives failed events."""

    queue: Queue


@fact(absent="the target is not an SQS queue")
def target_queue(target: FailureTarget, queues: Each[DlqAttributes]) -> TargetQueue | None:
    """Return None if the target is not a queue."""
    return TargetQueue(queues[target.arn].queue) if service_of(target.arn) == "sqs" else None


class TargetTopic(Partial):
    """The topic that receives failed events. `subscribers` is SubscriptionsConfirmed."""

    subscribers: int
    key: str | None
    senders: Grants


@fact("sns:GetTopicAttributes", events=TOPIC, absent="the target is not an SNS topic")
def target_topic(aws: Aws, target: FailureTarget) -> TargetTopic | None:
    """Return None if the target is not a topic."""
    if service_of(target.arn) != "sns":
        return None
    attributes = read_topic(aws, target.arn)
    return TargetTopic(
        subscribers=deferred(lambda: attributes.number("SubscriptionsConfirmed")),
        key=attributes.get("KmsMasterKeyId", str) or None,
        senders=deferred(lambda: grants(attributes.need("Policy", str), "sns:Publish")),
    )


class KeyOfTarget(Fact):
    """The customer managed key of the queue or topic, and the principals that its policy allows."""

    arn: str
    state: str
    users: Grants


@fact("kms:DescribeKey", "kms:GetKeyPolicy", events=KEY, absent="no customer managed key")
def key_of_target(
    aws: Aws, target: FailureTarget, queue: TargetQueue | Gone | None, topic: TargetTopic | Gone | None
) -> KeyOfTarget | None:
    """Return None without a key, or for an AWS managed key, which every permitted sender can use."""
    if isinstance(queue, Gone) or isinstance(topic, Gone):
        return None
    key = queue.queue.key if queue else topic.key if topic else None
    if key is None or key.rpartition("/")[0].endswith("alias/aws"):
        return None
    owned = read_key(aws, key, target.arn)
    if owned.manager == "AWS":
        return None
    return KeyOfTarget(owned.arn, owned.state, grants(owned.policy, *USES_OF_A_KEY))
