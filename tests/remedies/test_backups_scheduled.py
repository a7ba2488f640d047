"""What is printed as the remedy of a backup that is not made, or not kept, mends it."""

import json
from datetime import UTC, datetime

import pytest
from msgspec import structs

from tests.aws import backups
from tests.aws.account import TABLE
from tests.remedies.patient import Patient
from tests.run.world import RECOVERY_ALONE

PLANNED = structs.replace(RECOVERY_ALONE, mode="aws_backup")
ON_DEMAND = structs.replace(RECOVERY_ALONE, mode="on_demand")


@pytest.fixture
def planned(patient: Patient) -> Patient:
    """AWS Backup was decided on, and nothing is there yet."""
    patient.world.want(backup_decision=PLANNED)
    return patient


@pytest.fixture
def plan(planned: Patient) -> str:
    """The id of the plan that backs the table up as was decided."""
    return backups.furnish(planned.client)


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto have the policies that AWS manages."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


def edit(patient: Patient, expression: str) -> None:
    """Let whoever is asked to edit a file write into it what that expression of jq makes of it."""
    patient.shell.editor.write_text(f'#!/bin/sh\njq \'{expression}\' "$1" > "$1.new" && mv "$1.new" "$1"\n')


def test_recovery_that_is_all_there_is(patient: Patient) -> None:
    patient.world.recovery(on=False)
    patient.heal("backups-scheduled/recoverable")


def test_a_backup_on_demand(patient: Patient) -> None:
    patient.world.want(backup_decision=ON_DEMAND)
    patient.heal("backups-scheduled/on-demand")


def test_a_schedule_of_backups_on_demand(patient: Patient) -> None:
    patient.world.want(backup_decision=ON_DEMAND)
    patient.heal("backups-scheduled/on-demand-schedule", ROLE_ARN=backups.ROLE_ARN)


def test_a_schedule_that_runs_too_seldom_gets_one_beside_it(patient: Patient) -> None:
    patient.world.want(backup_decision=ON_DEMAND)
    patient.client("scheduler").create_schedule(
        Name="monthly",
        ScheduleExpression="rate(30 days)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:createBackup",
            "RoleArn": backups.ROLE_ARN,
            "Input": json.dumps({"TableName": TABLE, "BackupName": "monthly"}),
        },
    )
    patient.heal("backups-scheduled/on-demand-schedule", ROLE_ARN=backups.ROLE_ARN)


def test_a_table_that_no_plan_selects(planned: Patient) -> None:
    planned.heal("backups-scheduled/selected")


@pytest.mark.usefixtures("managed", "plan")
def test_a_plan_whose_role_is_gone(planned: Patient) -> None:
    planned.client("iam").delete_role(RoleName=backups.ROLE)
    planned.heal("backups-scheduled/role")


def test_a_plan_that_runs_too_seldom(planned: Patient, plan: str) -> None:
    weekly = {"BackupPlanName": backups.PLAN, "Rules": [{**backups.DAILY, "ScheduleExpression": "cron(0 3 ? * 1 *)"}]}
    planned.client("backup").update_backup_plan(BackupPlanId=plan, BackupPlan=weekly)
    edit(planned, '.Rules[0].ScheduleExpression = "cron(0 3 * * ? *)"')
    planned.heal("backups-scheduled/scheduled")


def test_a_plan_that_keeps_backups_too_shortly(planned: Patient, plan: str) -> None:
    short = {"BackupPlanName": backups.PLAN, "Rules": [{**backups.DAILY, "Lifecycle": {"DeleteAfterDays": 7}}]}
    planned.client("backup").update_backup_plan(BackupPlanId=plan, BackupPlan=short)
    edit(planned, ".Rules[0].Lifecycle.DeleteAfterDays = 35")
    planned.heal("backups-scheduled/retained")


@pytest.mark.usefixtures("plan")
def test_a_plan_whose_vault_takes_nothing_for_so_long(planned: Patient) -> None:
    planned.client("backup").put_backup_vault_lock_configuration(BackupVaultName=backups.VAULT, MinRetentionDays=60)
    edit(planned, ".Rules[0].Lifecycle.DeleteAfterDays = 60")
    planned.heal("backups-scheduled/vault")


def test_a_table_that_was_not_backed_up_yet(planned: Patient) -> None:
    backups.plan_for(planned.client)
    planned.heal("backups-scheduled/backed-up")


def test_a_job_that_failed(planned: Patient) -> None:
    backups.run(backups.plan_for(planned.client), state="FAILED", at=datetime.now(UTC))
    planned.heal("backups-scheduled/jobs")
