"""The commands that create an alarm, with the same actions as the other alarms, or change one."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readiness.alarms import remedies
from readiness.alarms.route import Route
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import Alarm

BAND = "band"
"""The id of the band of an anomaly detection alarm."""

CALLS = (
    ' --ok-actions "${{topic:=$(aws sns create-topic --name on-call --region {region}'
    ' --query TopicArn --output text)}}" --alarm-actions "$topic"'
)
"""Without a known topic the command creates one; the next run reports that it has no subscription."""


def put_alarm(name: str, metric: str, statistic: str, threshold: str = "0") -> str:
    """Return a command for an alarm on one minute above the threshold. An empty `{TopicArn}`: create a topic."""
    return (
        f"topic={{TopicArn}}; aws cloudwatch put-metric-alarm --alarm-name {name} --region {{region}} {metric}"
        f" --statistic {statistic} --period 60 --evaluation-periods 1 --threshold {threshold}"
        f" --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching{CALLS}"
    )


def put_math_alarm(condition: str) -> str:
    """Return a command for an alarm on the verdict's `Metrics`; `condition` are options of put-metric-alarm."""
    return (
        "topic={TopicArn}; aws cloudwatch put-metric-alarm --alarm-name {AlarmName} --region {region}"
        f" --metrics {{Metrics}} {condition}{CALLS}"
    )


def options(how: Mapping[str, Any]) -> str:
    """Return members of PutMetricAlarm as options of the AWS CLI."""
    return " ".join(f"--{re.sub('(?<!^)(?=[A-Z])', '-', name).lower()} {value}" for name, value in how.items())


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
