"""Who listens to the topics of alarms, and what they are let hear."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from readiness.alarms.filter_policy import Sure, lets_through
from readiness.aws.answer import Answer, listed
from readiness.aws.arn import region_of
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.topics import Topic
from readiness.model import Fact, Reason, Unavailable

UNCONFIRMED = frozenset({"PendingConfirmation", "Deleted"})
ENOUGH = 100
LISTING = "sns:ListSubscriptionsByTopic"
TOO_MANY = Unavailable(Reason.THROTTLED, LISTING, f"only {ENOUGH} are looked at")
ATTRIBUTES = "MessageAttributes"


class Subscription(Fact):
    """A confirmed subscription of a topic. Its key is its ARN.

    Of its `endpoint`, an ARN or the host of an address is kept: all else is a person's. `wakes` is as `OnCallRoutes`
    says of it.
    """

    arn: str
    protocol: str
    endpoint: str | None
    wakes: bool | None = True


@fact(LISTING)
def subscriptions(aws: Aws, topic: Topic, on_call: OnCallRoutes) -> Each[Subscription]:
    """Those that are neither pending nor deleted. Of very many, one that hears is as good as all."""
    found = each_of(
        islice(confirmed(aws, topic.arn), ENOUGH),
        lambda each: each.need("SubscriptionArn", str),
        lambda each: subscription(each, on_call),
    )
    return Each(found.answers(), found.unlisted or (TOO_MANY if len(found.answers()) == ENOUGH else None))


def confirmed(aws: Aws, topic: str) -> Iterator[Answer]:
    """Those of a topic, in its own Region, that were confirmed; and those of which that is not said."""
    pages = aws.client("sns", region_of(topic)).get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return (each for each in listed(pages, "Subscriptions", LISTING) if not _unconfirmed(each))


def subscription(answer: Answer, on_call: OnCallRoutes) -> Subscription:
    """One of them."""
    protocol, address = answer.need("Protocol", str), answer.get("Endpoint", str, "")
    kept = _endpoint(protocol, address)
    return Subscription(answer.need("SubscriptionArn", str), protocol, kept, on_call.wakes(protocol, kept or address))


class Filtering(Fact):
    """What a subscription lets through.

    `scope` is where its filter looks, None without a filter, and `policy` the filter as JSON. `redriven`: what can't be
    delivered waits in a queue.
    """

    subscription: str
    scope: str | None = None
    policy: str = "{}"
    redriven: bool = False

    def passes(self, message: Mapping[str, Any]) -> Sure:
        """Whether it lets through a message that says so and has no attributes: these match no filter on attributes.

        https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html: "An empty set of attributes causes the
        filter to not match", one that asks for an attribute to be absent included.
        """
        if self.scope is None:
            return "yes"
        if self.scope == ATTRIBUTES:
            return "no"
        return lets_through(json.loads(self.policy), message) if self.scope == "MessageBody" else "maybe"


@fact("sns:GetSubscriptionAttributes")
def filtering(aws: Aws, subscription: Subscription) -> Filtering:
    """Gone where it was deleted since it was listed."""
    return read_filtering(aws, subscription.arn)


def read_filtering(aws: Aws, arn: str) -> Filtering:
    """Of a subscription, in its own Region. Without a filter, and without a queue, SNS leaves these out."""
    answer = aws.client("sns", region_of(arn)).get_subscription_attributes(SubscriptionArn=arn)
    attributes = Answer(answer, "sns:GetSubscriptionAttributes").part("Attributes")
    policy = attributes.get("FilterPolicy", str) or "{}"
    filtered = not _is_empty(attributes, "FilterPolicy")
    redriven = not _is_empty(attributes, "RedrivePolicy")
    if not filtered:
        return Filtering(arn, redriven=redriven)
    return Filtering(arn, attributes.get("FilterPolicyScope", str, ATTRIBUTES), policy, redriven)


def _is_empty(attributes: Answer, name: str) -> bool:
    """Of an object that is written as JSON. Unreadable: it is none."""
    attributes.document(name)
    return not json.loads(attributes.get(name, str) or "{}")


def _unconfirmed(answer: Answer) -> bool:
    return answer.get("SubscriptionArn", str) in UNCONFIRMED


def _endpoint(protocol: str, endpoint: str) -> str | None:
    if endpoint.startswith("arn:"):
        return endpoint
    try:
        return urlsplit(endpoint).hostname if protocol in {"http", "https"} else None
    except ValueError:
        return None
