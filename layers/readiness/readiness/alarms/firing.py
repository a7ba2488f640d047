"""Alarms that enter ALARM for an incident on a series, and in time: statistic, threshold, direction, unit and period.

Every rule that accepts an alarm uses it. The route of the alarm to on-call is another matter.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Alarms.html
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from readiness.alarms.formula import Formula, Item, NotEvaluated
from readiness.alarms.route import PAGES, Route, chain, doubtful, silent
from readiness.alarms.scale import DAY, MINUTE, Scale
from readiness.alarms.series import Query, Series
from readiness.alarms.watched import ComparedValue

IN_TIME, PERIODS_IN_TIME = 900, 3
"""The longest time to ALARM: 900 seconds, or three periods of the metric where that is longer."""

TOO_LITTLE = frozenset({"LessThanLowerThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"})
LITTLE = "only low values breach its threshold"
ALWAYS = "always in ALARM: its threshold is breached"
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}

FUNCTIONS = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}
"""The statistics by their names in Metrics Insights queries."""

DILUTED = 1_000
"""The number of series that an average over unknown series is taken over, all others being 0."""

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
INSTANTS = tuple(
    [MONDAY + timedelta(hours=hour) for hour in range(7 * 24)]
    + [MONDAY + timedelta(days=day, minutes=day % 60) for day in range(7, 365, 3)]
)
"""Every hour of a week, and days all over a year: an expression that depends on the time is silent at one of them."""


class AlarmCondition(ComparedValue, frozen=True, kw_only=True):
    """The condition of an alarm, under AWS's names; `threshold` is None for an anomaly detection band."""

    threshold: float | None = None
    operator: str | None = None
    periods: int | None = None
    datapoints: int | None = None


def fires(condition: AlarmCondition, one: Series, scale: Scale) -> Route:
    """Return PAGES if an incident on this series alone makes the alarm enter ALARM in time."""
    fitting = published(condition, one, scale.unit, scale.every)
    return chain([*fitting, reached(condition, one, scale), lasting(condition, scale)])


def reached(condition: AlarmCondition, one: Series, scale: Scale) -> Route:
    """Return PAGES if an incident breaches the threshold, and nothing else does."""
    formula = condition.formula
    if formula is None or condition.operator is None:
        return doubtful("its metrics or its comparison could not be read")
    if condition.band and condition.operator in TOO_LITTLE:
        return silent(LITTLE)
    try:
        return _crossed(Trial(condition, formula, one, scale))
    except NotEvaluated as what:
        return doubtful(f"not known if it enters ALARM: {what} is not evaluated")


class Trial(Struct, frozen=True):
    """An alarm evaluated with simulated incidents on one series."""

    condition: AlarmCondition
    formula: Formula
    one: Series
    scale: Scale

    def crosses(self, size: float, others: float | None = 0.0) -> list[bool]:
        """Return, for each instant that may make a difference, if an incident of that size breaches the threshold."""
        return [self._at(instant, size, others) for instant in self._instants]

    def without_data(self) -> list[bool]:
        """Return, for each instant, if the threshold is breached while no metric has data."""
        values = dict.fromkeys(self.formula.items)
        return [self._beyond(self.formula.worth(values, instant), None) for instant in self._instants]

    @property
    def _instants(self) -> tuple[datetime, ...]:
        return INSTANTS if self.formula.timed else INSTANTS[:1]

    def _at(self, instant: datetime, size: float, others: float | None) -> bool:
        idle = self.formula.worth(self._values(0, 0.0), instant) if self.condition.band else None
        return self._beyond(self.formula.worth(self._values(size, others), instant), idle)

    def _beyond(self, value: float | None, idle: float | None) -> bool:
        """True beyond the threshold or, for a band, beyond the value without the incident."""
        if value is None:
            return False
        if self.condition.band:
            return idle is not None and value > idle
        comparison = COMPARISONS.get(self.condition.operator or "")
        if comparison is None or self.condition.threshold is None:
            msg = f"the comparison {self.condition.operator}"
            raise NotEvaluated(msg)
        return comparison(value, self.condition.threshold)

    def _values(self, size: float, others: float | None) -> Mapping[str, float | None]:
        return {key: self._value(key, item, size, others) for key, item in self.formula.items.items()}

    def _value(self, key: str, item: Item, size: float, others: float | None) -> float | None:
        period = dict(self.formula.periods).get(key) or self.condition.period_seconds or self.scale.every
        if isinstance(item, Series):
            return self.scale.value(item.statistic, size, period) if item.same(self.one) else others
        if isinstance(item, Query):
            return self._queried(item, size, period) if item.covers(self.one) else others
        return None

    def _queried(self, query: Query, size: float, period: int) -> float:
        """Return the value of a query over all of its series; the levels of the other series are 0."""
        value = self.scale.value(FUNCTIONS[query.function], size, period)
        if self.scale.kind != "level" or query.single(self.one):
            return value
        return {"AVG": value / DILUTED, "MIN": 0.0}.get(query.function, value)


def _crossed(trial: Trial) -> Route:
    if any(trial.crosses(0)):
        always = all(trial.crosses(_greatest(trial.scale)))
        return silent(f"{ALWAYS} without an incident" if always else LITTLE)
    if any(trial.without_data()):
        return silent(f"{ALWAYS} while its metrics have no data")
    return _by_size(trial)


def _by_size(trial: Trial) -> Route:
    scale, one = trial.scale, trial.one
    if all(trial.crosses(scale.expected)):
        alone = all(trial.crosses(scale.expected, None))
        return PAGES if alone else doubtful(f"stays OK while {one.metric} is high and its other metrics have no data")
    if all(trial.crosses(_greatest(scale))):
        return doubtful(f"threshold is too high: enters ALARM only above {scale.expected:,g} {scale.what}")
    return silent(LITTLE if trial.condition.operator in TOO_LITTLE else _never(trial))


def _greatest(scale: Scale) -> float:
    return scale.expected * 1e9 if scale.possible is None else scale.possible


def _never(trial: Trial) -> str:
    """Return why no incident makes it enter ALARM."""
    item = trial.formula.items[trial.formula.result]
    metric, threshold = trial.one.metric, trial.condition.threshold
    if isinstance(item, str):
        return f"stays OK while only {metric} is high, at any value"
    read = FUNCTIONS[item.function] if isinstance(item, Query) else item.statistic
    return f"threshold {threshold} cannot be breached by the {read} of {metric}"


def lasting(condition: AlarmCondition, scale: Scale) -> Route:
    """Return silent or doubtful for an alarm that enters ALARM too late."""
    seconds = (condition.datapoints or 1) * (condition.period_seconds or scale.every)
    period = spell(condition.period_seconds or scale.every)
    said = f"enters ALARM only after {spell(seconds)}: DatapointsToAlarm is {condition.datapoints}, period {period}"
    if seconds >= DAY:
        return silent(said)
    if seconds > max(IN_TIME, PERIODS_IN_TIME * scale.every):
        return doubtful(said)
    return PAGES


def spell(seconds: int) -> str:
    """Return a duration such as `7 days` or `90 seconds`."""
    for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def published(condition: AlarmCondition, one: Series, unit: str, every: int) -> Iterator[Route]:
    """Yield a route for a unit or period that does not match the published metric. An empty `unit` matches any."""
    if unit and (other := [asked for asked in condition.units if asked != unit]):
        yield silent(f"unit is {other[0]}, but {one.metric} is published in {unit}")
    period = condition.period_seconds
    if period is not None and period < min(every, MINUTE):
        yield silent(f"period is {period} seconds, but {one.metric} is published every {every} seconds")
