"""The recovery points, backup jobs and restores of a table in AWS Backup."""

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
    """A recovery point. `status` is AWS's RecoveryPointStatus."""

    status: str
    created: datetime


class RecoveryPoints(Fact):
    """The recovery points with the ARN of the table. They have no TableId: a deleted table's points are included."""

    points: tuple[RecoveryPoint, ...]


@fact(
    "backup:ListRecoveryPointsByResource",
    resources={"backup:ListRecoveryPointsByResource": ANY_RESOURCE},
    on=Planned,
    events=("backup:DeleteRecoveryPoint",),
)
def recovery_points(aws: Aws, table: Table) -> RecoveryPoints:
    """Read the recovery points; a table unknown to AWS Backup has none."""
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
    """A backup job. It was due at `created`; `rule` is the id of its plan's rule, `role` an ARN."""

    id: str
    state: str
    created: datetime
    rule: str
    vault: str
    role: str
    completed: datetime | None = None


class BackupJobs(Fact):
    """The jobs of the last 30 days, the history of AWS Backup."""

    jobs: tuple[BackupJob, ...]


@fact("backup:ListBackupJobs", resources={"backup:ListBackupJobs": ANY_RESOURCE}, on=Planned)
def backup_jobs(aws: Aws, table: Table) -> BackupJobs:
    """Read the jobs, in no particular order."""
    pages = aws.client("backup").get_paginator("list_backup_jobs").paginate(ByResourceArn=table.arn)
    return BackupJobs(tuple(map(_job, listed(pages, "BackupJobs", "backup:ListBackupJobs"))))


def _job(job: Answer) -> BackupJob:
    """Return the job; CreatedBy is absent for a manual job, CompletionDate while it is in progress."""
    return BackupJob(
        id=job.need("BackupJobId", str),
        state=job.need("State", str),
        created=job.need("CreationDate", datetime),
        rule=job.part_or_empty("CreatedBy").get("BackupRuleId", str, BY_HAND),
        vault=job.need("BackupVaultName", str),
        role=job.need("IamRoleArn", str),
        completed=job.get("CompletionDate", datetime),
    )


KEPT = 20
ACTION = "backup:ListRestoreJobsByProtectedResource"


class BackupRestore(Struct, frozen=True):
    """A completed restore. `plan` is the ARN of its restore testing plan, empty for a manual restore."""

    at: datetime
    target: str
    plan: str


class BackupRestores(Fact):
    """The newest 20 restores, newest first, without those with ValidationStatus FAILED."""

    of: tuple[BackupRestore, ...]


@fact(ACTION, resources={ACTION: ANY_RESOURCE})
def backup_restores(aws: Aws, table: Table) -> BackupRestores:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreJobsByProtectedResource.html."""
    pages = aws.client("backup").get_paginator("list_restore_jobs_by_protected_resource")
    jobs = list(listed(pages.paginate(ResourceArn=table.arn), "RestoreJobs", ACTION))
    done = [
        _restore(job)
        for job in jobs
        if job.need("Status", str) == "COMPLETED" and job.get("ValidationStatus", str) != "FAILED"
    ]
    return BackupRestores(tuple(sorted(done, key=lambda each: each.at, reverse=True)[:KEPT]))


def _restore(job: Answer) -> BackupRestore:
    """Return the restore; CreatedBy is absent for a manual one."""
    return BackupRestore(
        at=job.need("CompletionDate", datetime),
        target=job.get("CreatedResourceArn", str, "").rpartition("/")[2],
        plan=job.part_or_empty("CreatedBy").get("RestoreTestingPlanArn", str, ""),
    )
