from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from readiness.facts.backup.decision import Planned
from readiness.facts.backup.recovery_points import (
    BY_HAND,
    BackupJobs,
    RecoveryPoint,
    RecoveryPoints,
    backup_jobs,
    recovery_points,
)
from readiness.facts.dynamodb.table import Table
from tests.aws.account import ARN, Account
from tests.aws.backups import ROLE_ARN, VAULT, complete_backups, furnish, make_plan, run

complete_backups()

WANTED = Planned(24, 35)
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_a_backup_that_was_begun_by_hand(furnished: Account, table: Table) -> None:
    furnish(furnished.client)
    [point] = recovery_points(furnished.aws, table).points
    [job] = backup_jobs(furnished.aws, table).jobs
    assert (point.status, job.state, job.rule) == ("COMPLETED", "COMPLETED", BY_HAND)
    assert (job.vault, job.role) == (VAULT, ROLE_ARN)
    assert point.created == job.created
    assert abs(point.created - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "points"),
    [("COMPLETED", (RecoveryPoint("COMPLETED", AT),)), ("PARTIAL", (RecoveryPoint("PARTIAL", AT),)), ("FAILED", ())],
)
def test_what_the_run_of_a_plan_leaves(
    furnished: Account, table: Table, state: str, points: tuple[RecoveryPoint, ...]
) -> None:
    plan = make_plan(furnished.client)
    run(plan, state=state, at=AT)
    rule = furnished.client("backup").get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]["RuleId"]
    [job] = backup_jobs(furnished.aws, table).jobs
    assert (job.state, job.created, job.rule) == (state, AT, rule)
    assert recovery_points(furnished.aws, table) == RecoveryPoints(points)


def test_those_of_another_table_are_not_among_them(furnished: Account, table: Table) -> None:
    run(make_plan(furnished.client), f"{ARN}-staging")
    assert backup_jobs(furnished.aws, table) == BackupJobs(())
    assert recovery_points(furnished.aws, table) == RecoveryPoints(())


def test_a_table_that_aws_backup_does_not_know_has_none(furnished: Account, table: Table) -> None:
    furnished.refuse("backup", "ListRecoveryPointsByResource", "ResourceNotFoundException")
    assert recovery_points(furnished.aws, table) == RecoveryPoints(())


def test_an_empty_page_is_not_the_end(furnished: Account, table: Table) -> None:
    point = {"Status": "AVAILABLE", "CreationDate": AT}
    job = {"BackupJobId": "1", "State": "FAILED", "CreationDate": AT, "BackupVaultName": "v", "IamRoleArn": "r"}
    furnished.answer(
        "backup", "ListRecoveryPointsByResource", {"RecoveryPoints": [], "NextToken": "x"}, {"RecoveryPoints": [point]}
    )
    furnished.answer("backup", "ListBackupJobs", {"BackupJobs": [], "NextToken": "x"}, {"BackupJobs": [job]})
    assert recovery_points(furnished.aws, table).points == (RecoveryPoint("AVAILABLE", AT),)
    assert [each.state for each in backup_jobs(furnished.aws, table).jobs] == ["FAILED"]


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("backup", "ListRecoveryPointsByResource", "AccessDeniedException")
    furnished.refuse("backup", "ListBackupJobs", "AccessDeniedException")
    with pytest.raises(ClientError, match="ListRecoveryPointsByResource"):
        recovery_points(furnished.aws, table)
    with pytest.raises(ClientError, match="ListBackupJobs"):
        backup_jobs(furnished.aws, table)
