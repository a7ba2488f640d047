"""The row of a pager: one run at a time writes it, and only what the monitor wrote is believed."""

from datetime import timedelta
from typing import Any

import pytest

from readiness.state.store import MIRROR, Mirror, MirrorEntry, Store
from readiness.state.store.mirror import mirror_of
from readiness.state.store.wire import encode_item
from tests.state.store.conftest import MakeStore
from tests.state.store.samples import LATER, NOW, SOON, TABLE, THIS, Outside, change

PAGER = "events-v2"
OPEN = Mirror(
    keys={
        "pitr-enabled/on": MirrorEntry(open=True, unsure=True, sent_at=NOW),
        "ttl-enabled/on": MirrorEntry(open=True),
    },
    table_id=THIS,
    swept_at=NOW,
    version=7,
    target="arn:aws:events:us-east-1:123456789012:event-bus/pager",
)


@pytest.fixture
def begun(store: Store) -> Store:
    """A store whose memory is signed."""
    store.commit(store.read(), change())
    return store


def written(store: Store, mirror: Mirror = OPEN) -> None:
    assert store.claim_mirror(PAGER, SOON, NOW)
    assert store.write_mirror(PAGER, mirror, None)


def test_it_comes_back_as_it_was_written(begun: Store) -> None:
    assert begun.read().mirrors == {}
    written(begun)
    assert begun.read().mirrors == {PAGER: OPEN}
    assert begun.read().refused == {}


def test_one_run_holds_it_until_the_lease_ends_or_is_released(begun: Store, make_store: MakeStore) -> None:
    other = make_store("run-2")
    assert begun.claim_mirror(PAGER, SOON, NOW)
    assert begun.claim_mirror(PAGER, SOON, NOW), "its own"
    assert not other.claim_mirror(PAGER, SOON, NOW)
    assert begun.write_mirror(PAGER, OPEN, SOON), "it keeps the lease"
    assert not other.claim_mirror(PAGER, SOON, NOW)
    assert not other.write_mirror(PAGER, Mirror(), None)
    assert not other.delete_mirror(PAGER)
    other.release_mirror(PAGER)
    assert not other.claim_mirror(PAGER, SOON, NOW)
    begun.release_mirror(PAGER)
    assert other.claim_mirror(PAGER, SOON, NOW)
    assert begun.read().mirrors == {PAGER: OPEN}


def test_a_lease_that_has_ended_holds_nobody_off(begun: Store, make_store: MakeStore) -> None:
    assert begun.claim_mirror(PAGER, SOON, NOW)
    assert make_store("run-2").claim_mirror(PAGER, LATER + timedelta(minutes=5), LATER)
    assert not begun.write_mirror(PAGER, OPEN, None)


def test_a_row_that_only_has_a_lease_is_not_believed(begun: Store) -> None:
    assert begun.claim_mirror(PAGER, SOON, NOW)
    state = begun.read()
    assert (state.mirrors, state.refused, state.damaged) == ({PAGER: None}, {}, False)


@pytest.mark.parametrize(
    "more", [{"keys": {"M": {}}}, {"mac": {"S": "0"}}, {"leaseUntil": {"N": "9"}, "odd": {"S": ""}}]
)
def test_a_row_that_somebody_changed_is_not_believed_until_it_is_written_anew(
    begun: Store, outside: Outside, more: dict[str, Any]
) -> None:
    written(begun)
    key = begun.rows.key(MIRROR + PAGER)
    item = outside.client.get_item(TableName=TABLE, Key=key)["Item"]
    outside.client.put_item(TableName=TABLE, Item={**item, **more})
    assert begun.read().mirrors == {PAGER: None}
    written(begun)
    assert begun.read().mirrors == {PAGER: OPEN}


def test_it_is_deleted_by_who_holds_it(begun: Store) -> None:
    written(begun)
    assert begun.claim_mirror(PAGER, SOON, NOW)
    assert begun.delete_mirror(PAGER)
    assert begun.read().mirrors == {}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"keys": []},
        {"keys": {"a": {"open": "yes"}}},
        {"keys": {}, "sweptAt": "yesterday"},
    ],
)
def test_another_form_is_none(row: dict[str, Any]) -> None:
    assert mirror_of(encode_item({"tableId": THIS, **row})) is None
