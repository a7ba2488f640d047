"""Runs that can't read which table it is, or what it is: what they remember, and what they leave to the next."""

from datetime import timedelta
from typing import Any

import pytest

from readiness.model import Reason, Status
from readiness.rules import RULES
from readiness.state.people import Waiver
from readiness.state.store import words
from readiness.state.table_id import UNKNOWN
from tests.aws.account import TABLE, good_table
from tests.run.world import World, new_environment

NO_TIME = 5.0
"""Seconds that a run has: less than it keeps for remembering and telling."""


def state(world: World) -> dict[str, Any]:
    (row,) = [row for row in world.rows("STATE") if row["SK"]["S"] == "STATE"]
    return row


def test_a_first_run_that_saw_nothing_remembers_that_and_tells_nothing(world: World) -> None:
    outcome = world.run(RULES, lasts=NO_TIME)
    assert (outcome.committed, outcome.pending) == (True, 0)
    assert world.heard() == []
    assert state(world)["tableId"]["S"] == UNKNOWN


def test_the_first_run_that_sees_the_table_says_that_it_is_watching_and_what_fails(world: World) -> None:
    world.recovery(on=False)
    world.run(lasts=NO_TIME)
    world.run()
    (message,) = world.heard()
    assert (message["kind"], message["severity"]) == ("WATCHING", "CRITICAL")
    assert "pitr-enabled/on" in {event["check"] for event in message["events"]}
    assert state(world)["tableId"]["S"] == world.table_id


def test_what_only_the_checklist_decides_is_told_by_the_first_run_that_sees_the_table(world: World) -> None:
    rules = [rule for rule in RULES if rule.id == "backups-scheduled"]
    world.want(backup_decision=None)
    world.run(rules, lasts=NO_TIME)
    world.run(rules)
    (message,) = world.heard()
    assert message["kind"] == "WATCHING"
    assert "backups-scheduled/decided" in {event["check"] for event in message["events"]}


def test_a_monitor_that_never_has_time_is_told_to_be_blind(world: World) -> None:
    for _ in range(3):
        assert world.heard() == []
        world.run(lasts=NO_TIME)
    (message,) = world.heard()
    assert message["kind"] == "OBSCURED"


def test_what_was_told_before_the_table_was_described_is_part_of_the_first_summary(world: World) -> None:
    denied = [True]
    world.account.refuse_while(denied, "dynamodb", "DescribeTable", "AccessDeniedException")
    world.recovery(on=False)
    world.run()
    (message,) = world.heard()
    assert (message["kind"], message["severity"]) == ("REJUDGED", "CRITICAL")
    denied.clear()
    world.run()
    (message,) = world.heard()
    assert (message["kind"], message["severity"]) == ("WATCHING", "CRITICAL")
    assert "pitr-enabled/on" in {event["check"] for event in message["events"]}
    world.recovery(on=True)
    world.run()
    assert [message["kind"] for message in world.heard()] == ["RECOVERED"]


def test_a_page_of_an_unknown_table_is_sent_by_the_run_that_knows_it(deaf: World) -> None:
    denied = [True]
    deaf.account.refuse_while(denied, "dynamodb", "DescribeTable", "AccessDeniedException")
    deaf.recovery(on=False)
    deaf.run()
    (row,) = deaf.rows("OUTBOX#")
    assert row["tableId"]["S"] == UNKNOWN
    denied.clear()
    deaf.subscribe()
    deaf.run()
    assert [message["kind"] for message in deaf.heard()] == ["REJUDGED", "WATCHING"]


def test_while_nobody_listens_what_an_unknown_table_has_to_say_joins_what_a_known_one_has(deaf: World) -> None:
    denied = [True]
    deaf.account.refuse_while(denied, "dynamodb", "DescribeTable", "AccessDeniedException")
    deaf.recovery(on=False)
    deaf.run()
    denied.clear()
    deaf.run()
    (row,) = deaf.rows("OUTBOX#")
    assert row["tableId"]["S"] == deaf.table_id
    deaf.subscribe()
    deaf.run()
    (document,) = deaf.heard()
    assert [each["kind"] for each in document["merged"]] == ["REJUDGED", "WATCHING"]


