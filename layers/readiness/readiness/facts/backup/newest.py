"""The newest backup of a table besides PITR, of those that the backup decision of the checklist makes known."""

from datetime import datetime

from readiness.engine.fact import fact
from readiness.facts.backup.on_demand import OnDemandBackups
from readiness.facts.backup.recovery_points import RecoveryPoints
from readiness.facts.dynamodb.table import TableDescription
from readiness.model import Mentioned, Unavailable

USABLE = frozenset({"AVAILABLE", "COMPLETED"})
"""The states of an on-demand backup and of a recovery point that can be restored."""


class NewestBackup(Mentioned):
    """When the backup was created, and how: `AWS Backup` or `on demand`."""

    created: datetime
    kind: str


@fact()
def newest_backup(
    description: TableDescription,
    points: RecoveryPoints | Unavailable | None,
    made: OnDemandBackups | Unavailable | None,
) -> NewestBackup | None:
    """Return the newest one that can be restored; None if no backup is known."""
    found = [
        NewestBackup(each.created, "AWS Backup")
        for each in (points.points if isinstance(points, RecoveryPoints) else ())
        if each.status in USABLE
    ]
    found += [
        NewestBackup(each.created, "on demand")
        for each in (made.backups if isinstance(made, OnDemandBackups) else ())
        if each.status in USABLE and each.table_id == description.table_id
    ]
    return max(found, key=lambda each: each.created, default=None)
