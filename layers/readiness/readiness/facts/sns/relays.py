"""Whether what EventBridge is told of an alarm reaches anybody, by the targets of the rules that it sets off. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
"""

from collections.abc import Iterator

from msgspec import Struct

from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.services import EVENTS
from readiness.aws.arn import service_of
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_rules import AlarmRuleTargets, Target
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.iam.principals import Principal
from readiness.facts.sns.deliveries import Delivery
from readiness.facts.sns.receivers import CALLED, Reception, received
from readiness.iam.evaluate import Access, access
from readiness.model import Unavailable

RECORDING = frozenset({"firehose", "kinesis", "logs"})
"""The services, by their names in ARNs, that keep what they are told and call nobody."""

BY_ROLE = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "ssm-incidents": "ssm-incidents:StartIncident",
    "states": "states:StartExecution",
}
"""What the role of a target has to be allowed, by the service of the target."""

NEEDING = frozenset({"ssm-incidents", "states"})
"""Those that EventBridge calls in no other way."""

API = ":api-destination/"


class Relays(Struct, frozen=True):
    """The rules on alarms, and what is known of what they call."""

    rules: Each[AlarmRuleTargets]
    deliveries: Each[Delivery]
    receptions: Each[Reception]
    principals: Each[Principal]

    def routes(self, alarm: Alarm) -> Iterator[Route]:
        """By every rule that the alarm sets off."""
        found, unread = self.rules.readable()
        for each in found:
            sure = each.rule.set_off(alarm.name, alarm.arn)
            if sure == "yes":
                yield self._by(each, alarm)
            elif sure == "maybe":
                why = f"whether the rule {each.rule.name} of EventBridge matches it can't be judged here"
                yield chain([self._by(each, alarm), doubtful(why)])
        if unread:
            yield unknown(unread)

    def _by(self, found: AlarmRuleTargets, alarm: Alarm) -> Route:
        ways = [self._to(target, found, alarm) for target in found.of]
        return best(ways or [silent(f"the rule {found.rule.name} of EventBridge has no target")])

    def _to(self, target: Target, found: AlarmRuleTargets, alarm: Alarm) -> Route:
        service, what = service_of(target.arn), f"the rule {found.rule.name} of EventBridge"
        if target.role:
            return chain([self._as(target.role, target.arn, what), self._there(target, alarm)])
        if service == "sns":
            return self._published(target, found, alarm)
        if service in CALLED:
            return received(self.receptions, target.arn, EVENTS, found.rule.arn)
        if service in NEEDING or API in target.arn:
            return silent(f"{what} has no role in which it may call {service}")
        if service in RECORDING:
            return doubtful(f"{what} only records it, in {service}, which pages nobody")
        return doubtful(f"{what} calls {service}, and whether that pages anybody is not looked at")

    def _there(self, target: Target, alarm: Alarm) -> Route:
        """Whether what a role may call exists, and a topic reaches anybody; of others, nobody looks."""
        match self.deliveries.answers().get(target.arn), self.receptions.answers().get(target.arn):
            case Delivery() as delivery, _:
                return delivery.passed_on(alarm, changed=target.changed)
            case _, Reception() as reception:
                return reception.there
            case (Unavailable() as why, _) | (_, Unavailable() as why):
                return unknown(why)
            case _:
                return PAGES

    def _published(self, target: Target, found: AlarmRuleTargets, alarm: Alarm) -> Route:
        match self.deliveries.answers().get(target.arn):
            case Delivery() as delivery:
                return delivery.relayed(alarm, found.rule.arn, changed=target.changed)
            case Unavailable() as why:
                return unknown(why)
            case _:
                return doubtful(f"the topic {target.arn} is not looked at")

    def _as(self, role: str, target: str, what: str) -> Route:
        """Where the role may call the target."""
        service, named = service_of(target), f"{what} calls {service_of(target)} as the role {role.rpartition('/')[2]}"
        known, unread = self.principals.readable()
        identity = next((each.identity for each in known if each.arn == role), None)
        if identity is None:
            return unknown(unread) if unread else silent(f"{named}, which does not exist")
        if service in RECORDING:
            return doubtful(f"{what} only records it, in {service}, which pages nobody")
        action = "events:InvokeApiDestination" if API in target else BY_ROLE.get(service)
        if action is None:
            return doubtful(f"{named}, and whether that pages anybody is not looked at")
        match access(identity, action, target):
            case Access.NONE | Access.BOUNDED:
                return silent(f"{named}, which may not {action}")
            case Access.DIRECT:
                return PAGES
            case _:
                return doubtful(f"{named}, which may {action} under a condition alone")
