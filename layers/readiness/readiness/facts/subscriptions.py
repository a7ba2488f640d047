"""Who listens to the topics of alarms, and what they are let hear."""

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from readiness.arn import account_of, name_of, region_of
from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.on_call import OnCallRoutes
from readiness.facts.topics import Topic
from readiness.model import Reason, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef

UNCONFIRMED = frozenset({"PendingConfirmation", "Deleted"})
ENOUGH = 100
TOO_MANY = Unavailable(Reason.THROTTLED, "sns:ListSubscriptionsByTopic", f"only {ENOUGH} are looked at")


@dataclass(frozen=True)
class Subscription:
    """A confirmed subscription of a topic. Its key is its ARN.

    Of its `endpoint`, an ARN or the host of an address is kept: all else is a person's. `wakes` is as `OnCallRoutes`
    says of it.
    """

    arn: str
    protocol: str
    endpoint: str | None
    wakes: bool | None = True


@fact("sns:ListSubscriptionsByTopic")
def subscriptions(aws: Aws, topic: Topic, on_call: OnCallRoutes) -> Each[Subscription]:
    """Those that are neither pending nor deleted. Of very many, one that hears is as good as all."""
    pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic.arn)
    confirmed = (each for page in pages for each in page["Subscriptions"] if each["SubscriptionArn"] not in UNCONFIRMED)
    found = [_subscription(each, on_call) for each in islice(confirmed, ENOUGH)]
    return Each({each.arn: each for each in found}, TOO_MANY if len(found) == ENOUGH else None)


def _subscription(described: "SubscriptionTypeDef", on_call: OnCallRoutes) -> Subscription:
    protocol, address = described["Protocol"], described.get("Endpoint", "")
    kept = _endpoint(protocol, address)
    return Subscription(described["SubscriptionArn"], protocol, kept, on_call.wakes(protocol, kept or address))


@dataclass(frozen=True)
class Filtering:
    """Whether a subscription lets through what alarms say; `maybe` where that depends on the text of the message.

    `scope` is where its filter looks, None without a filter. `redriven`: what can't be delivered waits in a queue.
    """

    subscription: str
    passes: Literal["yes", "maybe", "no"]
    scope: str | None
    redriven: bool = False


@fact("sns:GetSubscriptionAttributes")
def filtering(aws: Aws, subscription: Subscription) -> Filtering:
    """Of the filter, nothing else is kept."""
    answer = aws.client("sns").get_subscription_attributes(SubscriptionArn=subscription.arn)["Attributes"]
    policy = json.loads(answer.get("FilterPolicy") or "{}")
    redriven = bool(json.loads(answer.get("RedrivePolicy") or "{}"))
    if not policy:
        return Filtering(subscription.arn, "yes", None, redriven)
    scope = answer.get("FilterPolicyScope", "MessageAttributes")
    passes = _passes_in_alarm(policy) if scope == "MessageBody" else _passes_without_attributes(policy)
    return Filtering(subscription.arn, passes, scope, redriven)


@dataclass(frozen=True)
class Endpoint:
    """The queue or function, by its ARN, that a subscription delivers to; one that does not exist hears nothing."""

    subscription: str
    arn: str
    exists: bool


@fact("sqs:GetQueueUrl", "lambda:GetFunctionConfiguration")
def endpoint(aws: Aws, subscription: Subscription, filtering: Filtering) -> Endpoint | None:
    """None: nothing gets there anyway, or it is no queue or function of this account, and is not looked at."""
    arn = subscription.endpoint
    if filtering.passes == "no" or subscription.protocol not in {"lambda", "sqs"} or arn is None:
        return None
    if account_of(arn) != aws.account:
        return None
    look = _function if subscription.protocol == "lambda" else _queue
    return Endpoint(subscription.arn, arn, look(aws, arn))


def _queue(aws: Aws, arn: str) -> bool:
    client = aws.client("sqs", region_of(arn))
    try:
        client.get_queue_url(QueueName=name_of(arn))
    except client.exceptions.QueueDoesNotExist:
        return False
    return True


def _function(aws: Aws, arn: str) -> bool:
    client = aws.client("lambda", region_of(arn))
    try:
        client.get_function_configuration(FunctionName=arn)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _passes_in_alarm(policy: dict[str, Any]) -> Literal["yes", "maybe", "no"]:
    """The text of an alarm's message is JSON, of which the new state alone is known beforehand."""
    states = policy.get("NewStateValue", [])
    if "ALARM" in states:
        return "yes" if len(policy) == 1 else "maybe"
    return "no" if states and all(isinstance(state, str) for state in states) else "maybe"


def _passes_without_attributes(policy: dict[str, Any]) -> Literal["yes", "maybe", "no"]:
    """What alarms say has no attributes: all that a filter may ask of them is that one is absent.

    https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
    """
    if "$or" in policy:
        return "maybe"
    absent = {"exists": False}
    return "yes" if all(isinstance(wanted, list) and absent in wanted for wanted in policy.values()) else "no"


def _endpoint(protocol: str, endpoint: str) -> str | None:
    if endpoint.startswith("arn:"):
        return endpoint
    return urlsplit(endpoint).hostname if protocol in {"http", "https"} else None
