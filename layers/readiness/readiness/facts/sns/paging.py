"""The routes of alarms to on-call, by their own actions or through a composite alarm. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.composite import STATES, stirred_by
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.services import ALARMS
from readiness.aws.arn import name_of, service_of
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarm_actions import FailedActions, Mute
from readiness.facts.cloudwatch.alarm_rules import AlarmRuleTargets
from readiness.facts.cloudwatch.alarms import Alarm, stuck
from readiness.facts.cloudwatch.composite_sight import CompositeSight
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.now import Now
from readiness.facts.sns.deliveries import Delivery
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.receivers import Reception, received
from readiness.facts.sns.relays import Relays
from readiness.model import Fact, Reason, Unavailable, Unreadable

LONG = timedelta(hours=24)

ACCEPTED = frozenset({"lambda", "sns", "ssm-incidents"})
"""The services, by their names in ARNs, that notify people as alarm actions."""


class Routes(Fact):
    """The route of every alarm, by its ARN. `topic`: that of the checklist, else of most alarms that page."""

    of: Mapping[str, Route]
    topic: str = ""

    def best(self, alarms: Iterable[Alarm]) -> Route | None:
        """Return the best route; None for no alarms. Unreadable: none pages for certain and one is unknown."""
        found = [self.of[alarm.arn] for alarm in alarms]
        if not found:
            return None
        route = best(found)
        if route.unavailable:
            raise Unreadable({}, route.unavailable)
        return route


@fact()
def routes(  # noqa: PLR0913, PLR0917  each is a link that may be broken
    alarms: Each[Alarm],
    deliveries: Each[Delivery],
    receptions: Each[Reception],
    mutes: Each[Mute],
    failed: FailedActions | Unavailable,
    rules: Each[AlarmRuleTargets],
    principals: Each[Principal],
    sight: CompositeSight,
    on_call: OnCallRoutes,
    now: Now,
) -> Routes:
    """Return the routes; a topic that could not be read makes alarms without another route unknown."""
    known = list(alarms)
    relays = Relays(rules, deliveries, receptions, principals)
    paging = Paging(known, deliveries, receptions, mutes, failed, relays, sight.unseen, now, on_call.topic)
    found = {alarm.arn: paging.route(alarm) for alarm in known}
    usual = most_named(alarm for alarm in known if found[alarm.arn].status == "pages")
    return Routes(found, on_call.topic or usual)


def most_named(alarms: Iterable[Alarm]) -> str:
    """Return the topic in the actions of most of these alarms; empty for none."""
    used = Counter(action for alarm in alarms for action in alarm.actions if service_of(action) == "sns")
    return max(sorted(used), key=lambda topic: used[topic], default="")


class Paging(Struct, dict=True):
    """The routes of all alarms of an account; `unseen` is why there may be composite alarms that are not listed."""

    alarms: Sequence[Alarm]
    deliveries: Each[Delivery]
    receptions: Each[Reception]
    mutes: Each[Mute]
    failed: FailedActions | Unavailable
    relays: Relays
    unseen: Unavailable | None
    now: Now
    topic: str = ""

    def __post_init__(self) -> None:
        """Index the alarms and the mute rules."""
        self._deliveries = self.deliveries.answers()
        known, self._unread_mute = self.mutes.readable()
        self._mutes: dict[str, list[Mute]] = defaultdict(list)
        for mute in known:
            for name in mute.alarms:
                self._mutes[name].append(mute)
        self._topic = self.topic or most_named(self.alarms)
        self._states = {name: alarm.state for alarm in self.alarms for name in (alarm.name, alarm.arn)}
        self._above: dict[str, list[tuple[Alarm, bool]]] = defaultdict(list)
        for alarm in self.alarms:
            for name, alone in stirred_by(alarm.rule).items() if alarm.rule else ():
                self._above[name].append((alarm, alone))
        self._found: dict[str, Route] = {}

    def route(self, alarm: Alarm) -> Route:
        """Return the best route of the alarm."""
        if alarm.arn not in self._found:
            self._found[alarm.arn] = self._followed(alarm)
        return self._found[alarm.arn]

    def _followed(self, alarm: Alarm) -> Route:
        if alarm.rule and self._circular(alarm):
            cycle = "part of a cycle of composite alarms, which CloudWatch does not evaluate"
            return silent(cycle, remedies.show(alarm.arn))
        above = (self._through(above, alone) for above, alone in self._composites(alarm))
        ways = [chain(self._own(alarm)), *above, *self.relays.routes(alarm)]
        if self.unseen:
            ways.append(unknown(self.unseen))
        return chain([best(ways), _evaluated(alarm)])

    def _composites(self, alarm: Alarm) -> list[tuple[Alarm, bool]]:
        """Return the composite alarms of the alarm; True for one that enters ALARM for this alarm alone."""
        return self._above.get(alarm.name, []) + self._above.get(alarm.arn, [])

    def _through(self, above: Alarm, alone: bool) -> Route:  # noqa: FBT001  it is never written as a literal
        route = self.route(above)
        if route.status != "pages":
            return replace(route, why=f"composite alarm {above.name}: {route.why}")
        if not alone:
            why = f"composite alarm {above.name} does not enter ALARM for this alarm alone"
            return doubtful(why, remedies.show(above.arn))
        if stuck(above, self.now.at):
            why = f"composite alarm {above.name} has been in ALARM for more than 24 hours: its actions do not run again"
            return doubtful(why, remedies.show(above.arn))
        return route

    def _circular(self, alarm: Alarm) -> bool:
        """True if the alarm is, directly or through others, part of itself."""
        seen: set[str] = set()
        waiting = [alarm]
        while waiting:
            for above, _ in self._composites(waiting.pop()):
                if above.arn == alarm.arn:
                    return True
                if above.arn not in seen:
                    seen.add(above.arn)
                    waiting.append(above)
        return False

    def _own(self, alarm: Alarm) -> Iterator[Route]:
        """Yield the links from the alarm's own actions on."""
        if not alarm.actions_enabled:
            yield silent("its actions are disabled (ActionsEnabled is false)", remedies.switch_on(alarm.arn))
        yield self._acting(alarm)
        if alarm.suppressed_by or (alarm.suppressor and self._states.get(alarm.suppressor) == "ALARM"):
            why = f"its actions are suppressed by alarm {alarm.suppressor}"
            yield doubtful(why, remedies.show(alarm.arn))
        yield from self._muted(alarm)

    def _acting(self, alarm: Alarm) -> Route:
        remedy = remedies.act(alarm.arn, self._topic)
        if not alarm.actions:
            return silent("no alarm action", remedy)
        reached = [self._reached(alarm, action) for action in alarm.actions if service_of(action) in ACCEPTED]
        return best(reached) if reached else silent("no alarm action on SNS, Lambda or Incident Manager", remedy)

    def _reached(self, alarm: Alarm, action: str) -> Route:
        """Return the route by one action. Topics of other accounts and Regions are not read."""
        delivered = self._delivered(alarm, action)
        if isinstance(self.failed, FailedActions) and action in self.failed.of.get(alarm.name, ()):
            why = f"its last action on {name_of(action)} failed (DescribeAlarmHistory)"
            return silent(why, delivered.remedy or remedies.drill(alarm.arn))
        unread = [unknown(self.failed)] if isinstance(self.failed, Unavailable) else []
        return chain([delivered, *unread])

    def _delivered(self, alarm: Alarm, action: str) -> Route:
        if service_of(action) == "lambda":
            return received(self.receptions, action, ALARMS, alarm.arn)
        if service_of(action) != "sns":
            return PAGES
        match self._deliveries.get(action):
            case Delivery() as delivery:
                return delivery.route(alarm, closed=any(self._closes(each, action) for each in alarm.ok_actions))
            case Unavailable() as why:
                return unknown(why)
            case _:
                return doubtful(f"SNS topic {action} was not read", remedies.look_at(action))

    def _closes(self, action: str, topic: str) -> bool:
        """True if an OK action tells a pager that the alarm is over: by the same topic, or by another one."""
        delivery = self._deliveries.get(action)
        pager = delivery.folds if isinstance(delivery, Delivery) else service_of(action) in ACCEPTED
        return action == topic or pager

    def _muted(self, alarm: Alarm) -> Iterator[Route]:
        yield from (_kept_quiet(mute, alarm) for mute in self._mutes.get(alarm.name, []))
        if self._unread_mute:
            yield unknown(self._unread_mute)


