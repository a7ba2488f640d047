"""What a person says is never overwritten: the former word moves to the history."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError
from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.state.people import Attestation, Manifest, Owner, Pause, Word
from readiness.state.store import ConcurrentUpdate, Store, WriteConflict, place_of, sort_key_of
from readiness.state.store.wire import encode_item, size
from readiness.state.store.words import Row, Speaker, say, withdraw
from tests.state.store.conftest import one_run
from tests.state.store.samples import LATER, NOW, SOON, THIS, Outside, change, intercepted

FIRST = Pause(by="ada@example.com", at=NOW, table_id=THIS, reason="deployment", until=LATER)
SECOND = Pause(by="bob@example.com", at=SOON, table_id=THIS, reason="it takes longer", until=LATER)
THIRD = replace(SECOND, at=LATER)

BOB = Speaker("bob@example.com", SOON)
WRITE = "before-call.dynamodb.TransactWriteItems"


def said(store: Store, word: Word) -> Row | None:
    return store.rows.get(sort_key_of(word))


def spoken(store: Store, word: Word) -> None:
    """As somebody says it who has just read what was said before."""
    say(store.rows, word, said(store, word))


def taken_back(store: Store, word: Word, speaker: Speaker = BOB) -> None:
    former = said(store, word)
    assert former is not None
    withdraw(store.rows, former, speaker)


def test_a_pause_is_in_force_until_it_is_ended(store: Store, outside: Outside) -> None:
    spoken(store, FIRST)
    assert store.read().pause == FIRST
    taken_back(store, FIRST)
    assert store.read().pause is None
    (former,) = outside.rows("HISTORY#").values()
    assert former["SK"] == "HISTORY#STATE#PAUSE#2026-11-24T03:00:00.000000Z"
    assert (former["by"], former["reason"]) == ("ada@example.com", "deployment")
    assert (former["ended"], former["endedBy"], former["endedAt"]) == (
        "withdrawn",
        "bob@example.com",
        "2026-11-24T03:01:00.000000Z",
    )


def test_a_second_pause_replaces_the_first_which_stays_on_record(store: Store, outside: Outside) -> None:
    spoken(store, FIRST)
    spoken(store, SECOND)
    assert store.read().pause == SECOND
    (former,) = outside.rows("HISTORY#").values()
    assert (former["by"], former["reason"]) == ("ada@example.com", "deployment")
    assert (former["ended"], former["endedBy"]) == ("replaced", "bob@example.com")


MOTOS_LIMIT = 405_000
LARGEST = 404_500
"""Bytes of an attribute that leave no room for others in an item."""

ONE_LETTER = {"reason": {"S": "x" * LARGEST}}
MANY_MEMBERS = {f"odd{number:02}": {"S": "x" * 3_990} for number in range(101)}


@pytest.mark.parametrize("large", [ONE_LETTER, MANY_MEMBERS], ids=["a long reason", "many attributes"])
@pytest.mark.parametrize("ends", [taken_back, spoken], ids=["withdrawn", "replaced"])
def test_a_record_as_large_as_an_item_can_be_is_withdrawn_and_replaced(
    store: Store, outside: Outside, large: dict[str, Any], ends: Callable[[Store, Word], None]
) -> None:
    spoken(store, FIRST)
    outside.edit("STATE#PAUSE", **large)
    ends(store, SECOND)
    assert store.read().pause == (SECOND if ends is spoken else None)
    (former,) = outside.rows("HISTORY#").values()
    assert (former["by"], former["until"], former["endedBy"]) == (FIRST.by, iso(FIRST.until), SECOND.by)
    assert size(encode_item(former)) < MOTOS_LIMIT, "moto does not refuse larger items in a transaction"
    assert former["reason"][:4] == ("xxxx" if large is ONE_LETTER else "depl")


def test_a_large_manifest_that_a_command_wrote_is_kept_whole(store: Store, outside: Outside) -> None:
    content = {f"variable{number}": "x" * 1000 for number in range(250)}
    manifest = Manifest(by="ada@example.com", at=NOW, table_id=THIS, content=content)
    spoken(store, manifest)
    taken_back(store, manifest)
    (former,) = outside.rows("HISTORY#").values()
    assert former["content"] == content


def test_what_people_said_does_not_expire_and_what_they_said_before_does(store: Store, outside: Outside) -> None:
    spoken(store, FIRST)
    spoken(store, SECOND)
    taken_back(store, SECOND)
    spoken(store, THIRD)
    expiring = {key: row["expiresAt"] for key, row in outside.rows().items() if "expiresAt" in row}
    assert expiring.keys() == outside.rows("HISTORY#").keys()
    assert list(expiring.values()) == 2 * [int((SOON + timedelta(days=400)).timestamp())]


def test_the_history_is_not_read_by_a_run(store: Store) -> None:
    spoken(store, FIRST)
    taken_back(store, FIRST)
    assert store.read().illegible == ()


def test_a_person_does_not_move_the_version_and_loses_no_run(store: Store) -> None:
    store.commit(store.read(), change())
    seen = store.read()
    spoken(store, FIRST)
    store.commit(seen, change(at=SOON))
    assert store.read().pause == FIRST


def test_a_later_attestation_stands_beside_the_earlier(store: Store) -> None:
    for at in (NOW, SOON):
        word = Attestation(by="ada", at=at, table_id=THIS, rule="load-tested", evidence="report", until=LATER)
        say(store.rows, word)
    assert [attestation.at for attestation in store.read().attestations] == [NOW, SOON]


def first_said(store: Store) -> None:
    say(store.rows, FIRST)


def replaced(store: Store) -> None:
    say(store.rows, replace(FIRST, by="eve"), said(store, FIRST))


def ended(store: Store) -> None:
    taken_back(store, FIRST, Speaker("eve", SOON))


@pytest.mark.parametrize(
    ("before", "second"),
    [
        pytest.param(False, first_said, id="both say the first word"),
        pytest.param(True, replaced, id="both replace what was said"),
        pytest.param(True, ended, id="one takes back what the other replaces"),
    ],
)
def test_who_speaks_at_the_same_time_is_told_who_was_faster_and_when(
    store: Store, make_store: Callable[[], Store], *, before: bool, second: Callable[[Store], None]
) -> None:
    faster = make_store()
    winner = replace(SECOND, by="maria", at=LATER)
    if before:
        spoken(store, FIRST)

    def interrupt(**_event: object) -> None:
        if faster.read().pause != winner:
            spoken(faster, winner)

    with intercepted(store.rows.client, WRITE, interrupt), pytest.raises(ConcurrentUpdate) as overtaken:
        second(store)
    assert (overtaken.value.by, overtaken.value.at) == ("maria", LATER)
    assert store.read().pause == winner


def test_what_was_taken_back_meanwhile_is_not_said_over(store: Store, make_store: Callable[[], Store]) -> None:
    spoken(store, FIRST)
    faster = make_store()

    def interrupt(**_event: object) -> None:
        if said(faster, FIRST):
            taken_back(faster, FIRST)

    with intercepted(store.rows.client, WRITE, interrupt), pytest.raises(ConcurrentUpdate) as overtaken:
        say(store.rows, replace(FIRST, by="eve", at=LATER), said(store, FIRST))
    assert (overtaken.value.by, overtaken.value.at) == (BOB.by, BOB.at)
    assert store.read().pause is None


def test_what_somebody_edits_by_hand_meanwhile_is_not_overwritten(store: Store, outside: Outside) -> None:
    spoken(store, FIRST)

    def interrupt(**_event: object) -> None:
        outside.edit("STATE#PAUSE", at={"S": "2026-11-24T03:00:30.000000Z"})

    with intercepted(store.rows.client, WRITE, interrupt), pytest.raises(WriteConflict):
        spoken(store, SECOND)
    assert list(outside.rows()) == ["STATE#PAUSE"]


@pytest.mark.parametrize("before", [False, True], ids=["the first word", "over another"])
def test_a_word_whose_answer_got_lost_is_said_once(store: Store, outside: Outside, *, before: bool) -> None:
    if before:
        spoken(store, FIRST)
    failure = HTTPClientError(error=OSError("connection reset"))
    once = iter([failure])

    def not_heard(**_event: object) -> None:
        if (error := next(once, None)) is not None:
            raise error

    with intercepted(store.rows.client, "after-call.dynamodb.TransactWriteItems", not_heard):
        spoken(store, SECOND)
    assert store.read().pause == SECOND
    assert len(outside.rows("HISTORY#")) == before


def test_of_many_who_speak_at_once_one_is_heard_and_the_others_know_whom(stricter: Outside) -> None:
    stores = [one_run(stricter, f"cli-{number}") for number in range(4)]

    def speak(number: int) -> str:
        word = Owner(by=f"person-{number}", at=NOW, table_id=THIS, rule="pitr-enabled", owner=f"team-{number}")
        try:
            say(stores[number].rows, word)
        except ConcurrentUpdate as other:
            return other.by
        return word.by

    with ThreadPoolExecutor(4) as pool:
        heard = set(pool.map(speak, range(4)))
    (owner,) = stores[0].read().owners
    assert heard == {owner.by}
    assert stricter.rows("HISTORY#") == {}


def test_the_second_engine_moves_a_word_to_the_history_too(stricter: Outside) -> None:
    store = one_run(stricter)
    spoken(store, FIRST)
    spoken(store, SECOND)
    taken_back(store, SECOND)
    assert [row["ended"] for row in stricter.rows("HISTORY#").values()] == ["replaced", "withdrawn"]
    assert store.rows.get(place_of(Pause)) is None
