"""The metrics of a run in CloudWatch embedded metric format (EMF) on stdout, one document per line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from readiness.model import Status

if TYPE_CHECKING:
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Readiness"

ITEM_STATUS = "ItemStatus"
UNWELL = "Unwell"
PERSIST_FAILED = "PersistFailed"
RUN_COMPLETED = "RunCompleted"

TABLE_DIMENSIONS = frozenset({"table"})
RULE_DIMENSIONS = frozenset({"table", "rule"})

# Every metric and its only set of dimensions: an alarm on another set never matches.
DIMENSIONS: Mapping[str, frozenset[str]] = {
    ITEM_STATUS: RULE_DIMENSIONS,
    **dict.fromkeys((UNWELL, PERSIST_FAILED, RUN_COMPLETED), TABLE_DIMENSIONS),
}

UNITS = {ITEM_STATUS: "None"}

# The values of `ItemStatus`, ordered by severity, so that Maximum over a period is the worst status.
LEVELS = {Status.PASS: 0, Status.NOT_APPLICABLE: 0, Status.WARN: 1, Status.UNKNOWN: 2, Status.FAIL: 3}


class Emitted(Struct, frozen=True):
    """The metrics of one run on one table, and the fields of the same document.

    `statuses` by rule id are the worse of last known status and UNKNOWN, so that missing data never clears an alarm.
    It is None for a run that recorded nothing, which emits no statuses because another run has newer ones. With
    `item_metrics = "changes"` it has those alone that are due.

    `problems` are the monitor's own: the count of each reason, 0 included. `Unwell` is the number of reasons that
    exist. The reasons and `fields` are not metrics, which are billed: CloudWatch Logs Insights reads them.
    """

    table: str
    statuses: Mapping[str, Status] | None
    problems: Mapping[str, int]
    fields: Mapping[str, Any] = {}
    persist_failed: bool = False


def emit(emitted: Emitted) -> None:
    """Print all metrics except the heartbeat: the status of each item, then the metrics of the table."""
    for rule, status in (emitted.statuses or {}).items():
        _print({"table": emitted.table, "rule": rule}, {ITEM_STATUS: LEVELS[status]})
    reasons = [f"{reason} {count}" for reason, count in emitted.problems.items() if count]
    named = {"reasons": ", ".join(reasons)} if reasons else {}
    values = {UNWELL: len(reasons), PERSIST_FAILED: int(emitted.persist_failed)}
    _print({"table": emitted.table}, values, {**emitted.fields, **emitted.problems, **named})


def completed(table: str) -> None:
    """Print the heartbeat as the last step of a run, in its own document, so that any error prevents it."""
    _print({"table": table}, {RUN_COMPLETED: 1})


def _print(dimensions: Mapping[str, str], values: Mapping[str, float], fields: Mapping[str, Any] = {}) -> None:
    provider = _provider()
    for dimension, place in dimensions.items():
        provider.add_dimension(dimension, place)
    for metric, number in values.items():
        provider.add_metric(metric, UNITS.get(metric, "Count"), number)
    for field, content in fields.items():
        provider.add_metadata(field, content)
    # Lambda filters log lines by this member; without it the line could be dropped.
    provider.add_metadata("level", "INFO")
    provider.flush_metrics()


def _provider() -> "AmazonCloudWatchEMFProvider":
    """Return a new provider per document, because `Metrics` shares dimensions between instances. Imported late."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    # A service set in the environment would become a dimension, and no alarm on `table` alone would match.
    provider.service = None  # type: ignore[assignment]
    return provider
