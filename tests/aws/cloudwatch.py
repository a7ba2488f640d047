"""moto's CloudWatch, with what it lacks of alarms: the models of anomaly detection, and dimensions in any order.

Applied to moto's own classes, so it holds for whoever asks it.
"""

from typing import Any

from moto.cloudwatch.models import Dimension
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from tests.aws.account import Account

Json = dict[str, Any]


def complete_cloudwatch() -> None:
    """Complete it, once per process.

    `DescribeAnomalyDetectors` has a trained model for each metric that an alarm compares with a band of what is
    expected. And `GetMetricData` finds a metric
    whatever the order of its dimensions: moto sorts them wrongly.
    """
    Dimension.__lt__ = lambda one, other: (one.name, one.value) < (other.name, other.value)  # type: ignore[method-assign]
    CloudWatchResponse.describe_anomaly_detectors = _detectors  # type: ignore[attr-defined]


def _detectors(response: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html."""
    queries = [
        query.metric_stat
        for alarm in response.cloudwatch_backend.alarms.values()
        for query in alarm.metric_data_queries
        if alarm.threshold_metric_id and query.metric_stat
    ]
    models = [
        {
            "SingleMetricAnomalyDetector": {
                "Namespace": stat.metric.namespace,
                "MetricName": stat.metric.metric_name,
                "Dimensions": [{"Name": each.name, "Value": each.value} for each in stat.metric.dimensions],
                "Stat": stat.stat,
            },
            "StateValue": "TRAINED",
        }
        for stat in queries
    ]
    return ActionResult({"AnomalyDetectors": models})


def acted(account: Account, alarm: str, *summaries: str) -> None:
    """What the history says of an alarm's actions, the newest first, as CloudWatch words it."""
    items = [
        {"AlarmName": alarm, "AlarmType": "MetricAlarm", "HistoryItemType": "Action", "HistorySummary": summary}
        for summary in summaries
    ]
    account.alter("cloudwatch", "DescribeAlarmHistory", lambda answer: answer["AlarmHistoryItems"].extend(items))


def training(account: Account, state: str | None) -> None:
    """Let every model of anomaly detection be in that state; None: there is none."""

    def change(answer: Json) -> None:
        for model in answer["AnomalyDetectors"]:
            model["StateValue"] = state
        if state is None:
            answer["AnomalyDetectors"] = []

    account.alter("cloudwatch", "DescribeAnomalyDetectors", change)
