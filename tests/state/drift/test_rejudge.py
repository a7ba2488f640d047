"""When we change, not the account."""

from readiness.model import Severity
from readiness.state.drift import (
    CheckResult,
    CheckState,
    DecisionContext,
    EventKind,
    ResourceResult,
    adopt,
    decide_all,
    put_off,
)
from tests.state.drift.looks import FAIL, PASS, UNREAD, Watch, differences


def test_a_new_check_becomes_known_and_told_without_being_drift() -> None:
    watch = Watch(judged=False)
    events = watch.look(table=FAIL, queue=PASS)

    assert [event.kind for event in events] == [EventKind.REJUDGED]
    assert differences(events, EventKind.REJUDGED) == ["table"]
    assert watch.told(table=FAIL, queue=PASS) == []
    assert watch.told(table=PASS, queue=PASS) == [EventKind.RECOVERED]


def test_a_new_check_that_passes_says_that_it_is_new() -> None:
    assert Watch(judged=False).told(table=PASS) == [EventKind.REJUDGED]


def test_another_judge_lists_before_and_after() -> None:
    watch = Watch()
    watch.look(table=FAIL, queue=PASS, topic=FAIL)
    events = watch.within(judge="2").look(table=PASS, queue=FAIL, topic=FAIL)

    assert [event.kind for event in events] == [EventKind.REJUDGED]
    assert differences(events, EventKind.REJUDGED) == ["queue", "table"]


def test_unchanged_verdicts_of_another_judge_are_silent() -> None:
    watch = Watch()
    watch.look(table=FAIL)

    assert watch.within(judge="2").look(table=FAIL) == ()


def test_what_was_unread_is_judged_anew_by_the_first_look_that_reads_it() -> None:
    watch = Watch()
    watch.look(table=PASS, queue=FAIL)
    assert watch.within(judge="2").told(table=PASS, queue=UNREAD) == []

    assert watch.told(table=PASS, queue=PASS) == [EventKind.REJUDGED]
    assert watch.told(table=PASS, queue=FAIL) == [EventKind.REGRESSED]


def test_a_wholly_blind_look_leaves_the_judge_as_it_was() -> None:
    watch = Watch()
    watch.within(judge="2").look(table=UNREAD)

    assert watch.told(table=FAIL) == [EventKind.REJUDGED]


def test_a_check_that_was_never_seen_is_new_when_it_is() -> None:
    watch = Watch(judged=False)
    watch.look(table=UNREAD)

    assert watch.told(table=FAIL) == [EventKind.REJUDGED]


def test_a_waived_one_that_got_worse_is_for_the_end_of_its_waiver() -> None:
    watch = Watch().within(waived=lambda _: True)
    assert watch.within(judge="2").told(table=FAIL) == []

    assert watch.within(waived=lambda _: False).told(table=FAIL) == [EventKind.WAIVER_ENDED]


def test_a_new_judge_during_a_pause_is_told_at_its_end() -> None:
    watch = Watch().within(paused=True, judge="2")
    assert watch.told(table=FAIL) == []

    events = watch.within(paused=False).look(table=FAIL)
    assert [event.kind for event in events] == [EventKind.RESUMED]
    assert events[0].changes == 0


def test_another_judge_does_not_make_a_check_speak_more() -> None:
    watch = Watch()
    for judge in range(2, 9):
        watch.within(judge=str(judge)).look(table=(FAIL, PASS)[judge % 2])

    assert watch.told(table=PASS) == [EventKind.RECOVERED]


FAILS = Watch()
FAILS.look(table=FAIL)
FAILING = FAILS.remembered


def test_a_renamed_check_keeps_its_memory() -> None:
    assert adopt({"old/id": FAILING}, {"new/id": ("older/id", "old/id")}) == ({"new/id": FAILING}, ())


def test_what_is_new_may_be_left_to_a_later_look() -> None:
    watch = Watch(judged=False)
    new = watch.look(table=FAIL)
    after = {"pitr-enabled/on": watch.remembered, "known": FAILING}
    assert put_off({"known": CheckState("1")}, after, new) == ({"pitr-enabled/on": CheckState(), "known": FAILING}, ())
    assert put_off({"pitr-enabled/on": CheckState("1"), "known": CheckState("1")}, after, new) == (after, new)


def test_what_is_new_and_could_not_be_read_counts_as_blind_all_the_same() -> None:
    watch = Watch(judged=False)
    watch.look(table=UNREAD)
    after = {"pitr-enabled/on": watch.remembered}
    assert put_off({}, after, ()) == (after, ())
    assert watch.remembered.wholly == 1


def test_a_retired_check_is_named_once() -> None:
    assert adopt({"gone/id": FAILING}, {"new/id": ()}) == ({}, ("gone/id",))


def test_a_memory_under_the_id_of_today_wins() -> None:
    assert adopt({"new/id": CheckState("1"), "old/id": FAILING}, {"new/id": ("old/id",)}) == (
        {"new/id": CheckState("1")},
        (),
    )


def test_reminders_that_are_due_within_the_hour_ride_along() -> None:
    first, soon, late = Watch(), Watch(), Watch()
    soon.now, late.now = first.now.replace(minute=59), first.now.replace(hour=4, minute=30)
    for watch in (first, soon, late):
        watch.look(table=FAIL)
    now = first.now + first.context.remind_after
    memories = {"a": first.remembered, "b": soon.remembered, "c": late.remembered, "unseen": FAILING}
    failing = CheckResult({"table": ResourceResult(FAIL)})
    looks = {name: (failing, DecisionContext(name, Severity.HIGH, "1")) for name in "abc"}

    after, events = decide_all(memories, looks, now)

    assert [(event.check, event.kind) for event in events] == [("a", EventKind.STILL), ("b", EventKind.STILL)]
    assert after["b"].loud == now
    assert after["unseen"] == FAILING
    assert decide_all(after, looks, now)[1] == ()


def test_without_a_reminder_that_is_due_none_rides() -> None:
    looks = {"a": (CheckResult({"table": ResourceResult(FAIL)}), DecisionContext("a", Severity.HIGH, "1"))}
    nearly = FAILS.now + FAILS.context.remind_after * 0.98

    assert decide_all({"a": FAILING}, looks, nearly)[1] == ()
