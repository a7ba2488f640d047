"""The vaults, recovery points, backup jobs and restores of AWS Backup."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import Planned
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact

AVAILABLE = "AVAILABLE"


class BackupVault(Struct, frozen=True):
    """A backup vault. `min_days` and `max_days` are MinRetentionDays and MaxRetentionDays, None for no limit.

    The vault lock cannot be removed from `immutable_from` (LockDate) on; None if it can. `state` is AWS's VaultState,
    AVAILABLE where it is absent: only a logically air-gapped vault has other states.
    """

    arn: str
    locked: bool
    min_days: int | None
    max_days: int | None
    immutable_from: datetime | None
    state: str = AVAILABLE


class BackupVaults(Fact):
    """The vaults of the account and Region, by name."""

    of: Mapping[str, BackupVault]

    def at(self, arn: str) -> BackupVault | None:
        """Return the vault with that ARN; None where it is not in this account and Region."""
        return next((vault for vault in self.of.values() if vault.arn == arn), None)


@fact(
    "backup:ListBackupVaults",
    resources={"backup:ListBackupVaults": ANY_RESOURCE},
    events=("backup:PutBackupVaultLockConfiguration",),
)
def backup_vaults(aws: Aws, wanted: Each[Planned]) -> BackupVaults:
    """List the vaults: DescribeBackupVault answers AccessDeniedException for a vault that does not exist.

    https://github.com/aws/aws-sdk-js/issues/2625. No call is made unless a table has the mode aws_backup.
    """
    if not wanted:
        return BackupVaults({})
    pages = aws.client("backup").get_paginator("list_backup_vaults").paginate()
    vaults = listed(pages, "BackupVaultList", "backup:ListBackupVaults")
    return BackupVaults({vault.need("BackupVaultName", str): _vault(vault) for vault in vaults})


def _vault(vault: Answer) -> BackupVault:
    """Return the vault; the members of a lock are absent without one."""
    return BackupVault(
        arn=vault.need("BackupVaultArn", str),
        locked=vault.get("Locked", bool, default=False),
        min_days=vault.get("MinRetentionDays", int),
        max_days=vault.get("MaxRetentionDays", int),
        immutable_from=vault.get("LockDate", datetime),
        state=vault.get("VaultState", str, AVAILABLE),
    )


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
