"""What AWS's rate leaves no time for in a run is read in a later one, and says when."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.fact import Keeps, Source, fact
from readiness.engine.pace import AFTERWARDS, BURST, RATES, CallRate, Pace
from readiness.engine.rule import passed
from readiness.engine.snapshot import ROOT, Kept, Place, Snapshot, name_of
from readiness.model import Fact, Given, OutOfTime, Reason, Unavailable, Verdict
from tests.aws.quick import waiting
from tests.engine.shops import rule_of, unexpected

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = Keeps(timedelta(days=1))
TYPES = 2


class Town(Given, Fact):
    """The names of the lamps, and the names of those that were called, in this order."""

    lamps: tuple[str, ...]
    called: list[str]
    hour: float = 0.0


class Street(Fact):
    name: str


@fact()
def streets(town: Town) -> Each[Street]:
    return Each({"street": Street(f"with {len(town.lamps)} lamps")})


class Lamp(Fact):
    name: str


@fact("lamps:ListLamps")
def lamps(town: Town, street: Street) -> Each[Lamp]:
    assert street.name
    return Each({name: Lamp(name) for name in town.lamps})


class Bulb(Fact):
    watts: int


@fact("lambda:GetBulb", keeps=DAY)
def bulb(town: Town, lamp: Lamp) -> Bulb:
    town.called.append(lamp.name)
    time.sleep(town.hour)
    return Bulb(60)


class Switch(Fact):
    name: str


@fact("lambda:GetSwitch", keeps=DAY)
def switch(town: Town, lamp: Lamp, bulb: Bulb) -> Switch:
    town.called.append(f"switch of {lamp.name}")
    return Switch(f"{lamp.name} {bulb.watts}")


def lit(bulb: Bulb, switch: Switch) -> Verdict:
    return passed(f"{bulb} {switch}")


Former = Callable[[Source, Place, str], Kept | None]


def nothing(_source: Source, _place: Place, _revision: str) -> None:
    """No earlier run has read anything."""


def read(names: str, *, calls: float, former: Former = nothing, seconds: float = 60.0) -> tuple[Snapshot, list[str]]:
    """The facts of a run that has time for so many calls, and what it called."""
    town = Town(tuple(names), [], seconds if seconds < 1 else 0.0)
    pace = Pace(calls / RATES["lambda"] if seconds > 1 else seconds, "read by run {}".format)
    past = Past({Town: {ROOT: town}}, former=former, pace=pace)
    return collect(rule_of(lit).checks, past, defect=unexpected), town.called


def bulbs(snapshot: Snapshot) -> Mapping[str, Any]:
    return {name_of(place): answer for place, answer in snapshot.answers[Bulb].items()}


def pending(run: int) -> Unavailable:
    return Unavailable(Reason.PENDING, "lambda:GetBulb", f"read by run {run}")


def test_as_many_elements_are_read_as_there_is_time_for_and_the_others_say_when() -> None:
    """Each of them wholly, so that what is read can be evaluated."""
    found, called = read("abcde", calls=2 * TYPES)
    assert called == ["a", "b", "switch of a", "switch of b"]
    assert bulbs(found) == {
        "a": Bulb(60),
        "b": Bulb(60),
        "c": pending(1),
        "d": pending(1),
        "e": pending(2),
    }
    assert {name_of(place) for _, place in found.fresh} == {"a", "b"}
    switches = {name_of(place): answer for place, answer in found.answers[Switch].items()}
    assert switches["e"] == pending(2)


def test_all_are_read_if_there_is_time() -> None:
    assert len(read("abcde", calls=5 * TYPES)[1]) == 5 * TYPES


def of_former(answers: Mapping[str, Kept]) -> Former:
    def former(source: Source, place: Place, _revision: str) -> Kept | None:
        return answers.get(name_of(place)) if source.identity is Bulb else Kept(Switch("on"), NOW)

    return former


OLD, OLDER = Kept(Bulb(40), NOW - timedelta(hours=1)), Kept(Bulb(25), NOW - timedelta(hours=2))
CHANGED = Kept(None, NOW)


@pytest.mark.parametrize(
    ("names", "former", "first"),
    [
        pytest.param("ab", {"a": OLD, "b": OLDER}, "b", id="the oldest first"),
        pytest.param("abc", {"a": OLDER, "b": OLD}, "c", id="before them what was never read"),
        pytest.param("abc", {"a": OLDER, "c": CHANGED}, "c", id="and before that what has changed"),
    ],
)
def test_the_order(names: str, former: dict[str, Kept], first: str) -> None:
    _, called = read(names, calls=TYPES, former=of_former(former))
    assert called[0] == first


def test_an_answer_of_an_earlier_run_is_shown_with_its_age_until_it_is_read_again() -> None:
    found, _ = read("ab", calls=TYPES, former=of_former({"a": OLD, "b": OLDER}))
    assert bulbs(found) == {"a": OLD.answer, "b": Bulb(60)}
    assert {name_of(place): at for place, at in found.as_of[Bulb].items()} == {"a": OLD.at}


def test_what_has_changed_since_it_was_read_is_no_longer_known() -> None:
    """It was read once, so it is not PENDING: what it is now is drift."""
    found, _ = read("ab", calls=TYPES, former=of_former({"a": CHANGED, "b": CHANGED}))
    assert bulbs(found)["b"] == OutOfTime(Reason.STALE, "lambda:GetBulb", "read by run 1")


def test_no_call_begins_once_the_time_is_over() -> None:
    found, called = read("abcdefghijklmnopqrstuvwxyz", calls=0, seconds=0.2)
    assert 0 < len(called) < 26
    assert {type(answer) for answer in bulbs(found).values()} == {Bulb, Unavailable}


def test_the_facts_that_depend_on_the_answers_have_time_left() -> None:
    town = Town(("a",), [])
    past = Past({Town: {ROOT: town}}, pace=Pace(60, str))
    collect(rule_of(lit).checks, past, time.monotonic() + AFTERWARDS / 2, unexpected)
    assert town.called == []


def test_calls_wait_once_more_of_them_were_made_than_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(CallRate, "wait", waiting)
    rate, burst = CallRate(15), int(15 * BURST)
    for _ in range(burst + 15):
        rate.wait("ListAliases")
    assert len(waits) in {14, 15}
    assert waits[-1] == pytest.approx(1, abs=0.2), "fifteen a second"
    waits.clear()
    rate.wait("GetPolicy")
    assert waits == [], "it has a rate of its own"
