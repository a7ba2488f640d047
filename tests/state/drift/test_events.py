"""Every row of the table of events: what is told, and at which look."""

from datetime import timedelta

import pytest

from readiness.model import Incident, Severity
from readiness.state.drift import EventKind, Visibility
from tests.state.drift.looks import ABSENT, FAIL, PASS, UNREAD, WARN, Said, Watch, differences

SHORTLY = timedelta(seconds=20)
OFF_AND_ON = Incident("2026-11-24T03:01", "on", "off and on again")
W35, W7 = {"windowDays": 35}, {"windowDays": 7}


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param([FAIL], [EventKind.REGRESSED], id="a failure is told by the look that saw it"),
        pytest.param([FAIL, FAIL], [], id="and once"),
        pytest.param([WARN, WARN, FAIL], [EventKind.REGRESSED], id="a failure after a warning regressed"),
        pytest.param([FAIL, PASS], [EventKind.RECOVERED], id="the end of a failure is told"),
        pytest.param([FAIL, WARN], [EventKind.RECOVERED], id="a warning after a failure recovered"),
        pytest.param([FAIL, (PASS, W7)], [EventKind.RECOVERED], id="recovering with another value is one event"),
        pytest.param([WARN], [], id="a warning read once is not told"),
        pytest.param([WARN, WARN], [EventKind.WORSENED], id="a warning read twice worsened"),
        pytest.param([WARN, WARN, PASS], [], id="its end read once is not told"),
        pytest.param([WARN, WARN, PASS, PASS], [EventKind.EASED], id="its end read twice eased"),
        pytest.param([WARN, PASS, WARN], [], id="a flickering warning is never agreed"),
        pytest.param(
            [WARN, UNREAD, WARN], [EventKind.WORSENED], id="a look that could not read does not restart agreement"
        ),
        pytest.param([WARN, (WARN, W7)], [EventKind.WORSENED], id="agreement is about the status, not about values"),
        pytest.param([(PASS, W35)], [], id="a new value that passes is not told"),
        pytest.param([(PASS, W35), (PASS, W7)], [EventKind.CHANGED], id="a passing value that changes is told"),
        pytest.param([(PASS, W35), ABSENT], [], id="a value that goes with what it is about is recorded, not told"),
        pytest.param([ABSENT, (PASS, W35)], [], id="and so is one that comes back with it"),
        pytest.param([FAIL, (FAIL, W7)], [EventKind.CHANGED], id="a failing value that changes is told"),
        pytest.param([ABSENT], [], id="what became not applicable is not told where nothing was told of it"),
        pytest.param([FAIL, UNREAD], [], id="not being able to read is no recovery"),
        pytest.param([FAIL, UNREAD, FAIL], [], id="a failure that was out of sight is not told again"),
        pytest.param([FAIL, UNREAD, PASS], [EventKind.RECOVERED], id="nor is its end lost"),
        pytest.param([UNREAD, UNREAD], [], id="two blind looks are not told"),
        pytest.param([UNREAD, UNREAD, UNREAD], [EventKind.OBSCURED], id="the third blind look is"),
        pytest.param([UNREAD, PASS, UNREAD, UNREAD], [], id="seeing once begins the count anew"),
        pytest.param([*[UNREAD] * 3, UNREAD], [], id="blindness is told once"),
        pytest.param([*[UNREAD] * 3, PASS], [EventKind.VISIBLE], id="its end is told"),
        pytest.param(
            [*[UNREAD] * 3, FAIL], [EventKind.REGRESSED, EventKind.VISIBLE], id="with what it hid, and named after that"
        ),
    ],
)
def test_the_last_look_tells(looks: list[Said], told: list[EventKind]) -> None:
    watch = Watch()
    *before, last = looks
    for look in before:
        watch.look(table=look)

    assert watch.told(table=last) == told


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param([FAIL], [EventKind.RECOVERED], id="a failing resource that is gone recovered"),
        pytest.param([WARN, WARN], [], id="a warning one that is gone is not agreed at first"),
        pytest.param([PASS], [], id="a passing one is not told"),
        pytest.param([(PASS, W35)], [], id="nor is one with values"),
    ],
)
def test_a_resource_that_goes(before: list[Said], told: list[EventKind]) -> None:
    watch = Watch()
    for look in before:
        watch.look(table=PASS, queue=look)

    assert watch.told(table=PASS) == told


