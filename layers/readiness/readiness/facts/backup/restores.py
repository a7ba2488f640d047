"""The restores of the table by AWS Backup, manual or by a restore testing plan."""

from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact

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
