"""Consumed capacity of a table and its indexes, to compare alarm thresholds with."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from readiness.alarms.dynamodb import series_of
from readiness.alarms.series import Series
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.datapoints import datapoints
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

LOOKED_BACK = timedelta(days=14)
FIVE_MINUTES = 300
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


@fact("cloudwatch:GetMetricData", keeps=timedelta(days=1))
def consumption(aws: Aws, table: Table, description: TableDescription, now: Now) -> Consumption:
    """Read the consumption. The answer is kept for a day, because it changes little and has thousands of datapoints."""
    asked = [
        Series(one.namespace, one.metric, one.dimensions, "Sum")
        for index in ("", *description.indexes)
        for one in (series_of(READS, table.name, index), series_of(WRITES, table.name, index))
    ]
    found = datapoints(aws, asked, now, LOOKED_BACK, FIVE_MINUTES)
    return Consumption(now.at, {key_of(one): _p99(values) for one, values in found.of.items()}, found.why)


def key_of(one: Series) -> str:
    """Return the key of a series in `p99`."""
    return " ".join([one.metric, *(value for _, value in one.dimensions)])


def _p99(values: list[float]) -> float | None:
    return sorted(values)[int(0.99 * (len(values) - 1))] if values else None
