"""Which series a metric alarm watches, in each of the forms that it can have.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readiness.alarming.insights import is_query, query
from readiness.alarming.series import Query, Series

Json = Mapping[str, Any]

ID = re.compile(r"\b[a-z][A-Za-z0-9_]*\b")
TEXT = re.compile(r""""[^"]*"|'[^']*'""")
EVERY = re.compile(r"""\bMETRICS\(\s*(?:"([^"]*)"|'([^']*)')?\s*\)""")
"""All metrics of the alarm, or those whose ids contain a text: CloudWatch's guide, "Using metric math"."""

FILL = re.compile(r"\bFILL\s*\(")
ALONE = re.compile(r"\s*(FILL\s*\(\s*[a-z]\w*\s*,\s*\w+\s*\)|[a-z]\w*)\s*")


@dataclass(frozen=True)
class Watched:
    """Single series, and queries over many, and the longest period over which one is read.

    `units` are those that it asks for: a metric published in another one has no data for it. It is `filled` where gaps
    are given a value, and `plain` where what is compared is a metric or query itself, filled or not, and no other math.
    `band`: it is compared with a band of what is expected, and not with a threshold.
    """

    series: tuple[Series, ...] = ()
    queries: tuple[Query, ...] = ()
    period_seconds: int | None = None
    units: tuple[str, ...] = ()
    filled: bool = False
    plain: bool = True
    band: bool = False


def watched(alarm: Json, account: str) -> Watched:
    """What an alarm of DescribeAlarms watches of that account: nothing, where it is a PromQL query that it watches."""
    if "MetricName" in alarm:
        statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic", "")
        units = (alarm["Unit"],) if "Unit" in alarm else ()
        return Watched((_series(alarm, statistic),), period_seconds=alarm.get("Period"), units=units)
    items = {item["Id"]: item for item in alarm.get("Metrics", ())}
    used = [items[key] for key in sorted(_used(items, alarm.get("ThresholdMetricId")))]
    own = [item for item in used if item.get("AccountId", account) == account]
    singles = [item["MetricStat"] for item in own if "MetricStat" in item]
    queries = [query(item["Expression"]) for item in own if is_query(item.get("Expression", ""))]
    periods = [item["Period"] for item in [*singles, *own] if "Period" in item]
    expressions = [item.get("Expression", "") for item in used]
    return Watched(
        tuple(_series(item["Metric"], item["Stat"]) for item in singles),
        tuple(each for each in queries if each is not None),
        max(periods, default=None),
        units=tuple(sorted({item["Unit"] for item in singles if "Unit" in item})),
        filled=any(FILL.search(expression) for expression in expressions),
        plain=all(_plain(expression) for expression in expressions),
        band="ThresholdMetricId" in alarm,
    )


def _used(items: Mapping[str, Json], band: str | None) -> set[str]:
    """The ids of what goes into the value that the alarm compares. What nothing refers to is watched by nobody.

    The band of an anomaly alarm is no such value, but what it is compared with.
    """
    waiting = [key for key, item in items.items() if item.get("ReturnData", True) and key != band]
    used: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in used:
            used.add(key)
            waiting.extend(_named(items[key].get("Expression", ""), items))
    return used


def _plain(expression: str) -> bool:
    return not expression or is_query(expression) or ALONE.fullmatch(expression) is not None


def _named(expression: str, items: Mapping[str, Json]) -> set[str]:
    """The ids among those that a math expression refers to."""
    if is_query(expression):
        return set()
    texts = [double or single for double, single in EVERY.findall(expression)]
    every = {key for key, item in items.items() if "MetricStat" in item and any(text in key for text in texts)}
    return every | (set(ID.findall(TEXT.sub("", expression))) & items.keys())


def _series(metric: Json, statistic: str) -> Series:
    dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", ()))
    return Series(metric["Namespace"], metric["MetricName"], tuple(dimensions), statistic)
