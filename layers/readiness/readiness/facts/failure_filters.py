"""The metric filters that count failed writes in logs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.alarming.series import Series
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.checklist import Checklist
from readiness.facts.table import Table

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import MetricFilterTypeDef


@dataclass(frozen=True)
class FailureFilter:
    """One that makes the metric of failed writes of what is logged to a group; its pattern is not kept.

    `dimensions` are the sorted names; their values are taken from the events.
    """

    group: str
    dimensions: tuple[str, ...] = ()

    def counts(self, series: Series) -> bool:
        """Whether it publishes under the names of the series' dimensions, and no others."""
        return self.dimensions == tuple(sorted(name for name, _ in series.dimensions))


@dataclass(frozen=True)
class FailureFilters:
    """All of the account and Region, whoever logs to their groups."""

    made: tuple[FailureFilter, ...]


@fact("logs:DescribeMetricFilters")
def failure_filters(aws: Aws, table: Table, checklist: Checklist) -> FailureFilters:  # noqa: ARG001  the table whose writes fail
    """AWS has a class of log groups of which no metrics are made, and takes no filter for one."""
    wanted = checklist.write_failures
    if not wanted.namespace:
        return FailureFilters(())
    pages = (
        aws.client("logs")
        .get_paginator("describe_metric_filters")
        .paginate(metricNamespace=wanted.namespace, metricName=wanted.metric)
    )
    answers = (answer for page in pages for answer in page["metricFilters"])
    metric = wanted.namespace, wanted.metric
    return FailureFilters(tuple(made for answer in answers for made in _made(answer, metric)))


def _made(answer: "MetricFilterTypeDef", metric: tuple[str, str]) -> list[FailureFilter]:
    """With the system's fields, such as `@aws.account`, which are more dimensions where they are asked for.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html
    """
    system = answer.get("emitSystemFieldDimensions", [])
    return [
        FailureFilter(answer["logGroupName"], tuple(sorted([*(each.get("dimensions") or {}), *system])))
        for each in answer["metricTransformations"]
        if (each["metricNamespace"], each["metricName"]) == metric
    ]
