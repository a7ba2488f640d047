"""The backup vaults of AWS Backup, and the retention that they accept."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import Planned
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
