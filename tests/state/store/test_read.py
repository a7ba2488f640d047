"""What a run knows before it looks: its own memory, and what people said."""

from datetime import timedelta

import pytest

from readiness.state.people import (
    Acknowledgement,
    Attestation,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store import Canary, KeptFact, Remembered, Store
from readiness.state.store.words import say
from readiness.state.table_id import UNKNOWN
from tests.state.store.samples import FIRST, FORMER, LATER, NOW, THIS, Outside, change, intercepted

BY = "ada@example.com"


def words(table_id: str) -> list[Word]:
    """One word of each kind."""
    return [
        Owner(by=BY, at=NOW, table_id=table_id, rule="pitr-enabled", owner="data-platform@example.com"),
        Waiver(by=BY, at=NOW, table_id=table_id, check="pitr-enabled/window", reason="cutover", until=LATER),
        Waiver(by=BY, at=NOW, table_id=table_id, check="a/b", resource="arn:aws:x", reason="known", until=LATER),
        Acknowledgement(by=BY, at=NOW, table_id=table_id, check="pitr-enabled/on", note="on it"),
        Pause(by=BY, at=NOW, table_id=table_id, reason="deployment", until=LATER),
        Attestation(by=BY, at=NOW, table_id=table_id, rule="load-tested", evidence="https://...", until=LATER),
        Manifest(by=BY, at=NOW, table_id=table_id, content={"runbook": {"path": "docs/runbook.md"}}),
        Signoff(
            by=BY,
            at=NOW,
            table_id=table_id,
            account="123456789012",
            until=LATER,
            digest="5e1f",
            checks={"pitr-enabled/on": "5e1f"},
        ),
    ]


@pytest.fixture
def told(store: Store) -> Store:
    """A store in whose table everybody spoke, and a run kept an answer and wrote a canary."""
    fact = KeptFact(type="Anomalies", place="arn:table", at=NOW, table_id=THIS, answer={"monitors": 1})
    store.commit(store.read(), change(facts=[fact], canary=True, signs={"pitr-enabled": "5e1f"}))
    for word in words(THIS):
        say(store.rows, word)
    return store


def test_nothing_is_remembered_of_a_table_never_seen(store: Store) -> None:
    assert store.read() == Remembered()


def test_everything_that_people_said_is_read_with_the_state(told: Store) -> None:
    read = told.read()
    said = [*read.owners, *read.waivers, *read.acks, read.pause, *read.attestations, read.manifest, read.signoff]
    assert sorted(map(repr, said)) == sorted(map(repr, words(THIS)))
    assert [(fact.type, fact.place, fact.at, fact.answer) for fact in read.facts] == [
        ("Anomalies", "arn:table", NOW, {"monitors": 1})
    ]
    assert read.canaries == (Canary(at=NOW, table_id=THIS),)
    assert read.canaries[0].expires == NOW + timedelta(hours=1)
    assert read.illegible == ()


def test_it_takes_one_consistent_query(told: Store) -> None:
    bodies: list[bytes] = []

    def note(params: dict[str, bytes], **_event: object) -> None:
        bodies.append(params["body"])

    with intercepted(told.rows.client, "before-call", note):
        told.read()
    assert len(bodies) == 1
    assert b'"ConsistentRead": true' in bodies[0]


def test_more_than_a_page_is_read_to_its_end(store: Store) -> None:
    facts = [
        KeptFact(type=f"Policies{number}", place="arn", at=NOW, table_id=THIS, answer="x" * 300_000)
        for number in range(6)
    ]
    store.commit(store.read(), change(facts=facts))
    assert len(store.read().facts) == 6


def test_of_another_table_only_the_version_and_the_owners_hold(told: Store) -> None:
    read = told.read()
    assert read.about(THIS) == read
    replaced = read.about("a new table")
    assert replaced == Remembered(
        version=FIRST,
        table_id=THIS,
        verified_at=NOW,
        writer="run-1",
        release="0.1.0",
        owners=read.owners,
        void=replaced.void,
        checks_version=FIRST,
        stored=read.stored,
        kept_rows=read.kept_rows,
    )
    assert sorted(word.kind for word in replaced.void) == sorted(
        word.kind for word in words(THIS) if not isinstance(word, Owner)
    )


@pytest.mark.parametrize(
    ("kept", "asked"), [(UNKNOWN, THIS), (THIS, UNKNOWN), (UNKNOWN, UNKNOWN)], ids=["nobody knew", "unread", "neither"]
)
def test_of_an_unknown_table_all_holds(store: Store, kept: str, asked: str) -> None:
    store.commit(store.read(), change(table_id=kept, signs={"pitr-enabled": "x"}))
    for word in words(kept):
        say(store.rows, word)
    read = store.read()
    assert read.about(asked) == read
    assert read.checks
    assert read.pause is not None


@pytest.mark.parametrize(
    ("table_id", "said", "seen"),
    [(THIS, None, True), (UNKNOWN, None, False), (THIS, False, False), (UNKNOWN, True, True)],
)
def test_that_somebody_has_read_what_the_table_is_follows_from_its_id_unless_it_is_said(
    store: Store, table_id: str, *, said: bool | None, seen: bool
) -> None:
    store.commit(store.read(), change(table_id=table_id, seen=said))
    assert store.read().seen is seen


def test_how_often_the_monitor_looks_is_kept_where_who_records_does_not_know_it(store: Store) -> None:
    store.commit(store.read(), change(interval=15))
    store.commit(store.read(), change())
    assert store.read().interval == 15


def test_what_was_said_of_this_table_holds_beside_what_a_restore_brought_back(store: Store) -> None:
    store.commit(store.read(), change())
    for check, table_id in (("ttl-enabled/on", THIS), ("pitr-enabled/on", FORMER)):
        say(store.rows, Acknowledgement(by=BY, at=NOW, table_id=table_id, check=check))
    assert [ack.check for ack in store.read().about(THIS).acks] == ["ttl-enabled/on"]


def test_an_annotation_in_a_newer_form_has_no_effect_and_stays(told: Store, outside: Outside) -> None:
    outside.edit("STATE#PAUSE", schema={"N": "3"})
    read = told.read()
    assert (read.pause, read.later, read.refused) == (None, ("STATE#PAUSE",), {})
    assert (read.is_newer, len(read.waivers)) == (False, 2)


def test_a_row_that_somebody_broke_is_named_and_the_rest_is_read(told: Store, outside: Outside) -> None:
    outside.edit("STATE#PAUSE", until={"S": "tomorrow"})
    outside.edit("STATE#NOTE", text={"S": "hello"}, schema={"S": "new"})
    outside.edit("STATEMENT", text={"S": "hello"})
    read = told.read()
    assert read.illegible == ("STATE#NOTE", "STATE#PAUSE", "STATEMENT")
    assert not read.is_newer
    assert read.pause is None
    assert (read.version, len(read.waivers)) == (FIRST, 2)


def test_a_state_without_its_version_can_be_written_again(told: Store, outside: Outside) -> None:
    outside.client.delete_item(TableName=told.rows.table, Key=told.rows.key("STATE"))
    outside.edit("STATE", note={"S": "I deleted it"})
    told.commit(told.read(), change())
    assert told.read().version == FIRST
