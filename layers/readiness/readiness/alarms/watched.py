"""The series that a metric alarm watches, in each form of an alarm, and the value that it compares.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.alarms.expression import FunctionCall, Text, calls, names, parsed
from readiness.alarms.formula import Formula
from readiness.alarms.insights import is_query, query
from readiness.alarms.series import Query, Series

FILL = re.compile(r"\bFILL\s*\(")
ALONE = re.compile(r"\s*(FILL\s*\(\s*[a-z]\w*\s*,\s*\w+\s*\)|[a-z]\w*)\s*")
ELSEWHERE = frozenset({"DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH", "SERVICE_QUOTA"})
"""Functions with data from elsewhere: Contributor Insights, a Lambda function, a search over metrics."""


class Metric(Struct, frozen=True):
    """A member of an alarm's `Metrics`, its period in seconds; `account` is empty for the own one."""

    key: str
    series: Series | None = None
    expression: str = ""
    returned: bool = True
    period: int | None = None
    unit: str = ""
    account: str = ""


class ComparedValue(Struct, frozen=True, kw_only=True):
    """The value that a metric alarm compares: its `formula`, and the longest period of its metrics, in seconds.

    `units` are the units that it requires: it has no data of a metric published in another one. `filled`: it uses FILL.
    `plain`: it compares a metric or a query itself, filled or not, without other math. `band`: it compares with an
    anomaly detection band, not with a threshold.
    """

    period_seconds: int | None = None
    units: tuple[str, ...] = ()
    filled: bool = False
    plain: bool = True
    band: bool = False
    formula: Formula | None = None


class Watched(ComparedValue, frozen=True):
    """The series and queries that an alarm reads. `opaque`: it reads data that cannot be identified."""

    series: tuple[Series, ...] = ()
    queries: tuple[Query, ...] = ()
    opaque: bool = False


def watched(metrics: Sequence[Metric], band: str | None, account: str) -> Watched:
    """Return what an alarm on these metrics watches in the account. `band` is its ThresholdMetricId, None without."""
    items = {item.key: item for item in metrics}
    result = next((item.key for item in metrics if item.returned and item.key != band), "")
    used = [items[key] for key in sorted(_used(items, result))]
    own = [item for item in used if item.account in {"", account}]
    read = {item.key: query(item.expression, account) for item in used if is_query(item.expression)}
    queries = [found for item in own if (found := read.get(item.key))]
    expressions = [item.expression for item in used]
    return Watched(
        tuple(item.series for item in own if item.series),
        tuple(queries),
        period_seconds=max((item.period for item in own if item.period), default=None),
        units=tuple(sorted({item.unit for item in own if item.series and item.unit})),
        filled=any(FILL.search(expression) for expression in expressions),
        plain=all(_plain(expression) for expression in expressions),
        band=band is not None,
        formula=_formula(used, read, result, account),
        opaque=any(_opaque(item, read) for item in used) or not used,
    )


def _formula(used: Sequence[Metric], read: Mapping[str, Query | None], result: str, account: str) -> Formula | None:
    """Return the formula, None where a part of it cannot be read. Metrics of other accounts never change here."""
    if None in read.values():
        return None
    return Formula(
        result,
        tuple((item.key, _of_account(item.series, item, account)) for item in used if item.series),
        tuple((key, found) for key, found in read.items() if found),
        tuple((item.key, item.expression) for item in used if not item.series and item.key not in read),
        tuple((item.key, item.period) for item in used if item.period),
    )


def _of_account(one: Series, item: Metric, account: str) -> Series:
    """Return the series; one of another account gets the account's id in its namespace."""
    return one if item.account in {"", account} else replace(one, namespace=f"{item.account} {one.namespace}")


def _used(items: Mapping[str, Metric], result: str) -> set[str]:
    """Return the ids that contribute to the value that the alarm compares; others have no effect."""
    waiting = [result] if result else []
    used: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in used:
            used.add(key)
            waiting.extend(_named(items[key].expression, items))
    return used


def _plain(expression: str) -> bool:
    return not expression or is_query(expression) or ALONE.fullmatch(expression) is not None


def _opaque(item: Metric, read: Mapping[str, Query | None]) -> bool:
    if item.series:
        return False
    if item.key in read:
        return read[item.key] is None
    try:
        return any(call.function in ELSEWHERE for call in calls(parsed(item.expression)))
    except ValueError:
        return True


def _named(expression: str, items: Mapping[str, Metric]) -> set[str]:
    """Return the ids that a math expression refers to."""
    if not expression or is_query(expression):
        return set()
    try:
        node = parsed(expression)
    except ValueError:
        return set()
    every = [call for call in calls(node) if call.function == "METRICS"]
    return {*names(node)} & items.keys() | {
        key for call in every for key, item in items.items() if item.series and _text(call) in key
    }


def _text(call: FunctionCall) -> str:
    """Return the argument of METRICS(): it selects all metrics of the alarm, or those whose ids contain the text."""
    return next((part.text for part in call.parts if isinstance(part, Text)), "")