def test_a_warning_resource_that_is_gone_for_two_looks_eased() -> None:
    watch = Watch()
    for look in (WARN, WARN):
        watch.look(table=PASS, queue=look)
    watch.look(table=PASS)

    assert watch.told(table=PASS) == [EventKind.EASED]


def test_an_incomplete_listing_drops_nothing() -> None:
    watch = Watch()
    watch.look(table=PASS, queue=FAIL)

    assert watch.told(table=PASS, complete=False) == []
    assert watch.told(table=PASS, queue=FAIL) == []


def test_what_is_new_and_passes_is_recorded_silently() -> None:
    watch = Watch()

    assert watch.recorded(table=PASS, queue=(PASS, W35)) == [EventKind.CHANGED]
    assert watch.recorded(table=PASS) == [EventKind.CHANGED]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [pytest.param(49, [], id="not before 50 s"), pytest.param(50, [EventKind.REGRESSED], id="at 50 s")],
)
def test_an_eventually_consistent_failure_is_agreed(seconds: int, told: list[EventKind]) -> None:
    watch = Watch(confirm=2)

    assert watch.told(table=FAIL) == []
    assert watch.told(timedelta(seconds=seconds), table=FAIL) == told


def test_the_recovery_of_an_eventually_consistent_failure_is_agreed() -> None:
    watch = Watch(confirm=2)
    for _ in range(2):
        watch.look(table=FAIL)

    assert watch.told(table=PASS) == []
    assert watch.told(table=FAIL) == []
    assert watch.told(table=PASS) == []
    assert watch.told(table=PASS) == [EventKind.RECOVERED]


def test_a_gone_resource_of_an_eventually_consistent_listing_is_agreed() -> None:
    watch = Watch(confirm=2)
    for _ in range(2):
        watch.look(table=PASS, role=FAIL)

    assert watch.told(table=PASS) == []
    assert watch.told(table=PASS) == [EventKind.RECOVERED]


def test_one_flickering_denial_does_not_mute_a_failure() -> None:
    watch = Watch(confirm=2)
    watch.look(table=FAIL)
    watch.look(table=UNREAD)

    assert watch.told(table=FAIL) == [EventKind.REGRESSED]


def test_another_failing_resource_is_told_at_once() -> None:
    watch = Watch()
    watch.look(table=FAIL, queue=PASS)
    events = watch.look(table=FAIL, queue=FAIL)

    assert differences(events, EventKind.REGRESSED) == ["queue"]


def test_telling_one_resource_does_not_tell_another() -> None:
    watch = Watch(confirm=2)
    watch.look(table=FAIL, queue=PASS)
    assert differences(watch.look(table=FAIL, queue=FAIL), EventKind.REGRESSED) == ["table"]

    assert differences(watch.look(table=FAIL, queue=FAIL), EventKind.REGRESSED) == ["queue"]


def test_a_burst_of_looks_is_one_look_for_blindness() -> None:
    watch = Watch()
    told = [watch.told(timedelta(seconds=10), table=UNREAD) for _ in range(20)]

    assert told.count([EventKind.OBSCURED]) == 1
    assert told.index([EventKind.OBSCURED]) == 14


def test_a_burst_tells_failures_and_incidents_only() -> None:
    watch = Watch()
    watch.look(table=FAIL)

    assert watch.told(SHORTLY, table=PASS) == []
    assert watch.told(SHORTLY, table=PASS, queue=FAIL) == [EventKind.REGRESSED]
    assert watch.told(table=PASS, queue=FAIL) == [EventKind.RECOVERED]


def test_partial_blindness_becomes_whole() -> None:
    watch = Watch()
    told = [watch.look(table=PASS, queue=UNREAD) for _ in range(3)][-1]
    assert told[0].dark == (Visibility.NONE, Visibility.PARTLY)

    worse = [watch.look(table=UNREAD, queue=UNREAD) for _ in range(3)]
    assert [len(events) for events in worse] == [0, 0, 1]
    assert worse[-1][0].dark == (Visibility.PARTLY, Visibility.WHOLLY)


def test_an_incident_is_told_once_per_key() -> None:
    watch = Watch()

    assert watch.told(table=PASS, incidents=(OFF_AND_ON,)) == [EventKind.INCIDENT]
    assert watch.told(table=PASS, incidents=(OFF_AND_ON,)) == []


