"""What a drill would set off, before it does: the alarm, its actions, and who hears of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from readiness.alarms.composite import stirred_by
from readiness.aws.arn import account_of, name_of, region_of, service_of
from readiness.aws.client import Aws, unavailable
from readiness.cli.calls import called
from readiness.cli.exits import Usage
from readiness.cli.start import nearest
from readiness.engine.evaluate import explained
from readiness.facts.cloudwatch.alarms import Alarm, alarms
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.paging import ACCEPTED
from readiness.facts.sns.subscriptions import subscriptions
from readiness.facts.sns.topics import Topic
from readiness.model import Unavailable

TELLING = ACCEPTED | {"aiops", "ssm"}
"""The services, by their names in ARNs, that tell of an alarm. All others do something, such as stop an instance.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: AlarmActions.
"""


@dataclass(frozen=True)
class Rung:
    """One action of an alarm, and `said` in words.

    `topic` is the name of the topic that it calls, None of anything else and of a topic of another account or Region.
    `listeners` is how many confirmed subscriptions that has; None where they could not be read.
    """

    action: str
    said: str
    topic: str | None = None
    listeners: int | None = None


@dataclass(frozen=True)
class Plan:
    """A drill: the alarm, what it rings, and the composite alarms that may go off with it, in words."""

    alarm: Alarm
    rings: tuple[Rung, ...]
    above: tuple[str, ...]

    @property
    def said(self) -> str:
        """All that may ring."""
        return "; ".join([f"it rings {' and '.join(rung.said for rung in self.rings)}", *self.above])


def planned(aws: Aws, name: str) -> Plan:
    """What a drill of the alarm of that name would do. Usage: there is no such alarm, or drilling it proves nothing."""
    with called(name, "cloudwatch:DescribeAlarms"):
        known, unread = alarms(aws).readable()
    alarm = next((alarm for alarm in known if alarm.name == name), None)
    if alarm is None and unread:
        msg = f"whether there is an alarm {name!r} in {aws.region} {explained(unread)}"
        raise Usage(msg)
    if alarm is None:
        near = nearest(name, [each.name for each in known]) if known else ""
        msg = f"there is no alarm {name!r} in {aws.region}{near}"
        raise Usage(msg)
    above = list(_above(alarm, known))
    for reason in _pointless(alarm, above):
        msg = f"{name}: {reason}"
        raise Usage(msg)
    return Plan(alarm, _rings(aws, alarm), tuple(_with_it(aws, each) for each in above))


def _pointless(alarm: Alarm, above: list[Alarm]) -> Iterator[str]:
    """Why a drill would prove nothing, or do harm."""
    if alarm.state == "ALARM":
        yield "is in ALARM already, and actions run on the way there: drill it when it is over"
    if not alarm.actions_enabled:
        yield "its actions are switched off: `aws cloudwatch enable-alarm-actions` switches them on"
    if not alarm.actions:
        through = f": drill {above[0].name}, through which it pages" if above else ""
        yield f"has no action on the way to ALARM, so nothing would ring{through}"
    if doing := [action for action in alarm.actions if service_of(action) not in TELLING]:
        yield f"does more than tell somebody, and a drill would do it: {', '.join(doing)}"
    if alarm.actions and not any(service_of(action) in ACCEPTED for action in alarm.actions):
        yield f"none of its actions reaches people: {', '.join(alarm.actions)}"


def _above(alarm: Alarm, known: list[Alarm], seen: frozenset[str] = frozenset()) -> Iterator[Alarm]:
    """The composite alarms that it is part of, maybe through others, each once on its way."""
    for each in known:
        if each.rule and each.arn not in seen | {alarm.arn} and {alarm.name, alarm.arn} & set(stirred_by(each.rule)):
            yield each
            yield from _above(each, known, seen | {alarm.arn, each.arn})


def _with_it(aws: Aws, alarm: Alarm) -> str:
    rings = " and ".join(rung.said for rung in _rings(aws, alarm)) if alarm.actions_enabled else ""
    return f"the composite alarm {alarm.name} may go off with it, and rings {rings or 'nothing'}"


def _rings(aws: Aws, alarm: Alarm) -> tuple[Rung, ...]:
    return tuple(_topic(aws, action) if service_of(action) == "sns" else _other(action) for action in alarm.actions)


def _other(action: str) -> Rung:
    return Rung(action, f"{service_of(action)} {name_of(action)}")


def _topic(aws: Aws, arn: str) -> Rung:
    """Of who listens, nothing but the protocol is said: the rest is a person's."""
    if (account_of(arn), region_of(arn)) != (aws.account, aws.region):
        return Rung(arn, f"the topic {arn}, which is not looked at")
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
            return None, f"who listens {explained(why)}"
        return 0, "which does not exist"
    if not found:
        return 0, "nobody is subscribed"
    protocols = sorted(Counter(each.protocol for each in found).items())
    more = " and more" if unread else ""
    return len(found), ", ".join(f"{count} {protocol}" for protocol, count in protocols) + more
