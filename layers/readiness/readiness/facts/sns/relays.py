"""The routes of alarms by EventBridge: the rules that match their state changes, and the rules' targets. Pure.

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
from readiness.iam.evaluate import Access, Identity, access
from readiness.model import Unavailable

RECORDING = frozenset({"firehose", "kinesis", "logs"})
"""The services, by their names in ARNs, that only record events."""

BY_ROLE = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "ssm-incidents": "ssm-incidents:StartIncident",
    "states": "states:StartExecution",
}
"""The action that the role of a target needs, by the service of the target."""

NEEDING = frozenset({"ssm-incidents", "states"})
"""The services that EventBridge calls only with a role."""

API = ":api-destination/"


class Relays(Struct, frozen=True):
    """The EventBridge rules on alarms, and the facts about their targets."""

    rules: Each[AlarmRuleTargets]
    deliveries: Each[Delivery]
    receptions: Each[Reception]
    principals: Each[Principal]

    def routes(self, alarm: Alarm) -> Iterator[Route]:
        """Yield a route by every rule that matches a state change of the alarm."""
        found, unread = self.rules.readable()
        for each in found:
            sure = each.rule.set_off(alarm.name, alarm.arn)
            if sure == "yes":
                yield self._by(each, alarm)
            elif sure == "maybe":
                why = f"EventBridge rule {each.rule.name} may not match the alarm: its pattern is not evaluated"
                yield chain([self._by(each, alarm), doubtful(why)])
        if unread:
            yield unknown(unread)

    def _by(self, found: AlarmRuleTargets, alarm: Alarm) -> Route:
        ways = [self._to(target, found, alarm) for target in found.of]
        return best(ways or [silent(f"EventBridge rule {found.rule.name} has no target")])

    def _to(self, target: Target, found: AlarmRuleTargets, alarm: Alarm) -> Route:
        service, what = service_of(target.arn), f"EventBridge rule {found.rule.name}"
        if target.role:
            return chain([self._as(target.role, target.arn, what), self._there(target, alarm)])
        if service == "sns":
            return self._published(target, found, alarm)
        if service in CALLED:
            return received(self.receptions, target.arn, EVENTS, found.rule.arn)
        if service in NEEDING or API in target.arn:
            return silent(f"{what} has no role to call {service} with")
        if service in RECORDING:
            return doubtful(f"{what} only records the event in {service}, which pages nobody")
        return doubtful(f"{what} calls {service}, which was not read and may page nobody")

    def _there(self, target: Target, alarm: Alarm) -> Route:
        """Return the route past a target that is called with a role; only topics, functions and queues are read."""
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
                return doubtful(f"SNS topic {target.arn} was not read")

    def _as(self, role: str, target: str, what: str) -> Route:
        """Return the route past the role of a target."""
        service, named = service_of(target), f"{what} calls {service_of(target)} with role {role.rpartition('/')[2]}"
        identity = self._identity(role)
        if not isinstance(identity, Identity):
            return unknown(identity) if identity else silent(f"{named}, which does not exist")
        if service in RECORDING:
            return doubtful(f"{what} only records the event in {service}, which pages nobody")
        action = "events:InvokeApiDestination" if API in target else BY_ROLE.get(service)
        if action is None:
            return doubtful(f"{named}, which was not read and may page nobody")
        match access(identity, action, target):
            case Access.NONE | Access.BOUNDED:
                return silent(f"{named}, which does not allow {action}")
            case Access.DIRECT:
                return PAGES
            case _:
                return doubtful(f"{named}, which allows {action} only under a condition")

    def _identity(self, role: str) -> Identity | Unavailable | None:
        """Return the permissions of a role; None where it does not exist."""
        known, unread = self.principals.readable()
        principal = next((each for each in known if each.arn == role), None)
        return unread if principal is None else principal.incomplete or principal.identity
