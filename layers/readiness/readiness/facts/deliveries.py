"""Whether what is said to a topic reaches anybody. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.alarming.encryption import usable
from readiness.alarming.grant import Grant, admits
from readiness.alarming.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.arn import name_of
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.subscriptions import Endpoint, Filtering, Subscription
from readiness.facts.topics import Topic, TopicAttributes, TopicKey
from readiness.model import Gone, Unavailable, Unreadable


@dataclass(frozen=True)
class Hearing:
    """Whether what an alarm says gets through one subscription of a topic."""

    route: Route


@fact()
def hearing(
    topic: Topic, subscription: Subscription, filtering: Filtering, endpoint: Endpoint | Unavailable | None
) -> Hearing:
    """It lets it through, what it delivers to exists, and somebody is woken."""
    return Hearing(chain(_links(topic, subscription, filtering, endpoint)))


def _links(
    topic: Topic, subscription: Subscription, filtering: Filtering, endpoint: Endpoint | Unavailable | None
) -> Iterator[Route]:
    if subscription.wakes is False:
        yield silent(f"no subscription of the topic {topic.name} is among the endpoints that are on call")
    if filtering.passes == "no":
        yield silent(
            f"every subscription of the topic {topic.name} filters by message attributes, which alarms don't carry"
        )
    if isinstance(endpoint, Unavailable):
        yield unknown(endpoint)
    elif endpoint and not endpoint.exists:
        yield silent(f"{name_of(endpoint.arn)}, to which the topic {topic.name} delivers, does not exist")
    if filtering.passes == "maybe":
        yield doubtful(f"every subscription of the topic {topic.name} filters by what the message says")
    if subscription.wakes is None:
        yield doubtful(f"the topic {topic.name} is heard by e-mail alone, and mail wakes nobody")


@dataclass(frozen=True)
class Delivery:
    """What becomes of an alarm's message at a topic.

    `heard` is whether anybody would hear a message that is let in. `publish`, and `key` for each of the actions that
    it takes, say for which alarms CloudWatch may do so.
    """

    topic: str
    heard: Route
    publish: tuple[Grant, ...] = ()
    key: tuple[tuple[Grant, ...], ...] = ()

    def route(self, alarm: str) -> Route:
        """Whether it reaches anybody for that alarm, by its ARN."""
        return chain(
            [
                self.heard,
                _admitted(self.publish, alarm, f"the policy of the topic {self.topic}"),
                *(_admitted(grants, alarm, f"the key of the topic {self.topic}") for grants in self.key),
            ]
        )


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
        return Delivery(topic.name, silent(f"the topic {topic.name} does not exist"))
    heard = chain([usable(topic.name, attributes.key, key), _heard(topic, attributes.pending, subscriptions, hearings)])
    keys = (key.generate, key.decrypt) if isinstance(key, TopicKey) else ()
    return Delivery(topic.name, heard, attributes.publish, keys)


def _heard(topic: Topic, pending: int, subscriptions: Each[Subscription], hearings: Each[Hearing]) -> Route:
    """One that hears is enough, whatever could not be read of others."""
    found, unread = hearings.readable()
    ways = [hearing.route for hearing in found]
    try:
        if not subscriptions:
            waiting = f", {pending} pending" if pending else ""
            return silent(f"the topic {topic.name} has no confirmed subscription{waiting}")
    except Unreadable as why:
        ways.append(unknown(why.first))
    if unread:
        ways.append(unknown(unread))
    return best(ways or [silent(f"the topic {topic.name} has no subscription any more")])


def _admitted(grants: tuple[Grant, ...], alarm: str, policy: str) -> Route:
    match admits(grants, alarm):
        case "yes":
            return PAGES
        case "maybe":
            return doubtful(f"{policy} lets CloudWatch publish under conditions that can't be judged here")
        case "no":
            return silent(f"{policy} does not let CloudWatch publish")
