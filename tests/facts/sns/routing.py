from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route
from readiness.alarms.series import series
from readiness.alarms.services import ALARMS, EVENTS, SNS
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_actions import FailedActions, Mute
from readiness.facts.cloudwatch.alarm_rules import AlarmRuleTargets
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.composite_sight import CompositeSight
from readiness.facts.recorded.now import Now
from readiness.facts.sns.deliveries import Delivery, PublishAccess, SubscriptionRoute, delivery, hearing
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.paging import Routes, routes
from readiness.facts.sns.receivers import Receiver, Reception
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import Topic, TopicAttributes, TopicKey
from readiness.iam.service_access import Grant
from readiness.model import Gone, Reason, Unavailable
from tests.rules.alarms import TOPIC, alarm
from tests.rules.facts import AT

DENIED = Unavailable(Reason.ACCESS_DENIED, "sns:GetTopicAttributes", "AuthorizationError")


ALL = Grant(allow=True, sure=True)


LISTENED = (SubscriptionRoute(PAGES, Filtering("s1")),)


HEARD = Delivery(TOPIC, PAGES, LISTENED, PublishAccess((ALL,)), PublishAccess((ALL,)))


OTHER = TOPIC + "-2"


SOON = datetime(2026, 11, 25, tzinfo=UTC)


PUSHED = "arn:aws:lambda:us-east-1:123456789012:function:push"


LET_IN = dict.fromkeys((ALARMS, EVENTS, SNS), (ALL,))


INVOKED = Reception(Receiver(PUSHED), PAGES, (LET_IN,))


CARTS = alarm("carts", series("Shop", "WriteFailure", Domain="cart"))


QUIET = replace(CARTS, actions=())


def composite(name: str, rule: str, **other: Any) -> Alarm:
    return alarm(name, kind="composite", rule=rule, **other)


def routed(
    *alarms: Alarm,
    deliveries: dict[str, Delivery | Unavailable] | None = None,
    mutes: Iterable[Mute] = (),
    failed: Mapping[str, tuple[str, ...]] | Unavailable = MappingProxyType({}),
    rules: Iterable[AlarmRuleTargets] = (),
    **other: Any,
) -> Routes:
    delivered: dict[str, Any] = {TOPIC: HEARD} if deliveries is None else deliveries
    return routes(
        Each({each.arn: each for each in alarms}),
        Each(delivered),
        Each(other.get("receptions", {PUSHED: INVOKED})),
        Each({each.rule: each for each in mutes}, other.get("unread")),
        failed if isinstance(failed, Unavailable) else FailedActions(failed),
        Each({each.rule.arn: each for each in rules}, other.get("unlisted")),
        Each(other.get("principals", {})),
        CompositeSight(other.get("unseen")),
        OnCallRoutes(topic=other.get("topic", "")),
        Now(AT),
    )


def route(first: Alarm, *others: Alarm, **other: Any) -> Route:
    """That of the first alarm."""
    return routed(first, *others, **other).of[first.arn]


def silently(**other: Any) -> Mute:
    return replace(Mute("deploying", ("carts",), timedelta(hours=4), SOON), **other)


ON_CALL = Topic(TOPIC, "on-call")


OPEN = TopicAttributes((ALL,), pending=0, key=None, relay=(ALL,))


LISTENER = Subscription("s1", "sms", None)


HEARING = {"s1": Filtering("s1")}


QUEUE = "arn:aws:sqs:us-east-1:123456789012:pages"


def delivered(  # noqa: PLR0917  a row of the table names what it is about
    attributes: TopicAttributes | Gone = OPEN,
    key: TopicKey | Gone | Unavailable | None = None,
    filterings: Mapping[str, Filtering | Unavailable] | None = None,
    unlisted: Unavailable | None = None,
    reception: Reception | Unavailable | None = None,
    listener: Subscription = LISTENER,
    told: Alarm = CARTS,
) -> Route:
    heard: dict[str, Any] = dict(HEARING) if filterings is None else dict(filterings)
    listening = {arn: listener if arn == "s1" else replace(LISTENER, arn=arn) for arn in heard}
    receptions: Each[Reception] = Each({QUEUE: reception} if reception else {})
    hearings = {
        arn: hearing(ON_CALL, listening[arn], each, receptions) if isinstance(each, Filtering) else each
        for arn, each in heard.items()
    }
    found = delivery(ON_CALL, attributes, key, Each(listening, unlisted), Each(hearings, unlisted))
    return found.route(told, closed=bool(told.ok_actions))
