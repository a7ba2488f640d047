"""Log groups and metrics on moto, and what moto can't be told of them."""

from datetime import datetime
from typing import Any

from tests.aws.account import Account

Json = dict[str, Any]

FAILURES = ("BabesClub/Commerce", "WriteFailure")


def log_group(account: Account, name: str, *, days: int | None = None, kind: str | None = None) -> None:
    """A log group, whose logs never expire where no days are named."""
    client = account.client("logs")
    client.create_log_group(logGroupName=name)
    if days is not None:
        client.put_retention_policy(logGroupName=name, retentionInDays=days)
    if kind is not None:
        classify(account, name, kind)


def classify(account: Account, name: str, kind: str) -> None:
    """Let the group be of that class, which moto forgets.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html: logGroupClass.
    """

    def change(answer: Json) -> None:
        for each in answer["logGroups"]:
            if each["logGroupName"] == name:
                each["logGroupClass"] = kind

    account.alter("logs", "DescribeLogGroups", change)


def metric_filter(account: Account, group: str, *dimensions: str, **other: Any) -> None:
    """A filter that counts failed writes, with dimensions whose values are fields of the events."""
    made: Json = {"metricNamespace": FAILURES[0], "metricName": FAILURES[1], "metricValue": "1"}
    if dimensions:
        made["dimensions"] = {name: f"$.{name.lower()}" for name in dimensions}
    account.client("logs").put_metric_filter(
        logGroupName=group,
        filterName="-".join(("failures", *dimensions)),
        filterPattern='{ $.event = "write_failure" }',
        metricTransformations=[{**made, **other}],
    )


def with_system_fields(account: Account, *fields: str) -> None:
    """Let every filter add these dimensions, which moto forgets.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html:
    emitSystemFieldDimensions.
    """

    def change(answer: Json) -> None:
        for each in answer["metricFilters"]:
            each["emitSystemFieldDimensions"] = list(fields)

    account.alter("logs", "DescribeMetricFilters", change)


def publish(account: Account, at: datetime, value: float, *what: str, **dimensions: str) -> None:
    """One datapoint: of failed writes, where no namespace and metric are named."""
    namespace, metric = what or FAILURES
    named = [{"Name": name, "Value": each} for name, each in dimensions.items()]
    datum = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
    account.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])
