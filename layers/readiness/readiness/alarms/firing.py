"""Whether an alarm can fire for a series, and in time: statistic, threshold, direction, length, unit and period.

Asked by every rule that accepts an alarm. Whom it reaches then is another question.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Alarms.html
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec import Struct

from readiness.alarms.formula import Formula, Item, NotEvaluated
from readiness.alarms.route import PAGES, Route, chain, doubtful, silent
from readiness.alarms.scale import DAY, MINUTE, Scale
from readiness.alarms.series import Query, Series

IN_TIME, PERIODS_IN_TIME = 900, 3
"""An alarm may take that many seconds, or as many of the metric's own periods, where that is longer."""

TOO_LITTLE = frozenset({"LessThanLowerThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"})
LITTLE = "it is too little that sets it off"
ALWAYS = "it is in ALARM all the time: its threshold is crossed"
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}

FUNCTIONS = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}
"""The statistics by the names that queries have for them."""

DILUTED = 1_000
"""An average over unknown series is that of so many, all others of which are 0."""

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
INSTANTS = tuple(
    [MONDAY + timedelta(hours=hour) for hour in range(7 * 24)]
    + [MONDAY + timedelta(days=day, minutes=day % 60) for day in range(7, 365, 3)]
)
"""Every hour of a week, and days all over a year: what is gated by the clock is silent at one of them."""


class Condition(Protocol):
    """What an alarm compares, how and for how long."""

    @property
    def formula(self) -> Formula | None:
        """What it reads and compares; None where that can't be read."""

    @property
    def operator(self) -> str | None:
        """As AWS names it."""

    @property
    def threshold(self) -> float | None:
        """None where it is a band."""

    @property
    def datapoints(self) -> int | None:
        """How many have to cross."""

    @property
    def period_seconds(self) -> int | None:
        """The longest period of what it reads."""

    @property
    def units(self) -> tuple[str, ...]:
        """That it asks for."""

    @property
    def band(self) -> bool:
        """Whether it is compared with what is expected."""


def fires(condition: Condition, one: Series, scale: Scale) -> Route:
    """Whether what happens to the series, and to nothing else, sets the alarm off in time."""
    fitting = published(condition, one, scale.unit, scale.every)
    return chain([*fitting, reached(condition, one, scale), lasting(condition, scale)])


def reached(condition: Condition, one: Series, scale: Scale) -> Route:
    """Whether the threshold is crossed by an incident, and not without one."""
    formula = condition.formula
    if formula is None or condition.operator is None:
        return doubtful("what it compares can't be read")
    if condition.band and condition.operator in TOO_LITTLE:
        return silent(LITTLE)
    try:
        return _crossed(Trial(condition, formula, one, scale))
    except NotEvaluated as what:
        return doubtful(f"whether it fires can't be told: {what} is not evaluated here")


class Trial(Struct, frozen=True):
    """An alarm, tried with incidents of the one series."""

    condition: Condition
    formula: Formula
    one: Series
    scale: Scale

    def crosses(self, size: float, others: float | None = 0.0) -> list[bool]:
        """Whether an incident of that size crosses the threshold, at each instant that may make a difference."""
        return [self._at(instant, size, others) for instant in (INSTANTS if self.formula.timed else INSTANTS[:1])]

    def without_data(self) -> list[bool]:
        """Whether the threshold is crossed while nothing has any data."""
        values = dict.fromkeys(self.formula.items)
        return [
            self._beyond(self.formula.worth(values, instant), None)
            for instant in (INSTANTS if self.formula.timed else INSTANTS[:1])
        ]

    def _at(self, instant: datetime, size: float, others: float | None) -> bool:
        idle = self.formula.worth(self._values(0, 0.0), instant) if self.condition.band else None
        return self._beyond(self.formula.worth(self._values(size, others), instant), idle)

    def _beyond(self, value: float | None, idle: float | None) -> bool:
        """Beyond the threshold or, of a band, beyond what there was without the incident."""
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
        """Over all that it takes. Of several series, levels of all but the one are 0."""
        value = self.scale.value(FUNCTIONS[query.function], size, period)
        if self.scale.kind != "level" or query.single(self.one):
            return value
        return {"AVG": value / DILUTED, "MIN": 0.0}.get(query.function, value)


def _crossed(trial: Trial) -> Route:
    if any(trial.crosses(0)):
        always = all(trial.crosses(_greatest(trial.scale)))
        return silent(f"{ALWAYS} while nothing happens" if always else LITTLE)
    if any(trial.without_data()):
        return silent(f"{ALWAYS} while there is no data")
    return _by_size(trial)


def _by_size(trial: Trial) -> Route:
    scale, one = trial.scale, trial.one
    if all(trial.crosses(scale.expected)):
        alone = all(trial.crosses(scale.expected, None))
        return PAGES if alone else doubtful(f"it stays OK while {one.metric} is high and the others have no data")
    if all(trial.crosses(_greatest(scale))):
        return doubtful(f"it takes more than {scale.expected:,g} {scale.what} to set it off")
    return silent(LITTLE if trial.condition.operator in TOO_LITTLE else _never(trial))


def _greatest(scale: Scale) -> float:
    return scale.expected * 1e9 if scale.possible is None else scale.possible


def _never(trial: Trial) -> str:
    """Why no incident sets it off."""
    item = trial.formula.items[trial.formula.result]
    metric, threshold = trial.one.metric, trial.condition.threshold
    if isinstance(item, str):
        return f"it stays OK while {metric} alone is high, whatever its value"
    read = FUNCTIONS[item.function] if isinstance(item, Query) else item.statistic
    return f"its threshold of {threshold} can't be crossed: it reads the {read} of {metric}"


def lasting(condition: Condition, scale: Scale) -> Route:
    """How long an incident lasts before the alarm fires."""
    seconds = (condition.datapoints or 1) * (condition.period_seconds or scale.every)
    period = spell(condition.period_seconds or scale.every)
    said = f"it fires after {spell(seconds)}: DatapointsToAlarm is {condition.datapoints}, and its period {period}"
    if seconds >= DAY:
        return silent(said)
    if seconds > max(IN_TIME, PERIODS_IN_TIME * scale.every):
        return doubtful(said)
    return PAGES


def spell(seconds: int) -> str:
    """Such as `7 days`, `90 seconds`."""
    for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def published(condition: Condition, one: Series, unit: str, every: int) -> Iterator[Route]:
    """Why what is published does not fit what the alarm asks for, if so. `unit` is empty where it may be any."""
    if unit and (other := [asked for asked in condition.units if asked != unit]):
        yield silent(f"it asks for {one.metric} in {other[0]}, and it is published in {unit}")
    period = condition.period_seconds
    if period is not None and period < min(every, MINUTE):
        yield silent(f"its period is {period} seconds, and {one.metric} is published every {every}")
