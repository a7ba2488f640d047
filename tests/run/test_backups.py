"""How the table is backed up, over several looks: what changes is told, and what moves by itself is not."""

from datetime import timedelta

import pytest
from msgspec import structs

from readiness.model import Status
from readiness.rules.backups_scheduled import rule
from readiness.run import Outcome
from readiness.state.drift import EventKind
from tests.aws import backups
from tests.aws.account import TABLE
from tests.run.world import RECOVERY_ALONE, World

PLANNED = structs.replace(RECOVERY_ALONE, mode="aws_backup")


@pytest.fixture
def plan(world: World) -> str:
    """The id of the plan by which the table is backed up, as was decided, and that has been told."""
    world.want(backup_decision=PLANNED)
    made = backups.furnish(world.account.client)
    assert status(world.run([rule])) is Status.PASS
    world.heard()
    return made


def status(outcome: Outcome) -> Status:
    assert outcome.plan is not None
    return dict(outcome.plan.statuses)[rule.id]


def told(world: World) -> list[tuple[str, EventKind]]:
    return [(event["check"], event["kind"]) for message in world.heard() for event in message["events"]]


def test_nobody_decided(world: World) -> None:
    world.want(backup_decision=None)
    assert status(world.run([rule])) is Status.FAIL


def test_another_run_and_another_backup_are_no_news(world: World, plan: str) -> None:
    world.now += timedelta(hours=1)
    backups.run(plan, at=world.now)
    world.account.client("dynamodb").create_backup(TableName=TABLE, BackupName="by-hand")
    assert status(world.run([rule])) is Status.PASS
    assert told(world) == []


def test_a_rule_that_keeps_backups_longer_is_told(world: World, plan: str) -> None:
    longer = {"BackupPlanName": backups.PLAN, "Rules": [{**backups.DAILY, "Lifecycle": {"DeleteAfterDays": 90}}]}
    world.account.client("backup").update_backup_plan(BackupPlanId=plan, BackupPlan=longer)
    assert status(world.run([rule])) is Status.PASS
    assert told(world) == [("backups-scheduled/vault", EventKind.CHANGED)]


def test_a_selection_that_goes_is_told(world: World, plan: str) -> None:
    world.account.client("backup").delete_backup_plan(BackupPlanId=plan)
    assert status(world.run([rule])) is Status.FAIL
    assert ("backups-scheduled/selected", EventKind.REGRESSED) in told(world)


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("operation", ["ListBackupPlans", "GetBackupSelection", "GetBackupPlan", "ListBackupVaults"])
def test_what_is_denied_for_a_while_is_no_drift(world: World, operation: str) -> None:
    denied = [True]
    world.account.refuse_while(denied, "backup", operation, "AccessDeniedException")
    assert status(world.run([rule])) is Status.UNKNOWN
    denied.clear()
    assert status(world.run([rule])) is Status.PASS
    assert told(world) == []
