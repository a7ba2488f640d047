"""Messages wait in line, one run at a time holds the first, and none is lost or told twice."""

from typing import Any

import pytest
from msgspec import structs

from readiness.state.store import OutboxEntry, Store, WriteConflict
from tests.state.store.conftest import MakeStore
from tests.state.store.samples import (
    FIRST,
    FORMER,
    LATER,
    NOW,
    SOON,
    THIS,
    Outside,
    change,
    head,
    intercepted,
    message,
)
from tests.state.store.test_commit import answer


@pytest.fixture
def waiting(store: Store) -> Store:
    """A store with two messages in the outbox, of the first two versions."""
    for version in (FIRST, FIRST + 1):
        store.commit(store.read(), change(message=message(version, f"number {version - FIRST + 1}")))
    return store


def test_an_empty_outbox_has_no_head(store: Store) -> None:
    assert store.head() is None
    assert store.pending() == 0


def test_those_that_wait_are_counted(waiting: Store) -> None:
    assert waiting.pending() == 2


def test_a_message_comes_back_whole(waiting: Store) -> None:
    entry = head(waiting)
    assert entry == OutboxEntry(place=f"{FIRST:012}", version=FIRST, table_id=THIS, message=message(FIRST, "number 1"))
    assert (entry.id, entry.attempts, entry.leased_by) == (f"{THIS}/{FIRST}", 0, None)


def test_changes_for_the_event_bus_come_back_too(store: Store) -> None:
    further = ('{"number":20}', '{"number":21}')
    store.commit(store.read(), change(message=structs.replace(message(FIRST), further=further)))
    entry = head(store)
    assert entry.message.further == further


def test_messages_leave_in_the_order_of_their_versions(store: Store) -> None:
    for version in range(FIRST, FIRST + 11):
        store.commit(store.read(), change(message=message(version)))
    left = []
    while store.pending():
        entry = head(store)
        left.append(entry.version)
        store.delete(entry)
    assert left == list(range(FIRST, FIRST + 11))


def test_who_claims_holds_it_until_the_lease_ends(waiting: Store, make_store: MakeStore) -> None:
    other = make_store("run-2")
    assert waiting.claim(head(waiting), SOON, NOW)
    assert not other.claim(head(other), LATER, NOW)
    assert not other.claim(head(other), LATER, SOON), "the lease ends after its last instant"
    assert other.claim(head(other), LATER, LATER)
    assert not waiting.claim(head(waiting), LATER, SOON), "the dead do not come back"
    leased = head(other)
    assert (leased.leased_by, leased.lease_until, leased.attempts) == ("run-2", LATER, 2)


def test_the_holder_may_claim_again(waiting: Store) -> None:
    entry = head(waiting)
    assert waiting.claim(entry, SOON, NOW)
    assert waiting.claim(entry, LATER, NOW)


def test_a_sent_message_is_not_resurrected_by_a_late_claim(
    waiting: Store, make_store: MakeStore, outside: Outside
) -> None:
    late = make_store("late")
    seen = head(late)
    waiting.delete(head(waiting))
    assert not late.claim(seen, LATER, NOW)
    assert list(outside.rows("OUTBOX#")) == [f"OUTBOX#{FIRST + 1:012}"]


def test_a_sent_message_may_be_deleted_twice(waiting: Store) -> None:
    entry = head(waiting)
    waiting.delete(entry)
    waiting.delete(entry)
    assert head(waiting).version == FIRST + 1


@pytest.fixture
def restored(store: Store) -> Store:
    """A store with two messages in the outbox, the first of a former table of the same name."""
    store.commit(store.read(), change(table_id=FORMER, message=message(FIRST, table_id=FORMER)))
    store.commit(store.read(), change(message=message(FIRST + 1)))
    return store


def test_what_a_restore_brought_back_is_discarded_and_not_what_was_said_since(restored: Store) -> None:
    old = head(restored)
    assert old.table_id == FORMER
    assert restored.claim(old, SOON, NOW)
    assert restored.discard(old, THIS)
    assert head(restored).table_id == THIS


def test_nothing_is_discarded_for_a_table_that_is_not_the_one_remembered(restored: Store) -> None:
    old = head(restored)
    assert restored.claim(old, SOON, NOW)
    assert not restored.discard(old, "a newer one")
    assert head(restored).table_id == FORMER


