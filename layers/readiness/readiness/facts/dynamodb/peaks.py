"""Maximum throughput of an on-demand table, and its peak consumption."""

from datetime import timedelta

from readiness.alarms.dynamodb import series_of
from readiness.alarms.series import Series
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.datapoints import PERMISSION, datapoints
from readiness.facts.dynamodb.consumption import READS, WRITES
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unreadable

LOOKED_BACK = timedelta(days=15, minutes=-1)
"""CloudWatch keeps one-minute data for 15 days: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html."""

MINUTE = 60


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


@fact(PERMISSION, on=Maxima, keeps=timedelta(days=1))
def peaks(aws: Aws, table: Table, now: Now) -> Peaks:
    """Return the peaks. A minute without datapoints counts as 0."""
    reads, writes = (_series(table, metric) for metric in (READS, WRITES))
    found = datapoints(aws, [reads, writes], now, LOOKED_BACK, MINUTE)
    if found.why:
        raise Unreadable({}, found.why)
    return Peaks(*(max(found.of[one], default=0.0) / MINUTE for one in (reads, writes)))


def _series(table: Table, metric: str) -> Series:
    one = series_of(metric, table.name)
    return Series(one.namespace, one.metric, one.dimensions, "Sum")
