"""Annotations have effect from the run whose message reports them, and not beyond their limits."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from readiness.checklist import LimitSettings, OnCall
from readiness.state.announce import name_of
from readiness.state.people import Acknowledgement, Owner, Pause, Waiver, Word
from readiness.state.store import sort_key_of, words
from tests.aws.account import TABLE
from tests.run.world import World

DAY = timedelta(days=1)
ON = "pitr-enabled/on"


@pytest.fixture
def watched(world: World) -> World:
    """One run has told that it is watching."""
    world.run()
    world.heard()
    return world


def by_mallory(world: World) -> dict[str, Any]:
    return {"by": "mallory", "at": world.now, "table_id": world.table_id}


def say(world: World, *said: Word) -> None:
    for word in said:
        words.say(world.store.rows, word, world.store.rows.get(sort_key_of(word)))


def delete_pause(world: World) -> dict[str, Any]:
    """Delete the row of the pause without a command, and return it."""
    (row,) = world.rows("STATE#PAUSE")
    world.account.client("dynamodb").delete_item(TableName=TABLE, Key={"PK": row["PK"], "SK": row["SK"]})
    return row


def notes(message: Mapping[str, Any]) -> list[str]:
    return [note["what"] for note in message["notes"]]


def told(world: World) -> list[str]:
    """Return the kinds of the messages that arrived, and of their events."""
    heard = world.heard()
    return [kind for message in heard for kind in (message["kind"], *(each["kind"] for each in message["events"]))]


def test_a_pause_of_ten_years_is_cut_and_told_and_the_failure_is_told_after_a_day(watched: World) -> None:
    until = watched.now + 3650 * DAY
    say(watched, Pause(**by_mallory(watched), reason="nothing to see", until=until))
    watched.recovery(on=False)
    watched.run()
    began = watched.now
    (message,) = watched.heard()
    assert (message["kind"], message["severity"], message["events"]) == ("NOTE", "LOW", [])
    assert message["subject"].startswith(f"[NOTE] {TABLE}: mallory paused alerts until {began + DAY:%Y-%m-%d}")
    (note,) = message["notes"]
    assert (note["until"], note["until_recorded"]) == ((began + DAY).isoformat(), until.isoformat())
    watched.run()
    assert told(watched) == []
    watched.now = began + DAY - timedelta(minutes=10)
    watched.run()
    (message,) = watched.heard()
    assert notes(message) == ["ENDS"]
    watched.run()
    assert told(watched) == []
    watched.now = began + DAY - timedelta(minutes=1)
    watched.run()
    assert set(told(watched)) == {"RESUMED"}
    watched.run()
    assert told(watched) == [], "the rest of the ten years is no new pause"


def test_a_waiver_until_9999_is_cut_and_told_and_the_failure_is_told_when_it_ends(watched: World) -> None:
    say(
        watched, Waiver(**by_mallory(watched), check=ON, reason="no", until=datetime.fromisoformat("9999-01-01T00:00Z"))
    )
    watched.recovery(on=False)
    watched.run()
    began = watched.now
    (message,) = watched.heard()
    assert ON not in {event["check"] for event in message["events"]}
    assert message["notes"][0]["until"] == (began + 365 * DAY).isoformat()
    (row,) = watched.rows("RULE#pitr-enabled")
    assert datetime.fromisoformat(row["waivers"]["L"][0]["M"]["until"]["S"]) == began + 365 * DAY
    watched.now = began + 365 * DAY - timedelta(minutes=2)
    watched.run()
    assert "WAIVER_ENDS" in told(watched)
    watched.run()
    assert "WAIVER_ENDED" in told(watched)


def test_the_checklist_sets_the_limits(watched: World) -> None:
    watched.settings = structs.replace(watched.settings, limits=LimitSettings(pause_hours=1))
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    watched.run()
    (message,) = watched.heard()
    assert message["notes"][0]["until"] == (watched.now + timedelta(hours=1)).isoformat()


def test_a_word_that_is_withdrawn_and_put_back_is_told_each_time(watched: World) -> None:
    pause = Pause(**by_mallory(watched), reason="release", until=watched.now + DAY)
    say(watched, pause)
    watched.run()
    row = delete_pause(watched)
    watched.run()
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item=row)
    watched.run()
    assert [notes(message) for message in watched.heard()] == [["RECORDED"], ["WITHDRAWN"], ["RECORDED"]]


FUNCTION = f"arn:aws:lambda:us-east-1:123456789012:function:{'a-long-name-' * 5}cart"


def withdraw(world: World, word: Word, by: str) -> None:
    former = world.store.rows.get(sort_key_of(word))
    assert former is not None
    words.withdraw(world.store.rows, former, words.Speaker(by, world.now))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param(Pause, {"reason": "release"}, id="a pause"),
        pytest.param(Waiver, {"reason": "later", "check": ON}, id="a waiver"),
        pytest.param(Waiver, {"reason": "later", "check": ON, "resource": "a"}, id="a waiver of one resource"),
        pytest.param(Waiver, {"reason": "later", "check": ON, "resource": FUNCTION}, id="a waiver with a long name"),
    ],
)
def test_the_note_of_a_withdrawal_names_who_withdrew_it(
    watched: World, kind: Callable[..., Word], fields: dict[str, Any]
) -> None:
    other = Waiver(**by_mallory(watched), reason="later", check=ON, resource=f"{FUNCTION}-2", until=watched.now + DAY)
    word = kind(**by_mallory(watched), **fields, until=watched.now + DAY)
    say(watched, other, word)
    watched.run()
    withdraw(watched, other, "carol")
    withdraw(watched, word, "arn:aws:iam::123456789012:user/bob")
    watched.run()
    *_, message = watched.heard()
    bob = {note["records"][0]: note for note in message["notes"]}[name_of(sort_key_of(word))]
    assert (bob["what"], bob["by"]) == ("WITHDRAWN", "arn:aws:iam::123456789012:user/bob")
    assert bob["text"].startswith("bob withdrew the ")
    assert {note["by"] for note in message["notes"]} == {"carol", "arn:aws:iam::123456789012:user/bob"}


def test_a_record_that_was_replaced_and_withdrawn_between_two_runs_names_who_withdrew_it(watched: World) -> None:
    first = Pause(**by_mallory(watched), reason="release", until=watched.now + DAY)
    say(watched, first)
    watched.run()
    say(watched, structs.replace(first, by="ada", at=watched.now))
    withdraw(watched, first, "bob")
    watched.run()
    *_, message = watched.heard()
    assert [note["text"] for note in message["notes"]] == ["bob withdrew the pause of alerts"]


def test_a_record_that_was_deleted_names_nobody_not_even_who_withdrew_an_earlier_one(watched: World) -> None:
    earlier = Pause(**by_mallory(watched), reason="release", until=watched.now + DAY)
    say(watched, earlier)
    withdraw(watched, earlier, "bob")
    watched.now += timedelta(minutes=1)
    say(watched, structs.replace(earlier, at=watched.now))
    watched.run()
    delete_pause(watched)
    watched.run()
    *_, message = watched.heard()
    assert [note["text"] for note in message["notes"]] == ["the pause of alerts was deleted by an unknown principal"]
    assert message["notes"][0]["by"] is None


def test_a_record_that_was_put_back_and_deleted_names_nobody_who_withdrew_it_before(watched: World) -> None:
    pause = Pause(**by_mallory(watched), reason="release", until=watched.now + DAY)
    say(watched, pause)
    watched.run()
    (row,) = watched.rows("STATE#PAUSE")
    withdraw(watched, pause, "bob")
    watched.run()
    watched.now += timedelta(minutes=10)
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item=row)
    watched.run()
    delete_pause(watched)
    watched.run()
    *_, before, _, message = watched.heard()
    assert [note["text"] for note in before["notes"]] == ["bob withdrew the pause of alerts"]
    assert [note["text"] for note in message["notes"]] == ["the pause of alerts was deleted by an unknown principal"]


def test_a_former_record_with_a_time_in_the_future_does_not_lend_its_author_to_others(watched: World) -> None:
    far = Pause(**by_mallory(watched) | {"at": watched.now + 9999 * DAY}, reason="far", until=watched.now + DAY)
    say(watched, far)
    withdraw(watched, far, "bob")
    watched.now += timedelta(minutes=1)
    pause = Pause(**by_mallory(watched), reason="release", until=watched.now + DAY)
    say(watched, pause)
    watched.run()
    withdraw(watched, pause, "carol")
    watched.run()
    *_, message = watched.heard()
    assert [note["text"] for note in message["notes"]] == ["carol withdrew the pause of alerts"]


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        pytest.param(
            Waiver, {"reason": "later", "check": ON}, f"mallory changed the waiver of {ON} until ", id="waiver"
        ),
        pytest.param(Pause, {"reason": "release"}, "mallory changed the pause of alerts until ", id="pause"),
    ],
)
def test_a_record_whose_end_is_moved_to_the_past_is_told(
    watched: World, kind: Callable[..., Word], fields: dict[str, Any], text: str
) -> None:
    word = kind(**by_mallory(watched), **fields, until=watched.now + DAY)
    say(watched, word)
    watched.run()
    watched.heard()
    say(watched, structs.replace(word, at=watched.now, until=watched.now))
    watched.run()
    (message,) = watched.heard()
    assert [note["text"][: len(text)] for note in message["notes"]] == [text]
    watched.run()
    assert watched.heard() == []


def test_an_unchanged_word_costs_no_write_and_no_message(watched: World) -> None:
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    watched.run()
    watched.heard()
    (before,) = watched.rows("STATE#CHECKS")
    watched.run()
    assert watched.rows("STATE#CHECKS") == [before]
    assert told(watched) == []


def test_of_300_words_the_newest_100_have_no_effect_and_are_counted(watched: World) -> None:
    said = by_mallory(watched)
    rows = watched.store.rows
    for number in range(300):
        owner = Owner(**{**said, "at": said["at"] - DAY}, rule=f"rule-{number:03}", owner="x")
        values = {"by": owner.by, "at": owner.at, "rule": owner.rule, "owner": owner.owner}
        item = rows.item(sort_key_of(owner), owner.table_id, values)
        rows.client.put_item(TableName=TABLE, Item=item)
    say(watched, Pause(**said, reason="hidden", until=watched.now + DAY))
    watched.recovery(on=False)
    watched.run()
    (message,) = watched.heard()
    assert "REGRESSED" in {event["kind"] for event in message["events"]}, "the pause is the newest, and has no effect"
    assert (len(message["notes"]), len(message["notes"]) + message["more_notes"]) == (20, 201)
    watched.run()
    assert told(watched) == []


def test_a_pause_of_a_later_release_is_told_and_has_no_effect(watched: World) -> None:
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    (row,) = watched.rows("STATE#PAUSE")
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item={**row, "schema": {"N": "999"}})
    watched.recovery(on=False)
    watched.run()
    (message,) = watched.heard()
    assert message["kind"] == "REGRESSED"
    assert (notes(message), message["notes"][0]["records"]) == (["LATER_RELEASE"], ["STATE#PAUSE"])
    watched.run()
    assert told(watched) == []
    assert watched.rows("STATE#PAUSE"), "it stays for that release"


def test_a_pause_that_cannot_be_read_is_told_moved_and_has_no_effect(watched: World) -> None:
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    (row,) = watched.rows("STATE#PAUSE")
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item={**row, "until": {"N": "1"}})
    watched.recovery(on=False)
    watched.run()
    (message,) = watched.heard()
    assert message["kind"] == "REGRESSED"
    assert (notes(message), message["notes"][0]["records"]) == (["ILLEGIBLE"], ["STATE#PAUSE"])
    assert watched.rows("STATE#PAUSE") == []
    assert watched.rows("REFUSED#STATE#PAUSE")
    watched.run()
    assert told(watched) == []


@pytest.mark.parametrize(
    "times",
    [
        {"until": "9999-12-31T23:59:59-12:00"},
        {"until": "9999-12-31T23:59:59Z", "at": "0001-01-01T00:00:00+12:00"},
        {"until": "9999-12-31T23:59:59.999999Z", "at": "9999-12-31T23:59:59Z"},
    ],
    ids=["ends after all time", "begins before it", "as long as time"],
)
def test_times_at_the_end_of_all_time_end_no_run(watched: World, times: Mapping[str, str]) -> None:
    watched.settings = structs.replace(watched.settings, on_call=OnCall(time_zone="Asia/Tokyo"))
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    (row,) = watched.rows("STATE#PAUSE")
    item = {**row, **{name: {"S": time} for name, time in times.items()}}
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    assert watched.run().committed
    (message,) = watched.heard()
    assert notes(message) in (["ILLEGIBLE"], ["RECORDED"])


def test_a_word_under_the_key_of_another_is_illegible(watched: World) -> None:
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    (row,) = watched.rows("STATE#PAUSE")
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item={**row, "SK": {"S": "STATE#PAUSE#2"}})
    watched.run()
    (message,) = watched.heard()
    assert notes(message) == ["RECORDED", "ILLEGIBLE"]


def test_the_first_message_of_a_table_names_what_people_have_recorded(world: World) -> None:
    say(world, Owner(**by_mallory(world), rule="pitr-enabled", owner="jo"))
    world.run()
    (message,) = world.heard()
    assert (message["kind"], notes(message)) == ("WATCHING", ["RECORDED"])


def test_a_pause_does_not_hold_back_the_note_of_a_waiver(watched: World) -> None:
    say(watched, Pause(**by_mallory(watched), reason="release", until=watched.now + DAY))
    watched.run()
    watched.heard()
    say(watched, Waiver(**by_mallory(watched), check=ON, reason="no", until=watched.now + DAY))
    watched.run()
    (message,) = watched.heard()
    assert (message["kind"], notes(message)) == ("NOTE", ["RECORDED"])


def test_a_note_delays_no_recovery_and_counts_for_no_check(watched: World) -> None:
    for number in range(8):
        say(watched, Acknowledgement(**by_mallory(watched), check=ON, note=str(number)))
        watched.run()
    assert set(told(watched)) == {"NOTE"}
    watched.recovery(on=False)
    watched.run()
    watched.recovery(on=True)
    watched.run()
    assert told(watched) == ["REGRESSED", "REGRESSED", "RECOVERED", "RECOVERED"]


def test_no_flood_of_records_hides_a_failure_while_nobody_is_subscribed(deaf: World) -> None:
    deaf.run()
    for number in range(5):
        named = [f"{number}-{each}-{'z' * 100}" for each in range(8)]
        more: dict[str, Any] = {"reason": "x" * 3000, "check": ON, "until": deaf.now + DAY}
        say(deaf, *(Waiver(**by_mallory(deaf), **more, resource=name) for name in named))
        deaf.run()
    deaf.recovery(on=False)
    deaf.run()
    deaf.subscribe()
    deaf.run()
    merged, *_ = deaf.heard()
    assert merged["more_messages"] > 0
    assert merged["merged"][-1]["subject"] == f"[CRITICAL] {TABLE}: PITR was disabled"
