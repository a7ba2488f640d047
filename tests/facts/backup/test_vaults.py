from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.facts.backup.decision import Planned
from readiness.facts.backup.recovery_points import BackupVault, BackupVaults, backup_vaults
from tests.aws.account import ACCOUNT, ARN, REGION, Account

WANTED = Each({ARN: Planned(24, 35)})
PREFIX = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:"
OPEN = BackupVault(PREFIX + "tables", locked=False, min_days=None, max_days=None, immutable_from=None)


def make(account: Account, name: str) -> None:
    account.client("backup").create_backup_vault(BackupVaultName=name)


def test_a_vault_without_a_lock(account: Account) -> None:
    make(account, "tables")
    assert backup_vaults(account.aws, WANTED) == BackupVaults({"tables": OPEN})


def test_a_lock_that_can_be_lifted(account: Account) -> None:
    make(account, "tables")
    account.client("backup").put_backup_vault_lock_configuration(
        BackupVaultName="tables", MinRetentionDays=7, MaxRetentionDays=365
    )
    assert backup_vaults(account.aws, WANTED).of["tables"] == BackupVault(
        PREFIX + "tables", locked=True, min_days=7, max_days=365, immutable_from=None
    )


def test_a_lock_that_becomes_immutable(account: Account) -> None:
    make(account, "tables")
    account.client("backup").put_backup_vault_lock_configuration(BackupVaultName="tables", ChangeableForDays=3)
    found = backup_vaults(account.aws, WANTED).of["tables"]
    assert (found.locked, found.min_days, found.max_days) == (True, None, None)
    assert found.immutable_from
    assert found.immutable_from.tzinfo is UTC
    assert abs(found.immutable_from - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=1)


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    vault = {"BackupVaultName": "tables", "BackupVaultArn": PREFIX + "tables"}
    account.answer(
        "backup", "ListBackupVaults", {"BackupVaultList": [], "NextToken": "more"}, {"BackupVaultList": [vault]}
    )
    assert backup_vaults(account.aws, WANTED).of == {"tables": OPEN}


def test_nothing_is_asked_for_where_nobody_wants_it(account: Account) -> None:
    assert backup_vaults(account.aws, Each({ARN: None})) == BackupVaults({})
    assert not account.calls


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("backup", "ListBackupVaults", "AccessDeniedException")
    with pytest.raises(ClientError, match="ListBackupVaults"):
        backup_vaults(account.aws, WANTED)
