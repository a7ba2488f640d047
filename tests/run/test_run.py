"""A run from end to end: what is told, what is written, and what an ordinary one costs."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from botocore.exceptions import ReadTimeoutError
from msgspec import structs

from readiness.aws.client import CannotStart
from readiness.checklist import OnCall, Settings, TableSettings
from readiness.engine.rule import Rule, Severity, failed, warned
from readiness.facts.dynamodb.table import Table
from readiness.model import Status, Verdict
from readiness.scan import assert_expected
from readiness.state.people import Acknowledgement, Pause, Waiver
from readiness.state.store import words
from tests.alerts.samples import PITR_OFF, called
from tests.aws.account import ACCOUNT, TABLE, good_table
from tests.run.world import TABLE_RULES, World


def test_the_first_run_says_that_it_is_watching(world: World) -> None:
    outcome = world.run()
    assert outcome.committed
    (message,) = world.heard()
    assert message["kind"] == "WATCHING"
    assert message["items"]["FAIL"] == 0


def test_the_command_that_is_told_mends_what_is_told(world: World) -> None:
    two = Rule("9.9", "Doors are shut", Severity.HIGH, "https://example.com")

    @two.check(fix="shut {Door}")
    def shut(_: Table) -> Iterator[Verdict]:
        """Every door is shut."""
        yield warned("the front door is ajar", evidence={"Door": "front"}, resource="front")
        yield failed("the rear door is open", evidence={"Door": "rear"}, resource="rear")

    world.run([two])
    (message,) = world.heard()
    (event,) = message["events"]
    assert (event["message"], event["remediation"]) == ("the rear door is open", "shut rear")


def test_the_first_run_says_what_fails_today(world: World) -> None:
    world.recovery(on=False)
    world.run()
    (message,) = world.heard()
    assert message["severity"] == "CRITICAL"
    assert "1 of 4 items does not pass" in message["subject"]


def test_an_unchanged_run_sends_nothing_makes_three_calls_and_writes_two_items(world: World) -> None:
    world.run()
    world.heard()
    before = {row["SK"]["S"] for row in world.rows()}
    world.account.calls.clear()
    world.run()
    own = [call for call in world.account.calls if call.startswith("dynamodb:") and ":Describe" not in call]
    assert own == ["dynamodb:Query", "dynamodb:TransactWriteItems", "dynamodb:Query"]
    new = {row["SK"]["S"] for row in world.rows()} - before
    assert [key.partition("#")[0] for key in new] == ["RUN"]
    assert world.heard() == []


def test_recovery_that_is_switched_off_is_told_by_the_very_run_that_sees_it(world: World) -> None:
    world.run()
    world.heard()
    world.recovery(on=False)
    outcome = world.run()
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: {called(PITR_OFF)}"
    assert outcome.plan is not None
    assert outcome.plan.statuses["pitr-enabled"] is Status.FAIL
    assert world.rows("DRIFT#")


def test_recovery_that_comes_back_is_told_with_the_window_that_is_lost(world: World) -> None:
    world.earliest = world.now - timedelta(days=35)
    world.run()
    world.recovery(on=False)
    world.run()
    world.heard()
    world.recovery(on=True)
    world.earliest = world.now
    world.run()
    (message,) = world.heard()
    (event,) = message["events"]
    assert message["kind"] == "RECOVERED"
    assert event["check"] == "pitr-enabled/on"
    assert any("disabled and enabled again" in incident["after"] for incident in event["missed"])


def test_recovery_that_went_off_and_on_between_two_looks_is_told_at_once(world: World) -> None:
    world.earliest = world.now - timedelta(days=35)
    world.run()
    world.heard()
    world.earliest = world.now
    world.run()
    (message,) = world.heard()
    assert message["kind"] == "INCIDENT"
    assert "35 days" in message["events"][0]["incident"]["after"]
    world.run()
    assert world.heard() == []


def refused(code: str) -> Callable[[World], None]:
    return lambda world: world.account.refuse("dynamodb", "DescribeContinuousBackups", code)


def timed_out(world: World) -> None:
    error = ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
    world.account.fail("dynamodb", "DescribeContinuousBackups", error)


def malformed(world: World) -> None:
    world.account.answer("dynamodb", "DescribeContinuousBackups", {})


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        pytest.param(refused("AccessDeniedException"), "ACCESS_DENIED", id="denied"),
        pytest.param(refused("ThrottlingException"), "THROTTLED", id="throttled"),
        pytest.param(timed_out, "TIMEOUT", id="timed out"),
        pytest.param(malformed, "MALFORMED", id="malformed"),
    ],
)
def test_an_answer_that_does_not_come_is_told_after_three_looks_and_not_before(
    world: World, happens: Callable[[World], None], reason: str
) -> None:
    world.run()
    world.heard()
    happens(world)
    for _ in range(2):
        outcome = world.run()
        assert outcome.plan is not None
        assert outcome.plan.statuses["pitr-enabled"] is Status.UNKNOWN
        assert outcome.plan.statuses["ttl-enabled"] is Status.PASS
        assert world.heard() == []
    world.run()
    (message,) = world.heard()
    assert message["kind"] == "OBSCURED"
    said = message["events"][0]["unread"][0]
    assert (said["reason"], said["permission"]) == (reason, "dynamodb:DescribeContinuousBackups")


def test_going_blind_does_not_clear_a_failure(world: World) -> None:
    world.recovery(on=False)
    world.run()
    world.account.refuse("dynamodb", "DescribeContinuousBackups", "AccessDeniedException")
    outcome = world.run()
    assert outcome.plan is not None
    assert outcome.plan.statuses["pitr-enabled"] is Status.FAIL


def test_while_nobody_listens_messages_become_one_and_wait(deaf: World) -> None:
    outcome = deaf.run()
    assert (outcome.pending, outcome.no_subscribers) == (1, True)
    deaf.recovery(on=False)
    assert deaf.run().pending == 1
    (row,) = deaf.rows("OUTBOX#")
    assert "leasedBy" not in row
    deaf.subscribe()
    outcome = deaf.run()
    assert (outcome.pending, outcome.no_subscribers) == (0, False)
    (document,) = deaf.heard()
    assert [each["kind"] for each in document["merged"]] == ["WATCHING", "REGRESSED"]
    assert deaf.rows("OUTBOX#") == []


def test_a_pause_holds_everything_back_and_is_summed_up_after_it(world: World) -> None:
    outcome = world.run()
    world.heard()
    assert outcome.table_id is not None
    until = world.now + timedelta(minutes=4)  # the fourth run is at that instant, and no longer paused
    pause = Pause(by="maria", at=world.now, table_id=outcome.table_id, reason="release 42", until=until)
    words.say(world.store.rows, pause)
    world.recovery(on=False)
    world.run()
    (message,) = world.heard()
    assert (message["kind"], message["events"]) == ("NOTE", [])
    for _ in range(2):
        world.run()
        assert world.heard() == []
    world.run()
    (message,) = world.heard()
    assert message["kind"] == "RESUMED"
    assert message["severity"] == "CRITICAL"


def test_a_waiver_is_told_a_week_before_it_ends_once_and_wakes_nobody(world: World) -> None:
    outcome = world.run()
    assert outcome.table_id is not None
    until = world.now + timedelta(days=30)
    said: dict[str, Any] = {"by": "maria", "at": world.now, "table_id": outcome.table_id}
    words.say(world.store.rows, Waiver(check="pitr-enabled/on", reason="moving house", until=until, **said))
    world.recovery(on=False)
    world.run()
    world.heard()
    world.now = until - timedelta(days=7, minutes=4)
    world.run()
    world.heard()
    drifts = len(world.rows("DRIFT#"))
    for _ in range(2):
        world.run()
    assert world.heard() == []
    world.run()
    (message,) = world.heard()
    assert message["subject"].startswith("[NOTE] babesclub-commerce: waiver ends on 20")
    assert (message["kind"], message["severity"]) == ("WAIVER_ENDS", "LOW")
    (event,) = message["events"]
    assert (event["waiver"]["reason"], event["waiver"]["until"]) == ("moving house", until.isoformat())
    for _ in range(2):
        world.run()
    assert world.heard() == []
    assert len(world.rows("DRIFT#")) == drifts
    world.now = until
    world.run()
    assert "WAIVER_ENDED" in {event["kind"] for message in world.heard() for event in message["events"]}


def test_who_acknowledged_a_failure_is_named_when_it_is_over(world: World) -> None:
    outcome = world.run()
    assert outcome.table_id is not None
    world.recovery(on=False)
    world.run()
    world.heard()
    said: dict[str, Any] = {"by": "maria", "at": world.now + timedelta(seconds=1), "table_id": outcome.table_id}
    words.say(world.store.rows, Acknowledgement(check="pitr-enabled/on", note="on it", **said))
    world.recovery(on=True)
    world.run()
    taken = {event["check"]: event["taken"] for message in world.heard() for event in message["events"]}
    assert taken["pitr-enabled/on"] == {"by": "maria", "at": said["at"].isoformat(), "note": "on it"}


def test_a_release_that_judges_more_says_so_in_one_note_and_never_as_drift(world: World) -> None:
    world.run(TABLE_RULES[:2])
    world.heard()
    world.recovery(on=False)
    world.run(TABLE_RULES)
    (message,) = world.heard()
    assert message["kind"] == "REJUDGED"
    assert message["severity"] == "CRITICAL"
    assert world.rows("DRIFT#") == []


def test_a_wish_that_changes_is_judged_anew_and_never_as_drift(world: World) -> None:
    world.run()
    world.heard()
    world.want(deletion_protection="fail")
    assert world.run().committed
    assert world.heard() == []
    assert world.rows("DRIFT#") == []


def test_an_older_release_is_silent_while_a_newer_one_rolls_out(world: World) -> None:
    world.run(release="2026-11-24T02:00:00Z")
    world.heard()
    world.recovery(on=False)
    assert not world.run(release="2026-11-20T02:00:00Z").committed
    assert world.heard() == []
    assert world.run(release="2026-11-24T02:00:00Z").committed
    assert len(world.heard()) == 1


def test_two_tables_are_remembered_and_told_apart(world: World) -> None:
    good_table(world.account, "orders")
    world.settings = Settings(tables=(TableSettings(), TableSettings(name="orders")))
    world.run_all()
    assert {message["table"] for message in world.heard()} == {TABLE, "orders"}
    world.recovery(on=False, table="orders")
    world.run_all()
    (message,) = world.heard()
    assert message["table"] == "orders"


def test_a_table_that_could_not_be_described_at_first_is_no_replaced_one(world: World) -> None:
    answers = [True]
    world.account.refuse_while(answers, "dynamodb", "DescribeTable", "AccessDeniedException")
    assert world.run().committed
    world.heard()
    answers.clear()
    world.run()
    (message,) = world.heard()
    assert message["kind"] == "WATCHING"


@pytest.mark.parametrize(("chat", "shown"), [("none", "readiness.alert/1"), ("amazon-q", None)])
def test_web_hooks_get_what_the_checklist_says(
    world: World, chat: Literal["none", "amazon-q"], shown: str | None
) -> None:
    world.settings = structs.replace(world.settings, on_call=OnCall(chat=chat))
    plan = world.run().plan
    assert plan is not None
    assert plan.change.message is not None
    document = json.loads(plan.change.message.bodies["https"])
    assert document.get("schema") == shown
    assert ("content" in document) is (chat == "amazon-q")


def test_the_row_of_an_item_says_since_when_it_is_out_of_sight(world: World) -> None:
    world.run()
    world.account.refuse("dynamodb", "DescribeContinuousBackups", "AccessDeniedException")
    world.run()
    since = world.now
    world.want(deletion_protection="fail")
    world.account.client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    world.run()
    (row,) = world.rows("RULE#pitr-enabled")
    assert row["status"]["S"] == "FAIL"
    assert datetime.fromisoformat(row["blindSince"]["S"]) == since


def test_checks_that_are_retired_drop_out_with_a_line(world: World) -> None:
    world.run()
    world.heard()
    world.run(TABLE_RULES[:3])
    (message,) = world.heard()
    assert message["kind"] == "REJUDGED"
    assert "pitr-enabled/on" in message["retired"]
    world.run(TABLE_RULES[:3])
    assert world.heard() == []


def test_the_wrong_account_judges_nothing_and_writes_nothing(world: World) -> None:
    with pytest.raises(CannotStart, match="wrong account: this is 123456789012"):
        assert_expected(world.account.aws, Settings(account="210987654321"))
    with pytest.raises(CannotStart, match="wrong Region: this is us-east-1"):
        assert_expected(world.account.aws, Settings(region="eu-west-1"))
    assert_expected(world.account.aws, Settings(account=ACCOUNT, region="us-east-1"))


def test_a_check_with_a_bug_is_unknown_and_the_others_still_speak(world: World) -> None:
    broken = Rule("9.9", "Broken", Severity.HIGH, "https://example.com")

    @broken.check()
    def question(table: Table) -> Verdict:
        """It is answered."""
        msg = f"a bug about {table.name}"
        raise RuntimeError(msg)

    world.run()
    world.heard()
    world.recovery(on=False)
    outcome = world.run([*TABLE_RULES, broken])
    assert outcome.plan is not None
    assert outcome.plan.statuses["pitr-enabled"] is Status.FAIL
    assert outcome.plan.statuses[broken.id] is Status.UNKNOWN
    assert called(PITR_OFF) in world.heard()[0]["subject"]
