"""Rows that somebody else wrote are not believed, and kept apart."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.model import Reason, Unavailable
from readiness.state.people import Pause
from readiness.state.store import (
    DamagedEntry,
    KeptFact,
    Registered,
    Remembered,
    Rows,
    Store,
    StoreUnavailable,
    WriteConflict,
    parameter,
)
from readiness.state.store.entry import values_of
from readiness.state.store.signing import Signer
from readiness.state.store.words import say
from tests.state.store.conftest import ON_BOTH, MakeStore
from tests.state.store.samples import FIRST, LATER, NOW, SOON, THIS, Outside, change, head, intercepted, message

CHECKS = {"pitr-enabled/on": {"judge": "1", "known": {"arn": {"status": "FAIL", "since": "2026-11-24T03:00:00Z"}}}}
FACT = KeptFact(type="Budgets", place="", at=NOW, table_id=THIS, answer={"budgets": 1})

NONSENSE: tuple[Any, ...] = (
    {"S": "another"},
    {"N": "-1"},
    {"N": "1E+100"},
    {"NULL": True},
    {"BOOL": False},
    {"L": []},
    {"M": {}},
    {"B": b"\x00"},
    {"SS": ["a"]},
)

HEAD = ("version", "checksVersion", "tableId", "verifiedAt", "countedAt", "schema", "writer", "release", "mac")
MEMORY = ("version", "checks", "tableId", "schema", "mac")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """A store with a memory, a kept answer and a message, whose table is registered as signed."""
    store = make_store()
    written = change(checks=CHECKS, facts=[FACT], counted_at=NOW, message=message(FIRST))
    store.commit(store.read(), written)
    assert store.parameters
    store.parameters.write(Registered(THIS, signed=True))
    assert not store.read().damaged
    return store


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize("name", HEAD)
def test_a_head_that_was_changed_is_not_believed(store: Store, outside: Outside, name: str, value: Any) -> None:
    outside.edit("STATE", **{name: value})
    read = store.read()
    assert (read.damaged, read.checks, read.version, read.is_newer) == (True, {}, 0, False)
    assert list(read.refused) == ["STATE", "STATE#CHECKS"]


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize("name", MEMORY)
def test_a_memory_that_was_changed_is_not_believed(store: Store, outside: Outside, name: str, value: Any) -> None:
    outside.edit("STATE#CHECKS", **{name: value})
    read = store.read()
    assert (read.damaged, read.checks, read.version) == (True, {}, FIRST)
    assert list(read.refused) == ["STATE#CHECKS"]


def test_a_memory_that_was_deleted_is_damage(store: Store, outside: Outside) -> None:
    outside.client.delete_item(TableName=store.rows.table, Key=store.rows.key("STATE#CHECKS"))
    read = store.read()
    assert (read.damaged, read.version, read.refused) == (True, FIRST, {})


def test_a_memory_of_another_version_is_damage(store: Store, outside: Outside) -> None:
    former = outside.client.get_item(TableName=store.rows.table, Key=store.rows.key("STATE#CHECKS"))["Item"]
    store.commit(store.read(), change(at=SOON))
    outside.client.put_item(TableName=store.rows.table, Item=former)
    assert store.read().damaged


def test_a_torn_read_is_read_again(store: Store, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query is no snapshot: another run can commit while its pages are read."""
    real, other = Rows.items, make_store("other")
    former = [item for item in store.rows.items("STATE") if store.rows.place_of(item) == "STATE"]
    other.commit(other.read(), change(at=SOON, checks={}))
    queries: list[str] = []

    def items(rows: Rows, prefix: str = "", limit: int | None = None) -> Iterator[dict[str, Any]]:
        queries.append(prefix)
        found = list(real(rows, prefix, limit))
        return iter(found if len(queries) > 1 else [*former, *found[1:]])

    monkeypatch.setattr(Rows, "items", items)
    read = store.read()
    assert len(queries) == 2
    assert (read.damaged, read.version, read.checks) == (False, FIRST + 1, {})


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_a_kept_answer_that_was_changed_is_fetched_again(store: Store, outside: Outside, value: Any) -> None:
    outside.edit("STATE#FACT#Budgets", answers=value)
    read = store.read()
    assert (read.facts, read.damaged, read.refused) == ((), False, {})


