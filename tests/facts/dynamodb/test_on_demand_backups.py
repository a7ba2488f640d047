from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup

from readiness.facts.backup.decision import OnDemand
from readiness.facts.backup.on_demand import OnDemandBackup, OnDemandBackups, on_demand_backups
from readiness.facts.dynamodb.table import Table
from tests.aws.account import ACCOUNT, REGION, TABLE, Account, good_table
from tests.aws.completed import complete

complete()

WANTED = OnDemand(24)
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def back_up(account: Account, name: str = "nightly", table: str = TABLE) -> str:
    arn: str = account.client("dynamodb").create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
    return arn


def table_id(account: Account) -> str:
    described: str = account.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableId"]
    return described


def test_a_backup_of_the_table(furnished: Account, table: Table) -> None:
    arn = back_up(furnished)
    [backup] = on_demand_backups(furnished.aws, table).backups
    made = furnished.client("dynamodb").describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
    assert backup == OnDemandBackup(table_id(furnished), "AVAILABLE", made["BackupCreationDateTime"].astimezone(UTC))


def test_those_of_another_table_are_not_among_them(furnished: Account, table: Table) -> None:
    good_table(furnished, "orders")
    back_up(furnished, table="orders")
    assert on_demand_backups(furnished.aws, table) == OnDemandBackups(())


def test_what_is_left_of_a_deleted_table_is_none(furnished: Account, table: Table) -> None:
    """DynamoDB makes one of its own when a table with recovery is deleted, which moto does not."""
    backend = dynamodb_backends[ACCOUNT][REGION]
    left = Backup(ACCOUNT, REGION, f"{TABLE}$DeletedTableBackup", backend.tables[TABLE], type_="SYSTEM")
    backend.backups[left.arn] = left
    everything = furnished.client("dynamodb").list_backups(TableName=TABLE, BackupType="ALL")
    assert [each["BackupType"] for each in everything["BackupSummaries"]] == ["SYSTEM"]
    assert on_demand_backups(furnished.aws, table) == OnDemandBackups(())


def test_those_of_a_former_table_carry_its_id(furnished: Account, table: Table) -> None:
    former = table_id(furnished)
    back_up(furnished)
    dynamodb = furnished.client("dynamodb")
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=TABLE)
    good_table(furnished)
    assert [backup.table_id for backup in on_demand_backups(furnished.aws, table).backups] == [former]
    assert table_id(furnished) != former


def test_an_empty_page_is_not_the_end(furnished: Account, table: Table) -> None:
    summary = {"TableId": "id", "BackupStatus": "CREATING", "BackupCreationDateTime": AT}
    furnished.answer(
        "dynamodb",
        "ListBackups",
        {"BackupSummaries": [], "LastEvaluatedBackupArn": "arn:aws:dynamodb:us-east-1:123456789012:table/x/backup/1"},
        {"BackupSummaries": [summary]},
    )
    found = on_demand_backups(furnished.aws, table)
    assert found.backups == (OnDemandBackup("id", "CREATING", AT),)


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "ListBackups", "AccessDeniedException")
    with pytest.raises(ClientError, match="ListBackups"):
        on_demand_backups(furnished.aws, table)


def test_one_that_lacks_its_state_hides_no_other(furnished: Account, table: Table) -> None:
    summary = {"TableId": "id", "BackupStatus": "AVAILABLE", "BackupCreationDateTime": AT}
    lacking = {"TableId": "id", "BackupCreationDateTime": AT}
    furnished.answer("dynamodb", "ListBackups", {"BackupSummaries": [lacking, summary]})
    found = on_demand_backups(furnished.aws, table)
    assert found.backups == (OnDemandBackup("id", "AVAILABLE", AT),)
    assert found.unread
