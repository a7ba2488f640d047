"""The value that an alarm compares with its threshold, evaluated for one instant with given values of its metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
import operator
import statistics
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from readiness.alarms.expression import FunctionCall, Name, Node, Number, Text, calls, names, parsed
from readiness.alarms.series import Query, Series


class NotEvaluated(Exception):
    """The expression cannot be evaluated for one instant. The text names the function."""


Array = tuple[float | None, ...]
Value = float | None | Array
"""A constant or a time series at the instant, None without a datapoint; or an array of these."""

Item = Series | Query | str
"""A metric, a Metrics Insights query, or an expression over others."""


class Formula(Struct, frozen=True):
    """The metrics, queries and expressions of an alarm, by id. `periods` are in seconds."""

    result: str
    series: tuple[tuple[str, Series], ...] = ()
    queries: tuple[tuple[str, Query], ...] = ()
    expressions: tuple[tuple[str, str], ...] = ()
    periods: tuple[tuple[str, int], ...] = ()

    @property
    def items(self) -> Mapping[str, Item]:
        """All metrics, queries and expressions, by id."""
        return dict((*self.series, *self.queries, *self.expressions))

    @property
    def timed(self) -> bool:
        """True if the value depends on the time."""
        return any(call.function in CLOCK for node in self._nodes() for call in calls(node))

    @property
    def comparing(self) -> bool:
        """True if it compares a metric with its own past, or with a longer period of itself."""
        series = [one for _, one in self.series]
        twice = any(one.same(other) for n, one in enumerate(series) for other in series[n + 1 :])
        return twice or any(call.function in CHANGES for node in self._nodes() for call in calls(node))

    def worth(self, values: Mapping[str, float | None], at: datetime) -> float | None:
        """Return the value; None for no datapoint. NotEvaluated: a function needs more than one instant."""
        value = Evaluation(self, values, at).of(self.result, frozenset())
        return _number(value)

    def _nodes(self) -> list[Node]:
        try:
            return [parsed(expression) for _, expression in self.expressions]
        except ValueError:
            return []


class Evaluation(Struct, frozen=True):
    """The evaluation of one instant: missing values are 0 in arithmetic, a division by 0 has no value."""

    formula: Formula
    values: Mapping[str, float | None]
    at: datetime

    def of(self, key: str, above: frozenset[str]) -> Value:
        """Return the value of a metric or expression by id; `above` are the ids on the path to it, against cycles."""
        item = self.formula.items.get(key)
        if item is None or key in above:
            raise NotEvaluated(key)
        if not isinstance(item, str):
            return self.values[key]
        try:
            return self._node(parsed(item), above | {key})
        except ValueError:
            raise NotEvaluated(item) from None

    def _node(self, node: Node, above: frozenset[str]) -> Value:
        match node:
            case Number(value):
                return value
            case Name(name):
                return self.of(name, above)
            case Text(text):
                raise NotEvaluated(text)
            case FunctionCall():
                return self._call(node, above)

    def _call(self, call: FunctionCall, above: frozenset[str]) -> Value:
        function, parts = call.function, call.parts
        if function == "METRICS":
            return self._metrics(parts)
        if function == "PERIOD":
            return self._period(parts)
        if function in CLOCK:
            return CLOCK[function](self.at)
        if function == "FILL" and parts[1:] and isinstance(parts[1], Name) and parts[1].name in {"REPEAT", "LINEAR"}:
            return self._node(parts[0], above)
        values = [self._node(part, above) for part in parts]
        try:
            return _worked_out(function, values)
        except (IndexError, OverflowError, TypeError):
            raise NotEvaluated(function) from None

    def _metrics(self, parts: tuple[Node, ...]) -> Array:
        text = parts[0].text if parts and isinstance(parts[0], Text) else ""
        return tuple(self.values[key] for key, _ in self.formula.series if text in key)

    def _period(self, parts: tuple[Node, ...]) -> float:
        key = next((name for part in parts for name in names(part)), "")
        seconds = dict(self.formula.periods).get(key)
        if seconds is None:
            msg = "PERIOD"
            raise NotEvaluated(msg)
        return float(seconds)


def _worked_out(function: str, values: list[Value]) -> Value:
    if function in BINARY:
        return _paired(BINARY[function], values[0], values[1])
    if function in ONE_BY_ONE:
        return _each(lambda value: None if value is None else ONE_BY_ONE[function](value), values[0])
    if function in REDUCING:
        return _reduced(function, values[0])
    if function in OTHERS:
        return OTHERS[function](values)
    raise NotEvaluated(function)


def _array(values: list[Value]) -> Array:
    """Return one flat array."""
    return tuple(line for value in values for line in (value if isinstance(value, tuple) else (value,)))


def _lines(value: Value) -> Array:
    """Return the array. Raises TypeError for other values."""
    if not isinstance(value, tuple):
        raise TypeError(value)
    return value


def _filled(values: list[Value]) -> Value:
    filler = _number(values[1])
    return _each(lambda value: filler if value is None else value, values[0])


def _paired(operation: Callable[[float, float], float | None], one: Value, other: Value) -> Value:
    """Apply a binary operation, to arrays line by line."""
    size = next((len(value) for value in (one, other) if isinstance(value, tuple)), None)
    if size is None:
        return operation(_number(one) or 0.0, _number(other) or 0.0)
    return tuple(operation(_at(one, place) or 0.0, _at(other, place) or 0.0) for place in range(size))


def _at(value: Value, place: int) -> float | None:
    """Return the line of an array; a scalar is the same in each line."""
    return value[place] if isinstance(value, tuple) else value


def _each(operation: Callable[[float | None], float | None], value: Value) -> Value:
    return tuple(map(operation, value)) if isinstance(value, tuple) else operation(value)


def _reduced(function: str, value: Value) -> float | None:
    """Reduce an array over its lines; AVG counts missing ones as 0. For a single series the past would be needed."""
    if not isinstance(value, tuple):
        raise NotEvaluated(function)
    known = [line for line in value if line is not None]
    if function == "AVG":
        known += [0.0] * (len(value) - len(known))
    return REDUCING[function](known) if known else None


def _chosen(values: list[Value]) -> Value:
    """Evaluate IF: a condition holds unless it is 0; a missing datapoint of the first branch is 0."""
    condition = _number(values[0])
    if condition is None:
        return None
    if condition:
        return _number(values[1]) or 0.0
    return _number(values[2]) if values[2:] else None


def _number(value: Value) -> float | None:
    if isinstance(value, tuple):
        msg = "an array"
        raise NotEvaluated(msg)
    return value


def _divided(one: float, other: float) -> float | None:
    return one / other if other else None


def _raised(one: float, other: float) -> float | None:
    value = one**other if one or other >= 0 else None
    return value if isinstance(value, float) else None


def _compared(comparison: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda one, other: float(comparison(one, other))


BINARY: Mapping[str, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": _raised,
    "==": _compared(operator.eq),
    "!=": _compared(operator.ne),
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    **dict.fromkeys(("AND", "&&"), lambda one, other: float(bool(one and other))),
    **dict.fromkeys(("OR", "||"), lambda one, other: float(bool(one or other))),
}
ONE_BY_ONE: Mapping[str, Callable[[float], float | None]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
    "LOG": lambda value: math.log(value) if value > 0 else None,
    "LOG10": lambda value: math.log10(value) if value > 0 else None,
}
REDUCING: Mapping[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "DATAPOINT_COUNT": lambda values: float(len(values)),
    "MAX": max,
    "MIN": min,
    "STDDEV": statistics.pstdev,
    "SUM": math.fsum,
}
OTHERS: Mapping[str, Callable[[list[Value]], Value]] = {
    "[]": _array,
    "FILL": _filled,
    "FIRST": lambda values: _lines(values[0])[0],
    "IF": _chosen,
    "LAST": lambda values: _lines(values[0])[-1],
    "METRIC_COUNT": lambda values: float(len(_lines(values[0]))),
}
CLOCK: Mapping[str, Callable[[datetime], float]] = {
    "MINUTE": lambda at: float(at.minute),
    "HOUR": lambda at: float(at.hour),
    "DAY": lambda at: float(at.isoweekday()),
    "DATE": lambda at: float(at.day),
    "MONTH": lambda at: float(at.month),
    "YEAR": lambda at: float(at.year),
    "EPOCH": datetime.timestamp,
}
CHANGES = frozenset({"ANOMALY_DETECTION_BAND", "DIFF", "RATE"})
"""Functions that compare a metric with its own past."""