@ON_BOTH
@pytest.mark.parametrize("sort_key", ["STATE", "STATE#CHECKS"])
def test_a_damaged_row_is_kept_apart_by_the_commit_that_replaces_it(
    store: Store, outside: Outside, sort_key: str
) -> None:
    outside.edit(sort_key, release={"S": "forged"})
    store.commit(store.read(), change(at=LATER))
    read = store.read()
    assert (read.damaged, read.refused) == (False, {})
    assert read.version == (int(LATER.timestamp()) if sort_key == "STATE" else FIRST + 1)
    kept = {key.split("#2026")[0]: row["row"] for key, row in outside.rows("REFUSED#").items()}
    assert kept[f"REFUSED#{sort_key}"]["release"] == "forged"


@ON_BOTH
def test_a_row_with_attributes_of_every_type_is_kept_apart(store: Store, outside: Outside) -> None:
    """The condition that the row is still the one that was read compares each of them."""
    nested = {"M": {"a": {"L": [{"N": "0.10"}, {"M": {}}, {"NULL": True}]}, "b": {"NS": ["2", "1"]}}}
    outside.edit("STATE", **{f"x{number}": value for number, value in enumerate([*NONSENSE, nested])})
    store.commit(store.read(), change(at=LATER))
    assert not store.read().damaged
    (kept,) = outside.rows("REFUSED#STATE#2026").values()
    assert kept["row"]["x0"] == "another"


@ON_BOTH
def test_a_row_is_believed_in_the_form_that_it_comes_back_in(store: Store) -> None:
    answer = {"smallest": 5e-06, "largest": 1.5e21, "text": "\u00e9", "list": [1, None, True, {}]}
    store.commit(store.read(), change(at=SOON, facts=[replace(FACT, answer=answer)]))
    read = store.read()
    assert ([fact.answer for fact in read.facts], read.damaged) == ([answer], False)


@ON_BOTH
def test_a_run_that_loses_has_refused_nothing(store: Store, outside: Outside, make_store: MakeStore) -> None:
    outside.edit("STATE", release={"S": "forged"})
    other = make_store("other")
    seen_by_both = other.read()
    store.commit(store.read(), change(at=LATER))
    before = outside.rows()
    with pytest.raises(WriteConflict):
        other.commit(seen_by_both, change(at=LATER))
    assert outside.rows() == before


@ON_BOTH
def test_a_row_that_changes_again_before_the_commit_is_read_again(store: Store, outside: Outside) -> None:
    outside.edit("STATE", release={"S": "forged"})
    read = store.read()
    outside.edit("STATE", release={"S": "forged again"})
    with pytest.raises(WriteConflict):
        store.commit(read, change(at=LATER))


@ON_BOTH
def test_an_annotation_that_cannot_be_read_is_kept_apart(store: Store, outside: Outside) -> None:
    say(store.rows, Pause(by="ada", at=NOW, table_id=THIS, reason="deployment", until=LATER))
    outside.edit("STATE#PAUSE", until={"B": b"\x00"})
    outside.edit("STATEMENT", note={"S": "x"})
    read = store.read()
    assert (read.pause, read.damaged, sorted(read.refused)) == (None, False, ["STATE#PAUSE", "STATEMENT"])
    store.commit(read, change(at=LATER, checks=CHECKS))
    assert store.read().refused == {}
    assert not outside.rows("STATE#PAUSE")
    assert len(outside.rows("REFUSED#")) == 2


@ON_BOTH
def test_10_damaged_rows_are_moved_at_once_20_are_kept_and_the_rest_is_counted(store: Store, outside: Outside) -> None:
    for number in range(35):
        outside.edit(f"STATE#OWNER#{number:02}", rule={"N": "1"})
    for step in range(4):
        assert len(store.read().refused) == max(0, 35 - 10 * step)
        store.commit(store.read(), change(at=LATER, checks=CHECKS))
    assert store.read().refused == {}
    assert len(outside.rows("REFUSED#")) == 20
    assert outside.rows("REFUSED")["REFUSED"]["more"] == 15


@ON_BOTH
def test_a_row_of_any_size_is_kept_apart(store: Store, outside: Outside) -> None:
    outside.edit("STATE#OWNER#x", note={"S": "x" * 390_000}, more={"B": b"x"})
    store.commit(store.read(), change(at=LATER, checks=CHECKS))
    (row,) = outside.rows("REFUSED#").values()
    assert row["row"]["tooLargeToKeep"] > 390_000


