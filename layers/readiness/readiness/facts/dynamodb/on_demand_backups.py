"""On-demand backups of a table, as ListBackups lists them."""

from datetime import datetime
from itertools import count

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import OnDemand
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact, Unavailable

PERMISSION = "dynamodb:ListBackups"


class OnDemandBackup(Struct, frozen=True):
    """A backup of the table with that id, which may be a former table of the same name. `status` is BackupStatus."""

    table_id: str
    status: str
    created: datetime


class OnDemandBackups(Fact):
    """All on-demand backups under the table's name. `unread` is why there may be more."""

    backups: tuple[OnDemandBackup, ...]
    unread: Unavailable | None = None


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    on=OnDemand,
    events=("dynamodb:CreateBackup", "dynamodb:DeleteBackup"),
)
def on_demand_backups(aws: Aws, table: Table) -> OnDemandBackups:
    """List the on-demand backups, without backups of AWS Backup and system backups of deleted tables."""
    pages = aws.client("dynamodb").get_paginator("list_backups").paginate(TableName=table.name, BackupType="USER")
    number = count()
    found = each_of(listed(pages, "BackupSummaries", PERMISSION), lambda _: f"{next(number):06}", _backup)
    backups, unread = found.readable()
    return OnDemandBackups(tuple(backups), unread)


def _backup(answer: Answer) -> OnDemandBackup:
    return OnDemandBackup(
        answer.need("TableId", str),
        answer.need("BackupStatus", str),
        answer.need("BackupCreationDateTime", datetime),
    )
