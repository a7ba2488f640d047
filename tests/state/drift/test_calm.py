"""Bad news at once, good news must prove itself."""

from datetime import timedelta

import pytest

from readiness.model import Incident, Severity
from readiness.state.drift import EventKind
from tests.state.drift.looks import FAIL, PASS, UNREAD, Watch

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        pytest.param(1, 0, id="the first recovery is told at once"),
        pytest.param(2, 30, id="after three messages it needs half an hour"),
        pytest.param(3, 120, id="after five two hours"),
    ],
)
def test_a_recovery_waits_for_calm(failures: int, minutes: int) -> None:
    watch = Watch()
    for _ in range(failures - 1):
        watch.look(table=FAIL)
        watch.look(table=PASS)
        watch.look(timedelta(hours=2), table=PASS)
    watch.look(table=FAIL)
    told = watch.told(table=PASS)
    waited = 0
    while not told:
        waited += 1
        told = watch.told(MINUTE, table=PASS)

    assert (told, waited) == ([EventKind.RECOVERED], minutes)


def test_messages_of_more_than_a_day_ago_hold_no_good_news_back() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status)
    watch.look(timedelta(hours=25), table=FAIL)

    assert watch.told(table=PASS) == [EventKind.RECOVERED]


def test_the_third_message_says_that_the_check_is_unsettled() -> None:
    watch = Watch()
    notes = [watch.look(table=status)[0].note for status in (FAIL, PASS, FAIL)]

    assert notes == ["", "", "unsettled"]


def test_a_failure_that_comes_back_while_its_recovery_is_held_is_no_news() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL, PASS):
        watch.look(table=status)

    assert watch.told(table=FAIL) == []


def test_a_recovery_that_waited_six_hours_is_told_though_another_resource_keeps_moving() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status, noise=PASS)
    watch.look(table=FAIL, noise=FAIL)
    looks = [watch.told(timedelta(minutes=10), table=PASS, noise=(FAIL, PASS)[n % 2]) for n in range(40)]

    assert looks.index([EventKind.RECOVERED]) == 36


def test_visibility_that_waited_six_hours_is_told_though_another_resource_keeps_moving() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status, noise=PASS)
    dark = [watch.told(table=FAIL, noise=FAIL, hidden=UNREAD) for _ in range(3)]
    assert dark[-1] == [EventKind.OBSCURED]
    looks = [watch.told(timedelta(minutes=10), table=FAIL, noise=(FAIL, PASS)[n % 2], hidden=PASS) for n in range(40)]

    assert looks.index([EventKind.VISIBLE]) == 36


def test_what_cannot_be_read_does_not_open_the_gate_for_others() -> None:
    watch = Watch()
    for status in (FAIL, PASS, FAIL):
        watch.look(table=status, hidden=FAIL, noise=PASS)
    watch.look(table=FAIL, hidden=PASS, noise=FAIL)
    looks = [
        watch.told(timedelta(minutes=10), table=FAIL, hidden=UNREAD, noise=(PASS, FAIL)[n % 2], complete=True)
        for n in range(60)
    ]

    assert not any(EventKind.RECOVERED in look for look in looks)


def test_a_flickering_denial_is_not_told_all_day() -> None:
    watch = Watch()
    looks = [watch.told(table=UNREAD if n % 4 else PASS) for n in range(288)]

    assert sum(bool(look) for look in looks) <= 13


def spoken_seven_times(severity: Severity) -> Watch:
    """New resources fail one after the other."""
    watch = Watch(severity)
    for number in range(1, 8):
        failing = {f"queue{each}": FAIL for each in range(number)}
        assert watch.told(MINUTE, table=PASS, many=failing) == [EventKind.REGRESSED]
    return watch


FAILING = {f"queue{each}": FAIL for each in range(7)}


def test_from_the_eighth_message_on_all_is_gathered_for_half_an_hour() -> None:
    watch = spoken_seven_times(Severity.HIGH)

    assert watch.told(table=FAIL, many=FAILING) == []
    assert watch.told(timedelta(minutes=24), table=FAIL, many=FAILING) == []
    assert watch.told(MINUTE, table=FAIL, many=FAILING) == [EventKind.REGRESSED]


def test_what_was_gathered_and_is_over_is_not_told() -> None:
    watch = spoken_seven_times(Severity.HIGH)
    watch.look(table=FAIL, many=FAILING)

    assert watch.told(timedelta(minutes=30), table=PASS, many=FAILING) == []


def test_a_failure_of_a_critical_check_is_never_gathered() -> None:
    assert spoken_seven_times(Severity.CRITICAL).told(table=FAIL, many=FAILING) == [EventKind.REGRESSED]


def test_an_incident_that_is_gathered_is_not_lost() -> None:
    watch = Watch()
    for number in range(7):
        assert watch.told(MINUTE, table=PASS, incidents=(Incident(str(number), "", ""),)) == [EventKind.INCIDENT]

    assert watch.told(table=PASS, incidents=(Incident("late", "", ""),)) == []
    assert watch.told(timedelta(minutes=30), table=PASS) == [EventKind.INCIDENT]


@pytest.mark.parametrize("resources", [1, 5])
def test_the_worst_day_stays_below_57_messages(resources: int) -> None:
    watch = Watch(Severity.HIGH)
    names = [f"queue{number}" for number in range(resources)]
    told = 0
    for look in range(288):
        statuses = {name: FAIL if (look + number) % (number + 2) else PASS for number, name in enumerate(names)}
        told += bool(watch.told(table=PASS, many=statuses))

    assert told <= 56
