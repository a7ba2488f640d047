"""Point-in-time recovery, as DescribeContinuousBackups tells it."""

from datetime import datetime

from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, existing
from readiness.model import Reason, Unavailable, Unreadable

DEFAULT_WINDOW_DAYS = 35


class Recovery(Partial):
    """Whether a table can be restored to any second, how many days back at most, and between which two instants now.

    The two are None while recovery is off.
    """

    enabled: bool
    window_days: int
    earliest: datetime | None
    latest: datetime | None


@fact("dynamodb:DescribeContinuousBackups")
def recovery(aws: Aws, table: Table) -> Recovery:
    """ContinuousBackupsStatus is no part of it: that is ENABLED for every table, whatever becomes of recovery."""
    return recovery_of(aws, table)


def recovery_of(aws: Aws, table: Table) -> Recovery:
    """Of any table, in its own Region. Gone: it does not exist."""
    with existing(table):
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
    """Unreadable: it is neither on nor off."""
    status = description.need("PointInTimeRecoveryStatus", str)
    if status not in {"ENABLED", "DISABLED"}:
        detail = f"PointInTimeRecoveryStatus is {status}"
        raise Unreadable({}, Unavailable(Reason.SDK_TOO_OLD, description.permission, detail))
    return status == "ENABLED"
