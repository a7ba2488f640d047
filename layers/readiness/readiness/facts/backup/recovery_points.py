"""What AWS Backup made of a table, and how its jobs ended."""

from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import Planned
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact

BY_HAND = ""


class RecoveryPoint(Struct, frozen=True):
    """A backup. `status` is AWS's RecoveryPointStatus."""

    status: str
    created: datetime


class RecoveryPoints(Fact):
    """All that carry the ARN of the table, those of a former table of the same name too: they have no TableId."""

    points: tuple[RecoveryPoint, ...]


@fact(
    "backup:ListRecoveryPointsByResource",
    resources={"backup:ListRecoveryPointsByResource": ANY_RESOURCE},
    on=Planned,
    events=("backup:DeleteRecoveryPoint",),
)
def recovery_points(aws: Aws, table: Table) -> RecoveryPoints:
    """A table that AWS Backup does not know has none."""
    client = aws.client("backup")
    pages = client.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=table.arn)
    try:
        found = list(listed(pages, "RecoveryPoints", "backup:ListRecoveryPointsByResource"))
    except client.exceptions.ResourceNotFoundException:
        return RecoveryPoints(())
    return RecoveryPoints(
        tuple(RecoveryPoint(point.need("Status", str), point.need("CreationDate", datetime)) for point in found)
    )


class BackupJob(Struct, frozen=True):
    """A job, the vault it writes to and the ARN of its role.

    `state` is AWS's BackupJobState; `rule` is the id of the plan's rule that began it, or BY_HAND. `created` is when
    it was due, `completed` None while it is under way.
    """

    id: str
    state: str
    created: datetime
    rule: str
    vault: str
    role: str
    completed: datetime | None = None


class BackupJobs(Fact):
    """Those of the last 30 days, which is how long AWS Backup remembers them."""

    jobs: tuple[BackupJob, ...]


@fact("backup:ListBackupJobs", resources={"backup:ListBackupJobs": ANY_RESOURCE}, on=Planned)
def backup_jobs(aws: Aws, table: Table) -> BackupJobs:
    """AWS promises no order."""
    pages = aws.client("backup").get_paginator("list_backup_jobs").paginate(ByResourceArn=table.arn)
    return BackupJobs(tuple(map(_job, listed(pages, "BackupJobs", "backup:ListBackupJobs"))))


def _job(job: Answer) -> BackupJob:
    """One begun by hand has no CreatedBy; one that has not ended no CompletionDate."""
    origin = job.part_or_none("CreatedBy")
    return BackupJob(
        id=job.need("BackupJobId", str),
        state=job.need("State", str),
        created=job.need("CreationDate", datetime),
        rule=origin.get("BackupRuleId", str, BY_HAND) if origin else BY_HAND,
        vault=job.need("BackupVaultName", str),
        role=job.need("IamRoleArn", str),
        completed=job.get("CompletionDate", datetime),
    )
