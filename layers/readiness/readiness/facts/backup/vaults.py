"""The vaults that AWS Backup keeps backups in, and how long these must and may be kept there."""

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
    """A vault. `min_days` and `max_days` bound how long what is put into it is kept; None where nothing is said.

    A lock can't be lifted from `immutable_from` on; None where it always can. `state` is AWS's VaultState, AVAILABLE
    where nothing is said: only a vault that is logically air-gapped takes time to be made.
    """

    arn: str
    locked: bool
    min_days: int | None
    max_days: int | None
    immutable_from: datetime | None
    state: str = AVAILABLE


class BackupVaults(Fact):
    """All of the account and Region, by name."""

    of: Mapping[str, BackupVault]

    def at(self, arn: str) -> BackupVault | None:
        """The vault of that ARN; None where there is none here."""
        return next((vault for vault in self.of.values() if vault.arn == arn), None)


@fact(
    "backup:ListBackupVaults",
    resources={"backup:ListBackupVaults": ANY_RESOURCE},
    events=("backup:PutBackupVaultLockConfiguration",),
)
def backup_vaults(aws: Aws, wanted: Each[Planned]) -> BackupVaults:
    """Listed, for DescribeBackupVault denies access to one that does not exist, as if it were closed to us.

    https://github.com/aws/aws-sdk-js/issues/2625. No call is made where no table is to be backed up so.
    """
    if not wanted:
        return BackupVaults({})
    pages = aws.client("backup").get_paginator("list_backup_vaults").paginate()
    vaults = listed(pages, "BackupVaultList", "backup:ListBackupVaults")
    return BackupVaults({vault.need("BackupVaultName", str): _vault(vault) for vault in vaults})


def _vault(vault: Answer) -> BackupVault:
    """A vault without a lock has none of its members."""
    return BackupVault(
        arn=vault.need("BackupVaultArn", str),
        locked=vault.get("Locked", bool, default=False),
        min_days=vault.get("MinRetentionDays", int),
        max_days=vault.get("MaxRetentionDays", int),
        immutable_from=vault.get("LockDate", datetime),
        state=vault.get("VaultState", str, AVAILABLE),
    )
