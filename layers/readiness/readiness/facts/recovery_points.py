"""What AWS Backup made of a table, and how its jobs ended."""

from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.backup_decision import Planned
from readiness.facts.instant import utc
from readiness.facts.table import Table

BY_HAND = ""


@dataclass(frozen=True)
class RecoveryPoint:
    """A backup. `status` is AWS's RecoveryPointStatus."""

    status: str
    created: datetime


@dataclass(frozen=True)
class RecoveryPoints:
    """All that carry the ARN of the table, those of a former table of the same name too: they have no TableId."""

    points: tuple[RecoveryPoint, ...]


@fact("backup:ListRecoveryPointsByResource")
def recovery_points(aws: Aws, table: Table, wanted: Planned) -> RecoveryPoints:  # noqa: ARG001  only in this mode
    """A table that AWS Backup does not know has none."""
    client = aws.client("backup")
    pages = client.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=table.arn)
    try:
        found = [point for page in pages for point in page["RecoveryPoints"]]
    except client.exceptions.ResourceNotFoundException:
        return RecoveryPoints(())
    return RecoveryPoints(tuple(RecoveryPoint(point["Status"], utc(point["CreationDate"])) for point in found))


@dataclass(frozen=True)
class BackupJob:
    """A job, the vault it writes to and the ARN of its role.

    `state` is AWS's BackupJobState; `rule` is the id of the plan's rule that began it, or BY_HAND.
    """

    id: str
    state: str
    created: datetime
    rule: str
    vault: str
    role: str


@dataclass(frozen=True)
class BackupJobs:
    """Those of the last 30 days, which is how long AWS Backup remembers them."""

    jobs: tuple[BackupJob, ...]


@fact("backup:ListBackupJobs")
def backup_jobs(aws: Aws, table: Table, wanted: Planned) -> BackupJobs:  # noqa: ARG001  only in this mode
    """AWS promises no order."""
    pages = aws.client("backup").get_paginator("list_backup_jobs").paginate(ByResourceArn=table.arn)
    return BackupJobs(
        tuple(
            BackupJob(
                id=job["BackupJobId"],
                state=job["State"],
                created=utc(job["CreationDate"]),
                rule=job.get("CreatedBy", {}).get("BackupRuleId", BY_HAND),
                vault=job["BackupVaultName"],
                role=job["IamRoleArn"],
            )
            for page in pages
            for job in page["BackupJobs"]
        )
    )
