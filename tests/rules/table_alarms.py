"""Alarms on the table, for tests that change what they are about."""

from collections.abc import Iterable, Mapping
from typing import Any

from readiness.alarms.dynamodb import NAMESPACE, series_of
from readiness.alarms.series import Label, Query, Series, series
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import DynamodbAlarms, dynamodb_alarms
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption
from readiness.facts.dynamodb.operations import OperationsInUse
from readiness.facts.dynamodb.table import TableIndex
from tests.aws.account import ARN, TABLE
from tests.rules.alarms import alarm
from tests.rules.facts import AT

INDEX = TableIndex("by-session", f"{ARN}/index/by-session")
USED = OperationsInUse(("GetItem", "PutItem", "Query"))
USUAL = 1000.0
"""Units in five minutes."""


def consumption(usual: float | None = USUAL, **other: Any) -> Consumption:
    """As much of everything; `by_session` is the index's."""
    names = [" ".join(filter(None, (metric, index, TABLE))) for metric in (READS, WRITES) for index in ("", INDEX.name)]
    return Consumption(AT, {**dict.fromkeys(names, usual), **other})


def summed(metric: str, index: str = "", **dimensions: str) -> Series:
    one = series_of(metric, TABLE, index, **dimensions)
    return Series(one.namespace, one.metric, one.dimensions, "Sum")


def events(index: str = "", **other: Any) -> Alarm:
    """On what is throttled of the table or an index, with its gaps filled."""
    both = [summed(f"{way}ThrottleEvents", index) for way in ("Read", "Write")]
    name = f"{index or 'table'} throttled"
    return alarm(name, *both, **{"filled": True, "plain": False, "periods": 5, "datapoints": 2, **other})


def requests(*operations: str, name: str = "requests", **other: Any) -> Alarm:
    """On the throttled requests of those operations."""
    return alarm(name, *(summed("ThrottledRequests", Operation=each) for each in operations), **other)


def caused(*causes: str) -> list[Alarm]:
    """An alarm on each of what may throttle reads and writes."""
    which = [(way, cause) for way in ("Read", "Write") for cause in causes]
    return [alarm(f"{way} {cause}", summed(f"{way}{cause}ThrottleEvents")) for way, cause in which]


def query(metric: str = "ThrottledRequests", *schema: str, function: Any = "SUM", **other: Any) -> Alarm:
    """By Metrics Insights, over all of the table."""
    found = Query(NAMESPACE, metric, function, schema or ("Operation", "TableName"), (Label("TableName", TABLE),))
    return alarm(f"all {metric}", insights=(found,), **other)


USER_ERRORS = series(NAMESPACE, "UserErrors", "Sum")


def user_errors(**other: Any) -> Alarm:
    return alarm(
        "errors", USER_ERRORS, **{"threshold": 50, "period_seconds": 300, "filled": True, "periods": 3, **other}
    )


def band(metric: str, index: str = "", **other: Any) -> Alarm:
    """On what is unusual."""
    unusual = {"band": True, "threshold": None, "operator": "GreaterThanUpperThreshold", "periods": 3}
    return alarm(f"unusual {metric}{index}", summed(metric, index), **{**unusual, "period_seconds": 300, **other})


def static(metric: str, times: float, statistic: str = "Sum", **other: Any) -> Alarm:
    """With a threshold of so many times what is usual."""
    one = summed(metric)
    read = Series(one.namespace, one.metric, one.dimensions, statistic)
    period = other.get("period_seconds", FIVE_MINUTES)
    threshold = times * USUAL * period / FIVE_MINUTES
    return alarm(f"much {metric}", read, **{"threshold": threshold, "period_seconds": period, **other})


ALL = (events(), events(INDEX.name), user_errors(), band(READS), band(WRITES))


def indexed(*alarms: Alarm) -> DynamodbAlarms:
    return dynamodb_alarms(Each({each.arn: each for each in alarms}))


def models(alarms: Iterable[Alarm], state: str = "TRAINED", **other: str) -> AnomalyModels:
    """One for each alarm on what is unusual, those that are named by their metric in another state."""
    states: Mapping[str, str] = other
    return AnomalyModels(
        tuple((one, states.get(one.metric, state)) for each in alarms if each.band for one in each.watches)
    )
