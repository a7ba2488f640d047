"""The backups of a table that somebody made on demand, as DynamoDB lists them."""

from dataclasses import dataclass
from datetime import datetime

from readiness.answer import listed
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.backup_decision import OnDemand
from readiness.facts.table import Table


@dataclass(frozen=True)
class OnDemandBackup:
    """A backup of the table of that id, which may be a former one of the same name. `status` is AWS's BackupStatus."""

    table_id: str
    status: str
    created: datetime


@dataclass(frozen=True)
class OnDemandBackups:
    """All that carry the name of the table."""

    backups: tuple[OnDemandBackup, ...]


@fact("dynamodb:ListBackups")
def on_demand_backups(aws: Aws, table: Table, wanted: OnDemand) -> OnDemandBackups:  # noqa: ARG001  only in this mode
    """Without those of AWS Backup, which DynamoDB does not list, and without what is left of a deleted table."""
    pages = aws.client("dynamodb").get_paginator("list_backups").paginate(TableName=table.name, BackupType="USER")
    return OnDemandBackups(
        tuple(
            OnDemandBackup(
                backup.need("TableId", str),
                backup.need("BackupStatus", str),
                backup.need("BackupCreationDateTime", datetime),
            )
            for backup in listed(pages, "BackupSummaries", "dynamodb:ListBackups")
        )
    )
