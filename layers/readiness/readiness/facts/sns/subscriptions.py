"""The subscriptions of the alarms' topics, and their filter policies."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from readiness.alarms.filter_policy import Sure, lets_through
from readiness.aws.answer import Answer, listed
from readiness.aws.arn import region_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.facts.change_events import FILTER, SUBSCRIPTIONS
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.topics import Topic
from readiness.model import Fact, Reason, Unavailable, Unreadable

UNCONFIRMED = frozenset({"PendingConfirmation", "Deleted"})
ENOUGH = 100
LISTING = "sns:ListSubscriptionsByTopic"
SUBSCRIBED = "sns:GetSubscriptionAttributes"
TOO_MANY = Unavailable(Reason.THROTTLED, LISTING, f"only the first {ENOUGH} subscriptions were read")
ATTRIBUTES = "MessageAttributes"


class Subscription(Fact):
    """A confirmed subscription; `endpoint` is an ARN or a host, None for others, which are personal data."""

    arn: str
    protocol: str
    endpoint: str | None
    wakes: bool | None = True


@fact(LISTING, events=SUBSCRIPTIONS)
def subscriptions(aws: Aws, topic: Topic, on_call: OnCallRoutes) -> Each[Subscription]:
    """List the confirmed subscriptions, at most 100: one that pages is enough."""
    found = each_of(
        islice(confirmed(aws, topic.arn), ENOUGH),
        lambda each: each.need("SubscriptionArn", str),
        lambda each: subscription(each, on_call),
    )
    return Each(found.answers(), found.unlisted or (TOO_MANY if len(found.answers()) == ENOUGH else None))


def confirmed(aws: Aws, topic: str) -> Iterator[Answer]:
    """Yield the subscriptions of a topic, in its own Region, that are neither pending nor deleted."""
    found = listed(_pages(aws, topic), "Subscriptions", LISTING)
    return (each for each in found if each.get("SubscriptionArn", str) not in UNCONFIRMED)


def _pages(aws: Aws, topic: str) -> Iterator[Mapping[str, Any]]:
    """Yield the pages, which the facts of a collection share. Unreadable: a page names itself as the next one."""
    client = aws.client("sns", region_of(topic))
    before, token = None, ""
    while token != before:
        asked = {"NextToken": token} if token else {}
        read = partial(client.list_subscriptions_by_topic, TopicArn=topic, **asked)
        page = shared((LISTING, topic, token), read)
        yield page
        before, token = token, Answer(page, LISTING).get("NextToken", str, "")
        if not token:
            return
    raise Unreadable({}, Unavailable(Reason.MALFORMED, LISTING, "the same page follows again"))


def subscription(answer: Answer, on_call: OnCallRoutes) -> Subscription:
    """Return a subscription from a member of ListSubscriptionsByTopic."""
    protocol, address = answer.need("Protocol", str), answer.get("Endpoint", str, "")
    kept = _endpoint(protocol, address)
    return Subscription(answer.need("SubscriptionArn", str), protocol, kept, on_call.wakes(protocol, kept or address))


class Filtering(Fact):
    """The filter policy of a subscription as JSON; `scope` is None without. `redriven`: it has a dead-letter queue."""

    subscription: str
    scope: str | None = None
    policy: str = "{}"
    redriven: bool = False

    def passes(self, message: Mapping[str, Any]) -> Sure:
        """Return True if the filter accepts a message without attributes; such a message matches no attribute filter.

        https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html: "An empty set of attributes causes the
        filter to not match", one that asks for an attribute to be absent included.
        """
        if self.scope is None:
            return "yes"
        if self.scope == ATTRIBUTES:
            return "no"
        return lets_through(json.loads(self.policy), message) if self.scope == "MessageBody" else "maybe"


@fact(SUBSCRIBED, events=FILTER)
def filtering(aws: Aws, subscription: Subscription) -> Filtering:
    """Read the attributes. Gone where the subscription was deleted since it was listed."""
    return read_filtering(aws, subscription.arn)


def read_filtering(aws: Aws, arn: str) -> Filtering:
    """Read a subscription in its own Region. SNS leaves out FilterPolicy and RedrivePolicy where there is none."""
    client = aws.client("sns", region_of(arn))
    answer = shared((SUBSCRIBED, arn), lambda: client.get_subscription_attributes(SubscriptionArn=arn))
    attributes = Answer(answer, SUBSCRIBED).part("Attributes")
    policy = attributes.get("FilterPolicy", str) or "{}"
    redriven = not _is_empty(attributes, "RedrivePolicy")
    if _is_empty(attributes, "FilterPolicy"):
        return Filtering(arn, redriven=redriven)
    return Filtering(arn, attributes.get("FilterPolicyScope", str, ATTRIBUTES), policy, redriven)


def _is_empty(attributes: Answer, name: str) -> bool:
    """True for an empty or absent JSON object. Raises Unreadable for malformed JSON."""
    document = attributes.document(name)
    return document is None or not document.members


def _endpoint(protocol: str, endpoint: str) -> str | None:
    if endpoint.startswith("arn:"):
        return endpoint
    try:
        return urlsplit(endpoint).hostname if protocol in {"http", "https"} else None
    except ValueError:
        return None
