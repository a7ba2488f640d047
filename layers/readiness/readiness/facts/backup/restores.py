"""When AWS Backup restored the table, by hand or for one of its restore testing plans."""

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
    """One that was completed. `plan` is the ARN of the restore testing plan that it was a test of, empty for none."""

    at: datetime
    target: str
    plan: str


class BackupRestores(Fact):
    """The newest 20, newest first, without those whose result somebody looked at and found wanting."""

    of: tuple[BackupRestore, ...]


@fact(ACTION, resources={ACTION: ANY_RESOURCE})
def backup_restores(aws: Aws, table: Table) -> BackupRestores:
    """A resource that AWS Backup never protected has none.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreJobsByProtectedResource.html
    """
    pages = aws.client("backup").get_paginator("list_restore_jobs_by_protected_resource")
    jobs = list(listed(pages.paginate(ResourceArn=table.arn), "RestoreJobs", ACTION))
    done = [
        _restore(job)
        for job in jobs
        if job.need("Status", str) == "COMPLETED" and job.get("ValidationStatus", str) != "FAILED"
    ]
    return BackupRestores(tuple(sorted(done, key=lambda each: each.at, reverse=True)[:KEPT]))


def _restore(job: Answer) -> BackupRestore:
    """One that no testing plan began has no CreatedBy."""
    origin = job.part_or_none("CreatedBy")
    return BackupRestore(
        at=job.need("CompletionDate", datetime),
        target=job.get("CreatedResourceArn", str, "").rpartition("/")[2],
        plan=origin.get("RestoreTestingPlanArn", str, "") if origin else "",
    )
