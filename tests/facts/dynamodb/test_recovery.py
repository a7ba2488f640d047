from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from readiness.facts.dynamodb.recovery import Recovery, recovery
from readiness.facts.dynamodb.table import Table
from readiness.model import Gone, Unreadable
from tests.aws.account import TABLE, Account, Json


def test_recovery_that_is_on(furnished: Account, table: Table) -> None:
    found = recovery(furnished.aws, table)
    assert (found.enabled, found.window_days) == (True, 35)
    assert found.earliest
    assert found.latest


def test_continuous_backups_say_nothing_of_recovery(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    answer = furnished.client("dynamodb").describe_continuous_backups(TableName=TABLE)
    assert answer["ContinuousBackupsDescription"]["ContinuousBackupsStatus"] == "ENABLED"
    assert recovery(furnished.aws, table) == Recovery(enabled=False, window_days=35, earliest=None, latest=None)


def test_a_shorter_window_is_read(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").update_continuous_backups(
        TableName=TABLE,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
    )
    assert recovery(furnished.aws, table).window_days == 7


def test_an_absent_period_is_35_days(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeContinuousBackups", _without("RecoveryPeriodInDays"))
    assert recovery(furnished.aws, table).window_days == 35


def test_a_missing_table_is_gone(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        recovery(account.aws, table)


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeContinuousBackups", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        recovery(furnished.aws, table)


def test_an_answer_without_the_status_is_not_taken_for_off(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeContinuousBackups", _without("PointInTimeRecoveryStatus"))
    described = recovery(furnished.aws, table)
    assert described.window_days == 35
    with pytest.raises(Unreadable, match="not everything could be read"):
        _ = described.enabled


def test_a_status_that_aws_did_not_have_yet_is_neither_on_nor_off(furnished: Account, table: Table) -> None:
    def resting(answer: Json) -> None:
        recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        recovery["PointInTimeRecoveryStatus"] = "RESTING"

    furnished.alter("dynamodb", "DescribeContinuousBackups", resting)
    with pytest.raises(Unreadable) as unread:
        _ = recovery(furnished.aws, table).enabled
    assert unread.value.first.detail == "PointInTimeRecoveryStatus is RESTING"


def _without(member: str) -> Callable[[Json], None]:
    def change(answer: Json) -> None:
        del answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][member]

    return change
