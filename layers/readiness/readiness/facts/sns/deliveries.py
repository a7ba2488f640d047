"""The delivery of notifications from an SNS topic to people. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.encryption import usable
from readiness.alarms.filter_policy import Partly
from readiness.alarms.route import PAGES, Route, admitted, best, chain, doubtful, silent, unknown
from readiness.alarms.services import CALLED, CLOUDWATCH, EVENTS, SNS
from readiness.aws.arn import account_of, name_of
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarm_rules import of_alarm, of_event
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.on_call import CHAT, RECORDED
from readiness.facts.sns.receivers import CALLED as RECEIVING
from readiness.facts.sns.receivers import Reception, received
from readiness.facts.sns.subscriptions import ATTRIBUTES, Filtering, Subscription
from readiness.facts.sns.topics import Topic, TopicAttributes, TopicKey
from readiness.iam.service_access import Grant
from readiness.model import Fact, Gone, Unavailable, Unreadable

FOLDING = ("api.atlassian.com", ".incident.io", ".opsgenie.com", ".pagerduty.com", ".victorops.com")
"""The ends of the hosts of pagers that add an alarm to an incident that is still open."""

Grants = tuple[Grant, ...]
T = TypeVar("T")


class SubscriptionRoute(Fact):
    """The route of a subscription past its filter; `folds`: its pager adds alarms to an open incident."""

    stored_as = "Hearing"

    route: Route
    filter: Filtering
    folds: bool = False


@fact()
def hearing(
    topic: Topic, subscription: Subscription, filtering: Filtering, receptions: Each[Reception]
) -> SubscriptionRoute:
    """Return the route past the endpoint: it exists, it admits SNS, and it pages."""
    folds = subscription.protocol == "https" and f".{subscription.endpoint}".endswith(FOLDING)
    return SubscriptionRoute(chain(_links(topic, subscription, receptions)), filtering, folds)


def _links(topic: Topic, subscription: Subscription, receptions: Each[Reception]) -> Iterator[Route]:
    if subscription.wakes is False:
        why = f"no subscription of SNS topic {topic.name} matches on_call.endpoints in the checklist"
        yield silent(why, remedies.subscribe(topic.arn))
    if subscription.protocol in RECEIVING and subscription.endpoint:
        yield received(receptions, subscription.endpoint, SNS, topic.arn)
    if subscription.wakes is None:
        yield doubtful(f"SNS topic {topic.name} delivers {_kept(subscription)}", remedies.subscribe(topic.arn))


def _kept(subscription: Subscription) -> str:
    if subscription.protocol in RECORDED:
        return "only to a Firehose stream, which pages nobody"
    if subscription.endpoint == CHAT:
        return "only to a chat channel, which pages nobody"
    return "only by email, which pages nobody"


class PublishAccess(Struct, frozen=True):
    """The grants to a publishing service: by the policy of a topic, and of its key for each KMS action."""

    publish: Grants = ()
    key: tuple[Grants, ...] = ()
    unread: Unavailable | None = None


class Delivery(Fact):
    """The delivery of alarm notifications by a topic, an ARN.

    `heard` is the route past the topic itself. `hearings` are its subscriptions; `unheard` is why there may be more.
    `entry` is the access of CloudWatch, `relay` that of EventBridge. `key` is the ARN of the customer managed key.
    """

    topic: str
    heard: Route
    hearings: tuple[SubscriptionRoute, ...] = ()
    entry: PublishAccess = PublishAccess()
    relay: PublishAccess = PublishAccess()
    key: str = ""
    unheard: Unavailable | None = None

    @property
    def folds(self) -> bool:
        """True if a pager that folds is subscribed."""
        return any(hearing.folds for hearing in self.hearings)

    def route(self, alarm: Alarm, *, closed: bool = True) -> Route:
        """Return the route of an alarm; `closed`: an OK action tells pagers that the alarm is over."""
        message = of_alarm(alarm)
        ways = [
            chain([each.route, *self._filtered(each, message), *self._folded(each, alarm, closed=closed)])
            for each in self.hearings
        ]
        admitted = publishing(self.topic, self.key, self.entry, CLOUDWATCH, alarm.arn)
        return chain([self.heard, self._best(ways), *admitted])

    def relayed(self, alarm: Alarm, rule: str, *, changed: bool) -> Route:
        """Return the route by an EventBridge rule, an ARN; `changed`: the target has an input of its own."""
        admitted = publishing(self.topic, self.key, self.relay, EVENTS, rule)
        return chain([self.passed_on(alarm, changed=changed), *admitted])

    def passed_on(self, alarm: Alarm, *, changed: bool) -> Route:
        """Return the route of an event, given that the rule may publish."""
        message = Partly() if changed else of_event(alarm)
        ways = [chain([hearing.route, *self._filtered(hearing, message)]) for hearing in self.hearings]
        return chain([self.heard, self._best(ways)])

    def _best(self, ways: list[Route]) -> Route:
        """Return the best route: one subscription is enough, whatever could not be read of others."""
        if self.unheard:
            ways.append(unknown(self.unheard))
        gone = f"all subscriptions of SNS topic {name_of(self.topic)} were deleted"
        return best(ways or [silent(gone, remedies.subscribe(self.topic))])

    def _filtered(self, hearing: SubscriptionRoute, message: Mapping[str, Any]) -> Iterator[Route]:
        passes, every = hearing.filter.passes(message), f"every subscription of SNS topic {name_of(self.topic)}"
        remedy = remedies.unfilter(hearing.filter.subscription)
        if passes == "maybe":
            yield doubtful(f"{every} has a filter policy that may not match alarm notifications", remedy)
        elif passes == "no" and hearing.filter.scope == ATTRIBUTES:
            why = f"{every} has a filter policy on message attributes, which alarm notifications do not have"
            yield silent(why, remedy)
        elif passes == "no":
            yield silent(f"{every} has a filter policy that does not match notifications of this alarm", remedy)

    def _folded(self, hearing: SubscriptionRoute, alarm: Alarm, *, closed: bool) -> Iterator[Route]:
        if hearing.folds and not closed:
            why = "no OK action, so the pager keeps the incident open and adds the next alarm to it"
            yield doubtful(why, remedies.close(alarm.arn, self.topic))


def publishing(topic: str, key: str, access: PublishAccess, service: str, source: str) -> Iterator[Route]:
    """Yield the links of a service that publishes for a source, an ARN: the policies of the topic and of its key."""
    whose, who = f"of SNS topic {name_of(topic)}", f"{CALLED[service]} to publish"
    if access.unread:
        yield unknown(access.unread)
    else:
        remedy = remedies.let_publish(topic, service, source)
        yield admitted(access.publish, source, f"the access policy {whose}", who, remedy)
    for grants in access.key:
        remedy = remedies.let_use(key, service, account_of(topic))
        yield admitted(grants, source, f"the key policy {whose}", who, remedy)


@fact()
def delivery(
    topic: Topic,
    attributes: TopicAttributes | Gone,
    key: TopicKey | Gone | Unavailable | None,
    subscriptions: Each[Subscription],
    hearings: Each[SubscriptionRoute],
) -> Delivery:
    """Combine the links: an unread one breaks none, and hides none that is broken for certain."""
    if isinstance(attributes, Gone):
        why = f"SNS topic {topic.name} does not exist"
        return Delivery(topic.arn, silent(why, remedies.make_topic(topic.arn)))
    used = key if isinstance(key, TopicKey) else None
    found, unheard = hearings.readable()
    encrypted = usable(topic.arn, readable(lambda: attributes.key), key, CLOUDWATCH)
    return Delivery(
        topic=topic.arn,
        heard=chain([encrypted, _listened(topic, attributes, subscriptions, found)]),
        hearings=tuple(found),
        entry=_entry(lambda: attributes.publish, (used.generate, used.decrypt) if used else ()),
        relay=_entry(lambda: attributes.relay, used.relay if used else ()),
        key=used.arn if used else "",
        unheard=unheard,
    )


def _listened(
    topic: Topic, attributes: TopicAttributes, subscriptions: Each[Subscription], hearings: list[SubscriptionRoute]
) -> Route:
    """Return silent for a topic without confirmed subscriptions."""
    try:
        if not subscriptions:
            return _unheard(topic, attributes)
    except Unreadable as why:
        return PAGES if hearings else unknown(why.first)
    return PAGES


def _unheard(topic: Topic, attributes: TopicAttributes) -> Route:
    why, pending = f"SNS topic {topic.name} has no confirmed subscription", readable(lambda: attributes.pending)
    if pending and not isinstance(pending, Unavailable):
        return silent(f"{why}, {pending} pending", remedies.confirm(topic.arn))
    return silent(why, remedies.subscribe(topic.arn))


def _entry(publish: Callable[[], Grants], key: tuple[Grants, ...]) -> PublishAccess:
    said = readable(publish)
    return PublishAccess((), key, said) if isinstance(said, Unavailable) else PublishAccess(said, key)


def readable(look: Callable[[], T]) -> T | Unavailable:
    """Return a field of a fact, or why it could not be read."""
    try:
        return look()
    except Unreadable as unread:
        return unread.first
