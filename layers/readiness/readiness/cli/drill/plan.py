"""The plan of a drill: the alarm, its actions, and the subscribers of its topics."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from readiness.alarms.composite import stirred_by
from readiness.aws.arn import account_of, name_of, region_of, service_of
from readiness.aws.client import Aws, unavailable
from readiness.cli.exits import Usage
from readiness.cli.failures import called
from readiness.cli.start import nearest
from readiness.engine.evaluate import explained
from readiness.facts.cloudwatch.alarms import Alarm, alarms
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.paging import ACCEPTED
from readiness.facts.sns.subscriptions import subscriptions
from readiness.facts.sns.topics import Topic
from readiness.model import Unavailable

TELLING = ACCEPTED | {"aiops", "ssm"}
"""The services, by their names in ARNs, that notify about an alarm. Others act, such as stopping an instance.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: AlarmActions.
"""


@dataclass(frozen=True)
class Rung:
    """One action of an alarm, with its description `said`.

    `topic` is the name of its topic; None if it is not a topic, or is one of another account or Region. `listeners` is
    the number of confirmed subscriptions; None if they could not be read.
    """

    action: str
    said: str
    topic: str | None = None
    listeners: int | None = None


@dataclass(frozen=True)
class DrillPlan:
    """A drill: the alarm, its actions, and descriptions of the composite alarms that may change with it."""

    alarm: Alarm
    rings: tuple[Rung, ...]
    above: tuple[str, ...]

    @property
    def said(self) -> str:
        """The description of all actions that may run."""
        return "; ".join([f"it notifies {' and '.join(rung.said for rung in self.rings)}", *self.above])


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
    above = list(_above(alarm, known))
    for reason in _pointless(alarm, above):
        raise Usage(f"{name}: {reason}")
    return DrillPlan(alarm, _rings(aws, alarm), tuple(_with_it(aws, each) for each in above))


def _pointless(alarm: Alarm, above: list[Alarm]) -> Iterator[str]:
    """Yield the reasons why a drill would test nothing, or do harm."""
    if alarm.state == "ALARM":
        yield "is in ALARM already, and actions run only on the transition: test it when it is OK"
    if not alarm.actions_enabled:
        yield "its actions are disabled: enable them with `aws cloudwatch enable-alarm-actions`"
    if not alarm.actions:
        through = f": test {above[0].name}, the composite alarm that notifies" if above else ""
        yield f"has no alarm actions, so a drill would notify nobody{through}"
    if doing := [action for action in alarm.actions if service_of(action) not in TELLING]:
        yield f"has actions that do more than notify, and a drill would run them: {', '.join(doing)}"
    if alarm.actions and not any(service_of(action) in ACCEPTED for action in alarm.actions):
        yield f"none of its actions reaches people: {', '.join(alarm.actions)}"


def _above(alarm: Alarm, known: list[Alarm], seen: frozenset[str] = frozenset()) -> Iterator[Alarm]:
    """Yield the composite alarms that depend on the alarm, directly or through others."""
    for each in known:
        if each.rule and each.arn not in seen | {alarm.arn} and {alarm.name, alarm.arn} & set(stirred_by(each.rule)):
            yield each
            yield from _above(each, known, seen | {alarm.arn, each.arn})


def _with_it(aws: Aws, alarm: Alarm) -> str:
    rings = " and ".join(rung.said for rung in _rings(aws, alarm)) if alarm.actions_enabled else ""
    return f"the composite alarm {alarm.name} may change to ALARM too, and notifies {rings or 'nobody'}"


def _rings(aws: Aws, alarm: Alarm) -> tuple[Rung, ...]:
    return tuple(_topic(aws, action) if service_of(action) == "sns" else _other(action) for action in alarm.actions)


def _other(action: str) -> Rung:
    return Rung(action, f"{service_of(action)} {name_of(action)}")


def _topic(aws: Aws, arn: str) -> Rung:
    """Return the action of a topic. Of its subscriptions only the protocols are shown: endpoints are personal data."""
    if (account_of(arn), region_of(arn)) != (aws.account, aws.region):
        return Rung(arn, f"the topic {arn} (not read: another account or Region)")
    name = name_of(arn)
    count, said = _listening(aws, Topic(arn, name))
    return Rung(arn, f"the topic {name} ({said})", name, count)


def _listening(aws: Aws, topic: Topic) -> tuple[int | None, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found, unread = subscriptions(aws, topic, OnCallRoutes()).readable()
    except (BotoCoreError, ClientError) as error:
        why = unavailable(error, "sns:ListSubscriptionsByTopic")
        if isinstance(why, Unavailable):
            return None, f"subscriptions {explained(why)}"
        return 0, "does not exist"
    if not found:
        return 0, "no subscriptions"
    protocols = sorted(Counter(each.protocol for each in found).items())
    more = " and more" if unread else ""
    return len(found), ", ".join(f"{count} {protocol}" for protocol, count in protocols) + more
