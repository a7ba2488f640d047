"""The remedy for an alarm on the right metric that cannot enter ALARM: the alarm is changed, no second one is made."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.route import Route
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm


def unable(alarm: Alarm, route: Route) -> Route:
    """Mark the alarm itself as the broken link, if it is one; its actions are another link."""
    return replace(route, alarm=alarm.arn) if route.why else route


def changed(route: Route, known: Iterable[Alarm], wanted: Sequence[Series], how: Mapping[str, Any]) -> Route:
    """Add the remedy that changes the alarm, if the alarm watches nothing but the wanted series."""
    if route.remedy or not route.alarm:
        return route
    for alarm in known:
        alone = alarm.watches and not alarm.insights and all(any(map(one.same, wanted)) for one in alarm.watches)
        if alarm.arn == route.alarm and alone:
            return replace(route, remedy=remedies.rewatch(alarm.arn, how))
    return route
