"""That a waiver ends in a week is told once, with time to mend what it covers; and what that leaves untouched.

It is part of the check's memory, so it is committed and delivered with everything else: the model of the order of runs
(tests/model) needs nothing more for it. What is its own, when and how often, is tried here in every order.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from readiness.state.drift import CheckState, Ending, Event, EventKind
from tests.state.drift.looks import FAIL, PASS, START, UNREAD, WARN, Said, Watch, differences

MONTH, WEEK, DAY = timedelta(days=30), timedelta(days=7), timedelta(days=1)
WAIVER = Ending("maria", START, START + MONTH, "moving house")


def waived(*waivers: Ending) -> Watch:
    """A check whose waivers are on record, and in force until they end."""
    watch = Watch().within(waivers=waivers or (WAIVER,))
    watch.look(table=FAIL, queue=PASS)
    return at_its_time(watch)


def at_its_time(watch: Watch) -> Watch:
    """What is waived follows from what is on record, as the pipeline does it."""

    def covered(resource: str) -> bool:
        return any(each.until > watch.now and each.resource in (None, resource) for each in watch.context.waivers)

    return watch.within(waived=covered)


def ends(events: tuple[Event, ...]) -> list[Event]:
    return [event for event in events if event.kind is EventKind.WAIVER_ENDS]


def look(watch: Watch, day: float, **said: Said) -> list[Event]:
    """The notes of a look on that day of the month."""
    return ends(watch.look(START + timedelta(days=day) - watch.now, many=said or {"table": FAIL, "queue": PASS}))


def test_it_is_told_once_within_the_last_week() -> None:
    watch = waived()
    assert look(watch, 22.9) == []
    (told,) = look(watch, 23)
    assert (told.silent, told.ending, [each.resource for each in told.differences]) == (False, WAIVER, ["table"])
    assert [look(watch, day) for day in (23.5, 25, 29.9)] == [[], [], []]
    assert [event.kind for event in watch.look(DAY, table=FAIL, queue=PASS)] == [EventKind.WAIVER_ENDED]


def test_what_no_longer_fails_ends_in_silence() -> None:
    watch = waived()
    watch.look(table=PASS, queue=PASS)
    assert look(watch, 25, table=PASS, queue=PASS) == []
    assert watch.told(6 * DAY, table=PASS, queue=PASS) == []


def test_what_fails_under_it_later_is_told_then() -> None:
    watch = waived()
    assert look(watch, 25, table=PASS) == []
    assert len(look(watch, 26, table=FAIL)) == 1


@pytest.mark.parametrize("lived", [timedelta(hours=1), DAY, WEEK], ids=str)
def test_who_accepted_it_for_a_week_at_most_has_just_said_so(lived: timedelta) -> None:
    watch = Watch().within(waivers=(replace(WAIVER, until=START + lived),), waived=lambda _: True)
    assert ends(watch.look(table=FAIL)) == []


def test_who_accepted_it_for_longer_hears_of_its_end_from_the_first_look_on() -> None:
    watch = Watch().within(waivers=(replace(WAIVER, until=START + WEEK + DAY),), waived=lambda _: True)
    assert ends(watch.look(DAY, table=FAIL)) != []


def test_it_waits_while_a_check_speaks_so_often_that_all_is_gathered() -> None:
    watch = Watch().within(waivers=(replace(WAIVER, resource="table"),), waived="table".__eq__)
    failing = {"table": PASS} | {f"queue{each}": PASS for each in range(7)}
    watch.look(24 * DAY, many=failing)
    for each in range(7):
        failing[f"queue{each}"] = FAIL
        assert watch.told(many=failing) == [EventKind.REGRESSED]
    failing["table"] = FAIL
    assert ends(watch.look(timedelta(minutes=29), many=failing)) == []
    assert len(ends(watch.look(timedelta(minutes=1), many=failing))) == 1


def test_a_renewed_one_is_told_again_in_its_own_last_week() -> None:
    watch = waived()
    assert len(look(watch, 24)) == 1
    renewed = replace(WAIVER, at=START + 25 * DAY, until=START + 2 * MONTH)
    watch.within(waivers=(renewed,))
    assert [len(look(watch, day)) for day in (26, 40, 53, 54)] == [0, 0, 1, 0]


def test_what_another_waiver_covers_for_longer_needs_no_word() -> None:
    longer = replace(WAIVER, resource="table", until=START + 3 * MONTH)
    assert look(waived(WAIVER, longer), 25) == []


def test_each_of_several_is_told_with_what_it_covers() -> None:
    watch = waived(replace(WAIVER, resource="table"), replace(WAIVER, resource="queue"))
    told = look(watch, 25, table=FAIL, queue=FAIL)
    assert [[each.resource for each in event.differences] for event in told] == [["table"], ["queue"]]
    assert look(watch, 26, table=FAIL, queue=FAIL) == []


def test_it_is_not_told_of_what_merely_warns() -> None:
    assert look(waived(), 25, table=WARN) == []


def test_it_is_kept_where_the_memory_is() -> None:
    watch = waived()
    look(watch, 25)
    watch.memory = CheckState.from_item(watch.remembered.to_item())
    assert look(watch, 26) == []


def test_it_is_forgotten_with_the_waiver() -> None:
    watch = waived()
    look(watch, 25)
    watch.within(waivers=())
    watch.look(table=FAIL)
    assert watch.remembered.announced == ()


def test_a_clock_that_is_behind_does_not_tell_it_again() -> None:
    watch = waived()
    assert len(look(watch, 23)) == 1
    assert look(watch, 22.9) == []
    assert look(watch, 23.1) == []
    look(watch, 30.1)
    assert look(watch, 29.9) == []


def test_it_neither_unsettles_a_check_nor_puts_off_a_reminder() -> None:
    watch = Watch().within(waivers=(replace(WAIVER, resource="queue"),), waived="queue".__eq__)
    watch.look(table=FAIL, queue=FAIL)
    watch.look(timedelta(days=22, hours=1), table=FAIL, queue=FAIL)
    tells = watch.remembered.tells
    told = watch.told(timedelta(days=1, hours=1), table=FAIL, queue=FAIL)
    assert told == [EventKind.STILL, EventKind.WAIVER_ENDS]
    assert watch.remembered.tells == tells


def seen(watch: Watch) -> tuple[Event, ...]:
    return watch.within(paused=False).look(table=FAIL, queue=PASS)


def blind(watch: Watch) -> tuple[Event, ...]:
    return watch.within(paused=False).look(table=UNREAD, queue=UNREAD)


def paused(watch: Watch) -> tuple[Event, ...]:
    return watch.within(paused=True).look(table=FAIL, queue=PASS)


def uncounted(watch: Watch) -> tuple[Event, ...]:
    return watch.within(paused=False).look(timedelta(seconds=5), table=FAIL, queue=PASS)


def rejudged(watch: Watch) -> tuple[Event, ...]:
    judge = f"{watch.context.judge}1"
    return watch.within(paused=False, judge=judge).look(table=FAIL, queue=PASS)


SPEAKS = {seen, rejudged}


@pytest.mark.parametrize("first", [seen, blind, paused, uncounted, rejudged])
def test_whatever_happens_it_is_told_once_by_the_first_look_that_may(
    first: Callable[[Watch], tuple[Event, ...]],
) -> None:
    for rest in product((seen, blind, paused, uncounted, rejudged), repeat=4):
        watch = waived()
        watch.look(24 * DAY, table=UNREAD, queue=UNREAD)
        told = [len(ends(each(watch))) for each in (first, *rest)]
        may = [each in SPEAKS for each in (first, *rest)]
        assert sum(told) == any(may), (first, rest)
        assert not any(may) or told.index(1) == may.index(True), (first, rest)


def test_the_difference_that_it_shows_is_none() -> None:
    (told,) = look(waived(), 25)
    assert [each.before == each.after for each in told.differences] == [True]
    assert differences((told,), EventKind.WAIVER_ENDS) == ["table"]
