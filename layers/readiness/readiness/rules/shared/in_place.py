"""An alarm that is on the right thing and can't go off for it is changed: none is made beside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.route import Route
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm


def unable(alarm: Alarm, route: Route) -> Route:
    """That the alarm itself is what is broken, if it is: whom it calls is another matter."""
    return replace(route, alarm=alarm.arn) if route.why else route


def changed(route: Route, known: Iterable[Alarm], wanted: Sequence[Series], how: Mapping[str, Any]) -> Route:
    """With the remedy that lets the alarm go off as it should, if it watches nothing else than what is wanted."""
    if route.remedy or not route.alarm:
        return route
    for alarm in known:
        alone = alarm.watches and not alarm.insights and all(any(map(one.same, wanted)) for one in alarm.watches)
        if alarm.arn == route.alarm and alone:
            return replace(route, remedy=remedies.rewatch(alarm.arn, how))
    return route
