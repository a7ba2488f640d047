"""Runs that overlap: threads race on the stricter engine, and each round has exactly one winner."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from readiness.state.store import OutboxEntry, Store, WriteConflict, purge
from tests.state.store.conftest import one_run
from tests.state.store.samples import FIRST, LATER, NOW, THIS, Outside, change, drift, head, intercepted, message, rule

RUNS = 4
ROUNDS = 12

T = TypeVar("T")


@pytest.fixture
def stores(stricter: Outside) -> list[Store]:
    """Runs that live at the same time, each with a client of its own."""
    return [one_run(stricter, f"run-{number}") for number in range(RUNS)]


def together(stores: list[Store], act: Callable[[Store], T]) -> list[T]:
    """Every run does it, as nearly at once as threads can."""
    start = threading.Barrier(len(stores))

    def started(store: Store) -> T:
        start.wait(10)
        return act(store)

    with ThreadPoolExecutor(len(stores)) as pool:
        return list(pool.map(started, stores))


def won(store: Store, **differs: Any) -> int | None:
    """Read and commit once, with a message: the version that was made, None if another run was faster."""
    seen = store.read()
    version = seen.next_version(NOW)
    try:
        store.commit(seen, change(message=message(version, store.writer), drifts=[drift()], **differs))
    except WriteConflict:
        return None
    return version


def deliver(store: Store, sent: list[str]) -> None:
    """Send what can be claimed until the outbox is empty or another run holds its head."""
    while isinstance(entry := store.head(), OutboxEntry):
        if not store.claim(entry, LATER, NOW):
            return
        sent.append(entry.id)
        store.delete(entry)


def test_of_runs_that_read_the_same_exactly_one_commits(stores: list[Store]) -> None:
    for version in range(FIRST, FIRST + ROUNDS):
        seen = stores[0].read()
        assert seen.next_version(NOW) == version

        def commit(store: Store, seen: Any = seen, version: int = version) -> bool:
            try:
                store.commit(seen, change(rules=[rule()], message=message(version, store.writer)))
            except WriteConflict:
                return False
            return True

        winners = together(stores, commit)
        assert winners.count(True) == 1
        assert stores[0].read().writer == stores[winners.index(True)].writer


def test_versions_have_no_gaps_and_every_message_of_a_winner_is_sent_once(
    stores: list[Store], stricter: Outside
) -> None:
    sent: list[str] = []

    def run(store: Store) -> list[int | None]:
        made = []
        for _ in range(ROUNDS):
            made.append(won(store))
            deliver(store, sent)
        return made

    made = sorted(version for versions in together(stores, run) for version in versions if version)
    deliver(stores[0], sent)
    assert made == list(range(FIRST, FIRST + len(made)))
    assert len(made) >= ROUNDS
    assert stores[0].read().version == FIRST + len(made) - 1
    assert sorted(sent, key=lambda sent: int(sent.split("/")[1])) == [f"{THIS}/{version}" for version in made]
    assert len(stricter.rows("RUN#")) == len(stricter.rows("DRIFT#")) == len(made)


def test_one_run_gets_the_lease(stores: list[Store]) -> None:
    won(stores[0])
    for minute in range(ROUNDS):
        now = NOW + timedelta(minutes=2 * minute)

        def claim(store: Store, now: Any = now) -> bool:
            entry = store.head()
            return isinstance(entry, OutboxEntry) and store.claim(entry, now + timedelta(minutes=1), now)

        assert together(stores, claim).count(True) == 1


def test_a_claim_and_a_delete_at_once_never_bring_a_message_back(stores: list[Store], stricter: Outside) -> None:
    for _ in range(ROUNDS):
        won(stores[0])
        entry = head(stores[0])

        def act(store: Store, entry: Any = entry) -> None:
            if store is stores[0]:
                store.delete(entry)
            else:
                store.claim(entry, LATER, NOW)

        together(stores, act)
        assert stricter.rows("OUTBOX#") == {}


def test_a_merge_and_a_claim_at_once_send_the_old_message_or_the_new_and_never_lose_either(
    stores: list[Store],
) -> None:
    for _ in range(ROUNDS):
        won(stores[0])
        first = head(stores[0])
        seen = stores[0].read()
        assert first is not None

        def act(store: Store, first: Any = first, seen: Any = seen) -> bool:
            if store is not stores[0]:
                return store.claim(first, LATER, NOW)
            try:
                store.commit(seen, change(message=message(first.version, "both"), merged_into=first))
            except WriteConflict:
                return False
            return True

        assert together(stores, act).count(True) == 1
        left = head(stores[0])
        assert (left.message.subject == "both") == (left.leased_by is None)
        stores[0].delete(left)


def test_a_commit_whose_answer_got_lost_is_repeated_by_botocore_and_still_one(
    stores: list[Store], stricter: Outside
) -> None:
    answers: list[object] = []

    def not_heard(**event: Any) -> float | None:
        answers.append(event["response"])
        return 0.0 if len(answers) == 1 else None

    with intercepted(stores[0].rows.client, "needs-retry.dynamodb.TransactWriteItems", not_heard):
        assert won(stores[0]) == FIRST
    assert len(answers) == 2
    assert list(stricter.rows("OUTBOX#")) == [f"OUTBOX#{FIRST:012}"]


def test_the_stricter_engine_takes_everything_that_a_run_may_write(stores: list[Store], stricter: Outside) -> None:
    store = stores[0]
    assert won(store, rules=[rule()], canary=True) == FIRST
    assert store.trim(NOW + timedelta(days=401)) == 2
    assert purge(store.rows) == 5
    assert stricter.rows() == {}
    assert len(stricter.theirs()) == 1