def test_nothing_is_discarded_that_another_run_holds(restored: Store, make_store: MakeStore) -> None:
    old = head(restored)
    assert not restored.discard(old, THIS), "nobody has claimed it"
    assert make_store("run-2").claim(old, SOON, NOW)
    assert not restored.discard(old, THIS)
    assert head(restored).leased_by == "run-2"


def test_a_lease_that_is_given_back_leaves_the_message_to_others(waiting: Store, make_store: MakeStore) -> None:
    entry = head(waiting)
    assert waiting.claim(entry, LATER, NOW)
    waiting.release(entry)
    free = head(waiting)
    assert (free.leased_by, free.lease_until, free.attempts) == (None, None, 1)
    assert make_store("run-2").claim(free, LATER, NOW)


def test_nobody_gives_back_the_lease_of_another(waiting: Store, make_store: MakeStore) -> None:
    entry = head(waiting)
    assert waiting.claim(entry, LATER, NOW)
    make_store("run-2").release(entry)
    assert head(waiting).leased_by == "run-1"


def test_a_sent_message_is_not_resurrected_by_giving_its_lease_back(waiting: Store, outside: Outside) -> None:
    entry = head(waiting)
    waiting.claim(entry, LATER, NOW)
    waiting.delete(entry)
    waiting.release(entry)
    assert list(outside.rows("OUTBOX#")) == [f"OUTBOX#{FIRST + 1:012}"]


def test_while_nobody_listens_messages_merge_into_the_first(waiting: Store) -> None:
    waiting.commit(waiting.read(), change(message=message(FIRST, "1 and 3"), merged_into=head(waiting)))
    first = head(waiting)
    assert (first.place, first.version, first.id, first.message.subject) == (
        f"{FIRST:012}",
        FIRST + 2,
        f"{THIS}/{FIRST}",
        "1 and 3",
    )
    waiting.delete(first)
    assert head(waiting).message.subject == "number 2"


def test_a_message_that_is_being_sent_is_not_merged_and_nothing_is_committed(waiting: Store) -> None:
    first = head(waiting)
    waiting.claim(first, LATER, NOW)
    with pytest.raises(WriteConflict):
        waiting.commit(waiting.read(), change(at=SOON, message=message(FIRST + 2), merged_into=first))
    assert waiting.read().version == FIRST + 1
    assert head(waiting).message.subject == "number 1"


def test_a_message_whose_sender_died_may_be_merged(waiting: Store) -> None:
    first = head(waiting)
    waiting.claim(first, NOW, NOW)
    waiting.commit(waiting.read(), change(at=SOON, message=message(FIRST, "1 and 3"), merged_into=first))
    assert head(waiting) == OutboxEntry(
        place=f"{FIRST:012}", version=FIRST + 2, table_id=THIS, message=message(FIRST, "1 and 3")
    )


def test_a_message_that_was_sent_is_not_merged_into(waiting: Store) -> None:
    first = head(waiting)
    waiting.delete(first)
    with pytest.raises(WriteConflict):
        waiting.commit(waiting.read(), change(message=message(FIRST + 2), merged_into=first))


def test_who_saw_the_message_before_it_was_merged_neither_sends_nor_deletes_it(waiting: Store) -> None:
    stale = head(waiting)
    waiting.commit(waiting.read(), change(message=message(FIRST, "1 and 3"), merged_into=stale))
    assert not waiting.claim(stale, LATER, NOW)
    waiting.delete(stale)
    assert head(waiting).message.subject == "1 and 3"


def test_a_message_left_from_a_memory_that_was_deleted_is_not_written_over(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(message=message(FIRST, "before")))
    outside.client.delete_item(TableName=store.rows.table, Key=store.rows.key("STATE"))
    with pytest.raises(WriteConflict):
        store.commit(store.read(), change(message=message(FIRST, "after")))
    store.delete(head(store))
    store.commit(store.read(), change(message=message(FIRST, "after")))
    assert head(store).message.subject == "after"


def test_a_delete_that_meets_a_transaction_is_tried_again(waiting: Store) -> None:
    tries: list[object] = []

    def conflict_once(**event: Any) -> Any:
        tries.append(event)
        return answer("TransactionConflictException")() if len(tries) == 1 else None

    with intercepted(waiting.rows.client, "before-call.dynamodb.DeleteItem", conflict_once):
        waiting.delete(head(waiting))
    assert head(waiting).version == FIRST + 1