def test_what_people_said_holds_for_a_run_that_can_not_read_which_table_it_is(world: World) -> None:
    said: dict[str, Any] = {"by": "maria", "at": world.now, "table_id": world.table_id}
    until = world.now + timedelta(days=30)
    words.say(world.store.rows, Waiver(check="pitr-enabled/on", reason="moving", until=until, **said))
    world.account.refuse("dynamodb", "DescribeTable", "AccessDeniedException")
    world.recovery(on=False)
    outcome = world.run()
    assert outcome.plan is not None
    (record,) = [record for record in outcome.plan.change.rules if record.rule == "pitr-enabled"]
    assert [waiver.reason for waiver in record.waivers] == ["moving"]


def test_memory_that_was_deleted_is_said_to_be_by_the_first_run_that_sees_the_table(world: World) -> None:
    world.run()
    world.heard()
    forget(world)
    world.run(lasts=NO_TIME)
    assert world.heard() == []
    assert state(world)["tableId"]["S"] == world.table_id, "the parameter tells which table it was"
    world.run()
    (message,) = world.heard()
    assert message["trouble"]["what"] == "MEMORY_DELETED"


def test_a_table_that_was_replaced_is_said_to_be_by_the_first_run_that_sees_it(world: World) -> None:
    world.run()
    world.heard()
    world.delete_table()
    good_table(world.account)
    world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(TableId="another"))
    world.run(lasts=NO_TIME)
    assert world.heard() == []
    for _ in range(2):
        world.run()
    (message,) = world.heard()
    assert message["trouble"]["what"] == "TABLE_REPLACED"


def test_which_table_it_is_is_kept_outside_of_it_by_the_next_environment_that_starts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm = world.account.client("ssm")
    monkeypatch.setattr(ssm, "put_parameter", lambda **_asked: None)
    world.run()
    monkeypatch.undo()
    new_environment(monkeypatch)
    world.run()
    forget(world)
    world.heard()
    world.run()
    (message,) = world.heard()
    assert message["trouble"]["what"] == "MEMORY_DELETED"


def forget(world: World) -> None:
    """Somebody deletes all rows of ours."""
    for item in world.rows():
        key = {"PK": item["PK"], "SK": item["SK"]}
        world.account.client("dynamodb").delete_item(TableName=TABLE, Key=key)


@pytest.mark.parametrize("member", ["TableId", "CreationDateTime", "TableStatus"])
def test_a_description_that_lacks_a_member_leaves_unknown_what_needs_it_and_the_run_goes_on(
    world: World, member: str
) -> None:
    world.documented()
    expected = UNKNOWN if member == "TableId" else world.table_id
    world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop(member, None))
    for _ in range(2):
        outcome = world.run(RULES)
        assert (outcome.committed, outcome.pending, outcome.unrecorded) == (True, 0, None)
    assert outcome.scan.evaluation is not None
    unread = {
        finding.check: finding.unavailable
        for asked in outcome.scan.evaluation.asked
        for finding in asked.findings
        if finding.unavailable and finding.unavailable.reason is not Reason.NOT_HERE
    }
    assert {why.reason for why in unread.values() if why.detail.startswith("Table")} <= {Reason.INCOMPLETE_ANSWER}
    assert Reason.DEFECT not in {why.reason for why in unread.values()}
    assert Reason.MALFORMED not in {why.reason for why in unread.values()}
    (message,) = [message for message in world.heard() if message["kind"] == "WATCHING"]
    assert message["table_id"] == expected
    world.recovery(on=False)
    outcome = world.run(RULES)
    assert outcome.plan is not None
    assert outcome.plan.statuses["pitr-enabled"] is Status.FAIL
    assert "REGRESSED" in {message["kind"] for message in world.heard()}


def test_a_table_whose_identity_is_told_late_keeps_its_memory_and_its_words(world: World) -> None:
    lacks = ["TableId"]

    def leave_out(answer: dict[str, Any]) -> None:
        for member in lacks:
            del answer["Table"][member]

    world.account.alter("dynamodb", "DescribeTable", leave_out)
    world.run()
    world.recovery(on=False)
    world.run()
    world.heard()
    lacks.clear()
    outcome = world.run()
    assert world.heard() == []
    assert outcome.table_id == world.table_id
    assert state(world)["tableId"]["S"] == world.table_id
    world.recovery(on=True)
    world.run()
    assert [message["kind"] for message in world.heard()] == ["RECOVERED"]
