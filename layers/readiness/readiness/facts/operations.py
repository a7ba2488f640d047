"""Which operations are used on a table."""

from dataclasses import dataclass

from readiness.alarming.dynamodb import NAMESPACE, OPERATION, TABLE
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.table import Table


@dataclass(frozen=True)
class OperationsInUse:
    """Their names, such as `PutItem`, sorted: those of which anything succeeded within two weeks."""

    names: tuple[str, ...]


@fact("cloudwatch:ListMetrics")
def operations_in_use(aws: Aws, table: Table) -> OperationsInUse:
    """All pages. CloudWatch lists a metric for two weeks, and a new one only after up to 15 minutes.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
    """
    pages = aws.client("cloudwatch").get_paginator("list_metrics")
    named = (
        dimension
        for page in pages.paginate(
            Namespace=NAMESPACE,
            MetricName="SuccessfulRequestLatency",
            Dimensions=[{"Name": TABLE, "Value": table.name}],
        )
        for metric in page["Metrics"]
        for dimension in metric.get("Dimensions", ())
    )
    return OperationsInUse(tuple(sorted({each["Value"] for each in named if each["Name"] == OPERATION})))
