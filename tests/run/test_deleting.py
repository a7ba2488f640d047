"""A table that is being deleted is described by a few members alone, and pages at once."""

from typing import Any

import pytest

from readiness.model import Finding, Reason, Status
from readiness.rules import ASKED
from readiness.run import Outcome
from tests.aws.account import ARN, TABLE
from tests.run.world import World, new_environment

STAGING = f"{TABLE}-staging"


def delete(world: World, name: str = TABLE) -> None:
    """Let AWS answer as it does from then on: botocore's model of DescribeTable requires no member."""

    def left(answer: dict[str, Any]) -> None:
        table = answer["Table"]
        if table["TableName"] == name:
            kept = {key: table[key] for key in ("TableName", "TableArn", "TableId")}
            table.clear()
            table.update(
                kept,
                TableStatus="DELETING",
                ProvisionedThroughput={"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
                TableSizeBytes=0,
                ItemCount=0,
                DeletionProtectionEnabled=False,
            )

    world.account.alter("dynamodb", "DescribeTable", left)
    if name == TABLE:
        world.account.refuse("dynamodb", "DescribeTimeToLive", "ValidationException")


def findings(outcome: Outcome) -> dict[tuple[str, str], Finding]:
    found = [finding for asked in outcome.scan.evaluation.asked for finding in asked.findings]
    return {(f"{each.rule}/{each.check}", each.resource): each for each in found}


@pytest.fixture
def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """All that can be judged was, once; nobody has heard of anything since."""
    new_environment(monkeypatch)
    world.drilled()
    world.documented()
    world.run(ASKED)
    world.heard()
    return world


def test_it_is_one_critical_page_that_counts_what_fails_for_the_same_reason(watched: World) -> None:
    delete(watched)
    outcome = watched.run(ASKED)
    assert (outcome.committed, outcome.unrecorded) == (True, None)
    (message,) = watched.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: the table is being deleted"
    assert message["severity"] == "CRITICAL"
    assert message["events"][0]["check"] == "pitr-enabled/kept"
    assert outcome.plan
    assert outcome.plan.change.message
    body = outcome.plan.change.message.bodies["default"]
    assert "other checks fail for the same reason." in body
    assert "DescribeTable" not in body


def test_what_would_be_read_twice_is_part_of_that_page_and_of_none_later(watched: World) -> None:
    delete(watched)
    watched.run(ASKED)
    watched.heard()
    watched.run(ASKED)
    later = [event for message in watched.heard() for event in message["events"]]
    assert not [event for event in later if "is being deleted" in event["message"]]


def test_what_went_with_its_members_fails_as_part_of_that_and_the_rest_is_judged_as_read(watched: World) -> None:
    before = findings(watched.run(ASKED))
    delete(watched)
    after = findings(watched.run(ASKED))
    assert not {each.check for each in after.values() if each.unavailable and each.unavailable.reason is Reason.DEFECT}
    moved = {key: each for key, each in after.items() if key in before and each.status is not before[key].status}
    as_read = {("pitr-enabled/kept", ARN), ("pitr-enabled/deletion-protection", ARN)}
    assert as_read <= moved.keys()
    assert after["pitr-enabled/kept", ARN].status is Status.FAIL
    for key, each in moved.items():
        if key not in as_read:
            assert each.status is Status.FAIL
            assert each.message.startswith(f"the table {TABLE} is being deleted: ")
    assert after["pitr-enabled/on", ARN].status is Status.PASS


def test_a_staging_table_that_is_being_deleted_concerns_the_load_test_alone(watched: World) -> None:
    before = findings(watched.run(ASKED))
    delete(watched, STAGING)
    after = findings(watched.run(ASKED))
    moved = {key for key, each in after.items() if each.status is not before[key].status}
    assert moved
    assert {check.partition("/")[0] for check, _ in moved} == {"load-tested"}
    assert {after[key].status for key in moved} <= {Status.FAIL, Status.UNKNOWN}


def test_of_a_table_without_an_id_only_what_compares_ids_is_unknown(watched: World) -> None:
    before = findings(watched.run(ASKED))
    watched.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop("TableId"))
    outcome = watched.run(ASKED)
    assert outcome.scan.table_id is None
    after = findings(outcome)
    moved = {key: each for key, each in after.items() if key not in before or each.status is not before[key].status}
    assert {each.status for each in moved.values()} == {Status.UNKNOWN}
    assert {check.partition("/")[0] for check, _ in moved} == {
        "alarms-wired",
        "documentation-current",
        "env-vars-set",
        "load-tested",
        "restore-drilled",
    }
    for each in moved.values():
        assert each.unavailable
        assert (each.unavailable.reason, each.unavailable.detail) == (Reason.INCOMPLETE_ANSWER, "Table.TableId")


def test_where_nothing_is_on_record_no_id_is_needed(world: World) -> None:
    world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop("TableId"))
    after = findings(world.run(ASKED))
    assert not {
        key for key, each in after.items() if each.unavailable and each.unavailable.reason is Reason.INCOMPLETE_ANSWER
    }
