"""The metrics of DynamoDB and their dimensions.

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
"""The values of the dimension Operation."""

BATCHES = frozenset({"BatchGetItem", "BatchWriteItem"})
"""A batch counts in ThrottledRequests only if every item in it was throttled."""

CAUSES = ("KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit")
"""Causes of throttling of a table in on-demand mode.

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
"""The sets of dimensions, sorted, of each metric; an alarm on another set never has data."""

COUNTED = frozenset(metric for metric in DIMENSIONS if not metric.endswith(("Bytes", "Latency")))
"""The metrics with the unit Count."""

PUBLISHED_EVERY = 60
"""Seconds."""


def series_of(metric: str, table: str, index: str = "", statistic: str = "", **dimensions: str) -> Series:
    """Return a series of the table, or of one of its indexes."""
    indexed = {INDEX: index} if index else {}
    return series(NAMESPACE, metric, statistic, **{TABLE: table, **indexed, **dimensions})


USER_ERRORS = series(NAMESPACE, "UserErrors")
"""UserErrors has no dimension: it counts all tables of the account and Region together."""


def table_of(one: Series) -> str:
    """Return the table of a series; empty for a series without a table or of another namespace."""
    return dict(one.dimensions).get(TABLE, "") if one.namespace == NAMESPACE else ""
