"""The resources that receive failed events, their KMS keys, and who may send to them.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from collections.abc import Iterator
from itertools import islice

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, best, chain, doubtful
from readiness.alarms.services import SNS
from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.arn import account_of, name_of, part_of, qualifier_of, region_of, service_of, unqualified
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.cost_topics import CostReceiver, cost_reception
from readiness.facts.change_events import KEY, TOPIC
from readiness.facts.iam.grants import NOBODY, Grants, grants
from readiness.facts.iam.policy_text import read_key
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.lambda_.policies import policy_of
from readiness.facts.sns.receivers import CALLED
from readiness.facts.sns.subscriptions import LISTING, confirmed, read_filtering
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


NO_BUCKET = frozenset({"404", "NoSuchBucket"})


class Destination(Fact):
    """A destination that exists, and the principals that its policy allows; that of a bucket is not read."""

    kind: str
    name: str
    senders: Grants = NOBODY

    @property
    def whole(self) -> bool:
        """Return True where its policy was read."""
        return self.kind != "s3"


@fact(
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "events:DescribeEventBus",
    "s3:GetBucketLocation",
    resources={"events:DescribeEventBus": ("arn:*:events:*:*:event-bus/*",)},
    absent="the target is not a Lambda function or an event bus",
)
def destination(aws: Aws, target: FailureTarget) -> Destination | None:
    """Return None for a queue, a topic, or a resource that no AWS API describes."""
    match service_of(target.arn):
        case "lambda":
            return _function(aws, target.arn)
        case "events":
            return _bus(aws, target.arn)
        case "s3":
            return _bucket(aws, target.arn)
        case _:
            return None


def _function(aws: Aws, arn: str) -> Destination:
    client = aws.client("lambda", region_of(arn))
    name = f"the function {arn.partition(':function:')[2]}"
    with existing(name):
        client.get_function_configuration(FunctionName=arn)
        policy = policy_of(client, unqualified(arn), qualifier_of(arn))
    return Destination("lambda", name, grants(policy, "lambda:InvokeFunction"))


def _bus(aws: Aws, arn: str) -> Destination:
    name = f"the event bus {part_of(arn, 1)}"
    with existing(name):
        answer = Answer(aws.client("events", region_of(arn)).describe_event_bus(Name=arn), "events:DescribeEventBus")
    policy = answer.get("Policy", str, "")  # absent for a bus without a policy
    return Destination("events", name, grants(policy, "events:PutEvents"))


def _bucket(aws: Aws, arn: str) -> Destination:
    """Return the bucket. Reading a bucket with that name in another account is denied."""
    from botocore.exceptions import ClientError

    name = f"the bucket {name_of(arn)}"
    try:
        aws.client("s3").get_bucket_location(Bucket=name_of(arn), ExpectedBucketOwner=aws.account)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NO_BUCKET:
            msg = f"{name} does not exist"
            raise Gone(msg) from None
        raise
    return Destination("s3", name)


ENOUGH = 10


class TargetListeners(Fact):
    """The best route of a topic's confirmed subscriptions; None without any."""

    heard: Route | None


@fact(
    LISTING,
    "sns:GetSubscriptionAttributes",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
)
def target_listeners(aws: Aws, target: FailureTarget) -> TargetListeners | None:
    """Return None if the target is not a topic. Subscriptions are read until one works."""
    if service_of(target.arn) != "sns":
        return None
    found: list[Route] = []
    for each in islice(confirmed(aws, target.arn), ENOUGH):
        found.append(chain(_links(aws, target.arn, each)))
        if found[-1] == PAGES:
            break
    return TargetListeners(best(found) if found else None)


def _links(aws: Aws, topic: str, answer: Answer) -> Iterator[Route]:
    """Yield the links of a subscription; its filter policy is not evaluated: Lambda sets attributes of its own."""
    arn, endpoint = answer.need("SubscriptionArn", str), answer.get("Endpoint", str, "")
    if answer.need("Protocol", str) in CALLED and account_of(endpoint) == aws.account:
        yield cost_reception(aws, CostReceiver(endpoint)).reception.route(SNS, topic)
    if read_filtering(aws, arn).scope:
        every = f"every subscription of SNS topic {name_of(topic)} has a filter policy, which may drop failed events"
        yield doubtful(every, remedies.unfilter(arn))
