"""How it is with the alarms on a table, one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.dynamodb import table_of
from readiness.alarms.firing import fires
from readiness.alarms.route import PAGES, Route, chain, doubtful, silent, unknown
from readiness.alarms.scale import errors
from readiness.alarms.series import Series
from readiness.engine.rule import passed
from readiness.facts.cloudwatch.alarms import Alarm, stuck
from readiness.facts.cloudwatch.anomaly_models import AnomalyModels
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption, key_of
from readiness.facts.recorded.now import Now
from readiness.model import Unavailable, Unreadable, Verdict
from readiness.rules.shared.watching import judged, named

CONSUMED = frozenset({READS, WRITES})
SILENT_LIMIT = timedelta(hours=24)
SILENT_PERIODS = 3

Found = Mapping[str, tuple[Mapping[str, Any], Route]]
"""By resource, the evidence, and how well it is with it."""


def each_well(found: Found, good: str) -> Iterator[Verdict]:
    """A verdict on each with which it is not well, else one on all of them. Unreadable: those of which nobody knows."""
    unread = {resource: route.unavailable for resource, (_, route) in found.items() if route.unavailable}
    bad = {resource: each for resource, each in found.items() if each[1].status in {"doubtful", "silent"}}
    for resource, (evidence, route) in bad.items():
        yield judged(route, good, route.why, route.why, {"resource": resource, "evidence": evidence})
    if unread:
        raise Unreadable(unread)
    if not bad:
        yield passed(good)


def of_alarms(alarms: Iterable[Alarm], judged: Callable[[Alarm], Route]) -> Found:
    """How well it is with each alarm, by its ARN."""
    return {alarm.arn: ({"AlarmName": alarm.name}, named(alarm, judged(alarm))) for alarm in alarms}


def not_noisy(alarm: Alarm, one: Series, per_minute: float) -> Route:
    """Errors of all tables count, so a single one says nothing. So many a minute are enough."""
    route = fires(alarm, one, errors(per_minute))
    if alarm.threshold is not None and alarm.threshold <= 0:
        return chain([route, doubtful("it goes off at the first wrong request to any table")])
    return route


def moving(alarm: Alarm, now: Now) -> Route:
    """Whether it can go off again: actions run on the way to ALARM."""
    if stuck(alarm, now.at):
        return doubtful(f"in ALARM since {alarm.state_since:%Y-%m-%d %H:%M} UTC, so that the next time calls nobody")
    return PAGES


def again(alarm: Alarm, now: Now) -> Route:
    """The same, with what lets it."""
    route = moving(alarm, now)
    return route if route == PAGES else replace(route, remedy=remedies.reset(alarm.arn))


def patient(alarm: Alarm) -> Route:
    """Whether it does not take the newest period, which has no data yet, for one without anything.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    if alarm.filled and alarm.periods == 1:
        why = "it fills gaps and looks at the newest period alone, which is a gap until its data arrives"
        return doubtful(why, remedies.look_longer(alarm.arn))
    return PAGES


def with_data(
    alarm: Alarm, table: str, consumption: Consumption | Unavailable, models: AnomalyModels, now: Now
) -> Route:
    """Of an alarm that has none: what it watches of the table may be published all the time."""
    always = [one for one in alarm.watches if one.metric in CONSUMED and table_of(one) == table]
    since = now.at - alarm.state_since
    learning = alarm.band and any(models.state(one) != "TRAINED" for one in alarm.watches)
    if alarm.warming(now.at):
        why = "it waits for its first data, and calls nobody until then (WarmUpConfiguration)"
        return doubtful(why, remedies.show(alarm.arn))
    if not always or learning or since <= timedelta(seconds=SILENT_PERIODS * (alarm.period_seconds or FIVE_MINUTES)):
        return PAGES
    if isinstance(consumption, Unavailable):
        return unknown(consumption)
    if all(consumption.p99.get(key_of(one)) is None for one in always):
        return doubtful("it has no data, for nothing was consumed for two weeks", remedies.show(alarm.arn))
    judge = silent if since > SILENT_LIMIT else doubtful
    why = f"it has no data since {alarm.state_since:%Y-%m-%d %H:%M} UTC, though {always[0].metric} is published"
    return judge(why, remedies.show(alarm.arn))
