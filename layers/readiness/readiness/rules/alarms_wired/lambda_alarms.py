"""Alarms on Lambda throttling and concurrency: a throttled invocation fails before it reaches the table."""

from collections.abc import Iterable, Mapping

from readiness.alarms.firing import fires
from readiness.alarms.route import Route, best, silent, unknown
from readiness.alarms.scale import CONCURRENCY, Scale, errors
from readiness.alarms.series import Series
from readiness.checklist import AlarmSettings
from readiness.facts.cloudwatch.alarm_indexes import OF_ACCOUNT, FunctionAlarms, throttles_of
from readiness.facts.sns.paging import Routes
from readiness.rules.shared.watching import named, opaque, tagged


def throttled(
    functions: Iterable[str], alarms: FunctionAlarms, routes: Routes, settings: AlarmSettings
) -> Mapping[str, Route]:
    """Return the best route to on-call for throttles of each function, by function name."""
    scale = errors(settings.events_per_minute)
    return {name: _heard(throttles_of(name), scale, alarms, routes, settings) for name in sorted(functions)}


def exhausted(alarms: FunctionAlarms, routes: Routes, settings: AlarmSettings) -> Route:
    """Return the best route to on-call for the concurrency of the account."""
    return _heard(OF_ACCOUNT, CONCURRENCY, alarms, routes, settings)


def _heard(
    series: Iterable[Series], scale: Scale, alarms: FunctionAlarms, routes: Routes, settings: AlarmSettings
) -> Route:
    ways = [
        named(alarm, tagged(alarm, one, None), fires(alarm, one, scale), routes.of[alarm.arn])
        for one in series
        for alarm in alarms.watching(one)
    ]
    route = best(ways) if ways else silent("no alarm")
    may = opaque(alarms.opaque, routes, settings)
    return unknown(may) if route.status == "silent" and may else route
