"""The calls that create an alarm, with the same actions as the other alarms, or change one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.route import Route
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Call

BAND = "band"
"""The id of the band of an anomaly detection alarm."""

ACTIONS = {"OKActions": ["{TopicArn}"], "AlarmActions": ["{TopicArn}"]}
"""Of the same topic as the other alarms. `readiness fix` refuses to create an alarm without a topic."""


def put_alarm(name: str, one: Series, statistic: str) -> Call:
    """Return the call that creates an alarm on one minute above 0."""
    return Call("cloudwatch", "PutMetricAlarm", {"AlarmName": name, **at_first(one, statistic), **ACTIONS})


def put_math_alarm(condition: Mapping[str, Any], name: str = "AlarmName", metrics: str = "Metrics") -> Call:
    """Return the call that creates an alarm on the verdict's metrics; `condition` are members of PutMetricAlarm."""
    parameters = {"AlarmName": f"{{{name}}}", "Metrics": f"{{{metrics}!j}}", **condition, **ACTIONS}
    return Call("cloudwatch", "PutMetricAlarm", parameters)


def at_first(one: Series, statistic: str) -> dict[str, Any]:
    """Return the members of PutMetricAlarm that `put_alarm` sets."""
    return {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
        "Statistic": statistic,
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def filled(*series: Series, period: int) -> list[dict[str, Any]]:
    """Return the sum of these series, with 0 for missing data, which alarms on DynamoDB metrics otherwise ignore.

    The newest period is missing until its data arrives, so such an alarm needs several evaluation periods.
    """
    metrics = [_metric(f"m{number}", one, period) for number, one in enumerate(series, start=1)]
    total = " + ".join(f"FILL({metric['Id']}, 0)" for metric in metrics)
    return [{"Id": "total", "Expression": total, "ReturnData": True}, *metrics]


def banded(one: Series) -> list[dict[str, Any]]:
    """Return the metric and its anomaly detection band, four standard deviations wide."""
    band = {"Id": BAND, "Expression": "ANOMALY_DETECTION_BAND(m1, 4)", "ReturnData": True}
    return [{**_metric("m1", one, period=300), "ReturnData": True}, band]


def changed(route: Route, known: Iterable[Alarm], wanted: Sequence[Series], how: Mapping[str, Any]) -> Route:
    """Add the remedy that changes the alarm which cannot enter ALARM, if it watches nothing but the wanted series."""
    if route.remedy or not route.alarm:
        return route
    for alarm in known:
        alone = alarm.watches and not alarm.insights and all(any(map(one.same, wanted)) for one in alarm.watches)
        if alarm.arn == route.alarm and alone:
            return replace(route, remedy=remedies.rewatch(alarm.arn, how))
    return route


def as_json(metrics: Sequence[Mapping[str, Any]]) -> str:
    """Return the metrics as JSON for the AWS CLI."""
    return json.dumps(metrics, separators=(",", ":"))


def _metric(key: str, one: Series, period: int) -> dict[str, Any]:
    metric: dict[str, Any] = {"Namespace": one.namespace, "MetricName": one.metric}
    if one.dimensions:
        metric["Dimensions"] = [{"Name": name, "Value": value} for name, value in one.dimensions]
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, "ReturnData": False}
