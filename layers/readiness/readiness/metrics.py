"""The metrics of a run in CloudWatch embedded metric format (EMF) on stdout, one document per line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from readiness.model import Status

if TYPE_CHECKING:
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Readiness"

ITEM_STATUS = "ItemStatus"
RUN_COMPLETED = "RunCompleted"

TABLE_DIMENSIONS = frozenset({"table"})
RULE_DIMENSIONS = frozenset({"table", "rule"})

STANDING = ("FailCount", "WarnCount", "UnknownCount", "Score", "JudgedPercent")
WORK = ("DriftEvents", "RunSeconds", "ApiCalls", "RuleErrors", "AlertsPending", "NoSubscribers", "PersistFailed")

# Every metric and its only set of dimensions: an alarm on another set never matches.
DIMENSIONS: Mapping[str, frozenset[str]] = {
    ITEM_STATUS: RULE_DIMENSIONS,
    **dict.fromkeys((*STANDING, *WORK, RUN_COMPLETED), TABLE_DIMENSIONS),
}

UNITS = {"Score": "Percent", "JudgedPercent": "Percent", "RunSeconds": "Seconds", ITEM_STATUS: "None"}

# The values of `ItemStatus`, ordered by severity, so that Maximum over a period is the worst status.
LEVELS = {Status.PASS: 0, Status.NOT_APPLICABLE: 0, Status.WARN: 1, Status.UNKNOWN: 2, Status.FAIL: 3}


def emit(  # noqa: PLR0913  one value per metric
    table: str,
    statuses: Mapping[str, Status] | None,
    *,
    seconds: float,
    calls: int,
    drift: int = 0,
    errors: int = 0,
    pending: int = 0,
    no_subscribers: bool = False,
    persist_failed: bool = False,
) -> None:
    """Print all metrics of one run on one table except the heartbeat: those of each item, then those of the table.

    `statuses` by rule id are the worse of last known status and UNKNOWN, so that missing data never clears an alarm.
    It is None for a run that recorded nothing, which emits no statuses because another run has newer ones. `seconds`
    is the duration; `calls`, `errors` and `pending` count AWS calls, internal errors and unsent messages.
    """
    for rule, status in (statuses or {}).items():
        _print({"table": table, "rule": rule}, {ITEM_STATUS: LEVELS[status]})
    work: dict[str, float] = {
        "DriftEvents": drift,
        "RunSeconds": seconds,
        "ApiCalls": calls,
        "RuleErrors": errors,
        "AlertsPending": pending,
        "NoSubscribers": no_subscribers,
        "PersistFailed": persist_failed,
    }
    _print({"table": table}, _standing(statuses) | work)


def completed(table: str) -> None:
    """Print the heartbeat as the last step of a run, in its own document, so that any error prevents it."""
    _print({"table": table}, {RUN_COMPLETED: 1})


def _standing(statuses: Mapping[str, Status] | None) -> dict[str, float]:
    if not statuses:
        return {}
    levels = [LEVELS[status] for status in statuses.values()]
    unknown = levels.count(LEVELS[Status.UNKNOWN])
    return {
        "FailCount": levels.count(LEVELS[Status.FAIL]),
        "WarnCount": levels.count(LEVELS[Status.WARN]),
        "UnknownCount": unknown,
        "Score": 100 * levels.count(LEVELS[Status.PASS]) / len(levels),
        "JudgedPercent": 100 * (len(levels) - unknown) / len(levels),
    }


def _print(dimensions: Mapping[str, str], values: Mapping[str, float]) -> None:
    provider = _provider()
    for dimension, place in dimensions.items():
        provider.add_dimension(dimension, place)
    for metric, number in values.items():
        provider.add_metric(metric, UNITS.get(metric, "Count"), number)
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
