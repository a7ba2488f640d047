"""An annotation takes effect in the run that tells of it, and only as long as it may."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.checklist import LimitSettings
from readiness.state.announce import (
    ENDS_SOON,
    MOST,
    Announcement,
    Note,
    NoteKind,
    announce,
    announced_at,
    announced_before,
    name_of,
)
from readiness.state.people import (
    Acknowledgement,
    Announced,
    Attestation,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store import Remembered, sort_key_of

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = LimitSettings()
MARIA: dict[str, Any] = {"by": "maria", "at": NOW - MINUTE, "table_id": "T1"}
PAUSE = Pause(**MARIA, reason="release 42", until=NOW + 4 * HOUR)
WAIVER = Waiver(**MARIA, check="pitr-enabled/on", reason="moving house", until=NOW + 30 * DAY)
KNOWN = Remembered(version=7, checks_version=7, table_id="T1")
"""The memory of a table that was watched, and of which nobody has said anything."""


def again(after: Announcement, now: datetime, **said: Any) -> Announcement:
    """Return what the next run tells, of what is on record then."""
    return announce(replace(KNOWN, words=after.remembered.words, **said), now, LIMITS)


def kinds(announcement: Announcement) -> list[NoteKind]:
    return [note.kind for note in announcement.notes]


WORDS: dict[str, Word] = {
    "pause": PAUSE,
    "waivers": WAIVER,
    "acks": Acknowledgement(**MARIA, check="pitr-enabled/on", note="on it"),
    "owners": Owner(**MARIA, rule="pitr-enabled", owner="jo"),
    "attestations": Attestation(**MARIA, rule="load-tested", evidence="{}", until=NOW + DAY),
    "manifest": Manifest(**MARIA, content={"iam": {"a": 1.5}}),
    "signoff": Signoff(**MARIA, account="1", until=NOW + DAY, digest="d", checks={"pitr-enabled/on": "x"}),
}


def on_record(name: str, word: Word | None) -> dict[str, Any]:
    """Return the word as the memory holds it."""
    if name in {"pause", "manifest", "signoff"}:
        return {name: word}
    return {name: (word,) if word else ()}


@pytest.mark.parametrize("name", WORDS)
def test_a_word_is_told_once_and_has_effect_from_the_run_that_tells_it(name: str) -> None:
    said = on_record(name, WORDS[name])
    first = announce(replace(KNOWN, **said), NOW, LIMITS)
    assert kinds(first) == [NoteKind.RECORDED]
    assert first.notes[0].word == WORDS[name]
    assert getattr(first.remembered, name) == said[name]
    assert announced_at(first.remembered, WORDS[name]) == NOW
    second = again(first, NOW + MINUTE, **said)
    assert (second.notes, second.fresh, second.remembered.words) == ((), frozenset(), first.remembered.words)
    assert getattr(second.remembered, name) == said[name]


@pytest.mark.parametrize("name", WORDS)
def test_a_word_that_is_gone_and_comes_back_is_told_each_time(name: str) -> None:
    said, gone = on_record(name, WORDS[name]), on_record(name, None)
    first = announce(replace(KNOWN, **said), NOW, LIMITS)
    second = again(first, NOW + MINUTE, **gone)
    third = again(second, NOW + 2 * MINUTE, **said)
    assert (kinds(second), second.notes[0].rows) == ([NoteKind.WITHDRAWN], (sort_key_of(WORDS[name]),))
    assert second.remembered.words == {}
    assert kinds(third) == [NoteKind.RECORDED]


def changes() -> Iterator[Any]:
    """Yield each word with each of its attributes changed, but those that make its key another."""
    for name, word in WORDS.items():
        for field in word.__struct_fields__:
            value = getattr(word, field)
            other: Any = {"x": value} if isinstance(value, dict) else f"{value}!"
            other = value + MINUTE if isinstance(value, datetime) else other
            changed = replace(word, **{field: "a resource" if value is None else other})
            if sort_key_of(changed) == sort_key_of(word):
                yield pytest.param(name, changed, id=f"{field} of {name}")


@pytest.mark.parametrize(("name", "changed"), [*changes()])
def test_a_word_that_changes_is_told_again(name: str, changed: Word) -> None:
    first = announce(replace(KNOWN, **on_record(name, WORDS[name])), NOW, LIMITS)
    second = again(first, NOW + MINUTE, **on_record(name, changed))
    assert kinds(second) == [NoteKind.CHANGED]
    assert announced_at(second.remembered, changed) == NOW + MINUTE


@pytest.mark.parametrize(
    ("until", "limit", "word"),
    [(NOW + 24 * HOUR, HOUR, PAUSE), (NOW + 365 * DAY, DAY, WAIVER)],
    ids=["pause", "waiver"],
)
def test_a_word_that_is_too_long_is_cut_counted_from_the_run_that_told_it(
    until: datetime, limit: timedelta, word: Pause | Waiver
) -> None:
    name = "pause" if isinstance(word, Pause) else "waivers"
    exact, long = replace(word, until=until), replace(word, until=until + limit, at=NOW + 9 * DAY)
    (note,) = announce(replace(KNOWN, **on_record(name, exact)), NOW, LIMITS).notes
    assert note.until == until
    first = announce(replace(KNOWN, **on_record(name, long)), NOW, LIMITS)
    assert (first.notes[0].until, first.notes[0].word) == (until, long)
    after = again(first, until + limit / 2, **on_record(name, long))
    held = after.remembered.pause if name == "pause" else after.remembered.waivers[0]
    assert held is not None
    assert held.until == until, "it ends once, and does not begin again"
    assert NoteKind.RECORDED not in kinds(after)


def test_the_limits_are_those_of_the_checklist() -> None:
    limits = LimitSettings(pause_hours=2, waiver_days=10)
    after = announce(replace(KNOWN, pause=PAUSE, waivers=(WAIVER,)), NOW, limits).remembered
    assert after.pause is not None
    assert (after.pause.until, after.waivers[0].until) == (NOW + 2 * HOUR, NOW + 10 * DAY)


def test_a_clock_that_ran_ahead_does_not_lengthen_a_pause() -> None:
    ahead = announce(replace(KNOWN, pause=replace(PAUSE, until=NOW + 9999 * DAY)), NOW + 900 * DAY, LIMITS)
    after = again(ahead, NOW, pause=replace(PAUSE, until=NOW + 9999 * DAY)).remembered
    assert after.pause is not None
    assert after.pause.until == NOW + 24 * HOUR


def test_an_acknowledgement_from_the_future_does_not_cover_failures_after_its_announcement() -> None:
    ack = Acknowledgement(by="maria", at=NOW + 9999 * DAY, table_id="T1", check="pitr-enabled/on")
    (held,) = announce(replace(KNOWN, acks=(ack,)), NOW, LIMITS).remembered.acks
    assert held.at == NOW


def test_a_word_that_is_over_is_neither_told_nor_kept_nor_told_as_withdrawn() -> None:
    over = replace(PAUSE, until=NOW)
    assert announce(replace(KNOWN, pause=over), NOW, LIMITS).notes == ()
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS)
    second = again(first, PAUSE.until, pause=PAUSE)
    assert (second.notes, second.remembered.words) == ((), {})
    assert again(second, PAUSE.until + MINUTE).notes == ()


def test_the_end_of_a_pause_is_told_once_within_the_half_hour_before_it() -> None:
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS)
    early = again(first, PAUSE.until - ENDS_SOON - MINUTE, pause=PAUSE)
    near = again(early, PAUSE.until - ENDS_SOON, pause=PAUSE)
    assert (early.notes, near.notes) == ((), (Note(NoteKind.ENDS, ("STATE#PAUSE",), PAUSE, PAUSE.until),))
    assert again(near, PAUSE.until - MINUTE, pause=PAUSE).notes == ()
    short = replace(PAUSE, until=NOW + ENDS_SOON)
    assert again(announce(replace(KNOWN, pause=short), NOW, LIMITS), NOW + MINUTE, pause=short).notes == ()


def test_words_of_a_release_that_did_not_announce_are_in_force_and_count_as_announced() -> None:
    former = Remembered(version=7, table_id="T1", pause=replace(PAUSE, until=NOW + 99 * DAY), waivers=(WAIVER,))
    first = announce(former, NOW, LIMITS)
    assert (first.notes, first.fresh) == ((), frozenset())
    assert first.remembered.pause is not None
    assert first.remembered.pause.until == NOW + DAY
    assert again(first, NOW + MINUTE, pause=former.pause, waivers=(WAIVER,)).notes == ()


@pytest.mark.parametrize("damaged", [False, True], ids=["a new table", "a void memory"])
def test_without_a_memory_all_words_are_told(damaged: bool) -> None:  # noqa: FBT001
    state = Remembered(version=7 if damaged else 0, damaged=damaged, pause=PAUSE, waivers=(WAIVER,))
    first = announce(state, NOW, LIMITS)
    assert kinds(first) == [NoteKind.RECORDED, NoteKind.RECORDED]
    assert announced_before(state, NOW, LIMITS).pause is None
    after = again(first, NOW + MINUTE, pause=PAUSE, waivers=(WAIVER,))
    assert (after.notes, after.remembered.pause) == ((), PAUSE)


def many(number: int, first: int = 0) -> tuple[Owner, ...]:
    return tuple(
        Owner(by="mallory", at=NOW + number * MINUTE, table_id="T1", rule=f"rule-{number}", owner="x")
        for number in range(first, first + number)
    )


def test_beyond_200_the_newest_have_no_effect_and_are_counted_once() -> None:
    first = announce(replace(KNOWN, owners=many(300)), NOW, LIMITS)
    assert {word.rule for word in first.remembered.owners} == {f"rule-{number}" for number in range(MOST)}
    assert kinds(first).count(NoteKind.RECORDED) == MOST
    assert (first.notes[-1].kind, first.notes[-1].count) == (NoteKind.TOO_MANY, 100)
    assert len(first.remembered.words) == MOST + 1
    second = again(first, NOW + MINUTE, owners=many(300))
    assert (second.notes, len(second.remembered.owners)) == ((), MOST)
    more = again(second, NOW + MINUTE, owners=many(301))
    assert (kinds(more), more.notes[0].count) == ([NoteKind.TOO_MANY], 101)


def test_an_announced_word_is_not_displaced_by_older_ones_that_come_later() -> None:
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS)
    flood = tuple(replace(each, at=NOW - 99 * DAY) for each in many(300))
    second = again(first, NOW + MINUTE, pause=PAUSE, owners=flood)
    assert second.remembered.pause == PAUSE
    assert len(second.remembered.owners) == MOST - 1


def test_a_word_takes_effect_when_there_is_room_again_and_is_told_then() -> None:
    first = announce(replace(KNOWN, owners=many(201)), NOW, LIMITS)
    second = again(first, NOW + MINUTE, owners=many(200, first=1))
    assert kinds(second) == [NoteKind.RECORDED, NoteKind.WITHDRAWN]
    assert len(second.remembered.owners) == MOST


def test_words_that_are_over_take_no_room() -> None:
    drills = tuple(
        Attestation(by="maria", at=NOW - DAY * number, table_id="T1", rule="load-tested", evidence="", until=NOW)
        for number in range(300)
    )
    after = announce(replace(KNOWN, pause=PAUSE, attestations=drills), NOW, LIMITS)
    assert (after.remembered.pause, len(after.remembered.attestations)) == (PAUSE, 300)


def test_a_row_of_a_later_release_is_told_once_and_is_not_withdrawn() -> None:
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS)
    second = again(first, NOW + MINUTE, later=("STATE#PAUSE",))
    assert (kinds(second), second.notes[0].rows) == ([NoteKind.LATER_RELEASE], ("STATE#PAUSE",))
    assert second.remembered.pause is None
    third = again(second, NOW + 2 * MINUTE, later=("STATE#PAUSE",))
    assert third.notes == ()
    assert kinds(again(third, NOW + 3 * MINUTE, later=("STATE#PAUSE", "STATE#SIGNOFF"))) == [NoteKind.LATER_RELEASE]
    assert kinds(again(third, NOW + 3 * MINUTE, pause=PAUSE)) == [NoteKind.RECORDED]


def test_illegible_rows_are_counted_once_though_they_are_moved_ten_at_a_time() -> None:
    rows: dict[str, Any] = {f"STATE#OWNER#{number:02}": {} for number in range(25)}
    first = announce(replace(KNOWN, refused={"STATE#FACT#x": {}, **rows}), NOW, LIMITS)
    (note,) = first.notes
    assert (note.kind, note.count, len(note.rows)) == (NoteKind.ILLEGIBLE, 25, 9)
    left = dict(list(rows.items())[9:])
    second = again(first, NOW + MINUTE, refused=left)
    assert second.notes == ()
    more = {**dict(list(left.items())[10:]), "STATE#OWNER#99": {}}
    (note,) = again(second, NOW + 2 * MINUTE, refused=more).notes
    assert (note.kind, note.count) == (NoteKind.ILLEGIBLE, 1)


def test_an_announced_word_that_cannot_be_read_any_more_is_told_as_such_alone() -> None:
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS)
    assert kinds(again(first, NOW + MINUTE, refused={"STATE#PAUSE": {}})) == [NoteKind.ILLEGIBLE]


def test_what_is_kept_of_200_words_with_long_keys_is_small() -> None:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:" + "x" * 900
    waivers = tuple(replace(WAIVER, resource=f"{resource}{number}") for number in range(MOST))
    words = announce(replace(KNOWN, waivers=waivers), NOW, LIMITS).remembered.words
    assert len(words) == MOST
    assert sum(len(name) + 64 for name in words) < 40_000
    assert name_of("STATE#PAUSE") == "STATE#PAUSE"


def test_what_suppresses_alerts_is_told_first() -> None:
    said = {name: value for each, word in WORDS.items() for name, value in on_record(each, word).items()}
    notes = announce(replace(KNOWN, **said, later=("STATE#X",)), NOW, LIMITS).notes
    assert [note.about for note in notes] == [
        "PAUSE",
        "WAIVER",
        "ACK",
        "SIGNOFF",
        "ATTESTATION",
        "MANIFEST",
        "OWNER",
        "X",
    ]


def test_a_value_that_json_does_not_know_is_no_reason_to_fail() -> None:
    content: dict[str, Any] = {"a": b"\x00", "b": {"c": [1, None]}}
    said = Manifest(by="mallory", at=NOW, table_id="T1", content=content)
    assert kinds(announce(replace(KNOWN, manifest=said), NOW, LIMITS)) == [NoteKind.RECORDED]


def test_the_announcement_is_what_the_memory_holds() -> None:
    words = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS).remembered.words
    (announced,) = words.values()
    assert (announced.at, len(announced.digest), announced.ends) == (NOW, 32, False)
    assert isinstance(announced, Announced)


def test_a_message_that_announces_nothing_uses_what_earlier_runs_have_announced() -> None:
    first = announce(replace(KNOWN, pause=PAUSE), NOW, LIMITS).remembered
    state = replace(KNOWN, words=first.words, pause=PAUSE, waivers=(WAIVER,))
    after = announced_before(state, NOW + MINUTE, LIMITS)
    assert (after.pause, after.waivers) == (PAUSE, ())
    assert announced_before(state, NOW + MINUTE, LimitSettings(pause_hours=1)).pause == replace(PAUSE, until=NOW + HOUR)
    former = Remembered(version=7, table_id="T1", pause=PAUSE)
    assert announced_before(former, NOW, LIMITS).pause == PAUSE
