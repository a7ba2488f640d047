"""Whether what is said to a topic reaches anybody. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.encryption import usable
from readiness.alarms.filter_policy import Partly
from readiness.alarms.grant import Grant, admits
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.services import CALLED, CLOUDWATCH, EVENTS, SNS
from readiness.aws.arn import account_of, name_of
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarm_messages import of_alarm, of_event
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.on_call import CHAT, RECORDED
from readiness.facts.sns.receivers import CALLED as RECEIVING
from readiness.facts.sns.receivers import Reception, received
from readiness.facts.sns.subscriptions import ATTRIBUTES, Filtering, Subscription
from readiness.facts.sns.topics import Topic, TopicAttributes, TopicKey
from readiness.model import Fact, Gone, Unavailable, Unreadable

FOLDING = ("api.atlassian.com", ".incident.io", ".opsgenie.com", ".pagerduty.com", ".victorops.com")
"""The ends of the hosts of pagers that fold an alarm into the incident that is still open."""

Grants = tuple[Grant, ...]
T = TypeVar("T")


class Hearing(Fact):
    """Whether what is said to a topic gets through one subscription of it: `route`, if its `filter` lets it through.

    `folds`: whom it calls takes what happens again for the same, until it is told that all is well.
    """

    route: Route
    filter: Filtering
    folds: bool = False


@fact()
def hearing(topic: Topic, subscription: Subscription, filtering: Filtering, receptions: Each[Reception]) -> Hearing:
    """What it delivers to exists and lets SNS in, and somebody is woken."""
    return Hearing(chain(_links(topic, subscription, receptions)), filtering, _folds(subscription))


def _links(topic: Topic, subscription: Subscription, receptions: Each[Reception]) -> Iterator[Route]:
    if subscription.wakes is False:
        why = f"no subscription of the topic {topic.name} is among the endpoints that are on call"
        yield silent(why, remedies.subscribe(topic.arn))
    if subscription.protocol in RECEIVING and subscription.endpoint:
        yield received(receptions, subscription.endpoint, SNS, topic.arn)
    if subscription.wakes is None:
        yield doubtful(f"the topic {topic.name} {_kept(subscription)}", remedies.subscribe(topic.arn))


def _kept(subscription: Subscription) -> str:
    if subscription.protocol in RECORDED:
        return "is recorded by a Firehose stream alone, which pages nobody"
    if subscription.endpoint == CHAT:
        return "is shown in a chat alone, which pages nobody"
    return "is heard by e-mail alone, and mail wakes nobody"


def _folds(subscription: Subscription) -> bool:
    return subscription.protocol == "https" and f".{subscription.endpoint}".endswith(FOLDING)


class Entry(Struct, frozen=True):
    """What the policy of a topic, and its key for each of the actions that it takes, say of a service's publishing.

    `unread` is what could not be read of that.
    """

    publish: Grants = ()
    key: tuple[Grants, ...] = ()
    unread: Unavailable | None = None


class Delivery(Fact):
    """What becomes of an alarm's message at a topic, by its ARN.

    `heard` is whether anything is heard there, `hearings` are those who may, `unheard` is why there may be more.
    `entry` is how CloudWatch comes in, `relay` how EventBridge does. `key` is the ARN of the customer key.
    """

    topic: str
    heard: Route
    hearings: tuple[Hearing, ...] = ()
    entry: Entry = Entry()
    relay: Entry = Entry()
    key: str = ""
    unheard: Unavailable | None = None

    @property
    def folds(self) -> bool:
        """Whether a pager that folds is among those who hear."""
        return any(hearing.folds for hearing in self.hearings)

    def route(self, alarm: Alarm, *, closed: bool = True) -> Route:
        """Whether it reaches anybody for that alarm; `closed`: pagers are told as well when the alarm is over."""
        ways = [
            chain(
                [hearing.route, *self._filtered(hearing, of_alarm(alarm)), *self._folded(hearing, alarm, closed=closed)]
            )
            for hearing in self.hearings
        ]
        return chain([self.heard, self._best(ways), *self._admitted(self.entry, CLOUDWATCH, alarm.arn)])

    def relayed(self, alarm: Alarm, rule: str, *, changed: bool) -> Route:
        """Whether it does when a rule of EventBridge, by its ARN, passes it on, maybe in other words than its own."""
        return chain([self.passed_on(alarm, changed=changed), *self._admitted(self.relay, EVENTS, rule)])

    def passed_on(self, alarm: Alarm, *, changed: bool) -> Route:
        """Whether it does, once the rule may publish there."""
        message = Partly() if changed else of_event(alarm)
        ways = [chain([hearing.route, *self._filtered(hearing, message)]) for hearing in self.hearings]
        return chain([self.heard, self._best(ways)])

    def _best(self, ways: list[Route]) -> Route:
        """One that hears is enough, whatever could not be read of others."""
        if self.unheard:
            ways.append(unknown(self.unheard))
        gone = f"the topic {name_of(self.topic)} has no subscription any more"
        return best(ways or [silent(gone, remedies.subscribe(self.topic))])

    def _filtered(self, hearing: Hearing, message: Mapping[str, Any]) -> Iterator[Route]:
        passes, every = hearing.filter.passes(message), f"every subscription of the topic {name_of(self.topic)}"
        remedy = remedies.unfilter(hearing.filter.subscription)
        if passes == "maybe":
            yield doubtful(f"{every} filters by what the message says", remedy)
        elif passes == "no" and hearing.filter.scope == ATTRIBUTES:
            yield silent(f"{every} filters by message attributes, which alarms don't carry", remedy)
        elif passes == "no":
            yield silent(f"{every} has a filter that lets none of its messages through", remedy)

    def _folded(self, hearing: Hearing, alarm: Alarm, *, closed: bool) -> Iterator[Route]:
        if hearing.folds and not closed:
            why = "it has no OK action, so the pager keeps the incident open and folds the next alarm into it"
            yield doubtful(why, remedies.close(alarm.arn, self.topic, composite=alarm.kind == "composite"))

    def _admitted(self, entry: Entry, service: str, source: str) -> Iterator[Route]:
        name, who = name_of(self.topic), CALLED[service]
        said = [(grants, "key", remedies.let_use(self.key, service, account_of(self.topic))) for grants in entry.key]
        if entry.unread is None:
            said.insert(0, (entry.publish, "policy", remedies.let_publish(self.topic, service, source)))
        for grants, what, remedy in said:
            match admits(grants, source):
                case "maybe":
                    conditions = "under conditions that can't be judged here"
                    yield doubtful(f"the {what} of the topic {name} lets {who} publish {conditions}", remedy)
                case "no":
                    yield silent(f"the {what} of the topic {name} does not let {who} publish", remedy)
                case "yes":
                    pass
        if entry.unread:
            yield unknown(entry.unread)


@fact()
def delivery(
    topic: Topic,
    attributes: TopicAttributes | Gone,
    key: TopicKey | Gone | Unavailable | None,
    subscriptions: Each[Subscription],
    hearings: Each[Hearing],
) -> Delivery:
    """One that could not be read breaks no link, and hides none that is broken for sure."""
    if isinstance(attributes, Gone):
        why = f"the topic {topic.name} does not exist"
        return Delivery(topic.arn, silent(why, remedies.make_topic(topic.arn)))
    used = key if isinstance(key, TopicKey) else None
    found, unheard = hearings.readable()
    return Delivery(
        topic=topic.arn,
        heard=chain([_encrypted(topic, attributes, key), _listened(topic, attributes, subscriptions, found)]),
        hearings=tuple(found),
        entry=_entry(lambda: attributes.publish, (used.generate, used.decrypt) if used else ()),
        relay=_entry(lambda: attributes.relay, used.relay if used else ()),
        key=used.arn if used else "",
        unheard=unheard,
    )


def _encrypted(topic: Topic, attributes: TopicAttributes, key: TopicKey | Gone | Unavailable | None) -> Route:
    name = readable(lambda: attributes.key)
    return unknown(name) if isinstance(name, Unavailable) else usable(topic.arn, name, key, CLOUDWATCH)


def _listened(
    topic: Topic, attributes: TopicAttributes, subscriptions: Each[Subscription], hearings: list[Hearing]
) -> Route:
    """Whether there is anybody."""
    try:
        if not subscriptions:
            return _unheard(topic, attributes)
    except Unreadable as why:
        return PAGES if hearings else unknown(why.first)
    return PAGES


def _unheard(topic: Topic, attributes: TopicAttributes) -> Route:
    why, pending = f"the topic {topic.name} has no confirmed subscription", readable(lambda: attributes.pending)
    if pending and not isinstance(pending, Unavailable):
        return silent(f"{why}, {pending} pending", remedies.confirm(topic.arn))
    return silent(why, remedies.subscribe(topic.arn))


def _entry(publish: Callable[[], Grants], key: tuple[Grants, ...]) -> Entry:
    said = readable(publish)
    return Entry((), key, said) if isinstance(said, Unavailable) else Entry(said, key)


def readable(look: Callable[[], T]) -> T | Unavailable:
    """What a field of a fact says, or why it could not be read."""
    try:
        return look()
    except Unreadable as unread:
        return unread.first
