"""Waivers and pauses: what people said shall not be told, and what of it is told afterwards."""

from datetime import timedelta

import pytest

from readiness.model import Incident
from readiness.state.drift import EventKind
from tests.state.drift.looks import FAIL, PASS, UNREAD, WARN, Watch, differences


def waived(*resources: str) -> Watch:
    return Watch().within(waived=resources.__contains__)


def nothing(_resource: str) -> bool:
    return False


def test_a_waived_failure_is_recorded_and_not_told() -> None:
    watch = waived("table")
    events = watch.look(table=FAIL)

    assert [(event.kind, event.silent) for event in events] == [(EventKind.REGRESSED, True)]
    assert watch.recorded(table=PASS) == [EventKind.RECOVERED]


def test_a_waiver_of_one_resource_does_not_silence_another() -> None:
    assert differences(waived("queue").look(table=FAIL, queue=PASS), EventKind.REGRESSED) == ["table"]


@pytest.mark.parametrize("heard", [True, False], ids=["people had heard of it", "they had not"])
def test_what_fails_when_its_waiver_ends_is_told(heard: bool) -> None:  # noqa: FBT001
    watch = Watch()
    if heard:
        watch.look(table=FAIL)
    watch.within(waived=lambda _: True).look(table=FAIL)

    assert watch.within(waived=nothing).told(table=FAIL) == [EventKind.WAIVER_ENDED]
    assert watch.told(table=FAIL) == []


def test_a_waiver_that_ends_out_of_sight_is_told_when_the_failure_is_read() -> None:
    watch = waived("table")
    watch.look(table=FAIL)
    assert watch.within(waived=nothing).told(table=UNREAD) == []

    assert watch.told(table=FAIL) == [EventKind.WAIVER_ENDED]


def test_what_recovered_under_its_waiver_and_fails_later_regressed() -> None:
    watch = waived("table")
    for status in (FAIL, PASS):
        watch.look(table=status)

    assert watch.within(waived=nothing).told(table=FAIL) == [EventKind.REGRESSED]


def test_a_failure_that_was_told_is_also_told_when_it_recovers_under_a_waiver() -> None:
    watch = Watch()
    watch.look(table=FAIL)

    assert watch.within(waived=lambda _: True).told(table=PASS) == [EventKind.RECOVERED]
    assert watch.told(table=FAIL) == []


def test_a_waived_resource_does_not_unsettle_the_others() -> None:
    watch = waived("noise")
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status, noise=PASS)
    told = [watch.told(table=PASS, noise=(FAIL, PASS)[n % 2]) for n in range(7)]

    assert told[-1] == [EventKind.RECOVERED]


def test_a_check_waived_as_a_whole_tells_its_blindness_when_the_waiver_ends() -> None:
    watch = Watch().within(waived_wholly=True)
    assert [watch.told(table=UNREAD) for _ in range(4)] == [[], [], [], []]

    assert watch.within(waived_wholly=False).told(table=UNREAD) == [EventKind.OBSCURED]


def test_nothing_is_reminded_of_under_a_waiver() -> None:
    watch = Watch()
    watch.look(table=FAIL)

    assert watch.within(waived=lambda _: True).told(timedelta(days=2), table=FAIL) == []


def test_during_a_pause_every_change_is_recorded_and_none_told() -> None:
    watch = Watch().within(paused=True)

    assert [watch.recorded(table=status) for status in (FAIL, PASS)] == [[EventKind.REGRESSED], [EventKind.RECOVERED]]
    assert watch.told(timedelta(days=2), table=FAIL) == []


def test_after_a_pause_one_message_tells_what_differs_whatever_the_calm() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status, queue=PASS)
    watch.within(paused=True)
    off = Incident("off", "on", "off and on")
    watch.look(table=PASS, queue=FAIL, incidents=(off,))
    events = watch.within(paused=False).look(table=PASS, queue=FAIL)

    assert [event.kind for event in events] == [EventKind.RESUMED]
    assert differences(events, EventKind.RESUMED) == ["queue", "table"]
    assert (events[0].missed, events[0].changes) == ((off,), 2)
    assert watch.told(table=PASS, queue=FAIL) == []


def test_a_pause_in_which_nothing_moved_ends_in_silence() -> None:
    watch = Watch().within(paused=True)
    watch.look(table=PASS)

    assert watch.within(paused=False).told(table=PASS) == []


def test_the_end_of_a_pause_does_not_tell_what_is_not_agreed() -> None:
    watch = Watch().within(paused=True)
    watch.look(table=PASS)

    assert watch.within(paused=False).told(table=WARN) == []
    assert watch.told(table=WARN) == [EventKind.WORSENED]


def test_what_was_unread_when_a_pause_ended_is_told_later() -> None:
    watch = Watch().within(paused=True)
    watch.look(table=FAIL)
    watch.within(paused=False).look(table=UNREAD)

    assert watch.told(table=FAIL) == [EventKind.REGRESSED]


def test_more_incidents_than_a_pause_can_keep_are_counted() -> None:
    watch = Watch().within(paused=True)
    watch.look(table=PASS, incidents=tuple(Incident(str(number), "", "") for number in range(20)))
    resumed = watch.within(paused=False).look(table=PASS)[0]

    assert (len(resumed.missed), resumed.more_missed) == (16, 4)


def test_a_waiver_that_ended_out_of_sight_does_not_open_the_gate_for_a_recovery() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status)
    watch.within(waived=lambda _: True).look(table=FAIL)
    watch.within(waived=nothing).look(table=UNREAD)

    assert watch.told(timedelta(hours=7), table=PASS) == []
