"""How much is consumed of a table and its indexes, for alarms to be compared with."""

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
    """By metric and index, as `consumed` names them: of the sums over five minutes each, all but a hundredth are lower.

    The last 14 days as of `at`. One of which CloudWatch has no datapoint is None, one that could not be read is
    absent, and `unread` is why.
    """

    stored_as = "Consumption"

    at: datetime
    p99: Mapping[str, float | None]
    unread: Unavailable | None = None

    def usual(self, one: Series) -> float | None:
        """That of a series of DynamoDB. KeyError: it could not be read."""
        return self.p99[key_of(one)]


@fact("cloudwatch:GetMetricData", keeps=timedelta(days=1))
def consumption(aws: Aws, table: Table, description: TableDescription, now: Now) -> Consumption:
    """Kept for a day: 14 days don't change much in one, and are some thousand datapoints each."""
    asked = [
        Series(one.namespace, one.metric, one.dimensions, "Sum")
        for index in ("", *description.indexes)
        for one in (series_of(READS, table.name, index), series_of(WRITES, table.name, index))
    ]
    found = datapoints(aws, asked, now, LOOKED_BACK, FIVE_MINUTES)
    return Consumption(now.at, {key_of(one): _p99(values) for one, values in found.of.items()}, found.why)


def key_of(one: Series) -> str:
    """By which a series is found in `p99`."""
    return " ".join([one.metric, *(value for _, value in one.dimensions)])


def _p99(values: list[float]) -> float | None:
    return sorted(values)[int(0.99 * (len(values) - 1))] if values else None
