"""Drills over several looks: what AWS forgets is remembered, and what is denied hides nothing that is known."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from readiness.engine.rule import Rule
from readiness.model import Finding, Status
from readiness.report.permissions import actions
from readiness.rules import load_tested, restore_drilled
from tests.aws import drills
from tests.aws.account import TABLE, good_table
from tests.aws.rows import text_of
from tests.run.world import World

RESTORES = [restore_drilled.rule]

OWN = {
    *("dynamodb:Query", "dynamodb:TransactWriteItems", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    *("sns:GetTopicAttributes", "sns:Publish", "ssm:GetParameter", "ssm:PutParameter"),
}
"""The calls of the run itself."""


def look(world: World, rules: Sequence[Rule] = RESTORES) -> dict[str, Finding]:
    judgement = world.run(rules).scan.evaluation
    return {asked.check.name: asked.findings[0] for asked in judgement.asked}


def statuses(world: World, rules: Sequence[Rule] = RESTORES) -> dict[str, Status]:
    return {name: finding.status for name, finding in look(world, rules).items()}


ALL_WELL = dict.fromkeys(("drilled", "compared", "left-over", "attested"), Status.PASS)


@pytest.fixture
def watched(world: World) -> World:
    world.drilled()
    return world


def test_a_drill_that_aws_and_people_tell_of(watched: World) -> None:
    assert statuses(watched) == ALL_WELL


def test_what_cloudtrail_has_forgotten_is_remembered_until_it_is_too_old(world: World) -> None:
    drills.restore(world.account.client)
    assert statuses(world)["drilled"] is Status.PASS
    drills.forget()
    world.now += timedelta(days=89)
    found = look(world)["drilled"]
    assert (found.status, drills.COPY in found.message) == (Status.PASS, True)
    world.now += timedelta(days=1)
    assert statuses(world)["drilled"] is Status.FAIL


def test_what_is_remembered_outlives_looks_that_are_denied(world: World) -> None:
    drills.restore(world.account.client)
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
    drills.restore(world.account.client)
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
    assert set(watched.account.calls) - OWN == actions(restore_drilled.rule.checks)


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


LOADS = [load_tested.rule]
LOAD_CHECKS = ("recorded", "peak", "throttled", "hot-keys", "unchanged", "insights", "keyed-alike", "parity")
UNDER_LOAD = dict.fromkeys(LOAD_CHECKS, Status.PASS)


def test_a_load_that_was_attested_and_measured(watched: World) -> None:
    assert statuses(watched, LOADS) == UNDER_LOAD


def test_what_was_measured_outlives_the_minutes_and_the_staging_table(watched: World) -> None:
    look(watched, LOADS)
    dynamodb = watched.account.client("dynamodb")
    dynamodb.update_table(TableName=drills.STAGING, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=drills.STAGING)
    watched.now += timedelta(hours=2)
    look(watched, LOADS)
    watched.now += timedelta(days=20)
    gone = dict.fromkeys(("insights", "keyed-alike", "parity"), Status.NOT_APPLICABLE)
    assert statuses(watched, LOADS) == {**UNDER_LOAD, **gone}
    watched.account.refuse("cloudwatch", "GetMetricData", "AccessDeniedException")
    watched.now += timedelta(days=20)
    assert statuses(watched, LOADS) == {**UNDER_LOAD, **gone}


def test_what_is_attested_too_late_is_never_measured(watched: World) -> None:
    watched.now += timedelta(days=16)
    found = look(watched, LOADS)
    unknown = {name for name, finding in found.items() if finding.status is Status.UNKNOWN}
    assert unknown == {"peak", "throttled", "hot-keys"}
    assert "not measured within 15 days" in found["peak"].message


def test_minutes_are_read_once_an_hour(watched: World) -> None:
    for _ in range(3):
        look(watched, LOADS)
    assert watched.account.calls.count("cloudwatch:GetMetricData") == 1
    assert watched.account.calls.count("cloudwatch:GetInsightRuleReport") == 1
    watched.now += timedelta(hours=1)
    look(watched, LOADS)
    assert watched.account.calls.count("cloudwatch:GetMetricData") == 2


def test_a_test_that_is_made_again_is_measured_again(watched: World) -> None:
    look(watched, LOADS)
    again = watched.now + timedelta(days=1)
    watched.now = again + timedelta(hours=1)
    drills.load(watched.account.client, again, reads=10)
    watched.attest("load-tested", drills.tested(again))
    assert statuses(watched, LOADS) == {**UNDER_LOAD, "peak": Status.FAIL}


def test_an_index_that_is_made_after_the_test_asks_for_another(watched: World) -> None:
    look(watched, LOADS)
    watched.account.client("dynamodb").update_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "mail", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-mail",
                    "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    changed = {"unchanged": Status.FAIL, "keyed-alike": Status.WARN}
    assert statuses(watched, LOADS) == {**UNDER_LOAD, **changed}
    assert statuses(watched, LOADS) == {**UNDER_LOAD, **changed}


def test_the_calls_about_load_are_those_that_are_declared(watched: World) -> None:
    watched.account.calls.clear()
    look(watched, LOADS)
    assert set(watched.account.calls) - OWN == actions(load_tested.rule.checks)


@pytest.mark.parametrize(
    ("service", "operation", "unknown"),
    [
        ("cloudwatch", "GetMetricData", {"peak", "throttled"}),
        ("cloudwatch", "GetInsightRuleReport", {"hot-keys"}),
        ("dynamodb", "DescribeContributorInsights", {"hot-keys", "insights"}),
    ],
)
def test_a_denied_call_about_load_makes_only_what_needs_it_unknown(
    watched: World, service: str, operation: str, unknown: set[str]
) -> None:
    watched.account.refuse(service, operation, "AccessDeniedException")
    assert statuses(watched, LOADS) == {**UNDER_LOAD, **dict.fromkeys(unknown, Status.UNKNOWN)}


def test_neither_a_key_that_was_hot_nor_whose_session_it_was_is_kept(watched: World) -> None:
    """Both are people's addresses there."""
    look(watched, [*RESTORES, *LOADS])
    assert "jane@example.com" not in text_of(watched.rows())
