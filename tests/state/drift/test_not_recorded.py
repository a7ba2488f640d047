"""What nobody has recorded yet fails, is told once, and is no news that anybody has to act on at night."""

from datetime import timedelta

import pytest

from readiness.model import Severity
from readiness.state.drift import CheckState, EventKind
from tests.state.drift.looks import ABSENT, FAIL, MISSING, PASS, UNREAD, Said, Watch

DAY = timedelta(hours=25)


def first(severity: Severity = Severity.HIGH, **context: object) -> Watch:
    """A check that was found not to be recorded by the first look."""
    watch = Watch(severity, judged=False, **context)
    (event,) = watch.look(table=MISSING)
    assert event.kind is EventKind.REJUDGED
    return watch


@pytest.mark.parametrize("severity", list(Severity))
def test_it_is_never_reminded_of(severity: Severity) -> None:
    watch = first(severity)
    assert [watch.told(DAY, table=MISSING) for _ in range(3)] == [[], [], []]


def test_a_failure_beside_it_is_reminded_of_alone() -> None:
    watch = first()
    watch.look(table=MISSING, role=FAIL)
    (event,) = watch.look(DAY, table=MISSING, role=FAIL)
    assert event.kind is EventKind.STILL
    assert [each.resource for each in event.differences] == ["role"]


def test_what_was_recorded_and_passes_is_told_once_as_over() -> None:
    """It was told as missing, and every lasting change is told."""
    watch = first()
    assert watch.told(table=PASS) == [EventKind.RECOVERED]
    assert watch.told(table=PASS) == []


def test_what_was_recorded_and_fails_is_told_at_once() -> None:
    """Until then nobody knew that it fails."""
    watch = first()
    (event,) = watch.look(table=FAIL)
    assert event.kind is EventKind.REGRESSED
    assert event.differences[0].after is not None
    assert event.differences[0].after.since == watch.now


def test_who_took_a_missing_record_did_not_take_the_failure_that_it_shows() -> None:
    watch = first()
    watch.within(acknowledged=watch.now)
    watch.look(table=FAIL)
    assert watch.told(DAY, table=FAIL) == [EventKind.STILL]


def test_a_failure_that_is_eventually_consistent_has_to_be_read_twice_after_it_too() -> None:
    watch = first(confirm=2)
    assert watch.told(table=FAIL) == []
    assert watch.told(table=FAIL) == [EventKind.REGRESSED]


def test_what_failed_and_is_not_recorded_any_more_is_a_change() -> None:
    watch = Watch()
    watch.look(table=FAIL)
    assert watch.told(table=MISSING) == [EventKind.CHANGED]


def test_a_record_that_is_lost_is_told_as_a_failure() -> None:
    assert Watch().told(table=MISSING) == [EventKind.REGRESSED]


def test_not_applicable_after_it_ends_it() -> None:
    assert first().told(table=ABSENT) == [EventKind.RECOVERED]


def test_it_is_no_blindness() -> None:
    watch = first()
    for _ in range(5):
        assert watch.told(table=MISSING) == []
    assert not watch.remembered.dark


@pytest.mark.parametrize("before", [FAIL, UNREAD])
def test_a_release_that_begins_to_tell_it_apart_says_so_in_its_own_note(before: Said) -> None:
    watch = Watch()
    for _ in range(4):
        watch.look(table=before)
    watch.within(judge="2")
    assert EventKind.REJUDGED in watch.told(table=MISSING)
    assert watch.told(DAY, table=MISSING) == []


def test_memory_says_why_it_fails_and_that_of_a_former_release_says_nothing_of_it() -> None:
    item = first().remembered.to_item()
    assert item["known"]["table"]["reason"] == item["told"]["table"]["reason"] == "NOT_RECORDED"
    for side in ("known", "told"):
        del item[side]["table"]["reason"]
    former = CheckState.from_item(item)
    assert former.known["table"].fails
    assert former.told["table"].fails


def test_many_that_are_not_recorded_are_not_recorded_together() -> None:
    watch = Watch(judged=False)
    watch.look(many={f"role-{number:03}": MISSING for number in range(60)})
    assert all(each.unrecorded for each in watch.remembered.known.values())
    assert watch.told(DAY, many={f"role-{number:03}": MISSING for number in range(60)}) == []


def test_one_failure_among_many_that_are_not_recorded_fails() -> None:
    watch = Watch(judged=False)
    roles: dict[str, Said] = {f"role-{number:03}": MISSING for number in range(60)}
    watch.look(many=roles)
    (event,) = watch.look(many={**roles, "role-059": FAIL})
    assert event.kind is EventKind.REGRESSED
