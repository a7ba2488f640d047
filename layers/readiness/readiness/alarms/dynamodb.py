"""The metrics of DynamoDB, as far as alarms go wrong over them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from collections.abc import Mapping

from readiness.alarms.series import Series, series

NAMESPACE = "AWS/DynamoDB"
TABLE, INDEX, OPERATION = "TableName", "GlobalSecondaryIndexName", "Operation"
VECTOR_INDEX = "VectorIndexName"

OPERATIONS = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "GetRecords",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)
"""All that a metric with the dimension Operation may name."""

BATCHES = frozenset({"BatchGetItem", "BatchWriteItem"})
"""A batch counts as throttled only where every item of it was."""

CAUSES = ("KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit")
"""Causes of throttling of a table that is billed by request.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling-cloudwatch.html
"""

_OF_TABLE = ((TABLE,), (INDEX, TABLE))
_BY_OPERATION = ((OPERATION, TABLE),)
_CAUSED = (*CAUSES, "ProvisionedThroughput")

DIMENSIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "UserErrors": ((),),
    "ThrottledRequests": _BY_OPERATION,
    "SystemErrors": _BY_OPERATION,
    "SuccessfulRequestLatency": (*_BY_OPERATION, (OPERATION, "StreamLabel", TABLE)),
    "ConditionalCheckFailedRequests": ((TABLE,),),
    "TransactionConflict": ((TABLE,),),
    **{f"Consumed{way}CapacityUnits": _OF_TABLE for way in ("Read", "Write")},
    **{f"Provisioned{way}CapacityUnits": _OF_TABLE for way in ("Read", "Write")},
    **{f"{way}ThrottleEvents": _OF_TABLE for way in ("Read", "Write")},
    **{f"{way}{cause}ThrottleEvents": _OF_TABLE for way in ("Read", "Write") for cause in _CAUSED},
    **{f"Vector{way}RequestBytes": ((TABLE, VECTOR_INDEX),) for way in ("Search", "Write")},
}
"""The sets of dimensions, sorted, under which a metric is published; an alarm on another set has no data, ever."""

COUNTED = frozenset(metric for metric in DIMENSIONS if not metric.endswith(("Bytes", "Latency")))
"""Those that are published in the unit Count."""

PUBLISHED_EVERY = 60
"""Seconds."""


def series_of(metric: str, table: str, index: str = "", **dimensions: str) -> Series:
    """A series of the table, or of one of its indexes."""
    indexed = {INDEX: index} if index else {}
    return series(NAMESPACE, metric, **{TABLE: table, **indexed, **dimensions})


USER_ERRORS = series(NAMESPACE, "UserErrors")
"""Of all tables of the account and Region together: it has no dimension."""


def table_of(one: Series) -> str:
    """The table that a series is of; empty where it names none, or is no series of DynamoDB."""
    return dict(one.dimensions).get(TABLE, "") if one.namespace == NAMESPACE else ""
