"""When AWS Backup restored the table, by hand or for one of its restore testing plans."""

from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.instant import utc
from readiness.facts.table import Table

KEPT = 20


@dataclass(frozen=True)
class BackupRestore:
    """One that was completed. `plan` is the ARN of the restore testing plan that it was a test of, empty for none."""

    at: datetime
    target: str
    plan: str


@dataclass(frozen=True)
class BackupRestores:
    """The newest 20, newest first, without those whose result somebody looked at and found wanting."""

    of: tuple[BackupRestore, ...]


@fact("backup:ListRestoreJobsByProtectedResource")
def backup_restores(aws: Aws, table: Table) -> BackupRestores:
    """A resource that AWS Backup never protected has none.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreJobsByProtectedResource.html
    """
    pages = aws.client("backup").get_paginator("list_restore_jobs_by_protected_resource")
    jobs = [job for page in pages.paginate(ResourceArn=table.arn) for job in page.get("RestoreJobs", [])]
    done = [
        BackupRestore(
            at=utc(job["CompletionDate"]),
            target=job.get("CreatedResourceArn", "").rpartition("/")[2],
            plan=job.get("CreatedBy", {}).get("RestoreTestingPlanArn", ""),
        )
        for job in jobs
        if job.get("Status") == "COMPLETED" and job.get("ValidationStatus") != "FAILED"
    ]
    return BackupRestores(tuple(sorted(done, key=lambda each: each.at, reverse=True)[:KEPT]))
