"""The command that makes an alarm, and lets it call those who are called by the others."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from readiness.alarms.series import Series

BAND = "band"
"""The id of what an alarm on anomalies is compared with."""

CALLS = (
    ' --ok-actions "${{topic:=$(aws sns create-topic --name on-call --region {region}'
    ' --query TopicArn --output text)}}" --alarm-actions "$topic"'
)
"""Where no topic is known, one is made, of which the next look says that nobody hears it yet."""


def put_alarm(name: str, metric: str, statistic: str, threshold: str = "0") -> str:
    """One that goes off at the first minute above. The topic of the verdict is used, or a new one if it has none."""
    return (
        f"topic={{TopicArn}}; aws cloudwatch put-metric-alarm --alarm-name {name} --region {{region}} {metric}"
        f" --statistic {statistic} --period 60 --evaluation-periods 1 --threshold {threshold}"
        f" --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching{CALLS}"
    )


def put_math_alarm(condition: str) -> str:
    """One on the verdict's `Metrics` that goes off on that condition, as options of the command have it."""
    return (
        "topic={TopicArn}; aws cloudwatch put-metric-alarm --alarm-name {AlarmName} --region {region}"
        f" --metrics {{Metrics}} {condition}{CALLS}"
    )


def options(how: Mapping[str, Any]) -> str:
    """When an alarm goes off, as options of the command."""
    return " ".join(f"--{re.sub('(?<!^)(?=[A-Z])', '-', name).lower()} {value}" for name, value in how.items())


def at_first(one: Series, statistic: str) -> dict[str, Any]:
    """What `put_alarm` makes an alarm watch, and when it lets it go off."""
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
    """The sum of these, and zero where there is nothing: in a gap, an alarm on DynamoDB's metrics stands still.

    The newest period may seem to be a gap until its data arrives, so such an alarm needs several periods.
    """
    metrics = [_metric(f"m{number}", one, period) for number, one in enumerate(series, start=1)]
    total = " + ".join(f"FILL({metric['Id']}, 0)" for metric in metrics)
    return [{"Id": "total", "Expression": total, "ReturnData": True}, *metrics]


def banded(one: Series) -> list[dict[str, Any]]:
    """The metric, and the band of what is to be expected of it, four standard deviations wide."""
    band = {"Id": BAND, "Expression": "ANOMALY_DETECTION_BAND(m1, 4)", "ReturnData": True}
    return [{**_metric("m1", one, period=300), "ReturnData": True}, band]


def as_json(metrics: Sequence[Mapping[str, Any]]) -> str:
    """As the command line takes it."""
    return json.dumps(metrics, separators=(",", ":"))


def _metric(key: str, one: Series, period: int) -> dict[str, Any]:
    metric: dict[str, Any] = {"Namespace": one.namespace, "MetricName": one.metric}
    if one.dimensions:
        metric["Dimensions"] = [{"Name": name, "Value": value} for name, value in one.dimensions]
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, "ReturnData": False}