@pytest.mark.parametrize("sort_key", ["STATE", "STATE#CHECKS", "OUTBOX#"])
def test_a_row_without_a_signature_is_damage_once_all_are_signed(store: Store, outside: Outside, sort_key: str) -> None:
    (found, *_) = outside.rows(sort_key)
    item = outside.client.get_item(TableName=store.rows.table, Key=store.rows.key(found))["Item"]
    outside.client.put_item(
        TableName=store.rows.table, Item={name: each for name, each in item.items() if name != "mac"}
    )
    assert isinstance(store.head(), DamagedEntry) if sort_key == "OUTBOX#" else store.read().damaged


@ON_BOTH
def test_rows_of_a_release_that_did_not_sign_are_believed(store: Store, outside: Outside) -> None:
    assert store.parameters
    store.parameters.write(Registered(THIS))
    for sort_key in ("STATE", "STATE#CHECKS", f"OUTBOX#{FIRST:012}"):
        item = outside.client.get_item(TableName=store.rows.table, Key=store.rows.key(sort_key))["Item"]
        outside.client.put_item(
            TableName=store.rows.table, Item={name: each for name, each in item.items() if name != "mac"}
        )
    read = store.read()
    assert (read.damaged, read.unsigned, read.version, read.checks) == (False, True, FIRST, CHECKS)
    assert head(store).message == message(FIRST)


def unsign(store: Store, outside: Outside, *sort_keys: str) -> None:
    """Leave the rows as a release leaves them that does not sign."""
    assert store.parameters
    store.parameters.write(Registered(THIS))
    for sort_key in sort_keys:
        item = outside.client.get_item(TableName=store.rows.table, Key=store.rows.key(sort_key))["Item"]
        bare = {name: each for name, each in item.items() if name != "mac"}
        outside.client.put_item(TableName=store.rows.table, Item=bare)


def add_unsigned(store: Store, outside: Outside, place: int, version: int, text: str = "forged") -> None:
    """Somebody adds a message without a signature."""
    said = replace(message(version), subject=text)
    row = store.rows.item(f"OUTBOX#{place:012}", THIS, values_of(said, version))
    outside.client.put_item(TableName=store.rows.table, Item=row)


@ON_BOTH
def test_a_message_that_waits_unsigned_is_signed_before_the_head_and_one_that_comes_later_is_damage(
    store: Store, outside: Outside
) -> None:
    unsign(store, outside, "STATE", "STATE#CHECKS", f"OUTBOX#{FIRST:012}")
    read = store.read()
    assert read.unsigned
    store.commit(read, change(at=LATER, checks=CHECKS))
    add_unsigned(store, outside, FIRST + 1, FIRST)
    assert head(store).message == message(FIRST)
    store.delete(head(store))
    assert isinstance(store.head(), DamagedEntry)


@ON_BOTH
def test_a_message_that_waits_unsigned_and_is_newer_than_the_head_is_damage(store: Store, outside: Outside) -> None:
    unsign(store, outside, "STATE", "STATE#CHECKS")
    add_unsigned(store, outside, FIRST - 1, FIRST + 1)
    store.commit(store.read(), change(at=LATER, checks=CHECKS))
    assert isinstance(store.head(), DamagedEntry)


def test_of_messages_that_wait_unsigned_100_are_believed(store: Store, outside: Outside) -> None:
    unsign(store, outside, "STATE", "STATE#CHECKS", f"OUTBOX#{FIRST:012}")
    for place in range(1, 151):
        add_unsigned(store, outside, place, 1)
    store.commit(store.read(), change(at=LATER, checks=CHECKS))
    assert sum("mac" in row for row in outside.rows("OUTBOX#").values()) == 100


@ON_BOTH
def test_a_message_that_a_run_leases_is_signed_and_its_lease_stays(store: Store, outside: Outside) -> None:
    assert store.claim(head(store), LATER, NOW)
    unsign(store, outside, "STATE", "STATE#CHECKS", f"OUTBOX#{FIRST:012}")
    store.commit(store.read(), change(at=LATER, checks=CHECKS))
    assert (head(store).message, head(store).leased_by) == (message(FIRST), store.writer)


