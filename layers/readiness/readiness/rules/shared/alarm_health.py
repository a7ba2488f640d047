"""The health of each alarm on a table: stuck, without data, or misconfigured."""

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
from readiness.aws.time import minute
from readiness.engine.rule import passed
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels, stuck
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption, key_of
from readiness.facts.recorded.now import Now
from readiness.model import Unavailable, Unreadable, Verdict
from readiness.rules.shared.watching import named, route_verdict

CONSUMED = frozenset({READS, WRITES})
SILENT_LIMIT = timedelta(hours=24)
SILENT_PERIODS = 3

Found = Mapping[str, tuple[Mapping[str, Any], Route]]
"""The evidence and the route of each resource, by its ARN."""


def health_verdicts(found: Found, good: str) -> Iterator[Verdict]:
    """Yield a verdict for each resource that is not well, else one for all. Raises Unreadable for those not read."""
    unread = {resource: route.unavailable for resource, (_, route) in found.items() if route.unavailable}
    bad = {resource: each for resource, each in found.items() if each[1].status in {"doubtful", "silent"}}
    for resource, (evidence, route) in bad.items():
        yield route_verdict(route, good, route.why, route.why, {"resource": resource, "evidence": evidence})
    if unread:
        raise Unreadable(unread)
    if not bad:
        yield passed(good)


def of_alarms(alarms: Iterable[Alarm], judged: Callable[[Alarm], Route]) -> Found:
    """Return the evidence and the route of each alarm, by its ARN."""
    return {alarm.arn: ({"AlarmName": alarm.name}, named(alarm, judged(alarm))) for alarm in alarms}


def not_noisy(alarm: Alarm, one: Series, per_minute: float) -> Route:
    """Return the route for `per_minute` errors. UserErrors counts all tables, so a threshold of 0 is too noisy."""
    route = fires(alarm, one, errors(per_minute))
    if alarm.threshold is not None and alarm.threshold <= 0:
        why = f"threshold {alarm.threshold:g} is too low: one failed request to any table breaches it"
        return chain([route, doubtful(why)])
    return route


def not_stuck(alarm: Alarm, now: Now) -> Route:
    """Return doubtful for an alarm stuck in ALARM: actions run only when the state changes to ALARM."""
    if stuck(alarm, now.at):
        why = f"in ALARM since {minute(alarm.state_since)}, so its actions do not run for the next incident"
        return doubtful(why)
    return PAGES


def not_stuck_or_reset(alarm: Alarm, now: Now) -> Route:
    """Return the same as `not_stuck`, with the remedy that resets the alarm."""
    route = not_stuck(alarm, now)
    return route if route == PAGES else replace(route, remedy=remedies.reset(alarm.arn))


def evaluates_several_periods(alarm: Alarm) -> Route:
    """Return doubtful for an alarm that uses FILL and evaluates only the newest period, which has no data yet.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    if alarm.filled and alarm.periods == 1:
        why = "EvaluationPeriods is 1, expected 3: FILL replaces the newest period until its data arrives"
        return doubtful(why, remedies.look_longer(alarm.arn))
    return PAGES


def with_data(
    alarm: Alarm, table: str, consumption: Consumption | Unavailable, models: AnomalyModels, now: Now
) -> Route:
    """Return the route of an alarm in INSUFFICIENT_DATA, silent where its metric is published all the time."""
    always = [one for one in alarm.watches if one.metric in CONSUMED and table_of(one) == table]
    since = now.at - alarm.state_since
    learning = alarm.band and any(models.state(one) != "TRAINED" for one in alarm.watches)
    if alarm.warming(now.at):
        why = "waits for its first data (WarmUpConfiguration), and runs no action until then"
        return doubtful(why, remedies.show(alarm.arn))
    if not always or learning or since <= timedelta(seconds=SILENT_PERIODS * (alarm.period_seconds or FIVE_MINUTES)):
        return PAGES
    if isinstance(consumption, Unavailable):
        return unknown(consumption)
    if all(consumption.p99.get(key_of(one)) is None for one in always):
        return doubtful("no data: nothing was consumed for 14 days", remedies.show(alarm.arn))
    judge = silent if since > SILENT_LIMIT else doubtful
    why = f"no data since {minute(alarm.state_since)}, but {always[0].metric} is published"
    return judge(why, remedies.show(alarm.arn))