def test_an_incident_of_what_people_know_to_fail_is_part_of_the_recovery() -> None:
    watch = Watch()
    watch.look(table=FAIL)
    events = watch.look(table=PASS, incidents=(OFF_AND_ON,))

    assert [event.kind for event in events if not event.silent] == [EventKind.RECOVERED]
    assert events[0].missed == (OFF_AND_ON,)
    assert (watch.remembered.missed, watch.remembered.more_missed) == ((), 0)
    assert watch.told(table=PASS) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param({"table": WARN}, [EventKind.INCIDENT], id="a warning"),
        pytest.param({"table": FAIL}, [], id="a failure"),
        pytest.param({"table": WARN, "queue": FAIL}, [], id="a failure beside a warning"),
    ],
)
def test_an_incident_is_told_at_once_unless_people_know_a_failure(said: dict[str, Said], told: list[EventKind]) -> None:
    watch = Watch()
    for _ in range(2):
        watch.look(many=said)

    assert watch.told(many=said, incidents=(OFF_AND_ON,)) == told


def test_all_keys_of_the_latest_look_are_remembered_however_many() -> None:
    watch = Watch()
    many = tuple(Incident(str(number), "", "") for number in range(20))
    watch.look(table=PASS, incidents=many)

    assert watch.told(table=PASS, incidents=many) == []


@pytest.mark.parametrize(
    ("severity", "hours", "told"),
    [
        pytest.param(Severity.HIGH, 23.9, [], id="not before a day has passed"),
        pytest.param(Severity.HIGH, 24, [EventKind.STILL], id="after a day"),
        pytest.param(Severity.CRITICAL, 24, [EventKind.STILL], id="a critical one too"),
        pytest.param(Severity.MEDIUM, 24, [], id="not of a medium one"),
    ],
)
def test_what_still_fails_is_reminded_of(severity: Severity, hours: float, told: list[EventKind]) -> None:
    watch = Watch(severity)
    watch.look(table=FAIL)

    assert watch.told(timedelta(hours=hours), table=FAIL) == told


def test_reminders_can_be_switched_off() -> None:
    watch = Watch(remind_after=timedelta())
    watch.look(table=FAIL)

    assert watch.told(timedelta(days=9), table=FAIL) == []


def test_an_acknowledgement_stops_reminders_until_something_else_fails() -> None:
    watch = Watch()
    watch.look(table=FAIL)
    watch.within(acknowledged=watch.now)
    assert watch.told(timedelta(days=2), table=FAIL) == []

    watch.look(table=FAIL, queue=FAIL)
    assert watch.told(timedelta(days=1), table=FAIL, queue=FAIL) == [EventKind.STILL]


def test_no_reminder_of_what_this_look_did_not_read() -> None:
    watch = Watch()
    watch.look(table=FAIL)

    assert watch.told(timedelta(days=2), table=UNREAD) == []


def test_a_clock_that_ran_ahead_does_not_silence_the_check() -> None:
    watch = Watch()
    watch.look(timedelta(days=400), table=UNREAD)
    watch.look(timedelta(days=-400), table=UNREAD)
    watch.look(table=UNREAD)

    assert watch.told(table=UNREAD) == [EventKind.OBSCURED]
    assert watch.told(table=FAIL) == [EventKind.REGRESSED, EventKind.VISIBLE]


def test_what_a_clock_ahead_has_read_is_agreed_by_real_time() -> None:
    watch = Watch(confirm=2)
    watch.look(timedelta(days=400), table=FAIL)
    watch.look(timedelta(days=-400), table=FAIL)

    assert watch.told(table=FAIL) == [EventKind.REGRESSED]


def test_what_waits_for_its_turn_does_not_count_as_blindness() -> None:
    watch = Watch()
    assert [watch.told(table=UNREAD, late=True) for _ in range(5)] == [[]] * 5
    assert [watch.told(table=UNREAD) for _ in range(3)] == [[], [], [EventKind.OBSCURED]]


def test_what_waits_for_its_turn_does_not_count_as_sight() -> None:
    watch = Watch()
    for _ in range(3):
        watch.look(table=UNREAD)
    assert [watch.told(table=UNREAD, late=True) for _ in range(5)] == [[]] * 5
    assert watch.told(table=PASS) == [EventKind.VISIBLE]


def test_a_turn_between_looks_in_the_dark_does_not_begin_their_number_anew() -> None:
    watch = Watch()
    watch.look(table=UNREAD)
    watch.look(table=UNREAD)
    watch.look(table=UNREAD, late=True)
    assert watch.told(table=UNREAD) == [EventKind.OBSCURED]