@ON_BOTH
def test_a_key_that_was_deleted_is_damage(store: Store, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    outside.ssm.held = {name: value for name, value in outside.ssm.held.items() if not name.endswith("/key")}
    monkeypatch.setattr(parameter, "_keys", {})
    read = store.read()
    assert read.damaged
    assert isinstance(store.head(), DamagedEntry)
    store.commit(read, change(at=LATER))
    assert not store.read().damaged


def test_a_key_that_another_environment_made_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.parameters
    monkeypatch.setitem(parameter._keys, store.parameters.key_name, bytes(32))  # noqa: SLF001  an earlier key
    assert not store.read().damaged


def test_a_key_that_cannot_be_read_leaves_the_memory_out_of_reach(
    store: Store, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameter, "_keys", {})
    monkeypatch.setattr(outside.ssm, "held", dict.fromkeys(outside.ssm.held, "nonsense"))
    before = outside.rows()
    for use in (store.read, store.head, lambda: store.commit(Remembered(), change())):
        with pytest.raises(StoreUnavailable) as caught:
            use()
        assert isinstance(caught.value.why, Unavailable)
        assert caught.value.why.reason is Reason.MALFORMED
    assert outside.rows() == before


def test_a_newer_schema_counts_only_with_a_right_signature(store: Store, outside: Outside) -> None:
    assert store.parameters
    item = outside.client.get_item(TableName=store.rows.table, Key=store.rows.key("STATE"))["Item"]
    newer: Any = {**item, "schema": {"N": "999"}}
    outside.client.put_item(TableName=store.rows.table, Item=newer)
    assert (store.read().is_newer, store.read().damaged) == (False, True)
    outside.client.put_item(TableName=store.rows.table, Item=Signer(store.parameters.make_key()).sign(newer))
    assert (store.read().is_newer, store.read().damaged) == (True, False)


def test_a_reader_without_the_key_takes_rows_as_they_are(store: Store, outside: Outside) -> None:
    outside.edit("STATE", release={"S": "forged"})
    reader = Store(store.rows, "cli")
    assert reader.read().release == "forged"
    with pytest.raises(StoreUnavailable):
        reader.commit(reader.read(), change())


@ON_BOTH
def test_damaged_messages_are_replaced_by_one(store: Store, outside: Outside) -> None:
    outside.edit("OUTBOX#000000000001", message={"S": "forged"})
    outside.edit(f"OUTBOX#{FIRST:012}", message={"S": "forged"})
    outside.edit("OUTBOX#zzz", message={"S": "forged"})
    damaged = store.damaged_entries()
    assert len(damaged) == 3
    told = message(FIRST, "alerts were changed")
    assert store.replace(damaged, told, store.read(), until=LATER, now=NOW)
    assert list(outside.rows("OUTBOX#")) == ["OUTBOX#000000000001"]
    assert head(store).message == told
    assert len(outside.rows("REFUSED#OUTBOX#")) == 3


@ON_BOTH
def test_messages_are_not_replaced_where_another_run_was_faster(
    store: Store, outside: Outside, make_store: MakeStore
) -> None:
    outside.edit(f"OUTBOX#{FIRST:012}", message={"S": "forged"})
    damaged, state = store.damaged_entries(), store.read()
    told = message(FIRST)

    other = make_store("other")
    other.commit(other.read(), change(at=SOON))
    assert not store.replace(damaged, told, state, until=LATER, now=NOW), "the memory is another"
    assert not other.replace(damaged, told, other.read(), until=LATER, now=NOW), "the first run holds the lease"
    assert isinstance(store.head(), DamagedEntry)


@ON_BOTH
@pytest.mark.parametrize(
    "lease",
    [
        {"leasedBy": {"S": "forged"}, "leaseUntil": {"S": "9999-12-31T00:00:00.000000Z"}},
        {"leasedBy": {"S": "forged"}, "leaseUntil": {"N": "9"}},
        {"leasedBy": {"S": "forged"}},
        {"leasedBy": {"BOOL": True}, "leaseUntil": {"NULL": True}, "attempts": {"S": "many"}},
        {"attempts": {"N": "1E+40"}},
    ],
    ids=repr,
)
def test_a_lease_that_no_run_can_hold_holds_nobody_up(store: Store, outside: Outside, lease: dict[str, Any]) -> None:
    outside.edit(f"OUTBOX#{FIRST:012}", **lease)
    entry = head(store)
    assert store.claim(entry, LATER, NOW)
    assert head(store).attempts == 1


def test_without_damage_neither_rows_nor_parameters_are_read_twice(store: Store, outside: Outside) -> None:
    calls: list[str] = []

    def note(model: Any, **_event: object) -> None:
        calls.append(model.name)

    outside.ssm.held.clear()
    with intercepted(store.rows.client, "before-call", note):
        assert not store.read().damaged
    assert calls == ["Query"]
