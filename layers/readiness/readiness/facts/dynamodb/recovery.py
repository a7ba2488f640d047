"""PITR of a table, from DescribeContinuousBackups."""

from datetime import datetime

from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.model import Reason, Unavailable, Unreadable

DEFAULT_WINDOW_DAYS = 35


class Recovery(Partial):
    """PITR of a table: its status, window in days, and restorable times; both times are None while disabled."""

    enabled: bool
    window_days: int
    earliest: datetime | None
    latest: datetime | None


@fact("dynamodb:DescribeContinuousBackups", events=("dynamodb:UpdateContinuousBackups",))
def recovery(aws: Aws, table: Table) -> Recovery:
    """Return PITR of the table. ContinuousBackupsStatus is not read: it is ENABLED for every table."""
    return recovery_of(aws, table)


def recovery_of(aws: Aws, table: Table) -> Recovery:
    """Return PITR of any table, in its own Region. Raise Gone where the table does not exist."""
    with existing(f"the table {table.name}"):
        answered = aws.client("dynamodb", table.region).describe_continuous_backups(TableName=table.name)
    answer = Answer(answered, "dynamodb:DescribeContinuousBackups").part("ContinuousBackupsDescription")
    description = answer.part("PointInTimeRecoveryDescription")
    return Recovery(
        enabled=deferred(lambda: _enabled(description)),
        window_days=deferred(lambda: description.get("RecoveryPeriodInDays", int, DEFAULT_WINDOW_DAYS)),
        earliest=deferred(lambda: description.get("EarliestRestorableDateTime", datetime)),
        latest=deferred(lambda: description.get("LatestRestorableDateTime", datetime)),
    )


def _enabled(description: Answer) -> bool:
    """Raise Unreadable where the status is neither ENABLED nor DISABLED."""
    status = description.need("PointInTimeRecoveryStatus", str)
    if status not in {"ENABLED", "DISABLED"}:
        detail = f"PointInTimeRecoveryStatus is {status}"
        raise Unreadable({}, Unavailable(Reason.SDK_TOO_OLD, description.permission, detail))
    return status == "ENABLED"