def _kept_quiet(mute: Mute, alarm: Alarm) -> Route:
    remedy = remedies.unmute(mute.rule, alarm.arn)
    if mute.expires is None:
        return silent(f"muted by alarm mute rule {mute.rule}, which never expires", remedy)
    if mute.lasts > LONG:
        return silent(f"muted by alarm mute rule {mute.rule} for more than 24 hours", remedy)
    return doubtful(f"muted by alarm mute rule {mute.rule}", remedy)


def _evaluated(alarm: Alarm) -> Route:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html."""
    if alarm.state not in STATES:
        return doubtful(f"unknown state {alarm.state}", remedies.show(alarm.arn))
    match alarm.evaluation_state:
        case None:
            return PAGES
        case "EVALUATION_ERROR":
            why = "EvaluationState is EVALUATION_ERROR: the alarm is misconfigured"
            return silent(why, remedies.show(alarm.arn))
        case "PARTIAL_DATA":
            why = "EvaluationState is PARTIAL_DATA: only a part of the data is evaluated"
            return doubtful(why, remedies.show(alarm.arn))
        case "EVALUATION_FAILURE":
            return unknown(Unavailable(Reason.SERVER_ERROR, detail="EVALUATION_FAILURE"))
        case state:
            return doubtful(f"unknown EvaluationState {state}", remedies.show(alarm.arn))
