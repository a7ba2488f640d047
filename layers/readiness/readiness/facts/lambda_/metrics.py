"""Invocations of a table's functions, from CloudWatch."""

from collections.abc import Mapping
from datetime import timedelta

from readiness.alarms.series import Series, series
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.datapoints import PERMISSION, datapoints
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.invocation_paths import DlqFunction
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

METRICS = ("AsyncEventsReceived", "AsyncEventsDropped", "DeadLetterErrors", "DestinationDeliveryFailures")


class Invocations(Fact):
    """Invocations of each function in the last 7 days, by name, over all versions; unread ones are absent."""

    of: Mapping[str, int]
    unread: Unavailable | None = None


@fact(PERMISSION, on=Table)
def invocations(aws: Aws, functions: Each[TableFunction], now: Now) -> Invocations:
    """Read the invocations. CloudWatch has no data for a function that was not invoked."""
    asked = {_sum(function.name, "Invocations"): function.name for function in functions.readable()[0]}
    found = datapoints(aws, list(asked), now, timedelta(days=7))
    return Invocations({asked[one]: int(sum(values)) for one, values in found.of.items()}, found.why)


class AsyncMetrics(Fact):
    """Sums of asynchronous invocations of the last 14 days, by function and metric; unread functions are absent."""

    of: Mapping[str, Mapping[str, int]]
    unread: Unavailable | None = None


@fact(
    PERMISSION,
    on=Table,
    events=("lambda:PutFunctionConcurrency20171031",),
    absent="no function requires a dead-letter queue",
)
def async_metrics(aws: Aws, functions: Each[DlqFunction], now: Now) -> AsyncMetrics | None:
    """Return None if no function of the table requires a dead-letter queue."""
    names = sorted(function.name for function in functions.readable()[0])
    if not names:
        return None
    found = datapoints(aws, [_sum(name, metric) for name in names for metric in METRICS], now, timedelta(days=14))
    read = [name for name in names if all(_sum(name, metric) in found.of for metric in METRICS)]
    sums = {name: {metric: int(sum(found.of[_sum(name, metric)])) for metric in METRICS} for name in read}
    return AsyncMetrics(sums, found.why)


def _sum(function: str, metric: str) -> Series:
    return series("AWS/Lambda", metric, "Sum", FunctionName=function)
