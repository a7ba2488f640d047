"""Point-in-time recovery, as DescribeContinuousBackups tells it."""

from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.instant import utc_or_none
from readiness.facts.table import Table, existing

DEFAULT_WINDOW_DAYS = 35


@dataclass(frozen=True)
class Recovery:
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
    with existing(table):
        answer = aws.client("dynamodb").describe_continuous_backups(TableName=table.name)
    description = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return Recovery(
        enabled=description["PointInTimeRecoveryStatus"] == "ENABLED",
        window_days=description.get("RecoveryPeriodInDays", DEFAULT_WINDOW_DAYS),
        earliest=utc_or_none(description.get("EarliestRestorableDateTime")),
        latest=utc_or_none(description.get("LatestRestorableDateTime")),
    )
