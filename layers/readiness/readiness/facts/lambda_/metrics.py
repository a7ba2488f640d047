"""Invocations of a table's functions, from CloudWatch."""

from collections.abc import Mapping
from datetime import timedelta

from readiness.alarms.series import Series, series
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.ages import days_of_data, losses
from readiness.facts.cloudwatch.datapoints import PERMISSION, datapoints
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.invocation_paths import DlqFunction
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

RECEIVED = "AsyncEventsReceived"
LOST = ("AsyncEventsDropped", "DeadLetterErrors", "DestinationDeliveryFailures")
METRICS = (RECEIVED, *LOST)

FORTNIGHT = timedelta(days=14)


class FunctionNames(Fact):
    """The names of a table's functions, as far as they are known, sorted."""

    names: tuple[str, ...]


@fact(on=Table)
def function_names(functions: Each[TableFunction]) -> FunctionNames:
    """Return the names together, because one call reads the metrics of all."""
    return FunctionNames(tuple(sorted(function.name for function in functions.readable()[0])))


class Invocations(Fact):
    """Invocations of each function in the last 7 days, by name, over all versions; unread ones are absent."""

    stored_as = "Invocations"

    of: Mapping[str, int]
    unread: Unavailable | None = None


@fact(PERMISSION, keeps=days_of_data("functions.names"))
def invocations(aws: Aws, functions: FunctionNames, now: Now) -> Invocations:
    """Read the invocations. CloudWatch has no data for a function that was not invoked."""
    asked = {_sum(name, "Invocations"): name for name in functions.names}
    found = datapoints(aws, list(asked), now, timedelta(days=7))
    return Invocations({asked[one]: int(sum(values)) for one, values in found.of.items()}, found.why)


class AsyncFunctions(Fact):
    """The names of the functions that require a dead-letter queue, sorted; there is at least one."""

    names: tuple[str, ...]


@fact(on=Table, absent="no function requires a dead-letter queue")
def async_functions(functions: Each[DlqFunction]) -> AsyncFunctions | None:
    """Return None if no function of the table requires a dead-letter queue."""
    names = sorted(function.name for function in functions.readable()[0])
    return AsyncFunctions(tuple(names)) if names else None


class AsyncEvents(Fact):
    """Events that each function received asynchronously in the last 14 days, by name; unread functions are absent."""

    stored_as = "AsyncEvents"

    of: Mapping[str, int]
    unread: Unavailable | None = None


@fact(PERMISSION, keeps=days_of_data("functions.names"))
def async_events(aws: Aws, functions: AsyncFunctions, now: Now) -> AsyncEvents:
    """Read the events received, which show that a function is invoked asynchronously at all."""
    asked = {_sum(name, RECEIVED): name for name in functions.names}
    found = datapoints(aws, list(asked), now, FORTNIGHT)
    return AsyncEvents({asked[one]: int(sum(values)) for one, values in found.of.items()}, found.why)


class AsyncLosses(Fact):
    """Asynchronous events that were lost in the last 14 days, by function and metric; unread functions are absent."""

    stored_as = "AsyncLosses"

    of: Mapping[str, Mapping[str, int]]
    unread: Unavailable | None = None


@fact(PERMISSION, events=("lambda:PutFunctionConcurrency20171031",), keeps=losses("functions.names"))
def async_losses(aws: Aws, functions: AsyncFunctions, now: Now) -> AsyncLosses:
    """Read the losses of all functions in one call."""
    found = datapoints(aws, [_sum(name, metric) for name in functions.names for metric in LOST], now, FORTNIGHT)
    read = [name for name in functions.names if all(_sum(name, metric) in found.of for metric in LOST)]
    sums = {name: {metric: int(sum(found.of[_sum(name, metric)])) for metric in LOST} for name in read}
    return AsyncLosses(sums, found.why)


class AsyncMetrics(Fact):
    """Sums of asynchronous invocations of the last 14 days, by function and metric; unread functions are absent."""

    of: Mapping[str, Mapping[str, int]]
    unread: Unavailable | None = None


@fact()
def async_metrics(events: AsyncEvents, losses: AsyncLosses) -> AsyncMetrics:
    """Return the functions of which all metrics were read."""
    both = {name: {RECEIVED: received, **losses.of[name]} for name, received in events.of.items() if name in losses.of}
    return AsyncMetrics(both, events.unread or losses.unread)


def _sum(function: str, metric: str) -> Series:
    return series("AWS/Lambda", metric, "Sum", FunctionName=function)
