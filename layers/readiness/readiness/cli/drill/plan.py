"""The plan of a drill: the alarm, its actions, and the subscribers of its topics."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readiness.alarms.composite import stirred_by
from readiness.aws.arn import account_of, name_of, region_of, service_of
from readiness.aws.client import Aws
from readiness.cli.exits import Usage
from readiness.cli.failures import answered, called
from readiness.cli.names import nearest
from readiness.engine.evaluate import explained
from readiness.facts.cloudwatch.alarms import Alarm, alarms
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.paging import ACCEPTED
from readiness.facts.sns.subscriptions import subscriptions
from readiness.facts.sns.topics import Topic
from readiness.model import Unavailable
from readiness.printable import line

NOTIFYING = ACCEPTED | {"aiops", "ssm"}
"""The services, by their names in ARNs, that notify about an alarm. Others act, such as stopping an instance.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: AlarmActions.
"""


@dataclass(frozen=True)
class AlarmAction:
    """One action of an alarm.

    `topic` is the name of its topic; None if it is not a topic, or is one of another account or Region.
    `subscriptions` is the number of confirmed subscriptions; None if they could not be read.
    """

    arn: str
    description: str
    topic: str | None = None
    subscriptions: int | None = None


@dataclass(frozen=True)
class DrillPlan:
    """A drill: the alarm, its actions, and descriptions of the composite alarms that may change with it."""

    alarm: Alarm
    actions: tuple[AlarmAction, ...]
    composites: tuple[str, ...]

    @property
    def description(self) -> str:
        """The description of all actions that may run."""
        return "; ".join([f"it notifies {_described(self.actions)}", *self.composites])


def _described(actions: Iterable[AlarmAction]) -> str:
    return " and ".join(action.description for action in actions)


def planned(aws: Aws, name: str) -> DrillPlan:
    """Return the plan for the alarm of this name. Usage: the alarm does not exist, or cannot be tested."""
    with called(name, "cloudwatch:DescribeAlarms"):
        known, unread = alarms(aws).readable()
    alarm = next((alarm for alarm in known if alarm.name == name), None)
    if alarm is None and unread:
        raise Usage(f"alarm {name!r} in {aws.region} {explained(unread)}")
    if alarm is None:
        near = nearest(name, [each.name for each in known]) if known else ""
        raise Usage(f"alarm {name!r} does not exist in {aws.region}{near}")
    composites = list(_composites(alarm, known))
    for reason in _pointless(alarm, composites):
        raise Usage(line(f"{name}: {reason}"))
    descriptions = tuple(
        f"the composite alarm {each.name} may change to ALARM too, and notifies "
        + (_described(_actions(aws, each) if each.actions_enabled else ()) or "nobody")
        for each in composites
    )
    return DrillPlan(alarm, _actions(aws, alarm), descriptions)


def _pointless(alarm: Alarm, composites: list[Alarm]) -> Iterator[str]:
    """Yield the reasons why a drill would test nothing, or do harm."""
    if alarm.state == "ALARM":
        yield "is in ALARM already, and actions run only on the transition: test it when it is OK"
    if not alarm.actions_enabled:
        yield "its actions are disabled: enable them with `aws cloudwatch enable-alarm-actions`"
    if not alarm.actions:
        through = f": test {composites[0].name}, the composite alarm that notifies" if composites else ""
        yield f"has no alarm actions, so a drill would notify nobody{through}"
    if doing := [action for action in alarm.actions if service_of(action) not in NOTIFYING]:
        yield f"has actions that do more than notify, and a drill would run them: {', '.join(doing)}"
    if alarm.actions and not any(service_of(action) in ACCEPTED for action in alarm.actions):
        yield f"none of its actions reaches people: {', '.join(alarm.actions)}"


def _composites(alarm: Alarm, known: list[Alarm], seen: frozenset[str] = frozenset()) -> Iterator[Alarm]:
    """Yield the composite alarms that depend on the alarm, directly or through others."""
    for each in known:
        if each.rule and each.arn not in seen | {alarm.arn} and {alarm.name, alarm.arn} & set(stirred_by(each.rule)):
            yield each
            yield from _composites(each, known, seen | {alarm.arn, each.arn})


def _actions(aws: Aws, alarm: Alarm) -> tuple[AlarmAction, ...]:
    return tuple(
        _topic(aws, action)
        if service_of(action) == "sns"
        else AlarmAction(action, f"{service_of(action)} {name_of(action)}")
        for action in alarm.actions
    )


def _topic(aws: Aws, arn: str) -> AlarmAction:
    """Return the action of a topic. Of its subscriptions only the protocols are shown: endpoints are personal data."""
    if (account_of(arn), region_of(arn)) != (aws.account, aws.region):
        return AlarmAction(arn, f"the topic {arn} (not read: another account or Region)")
    topic = Topic(arn, name_of(arn))
    answer = answered("sns:ListSubscriptionsByTopic", lambda: subscriptions(aws, topic, OnCallRoutes()).readable())
    if isinstance(answer, Unavailable):
        count, description = None, f"subscriptions {explained(answer)}"
    elif answer is None:
        count, description = 0, "does not exist"
    else:
        found, unread = answer
        protocols = sorted(Counter(each.protocol for each in found).items())
        listed = ", ".join(f"{number} {protocol}" for protocol, number in protocols) or "no subscriptions"
        count, description = len(found), listed + (" and more" if found and unread else "")
    return AlarmAction(arn, f"the topic {topic.name} ({description})", topic.name, count)
