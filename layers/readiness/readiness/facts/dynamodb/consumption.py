"""Capacity of a table and its indexes: usual and peak consumption, maximum throughput and scalable targets."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from readiness.alarms.dynamodb import series_of
from readiness.alarms.series import Series
from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.fact import Keeps, fact
from readiness.facts.cloudwatch.ages import DAY, days_of_data
from readiness.facts.cloudwatch.datapoints import PERMISSION, datapoints
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable, Unreadable

LOOKED_BACK = timedelta(days=14)
MINUTES_KEPT = timedelta(days=15)
"""CloudWatch keeps one-minute data for 15 days: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html."""

MINUTE, FIVE_MINUTES = 60, 300
READS, WRITES = "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"


class Consumption(Fact):
    """The 99th percentile of the sums over five minutes, by metric and index as `key_of` names them.

    It covers the 14 days before `at`. None: CloudWatch has no datapoints. A series that could not be read is absent,
    and `unread` is why.
    """

    stored_as = "Consumption"

    at: datetime
    p99: Mapping[str, float | None]
    unread: Unavailable | None = None

    def usual(self, one: Series) -> float | None:
        """Return the value of a series. Raise KeyError where it could not be read."""
        return self.p99[key_of(one)]


@fact(PERMISSION, keeps=days_of_data("description.indexes"))
def consumption(aws: Aws, table: Table, description: TableDescription, now: Now) -> Consumption:
    """Read the consumption, which changes little and has thousands of datapoints."""
    asked = [
        series_of(metric, table.name, index, "Sum")
        for index in ("", *description.indexes)
        for metric in (READS, WRITES)
    ]
    found = datapoints(aws, asked, now, LOOKED_BACK, FIVE_MINUTES)
    return Consumption(now.at, {key_of(one): _p99(values) for one, values in found.of.items()}, found.why)


def key_of(one: Series) -> str:
    """Return the key of a series in `p99`."""
    return " ".join([one.metric, *(value for _, value in one.dimensions)])


def _p99(values: list[float]) -> float | None:
    return sorted(values)[int(0.99 * (len(values) - 1))] if values else None


class Maxima(Fact):
    """The maximum throughput in request units per second; None: not set. At least one of the two is set."""

    reads: int | None
    writes: int | None


@fact(absent="no maximum throughput is set")
def maxima(description: TableDescription) -> Maxima | None:
    """Return None if no maximum is set, or the table has provisioned capacity."""
    if description.billing_mode != "PAY_PER_REQUEST" or (description.max_reads or description.max_writes) is None:
        return None
    return Maxima(description.max_reads, description.max_writes)


class Peaks(Fact):
    """The consumption of the peak minute of the last 15 days, in units per second."""

    stored_as = "Peaks"

    reads: float
    writes: float


@fact(PERMISSION, on=Maxima, keeps=Keeps(DAY, otherwise=timedelta()))
def peaks(aws: Aws, table: Table, now: Now) -> Peaks:
    """Return the peaks. A minute without datapoints counts as 0."""
    asked = [series_of(metric, table.name, statistic="Sum") for metric in (READS, WRITES)]
    found = datapoints(aws, asked, now, MINUTES_KEPT - timedelta(minutes=1), MINUTE)
    if found.why:
        raise Unreadable({}, found.why)
    return Peaks(*(max(found.of[one], default=0.0) / MINUTE for one in asked))


class ScalableTargets(Fact):
    """The scalable targets of the table and its indexes, as resource id and dimension, sorted."""

    targets: tuple[str, ...]


@fact("application-autoscaling:DescribeScalableTargets")
def scalable_targets(aws: Aws, table: Table, description: TableDescription) -> ScalableTargets:
    """List the targets. Resources without a target are not in the response."""
    own = f"table/{table.name}"
    resources = [own, *(f"{own}/index/{index}" for index in description.indexes)]
    paginator = aws.client("application-autoscaling").get_paginator("describe_scalable_targets")
    pages = paginator.paginate(ServiceNamespace="dynamodb", ResourceIds=resources)
    found = listed(pages, "ScalableTargets", "application-autoscaling:DescribeScalableTargets")
    return ScalableTargets(
        tuple(sorted(f"{each.need('ResourceId', str)} {each.need('ScalableDimension', str)}" for each in found))
    )
