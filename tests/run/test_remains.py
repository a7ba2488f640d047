"""Attacks that remain possible with write access to the rows; docs/security.md lists what reports each, and when."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from readiness.aws.time import iso
from readiness.checklist import SampleSettings
from readiness.model import Status
from readiness.rules import ttl_enabled
from readiness.run import Outcome
from readiness.run.outcome import problems
from readiness.state.people import Pause, Waiver
from readiness.state.store import words
from readiness.state.store.signing import MAC
from readiness.state.store.words import Speaker
from tests.aws.account import TABLE
from tests.run.test_damage import KEY, edit
from tests.run.world import World, new_environment

PITR = "pitr-enabled/on"
OFF = f"[CRITICAL] {TABLE}: PITR was disabled"
ON = f"[RESOLVED] {TABLE}: PITR is enabled again"
AGO = "2000-01-01T00:00:00.000000Z"
TTL = (ttl_enabled.rule,)

Row = dict[str, Any]


@pytest.fixture
def watched(world: World) -> World:
    """A table that is watched, and whose recovery is on."""
    world.run()
    world.heard()
    return world


def subjects(world: World) -> list[str]:
    return [message["subject"] for message in world.heard()]


def put(world: World, rows: Sequence[Row]) -> None:
    """Somebody writes these rows."""
    for row in rows:
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=row)


def delete(world: World, rows: Sequence[Row]) -> None:
    """Somebody deletes these rows."""
    for row in rows:
        key = {name: row[name] for name in ("PK", "SK")}
        world.account.client("dynamodb").delete_item(TableName=TABLE, Key=key)


def waiting(world: World) -> list[Row]:
    """Recovery is turned off while SNS refuses messages: return the rows of the outbox."""
    refused = [True]
    world.account.refuse_while(refused, "sns", "Publish", "InternalErrorException")
    world.recovery(on=False)
    assert world.run().pending == 1
    refused.clear()
    return world.rows("OUTBOX#")


def status(outcome: Outcome, check: str) -> Status:
    (found,) = [asked.findings[0] for asked in outcome.scan.evaluation.asked if asked.check.id == check]
    return found.status


def test_of_a_message_that_was_deleted_the_reminder_tells_a_day_later(watched: World) -> None:
    delete(watched, waiting(watched))
    watched.run()
    assert subjects(watched) == []

    watched.now += timedelta(days=1)
    watched.run()
    (message,) = watched.heard()
    assert [(event["kind"], event["check"]) for event in message["events"]] == [("STILL", PITR)]


def test_after_the_signed_memory_of_yesterday_was_put_back_what_differs_is_told_again(watched: World) -> None:
    yesterday = [row for row in watched.rows("STATE") if row["SK"]["S"] in {"STATE", "STATE#CHECKS"}]
    assert len(yesterday) == 2
    watched.now += timedelta(days=1)
    watched.recovery(on=False)
    watched.run()
    assert subjects(watched) == [OFF]

    put(watched, yesterday)
    watched.run()
    assert subjects(watched) == [OFF]
    watched.run()
    assert subjects(watched) == []


def test_a_kept_answer_that_was_put_back_is_believed_until_it_would_change_what_was_told(world: World) -> None:
    world.want(sample=SampleSettings(enabled=True))
    world.item("HOLD#1", expiresAt={"N": str(int(world.now.timestamp()) + 86_400)})
    assert status(world.run(TTL), "ttl-enabled/values") is Status.PASS
    world.heard()
    kept = world.rows("STATE#FACT#")
    assert [row["SK"]["S"] for row in kept] == ["STATE#FACT#Sample"]
    world.item("HOLD#2", expiresAt={"N": str(int(world.now.timestamp()) * 1000)})
    delete(world, kept)
    assert status(world.run(TTL), "ttl-enabled/values") is Status.WARN

    put(world, kept)
    outcome = world.run(TTL)
    assert (status(outcome, "ttl-enabled/values"), outcome.refused) == (Status.WARN, 0), "it does not confirm"
    (message,) = world.heard()
    assert [(event["kind"], event["check"]) for event in message["events"]] == [("WORSENED", "ttl-enabled/values")]

    put(world, kept)
    outcome = world.run(TTL)
    assert (status(outcome, "ttl-enabled/values"), outcome.refused) == (Status.PASS, 0)
    assert status(world.run(TTL), "ttl-enabled/values") is Status.WARN
    assert subjects(world) == []


def test_a_canary_that_somebody_else_wrote_decides_its_check(world: World) -> None:
    canary = "ttl-enabled/canary"
    world.run(TTL)
    (own,) = world.rows("STATE#CANARY#")
    world.heard()
    edit(world, f"STATE#CANARY#{AGO}", **{**own, "SK": {"S": f"STATE#CANARY#{AGO}"}, "at": {"S": AGO}})
    world.now += timedelta(days=9)
    outcome = world.run(TTL)
    assert (status(outcome, canary), outcome.refused) == (Status.FAIL, 0)

    delete(world, world.rows("STATE#CANARY#"))
    outcome = world.run(TTL)
    assert (status(outcome, canary), outcome.refused) == (Status.PASS, 0)


def test_an_old_message_that_was_put_back_is_sent_with_its_first_id_and_time(watched: World) -> None:
    old = waiting(watched)
    watched.run()
    (first,) = watched.heard()
    watched.recovery(on=True)
    watched.run()
    assert subjects(watched) == [ON]

    put(watched, old)
    assert watched.run().pending == 0
    (again,) = watched.heard()
    assert again["subject"] == OFF
    assert (again["id"], again["at"]) == (first["id"], first["at"])


def test_a_lease_that_was_forged_during_a_publish_turns_two_messages_round(watched: World) -> None:
    """The first message is sent by both runs, by the one whose lease was taken away after the second message."""
    during = [True]

    def publishing(**_event: object) -> None:
        if during:
            during.clear()
            (row,) = watched.rows("OUTBOX#")
            edit(watched, row["SK"]["S"], leaseUntil={"S": AGO})
            watched.recovery(on=True)
            assert watched.run().pending == 0

    watched.account.caller.prepare("sns", "before-call.{}.Publish", publishing)
    watched.recovery(on=False)
    assert watched.run().pending == 0
    messages = watched.heard()
    assert [message["subject"] for message in messages] == [OFF, ON, OFF]
    first, second, last = messages
    assert (last["id"], last["at"]) == (first["id"], first["at"])
    assert last["at"] < second["at"], "the times tell which is the newer one"
    watched.run()
    assert subjects(watched) == []


def test_a_record_that_was_withdrawn_and_put_back_before_a_run_stays_in_force_silently(watched: World) -> None:
    until = watched.now + timedelta(hours=2)
    words.say(
        watched.store.rows,
        Pause(by="ada", at=watched.now, table_id=watched.table_id, reason="deployment", until=until),
    )
    watched.run()
    assert len(subjects(watched)) == 1
    pause = watched.rows("STATE#PAUSE")
    words.withdraw(watched.store.rows, watched.store.rows.get("STATE#PAUSE") or {}, Speaker("ada", watched.now))

    put(watched, pause)
    watched.recovery(on=False)
    watched.run()
    assert subjects(watched) == []
    assert len(watched.rows("HISTORY#STATE#PAUSE#")) == 1, "the history shows that it was withdrawn"
    watched.now = until
    watched.run()
    assert [message["kind"] for message in watched.heard()] == ["RESUMED"]


def test_a_withdrawal_that_somebody_wrote_in_the_name_of_another_is_told_with_that_name(watched: World) -> None:
    until = watched.now + timedelta(days=1)
    pause = Pause(by="ada", at=watched.now, table_id=watched.table_id, reason="release", until=until)
    words.say(watched.store.rows, pause)
    watched.run()
    watched.heard()
    (row,) = watched.rows("STATE#PAUSE")
    watched.account.client("dynamodb").delete_item(TableName=TABLE, Key={"PK": row["PK"], "SK": row["SK"]})
    ended = {"ended": {"S": "withdrawn"}, "endedBy": {"S": "maria"}, "endedAt": {"S": iso(watched.now)}}
    forged = {**row, **ended, "SK": {"S": f"HISTORY#STATE#PAUSE#{row['at']['S']}"}}
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item=forged)
    watched.run()
    (message,) = watched.heard()
    assert [note["text"] for note in message["notes"]] == ["maria withdrew the pause of alerts"]


def test_what_somebody_records_while_nobody_is_subscribed_is_a_reason_of_unwell(deaf: World) -> None:
    deaf.run()
    until = deaf.now + timedelta(days=30)
    words.say(
        deaf.store.rows,
        Waiver(by="eve", at=deaf.now, table_id=deaf.table_id, check=PITR, reason="none", until=until),
    )
    deaf.recovery(on=False)
    for _ in range(3):
        found = problems(deaf.run(), 0)
        assert (found["noSubscribers"], found["messagesWaiting"]) == (1, 1)
    deaf.subscribe()
    assert problems(deaf.run(), 0)["noSubscribers"] == 0
    (message,) = deaf.heard()
    assert [note["by"] for each in message["merged"] for note in each["notes"]] == ["eve"]


def test_noise_with_damaged_rows_is_one_alert_with_ten_names_and_their_number(watched: World) -> None:
    edit(watched, "STATE", schema={"N": "999"})
    for number in range(30):
        edit(watched, f"STATE#WAIVER#noise{number:02}", by={"N": "1"})

    outcome = watched.run()
    assert outcome.state is not None
    (message,) = watched.heard()
    names, _, more = message["trouble"]["detail"].rpartition(" and ")
    assert (len(names.split(", ")), more) == (10, f"{len(outcome.state.refused) - 10} more")
    assert len(outcome.state.refused) == 32, "the head, its memory and the noise"
    for _ in range(4):
        watched.run()
    assert watched.rows("STATE#WAIVER#") == []
    assert len(watched.rows("REFUSED#")) == 20


def test_rows_without_a_signature_are_believed_silently_after_both_parameters_were_deleted(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.recovery(on=False)
    watched.run()
    told = watched.rows("STATE")
    watched.recovery(on=True)
    watched.run()
    assert subjects(watched) == [OFF, ON]

    for name in (KEY, KEY.replace("/key", "/table-id")):
        watched.account.client("ssm").delete_parameter(Name=name)
    put(watched, [{name: each for name, each in row.items() if name != MAC} for row in told])
    new_environment(monkeypatch)
    watched.recovery(on=False)
    for _ in range(2):
        outcome = watched.run()
        assert (outcome.committed, outcome.refused, sum(problems(outcome, 0).values())) == (True, 0, 0)
    assert subjects(watched) == []
