"""The vaults that AWS Backup keeps backups in, and how long these must and may be kept there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.backup_decision import Planned
from readiness.facts.instant import utc_or_none


@dataclass(frozen=True)
class BackupVault:
    """A vault. `min_days` and `max_days` bound how long what is put into it is kept; None where nothing is said.

    A lock can't be lifted from `immutable_from` on; None where it always can.
    """

    locked: bool
    min_days: int | None
    max_days: int | None
    immutable_from: datetime | None


@dataclass(frozen=True)
class BackupVaults:
    """All of the account and Region, by name."""

    of: Mapping[str, BackupVault]


@fact("backup:ListBackupVaults")
def backup_vaults(aws: Aws, wanted: Each[Planned]) -> BackupVaults:
    """Listed, for DescribeBackupVault denies access to one that does not exist, as if it were closed to us.

    https://github.com/aws/aws-sdk-js/issues/2625. No call is made where no table is to be backed up so.
    """
    if not wanted:
        return BackupVaults({})
    pages = aws.client("backup").get_paginator("list_backup_vaults").paginate()
    return BackupVaults(
        {
            vault["BackupVaultName"]: BackupVault(
                locked=vault.get("Locked", False),
                min_days=vault.get("MinRetentionDays"),
                max_days=vault.get("MaxRetentionDays"),
                immutable_from=utc_or_none(vault.get("LockDate")),
            )
            for page in pages
            for vault in page["BackupVaultList"]
        }
    )
