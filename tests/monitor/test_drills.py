"""Drills over several looks: what AWS forgets is remembered, and what is denied hides nothing that is known."""

from datetime import timedelta

import pytest

from readiness.model import Finding, Status
from readiness.permissions import actions
from readiness.rules import restore_drilled
from tests.aws import drills
from tests.aws.account import good_table
from tests.monitor.world import World

RESTORES = [restore_drilled.rule]


def look(world: World) -> dict[str, Finding]:
    judgement = world.run(RESTORES).look.judgement
    return {asked.check.name: asked.findings[0] for asked in judgement.asked}


def statuses(world: World) -> dict[str, Status]:
    return {name: finding.status for name, finding in look(world).items()}


ALL_WELL = dict.fromkeys(("drilled", "compared", "left-over", "attested"), Status.PASS)


@pytest.fixture
def watched(world: World) -> World:
    world.drilled()
    return world


def test_a_drill_that_aws_and_people_tell_of(watched: World) -> None:
    assert statuses(watched) == ALL_WELL


def test_what_cloudtrail_has_forgotten_is_remembered_until_it_is_too_old(world: World) -> None:
    drills.furnish(world.account.client)
    assert statuses(world)["drilled"] is Status.PASS
    drills.forget()
    world.now += timedelta(days=89)
    found = look(world)["drilled"]
    assert (found.status, drills.COPY in found.message) == (Status.PASS, True)
    world.now += timedelta(days=1)
    assert statuses(world)["drilled"] is Status.FAIL


def test_what_is_remembered_outlives_looks_that_are_denied(world: World) -> None:
    drills.furnish(world.account.client)
    look(world)
    drills.forget()
    denied = [True]
    world.account.refuse_while(denied, "cloudtrail", "LookupEvents", "AccessDeniedException")
    assert statuses(world)["drilled"] is Status.PASS
    world.now += timedelta(days=91)
    assert statuses(world)["drilled"] is Status.UNKNOWN
    world.now -= timedelta(days=91)
    denied.clear()
    assert statuses(world)["drilled"] is Status.PASS


def test_what_is_remembered_is_that_of_this_very_table(world: World) -> None:
    drills.furnish(world.account.client)
    look(world)
    drills.forget()
    world.delete_table()
    good_table(world.account)
    assert statuses(world)["drilled"] is Status.FAIL


def test_a_copy_that_stays_is_told_after_a_week(world: World) -> None:
    drills.restore(world.account.client)
    assert statuses(world)["left-over"] is Status.PASS
    world.now += timedelta(days=8)
    finding = look(world)["left-over"]
    assert finding.status is Status.WARN
    assert finding.remediation == f"aws dynamodb delete-table --table-name {drills.COPY} --region us-east-1"
    world.account.client("dynamodb").delete_table(TableName=drills.COPY)
    assert statuses(world)["left-over"] is Status.PASS


def test_a_copy_of_any_name_is_found_by_its_event(world: World) -> None:
    drills.restore(world.account.client, "fire-drill")
    world.now += timedelta(days=8)
    assert "fire-drill" in look(world)["left-over"].message


def test_what_was_attested_expires(world: World) -> None:
    world.now += timedelta(minutes=1)
    world.attest("restore-drilled", drills.restored(world.now), days=30)
    assert statuses(world) == ALL_WELL
    world.now += timedelta(days=31)
    assert statuses(world) == {**ALL_WELL, "drilled": Status.FAIL, "compared": Status.WARN, "attested": Status.FAIL}


def test_the_calls_are_those_that_are_declared(watched: World) -> None:
    drills.restore(watched.account.client)
    watched.account.calls.clear()
    look(watched)
    own = {
        "dynamodb:Query",
        "dynamodb:TransactWriteItems",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "sns:GetTopicAttributes",
        "sns:Publish",
    }
    marker = {"ssm:GetParameter", "ssm:PutParameter"}
    assert set(watched.account.calls) - own - marker == actions(restore_drilled.rule.checks)


@pytest.mark.parametrize(
    ("service", "operation", "unknown"),
    [
        ("cloudtrail", "LookupEvents", set()),
        ("backup", "ListRestoreJobsByProtectedResource", set()),
        ("dynamodb", "ListTables", {"left-over"}),
    ],
)
def test_a_denied_call_makes_only_what_needs_it_unknown(
    watched: World, service: str, operation: str, unknown: set[str]
) -> None:
    watched.account.refuse(service, operation, "AccessDeniedException")
    assert statuses(watched) == {**ALL_WELL, **dict.fromkeys(unknown, Status.UNKNOWN)}


@pytest.mark.parametrize("operation", [("cloudtrail", "LookupEvents"), ("dynamodb", "ListTables")], ids=str)
def test_without_any_record_a_denied_call_leaves_it_open_whether_there_was_a_drill(
    world: World, operation: tuple[str, str]
) -> None:
    world.account.refuse(*operation, "AccessDeniedException")
    assert statuses(world)["drilled"] is Status.UNKNOWN
