"""Emitted documents, replayed through an alarm as CloudWatch evaluates it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

INTERVAL = timedelta(minutes=5)
PERIOD = {"Fn::FindInMap": ["Intervals", {"Ref": "Interval"}, "Seconds"]}
BEYOND = 2
"""Periods before the evaluated ones that CloudWatch retrieves too, as in the examples of its documentation."""

STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {"Maximum": max, "Minimum": min, "Sum": sum}

Point = float | None
"""The statistic of a period, None where it has no data."""


def states(alarm: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """The state of an alarm of the template after each interval."""
    assert alarm["Period"] == PERIOD
    points, state, found = list(datapoints(alarm, documents)), "INSUFFICIENT_DATA", []
    for end in range(1, len(points) + 1):
        state = evaluated(alarm, points[:end], state)
        found.append(state)
    return found


def evaluated(alarm: Mapping[str, Any], points: Sequence[Point], former: str) -> str:
    """The state by the most recent points: missing ones are only filled in where there are not enough others."""
    count = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm", count)
    known = [breaches(alarm, point) for point in points[-count - BEYOND :] if point is not None][-count:]
    if alarm["TreatMissingData"] == "breaching":
        known += [True] * (count - len(known))
    if known.count(True) >= needed:
        return "ALARM"
    return "OK" if known.count(False) > count - needed else former


def breaches(alarm: Mapping[str, Any], point: float) -> bool:
    if alarm["ComparisonOperator"] == "GreaterThanThreshold":
        return bool(point > alarm["Threshold"])
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    return bool(point < alarm["Threshold"])


def datapoints(alarm: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> Iterator[Point]:
    """The statistic of each interval, from what was emitted with just the dimensions of the alarm."""
    found: dict[int, list[float]] = {}
    for document in documents:
        for directive in document["_aws"]["CloudWatchMetrics"]:
            period = int(document["_aws"]["Timestamp"] / 1000 / INTERVAL.total_seconds())
            values = found.setdefault(period, [])
            if [each["Name"] for each in alarm["Dimensions"]] in directive["Dimensions"]:
                values.extend(document.get(alarm["MetricName"], ()))
    for period in range(min(found), max(found) + 1):
        emitted = found.get(period)
        yield STATISTICS[alarm["Statistic"]](emitted) if emitted else None
