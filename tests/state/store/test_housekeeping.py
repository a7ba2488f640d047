"""Our rows go when they should, and nobody else's ever does."""

from datetime import timedelta
from typing import Any

import pytest

from readiness.state.people import Acknowledgement, Attestation, Manifest, Owner, Pause, Waiver, Word
from readiness.state.store import Store, StoreUnavailable, count, housekeeping, purge
from readiness.state.store.change import RUNS_LIVE
from readiness.state.store.words import Speaker, is_said, say, withdraw
from tests.state.store.conftest import MakeStore
from tests.state.store.samples import (
    FIRST,
    LATER,
    NOW,
    SOON,
    THIS,
    Outside,
    change,
    drift,
    intercepted,
    message,
    rule,
)
from tests.state.store.test_commit import answer

LONG_AGO = NOW - timedelta(days=500)


def runs(store: Store, number: int, **differs: Any) -> None:
    """So many runs of long ago, a minute apart."""
    for minute in range(number):
        store.commit(store.read(), change(at=LONG_AGO + timedelta(minutes=minute), **differs))


def test_a_run_trims_25_of_what_ttl_should_have_deleted_the_oldest_first(store: Store, outside: Outside) -> None:
    runs(store, 30)
    oldest = list(outside.rows("RUN#"))[:25]
    assert store.trim(NOW) == 25
    assert not set(oldest) & set(outside.rows())
    assert store.trim(NOW) == 5
    assert store.trim(NOW) == 0


def test_runs_and_drifts_are_trimmed_each_after_its_own_time(store: Store, outside: Outside) -> None:
    store.commit(
        store.read(), change(at=LONG_AGO, drifts=[drift()], message=message(FIRST), rules=[rule()], canary=True)
    )
    store.commit(store.read(), change(at=NOW - timedelta(days=100), drifts=[drift()]))
    store.commit(store.read(), change(at=NOW - RUNS_LIVE + timedelta(minutes=1), drifts=[drift()]))
    assert store.trim(NOW) == 3
    left = [key.split("#")[0] for key in outside.rows()]
    assert sorted(left) == ["DRIFT", "DRIFT", "OUTBOX", "RULE", "RUN", "STATE", "STATE", "STATE"]


def test_two_runs_that_trim_at_once_do_each_other_no_harm(store: Store) -> None:
    runs(store, 3)
    conflict = answer("TransactionCanceledException", 400, "TransactionConflict")
    with intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", conflict):
        assert store.trim(NOW) == 0
    assert store.trim(NOW) == 3


def test_a_purge_takes_all_of_ours_and_nothing_else(store: Store, outside: Outside, make_store: MakeStore) -> None:
    elsewhere = make_store(region="eu-central-1")
    elsewhere.commit(elsewhere.read(), change())
    runs(store, 40, drifts=[drift()])
    before = outside.theirs()
    assert count(store.rows) == purge(store.rows) == 82
    assert outside.rows() == {}
    assert outside.theirs() == before
    assert len(before) == 4
    assert count(store.rows) == purge(store.rows) == 0


SAID: tuple[Word, ...] = (
    Owner(by="ada", at=NOW, table_id=THIS, rule="pitr-enabled", owner="platform"),
    Waiver(by="ada", at=NOW, table_id=THIS, check="pitr-enabled/on", reason="a test", until=LATER),
    Acknowledgement(by="ada", at=NOW, table_id=THIS, check="pitr-enabled/on"),
    Pause(by="ada", at=NOW, table_id=THIS, reason="deployment", until=LATER),
    Attestation(by="ada", at=NOW, table_id=THIS, rule="load-tested", evidence="report", until=LATER),
    Manifest(by="ada", at=NOW, table_id=THIS, content={}),
)


def test_a_purge_can_keep_what_people_recorded(store: Store, outside: Outside) -> None:
    everything = change(drifts=[drift()], message=message(FIRST), rules=[rule()], canary=True)
    store.commit(store.read(), everything)
    store.attempted(THIS, {"event": (NOW, drift())})
    for word in SAID:
        say(store.rows, word)
    outside.edit("STATE#OWNER#odd", owner={"N": "1"})
    withdraw(store.rows, store.rows.get("STATE#PAUSE") or {}, Speaker("bob", SOON))
    said = {key: row for key, row in outside.rows().items() if is_said(key)}
    assert len(said) == 1 + len(SAID)

    number = len(outside.rows()) - len(said)
    assert count(store.rows, keep_words=True) == purge(store.rows, keep_words=True) == number
    assert outside.rows() == said
    state = store.read()
    assert (state.version, state.waivers, state.pause) == (0, (SAID[1],), None)
    assert {row["schema"] for key, row in said.items() if key != "STATE#OWNER#odd" and key[0] == "S"} == {1}


def test_a_count_writes_nothing(store: Store, outside: Outside) -> None:
    runs(store, 2)
    before = outside.rows()
    assert count(store.rows) == len(before)
    assert outside.rows() == before


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "FIRST_WAIT", 0.0)


@pytest.mark.usefixtures("_impatient")
def test_what_a_busy_table_leaves_undone_is_asked_again(store: Store, outside: Outside) -> None:
    runs(store, 3)
    asked: list[Any] = []

    def nothing_at_first(params: dict[str, Any], **_event: object) -> Any:
        asked.append(params)
        return _undone(store) if len(asked) == 1 else None

    with intercepted(store.rows.client, "before-call.dynamodb.BatchWriteItem", nothing_at_first):
        purge(store.rows)
    assert len(asked) == 2
    assert [key.rpartition("#")[0] if "RUN" in key else key for key in outside.rows()] == [
        "RUN#2025-07-12T03:00:00.000000Z",
        "RUN#2025-07-12T03:01:00.000000Z",
        "STATE",
        "STATE#CHECKS",
    ]


@pytest.mark.usefixtures("_impatient")
def test_a_table_that_stays_busy_ends_the_purge(store: Store) -> None:
    runs(store, 1)
    with (
        intercepted(store.rows.client, "before-call.dynamodb.BatchWriteItem", lambda **_event: _undone(store)),
        pytest.raises(StoreUnavailable, match="THROTTLED"),
    ):
        purge(store.rows)


def _undone(store: Store) -> Any:
    """DynamoDB's answer that it did all but the last run."""

    class Response:
        status_code = 200

    first = int(LONG_AGO.timestamp())
    key = store.rows.key(f"RUN#2025-07-12T03:02:00.000000Z#{first + 2}")
    return Response, {"UnprocessedItems": {store.rows.table: [{"DeleteRequest": {"Key": key}}]}}
