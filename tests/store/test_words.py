"""What a person says is never overwritten: the former word moves to the history."""

import pytest

from readiness.people import Attestation, Pause
from readiness.store import Lost, Store
from readiness.store.words import say
from tests.store.samples import LATER, NOW, SOON, THIS, Outside, change, intercepted

FIRST = Pause(by="ada@example.com", at=NOW, table_id=THIS, reason="deployment", until=LATER)
SECOND = Pause(by="bob@example.com", at=SOON, table_id=THIS, reason="it takes longer", until=LATER)


def test_a_pause_is_in_force_until_it_is_ended(store: Store, outside: Outside) -> None:
    store.pause(FIRST)
    assert store.read().pause == FIRST
    assert store.resume("bob@example.com", SOON) == FIRST
    assert store.read().pause is None
    (former,) = outside.rows("HISTORY#").values()
    assert former["SK"] == "HISTORY#STATE#PAUSE#2026-11-24T03:00:00.000000Z"
    assert (former["by"], former["reason"]) == ("ada@example.com", "deployment")
    assert (former["endedBy"], former["endedAt"]) == ("bob@example.com", "2026-11-24T03:01:00.000000Z")


def test_nothing_is_resumed_where_nothing_was_paused(store: Store, outside: Outside) -> None:
    assert store.resume("bob@example.com", SOON) is None
    assert outside.rows() == {}


def test_a_second_pause_replaces_the_first_which_stays_on_record(store: Store, outside: Outside) -> None:
    store.pause(FIRST)
    store.pause(SECOND)
    assert store.read().pause == SECOND
    (former,) = outside.rows("HISTORY#").values()
    assert (former["by"], former["reason"], former["endedBy"]) == ("ada@example.com", "deployment", "bob@example.com")


def test_the_history_is_not_read_by_a_run(store: Store) -> None:
    store.pause(FIRST)
    store.resume("bob@example.com", SOON)
    assert store.read().illegible == ()


def test_a_person_does_not_move_the_version_and_loses_no_run(store: Store) -> None:
    store.commit(store.read(), change())
    seen = store.read()
    store.pause(FIRST)
    store.commit(seen, change(at=SOON))
    assert store.read().pause == FIRST


def test_a_later_attestation_stands_beside_the_earlier(store: Store) -> None:
    for at in (NOW, SOON):
        word = Attestation(by="ada", at=at, table_id=THIS, rule="load-tested", evidence="report", until=LATER)
        say(store.rows, word)
    assert [attestation.at for attestation in store.read().attestations] == [NOW, SOON]


@pytest.mark.parametrize("second", ["pause", "resume"])
def test_who_speaks_at_the_same_time_is_told_and_nothing_is_overwritten(
    store: Store, outside: Outside, second: str
) -> None:
    store.pause(FIRST)

    def interrupt(**_event: object) -> None:
        outside.edit("STATE#PAUSE", at={"S": "2026-11-24T03:00:30.000000Z"})

    with (
        intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", interrupt),
        pytest.raises(Lost),
    ):
        _speak(store, second)
    assert list(outside.rows()) == ["STATE#PAUSE"]


def _speak(store: Store, second: str) -> None:
    if second == "pause":
        store.pause(SECOND)
    else:
        store.resume("bob", SOON)
