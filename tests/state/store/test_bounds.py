"""Rows that are written again and again have a bound, and each of them expires, by TTL or by the runs themselves."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from readiness.state.people import Manifest, Owner, Pause
from readiness.state.store import Store
from readiness.state.store.housekeeping import UNORDERED
from readiness.state.store.remembered import place_of
from readiness.state.store.words import Speaker, say, withdraw
from tests.state.store.conftest import MakeStore
from tests.state.store.samples import LATER, NOW, SOON, THIS, Outside, change, drift, message

LIVES = {"RUN": 30, "ATTEMPT": 30, "DRIFT": 400, "HISTORY": 400, "REFUSED": 90, "ROLLBACK": 30}
"""The days after which the rows of each kind expire."""

ENDS = "endsAt"
"""The table's own TTL attribute."""

ALL_DAYS = [NOW + timedelta(days=500 + day) for day in range(len(UNORDERED))]


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(ttl_attribute=ENDS)


def kinds(rows: dict[str, Any]) -> Counter[str]:
    return Counter(key.partition("#")[0] for key in rows)


def refuse_calls(store: Store, number: int, at: datetime = NOW) -> None:
    """Record denied calls of one minute, as several runs do."""
    calls = {f"event-{each:03}": (at, drift(kind="ATTEMPT")) for each in range(number)}
    names = sorted(calls)
    for start in range(0, number, 50):
        store.attempted(THIS, {name: calls[name] for name in names[start : start + 50]})


def damage_words(store: Store, outside: Outside, number: int) -> None:
    """Somebody writes so many rows that cannot be read, and runs move them."""
    for each in range(number):
        outside.edit(f"STATE#WAIVER#odd{each:02}", by={"N": "1"})
    while store.read().refused:
        store.commit(store.read(), change(at=SOON))


def damage_messages(store: Store, outside: Outside, number: int) -> None:
    """Somebody writes so many messages, and a run replaces them."""
    for each in range(number):
        outside.edit(f"OUTBOX#{each:012}", version={"N": "1"}, mac={"S": "0"})
    damaged = store.damaged_entries()
    assert store.replace(damaged, message(1), store.read(), until=LATER, now=NOW)


def speak(store: Store, number: int) -> None:
    """People record a pause, a manifest and an owner, so many times each, and withdraw the last pause."""
    for each in range(number):
        said: dict[str, Any] = {"by": "ada", "at": NOW + timedelta(seconds=each), "table_id": THIS}
        for word in (
            Pause(reason="deployment", until=LATER, **said),
            Manifest(content={}, **said),
            Owner(rule="pitr-enabled", owner="platform", **said),
        ):
            say(store.rows, word, store.rows.get(place_of(type(word), *word.about)))
    withdraw(store.rows, store.rows.get("STATE#PAUSE") or {}, Speaker("bob", SOON))


def fill(store: Store, outside: Outside) -> None:
    """Write rows of each kind that expires, those that only count others included."""
    for minute in range(30):
        at = NOW + timedelta(minutes=minute)
        store.commit(store.read(), change(at=at, drifts=[drift()]))
        assert store.claim_rollback(f"release-{minute % 3}", {"pitr-enabled/on": [str(minute)]}, until=LATER, now=at)
    refuse_calls(store, 102)
    damage_words(store, outside, 22)
    speak(store, 4)


def test_each_row_that_is_written_again_and_again_expires_under_the_ttl_attribute(
    store: Store, outside: Outside
) -> None:
    fill(store, outside)
    rows = outside.rows()
    for kind, days in LIVES.items():
        mine = [row for key, row in rows.items() if key.partition("#")[0] == kind]
        assert mine
        for row in mine:
            assert isinstance(row[ENDS], int), row["SK"]
            left = datetime.fromtimestamp(row[ENDS], NOW.tzinfo) - NOW
            assert timedelta(days=days) <= left <= timedelta(days=days + 1), row["SK"]
    assert {key.partition("#")[0] for key, row in rows.items() if ENDS in row} == LIVES.keys()

    for day in range(len(UNORDERED)):
        assert store.trim(NOW + timedelta(days=day)) == 0
    assert outside.rows() == rows, "what has not expired is not deleted"


def test_of_denied_calls_100_a_day_are_kept_and_the_others_counted(store: Store, outside: Outside) -> None:
    refuse_calls(store, 250)
    refuse_calls(store, 120, NOW + timedelta(days=1))
    rows = outside.rows("ATTEMPT#")
    counters = {key: row["more"] for key, row in rows.items() if key.endswith("#more")}
    assert counters == {"ATTEMPT#2026-11-24#more": 150, "ATTEMPT#2026-11-25#more": 20}
    assert len(rows) == 202


def test_of_damaged_rows_20_are_kept_and_the_others_counted(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change())
    damage_words(store, outside, 33)
    damage_messages(store, outside, 25)
    rows = outside.rows("REFUSED")
    assert (len(rows), rows["REFUSED"]["more"]) == (21, 33 + 25 - 20)


def test_of_a_release_that_was_rolled_back_to_there_is_one_row(store: Store, outside: Outside) -> None:
    for number in range(40):
        assert store.claim_rollback("release", {"pitr-enabled/on": [str(number)]}, until=LATER, now=NOW)
    assert len(outside.rows("ROLLBACK#")) == 1


def test_a_commit_with_many_changes_writes_one_row_of_them(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(drifts=[drift(f"pitr-enabled/{number}") for number in range(500)]))
    assert len(outside.rows("DRIFT#")) == 1


def test_without_ttl_runs_delete_all_that_expired_25_at_a_time(store: Store, outside: Outside) -> None:
    fill(store, outside)
    before = kinds(outside.rows())
    for day in ALL_DAYS:
        while (number := store.trim(day)) == 25:
            pass
        assert number < 25
    assert kinds(outside.rows()).keys() == {"STATE"}
    assert kinds(outside.rows())["STATE"] == before["STATE"]
