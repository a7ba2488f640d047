"""The plan for a table that is deleted or being deleted: a restore is planned, and never made, by Readiness."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from readiness.aws.client import Aws
from readiness.aws.command import rendered
from readiness.aws.time import minute
from readiness.cli.failures import called
from readiness.cli.fix.effects import client_in
from readiness.cli.fix.text import COLUMNS, INDENT, command
from readiness.model import Call
from readiness.printable import wrapped

SYSTEM = "SYSTEM"

LEFT_OUT = (
    "A restored table has no PITR, TTL, tags, stream, auto scaling, alarms, deletion protection or policy: after the"
    " restore, `readiness check` shows what is missing, and `readiness fix` sets it. Its stream is a new one, so that"
    " event source mappings have to be created again."
)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html"""


class FoundBackup(Struct, frozen=True):
    """A backup of the table, which may have been made by DynamoDB when the table was deleted."""

    arn: str
    name: str
    kind: str
    created: datetime


def newest(aws: Aws, table: str) -> FoundBackup | None:
    """Return the newest backup by DynamoDB; None if there is none. Failed: the call was denied or failed."""
    with called(table, "dynamodb:ListBackups"):
        pages = client_in(aws, "dynamodb").get_paginator("list_backups").paginate(TableName=table, BackupType="ALL")
        found = [
            FoundBackup(
                each["BackupArn"], each["BackupName"], each.get("BackupType", ""), each["BackupCreationDateTime"]
            )
            for page in pages
            for each in page["BackupSummaries"]
        ]
    return max(found, key=lambda each: each.created, default=None)


def steps(aws: Aws, table: str) -> Iterator[str]:
    """Yield the lines of the plan."""
    backup = newest(aws, table)
    arn = f"arn:{aws.partition}:dynamodb:{aws.region}:{aws.account}:table/{table}"
    yield f"To restore {table} under the same name, if it was deleted:"
    yield "1. Wait until it is deleted:"
    yield from command(f"aws dynamodb wait table-not-exists --region {aws.region} --table-name {table}")
    if backup is None:
        yield "2. DynamoDB has no backup of the table. If PITR was enabled, DynamoDB makes"
        yield f"   one, named {table}$DeletedTableBackup, once the"
        yield "   table is deleted: run this command again then. Backups by AWS Backup:"
        yield from command(f"aws backup list-recovery-points-by-resource --resource-arn {arn}")
    else:
        kept = ", kept for 35 days after the deletion" if backup.kind == SYSTEM else ""
        yield f"2. Restore the newest backup, {backup.name} of {minute(backup.created)}{kept}:"
        named = {"TargetTableName": table, "BackupArn": backup.arn}
        call = Call("dynamodb", "RestoreTableFromBackup", named, aws.region)
        yield from command(rendered(call))
    yield from wrapped(f"3. {LEFT_OUT}", COLUMNS, others=INDENT)
