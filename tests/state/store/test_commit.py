"""One transaction remembers a run, or nothing does."""

import json
import zlib
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from msgspec.structs import replace

from readiness.aws.parsing import MalformedResponse
from readiness.model import Status
from readiness.state.store import (
    Change,
    EndingCall,
    KeptFact,
    KeptFactsEnded,
    Remembered,
    Store,
    StoreUnavailable,
    WriteConflict,
)
from readiness.state.store.signing import Signer
from readiness.state.store.wire import encode_item, size
from tests.state.store.conftest import MakeStore
from tests.state.store.samples import (
    FIRST,
    FORMER,
    NOW,
    SOON,
    THIS,
    Outside,
    change,
    drift,
    finding,
    head,
    intercepted,
    message,
    rule,
)

KNOWN = {"status": "PASS", "since": "2026-11-24T03:00:00Z", "watched": {"windowDays": 35, "share": 0.1}}
ITEM_LIMIT = 400 * 1024


def answer(code: str, status: int = 400, *reasons: str) -> Any:
    """A before-call handler by which DynamoDB answers so, and carries nothing out."""

    def handler(**_event: object) -> Any:
        class Response:
            status_code = status

        metadata = {"HTTPStatusCode": status}
        cancelled = [{"Code": reason} for reason in reasons]
        return Response, {"Error": {"Code": code}, "ResponseMetadata": metadata, "CancellationReasons": cancelled}

    return handler


def test_an_unchanged_run_is_three_calls_and_two_items(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(rules=[rule(finding())], message=message(FIRST)))
    first = head(store)
    store.delete(first)
    before = outside.rows()
    calls: list[str] = []

    def note(model: Any, **_event: object) -> None:
        calls.append(model.name)

    with intercepted(store.rows.client, "before-call", note):
        store.commit(store.read(), change(at=SOON))
        assert store.head() is None

    assert calls == ["Query", "TransactWriteItems", "Query"]
    written = [key for key, row in outside.rows().items() if before.get(key) != row]
    assert [key.split("#")[0] for key in written] == ["RUN", "STATE"]


def test_what_is_committed_is_read_again(store: Store) -> None:
    checks = {"pitr-enabled/window": {"known": {"arn": KNOWN}, "tells": ["2026-11-24T03:00:00Z"]}}
    store.commit(store.read(), change(checks=checks, signs={"pitr-enabled": "5e1f"}))
    read = store.read()
    assert (read.version, read.table_id, read.verified_at) == (FIRST, THIS, NOW)
    assert (read.writer, read.release, read.is_newer) == ("run-1", "0.1.0", False)
    assert (read.checks, read.signs) == (checks, {"pitr-enabled": "5e1f"})


def test_of_two_runs_that_read_the_same_the_second_has_lost_and_leaves_nothing(
    make_store: MakeStore, outside: Outside
) -> None:
    one, other = make_store("one"), make_store("other")
    for version in range(FIRST, FIRST + 3):
        seen_by_both = one.read()
        assert other.read() == seen_by_both
        one.commit(seen_by_both, change(at=NOW))
        before = outside.rows()
        with pytest.raises(WriteConflict):
            other.commit(seen_by_both, change(at=SOON, drifts=[drift()], message=message(version)))
        assert outside.rows() == before
    assert one.read().version == FIRST + 2


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        MalformedResponse(cause="ValueError"),
    ],
)
def test_an_answer_that_got_lost_is_a_lost_race_though_the_commit_was_carried_out(
    store: Store, error: Exception
) -> None:
    def lose(**_event: object) -> None:
        raise error

    with intercepted(store.rows.client, "after-call.dynamodb.TransactWriteItems", lose), pytest.raises(WriteConflict):
        store.commit(store.read(), change(message=message(FIRST)))
    again = store.read()
    assert again.version == FIRST
    store.commit(again, change(at=SOON))
    waiting = head(store)
    assert waiting.message == message(FIRST)


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(answer("TransactionCanceledException", 400, "None", "TransactionConflict"), id="a conflict"),
        pytest.param(answer("TransactionInProgressException"), id="our own first try is still under way"),
        pytest.param(answer("InternalServerError", 500), id="a server error says nothing of what was done"),
    ],
)
def test_a_transaction_that_may_have_met_another_is_lost(store: Store, handler: Any) -> None:
    with (
        intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", handler),
        pytest.raises(WriteConflict),
    ):
        store.commit(store.read(), change())


def test_a_transaction_that_was_throttled_is_no_lost_race(store: Store) -> None:
    handler = answer("TransactionCanceledException", 400, "ThrottlingError", "None")
    with (
        intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", handler),
        pytest.raises(StoreUnavailable, match="THROTTLED"),
    ):
        store.commit(store.read(), change())


def test_the_version_goes_on_when_the_table_was_replaced(store: Store) -> None:
    store.commit(store.read(), change(table_id=FORMER))
    store.commit(store.read(), change(table_id=THIS))
    read = store.read()
    assert (read.version, read.table_id) == (FIRST + 1, THIS)


def test_every_commit_has_a_token_of_its_own(store: Store) -> None:
    tokens: list[str] = []

    def note(params: Any, **_event: object) -> None:
        tokens.append(params["body"])

    with intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", note):
        for _ in range(2):
            with pytest.raises(WriteConflict):
                store.commit(Remembered(version=7), change())
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize("ttl_attribute", ["expiresAt", "ttl"])
def test_only_history_and_canaries_expire_under_the_tables_own_attribute(
    make_store: MakeStore, outside: Outside, ttl_attribute: str
) -> None:
    whole = change(rules=[rule(finding())], drifts=[drift()], canary=True, message=message(FIRST), facts=[kept("iam")])
    store = make_store(ttl_attribute=ttl_attribute)
    store.commit(store.read(), whole)
    lives = {
        key.split("#2026")[0]: timedelta(seconds=row[ttl_attribute] - NOW.timestamp()) if ttl_attribute in row else None
        for key, row in outside.rows().items()
    }
    assert lives == {
        "STATE": None,
        "STATE#CHECKS": None,
        "STATE#FACT#Principals": None,
        "STATE#CANARY": timedelta(hours=1),
        "RULE#pitr-enabled": None,
        f"OUTBOX#{FIRST:012}": None,
        "RUN": timedelta(days=30),
        "DRIFT": timedelta(days=400),
    }
    assert all(type(row.get(ttl_attribute, 0)) is int for row in outside.rows().values())


def test_every_item_says_which_table_it_is_about_and_in_what_form(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(rules=[rule()], drifts=[drift()], canary=True, message=message(FIRST)))
    assert {(row["tableId"], row["schema"]) for row in outside.rows().values()} == {(THIS, 2)}


def test_a_drift_says_what_changed_and_who_did_it(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(drifts=[drift(actor={"arn": "arn:aws:iam::123456789012:user/ada"}, silent=True)]))
    (row,) = outside.rows("DRIFT#").values()
    assert row["SK"] == f"DRIFT#2026-11-24T03:00:00.000000Z#{FIRST}#pitr-enabled/on"
    assert (row["kind"], row["before"], row["after"]) == ("REGRESSED", {"status": "PASS"}, {"status": "FAIL"})
    assert (row["actor"]["arn"], row["silent"]) == ("arn:aws:iam::123456789012:user/ada", True)


def test_a_check_that_had_two_events_at_once_keeps_both(store: Store, outside: Outside) -> None:
    store.commit(store.read(), change(drifts=[drift(), drift("ttl-enabled/on"), drift(kind="INCIDENT")]))
    assert Counter(row["kind"] for row in outside.rows("DRIFT#").values()) == {"REGRESSED": 2, "INCIDENT": 1}


@pytest.mark.parametrize(("drifts", "items"), [(10, 10), (11, 1), (2000, 1)])
def test_more_than_10_drifts_become_one_item_with_a_list(
    store: Store, outside: Outside, drifts: int, items: int
) -> None:
    store.commit(store.read(), change(drifts=[drift(f"env-vars-set/{number}") for number in range(drifts)]))
    rows = list(outside.rows("DRIFT#").values())
    assert len(rows) == items
    if items == 1:
        assert rows[0]["driftCount"] == drifts
        assert rows[0]["drifts"][0]["check"] == "env-vars-set/0"
        assert len(rows[0]["drifts"]) == drifts or drifts > 1000


def test_50_findings_are_kept_the_worst_of_them_and_the_count_of_all(store: Store, outside: Outside) -> None:
    findings = [finding(Status.PASS, resource=f"arn:{number}") for number in range(70)] + [finding(resource="arn:bad")]
    store.commit(store.read(), change(rules=[rule(*findings)]))
    (row,) = outside.rows("RULE#").values()
    assert (row["findingCount"], len(row["findings"])) == (71, 50)
    assert row["findings"][0]["resource"] == "arn:bad"
    assert row == next(store.rules())


def test_evidence_of_any_size_fits_into_the_table(store: Store, outside: Outside) -> None:
    policy = {f"Statement{number}": "x" * 3000 for number in range(400)}
    findings = [finding(evidence={"PolicyDocument": "y" * 9000}), *(finding(evidence=policy) for _ in range(49))]
    drifts = [drift(f"iam-least-privilege/{number}", before=policy) for number in range(60)]
    store.commit(store.read(), change(rules=[rule(*findings)], drifts=drifts))
    (row,) = outside.rows("RULE#").values()
    assert len(row["findings"][0]["evidence"]["PolicyDocument"]) == 2048
    assert row["findings"][1]["evidence"]["tooLargeToKeep"] > 400 * 2048
    assert all(size(encode_item(row)) < ITEM_LIMIT for row in outside.rows().values())


def kept(place: str, answer: Any = "small") -> KeptFact:
    """An answer about the principals that later runs may reuse."""
    return KeptFact(type="Principals", place=place, at=NOW, table_id=THIS, answer=answer)


def incompressible(seed: int, size: int = 150_000) -> str:
    """A text that takes about so many bytes, whatever compresses it."""
    return Random(seed).randbytes(size).hex()  # noqa: S311  the same in each run


def crowded() -> Change:
    """Everything at once that a run may want to commit."""
    return change(
        rules=[rule(*(finding(evidence={str(n): "x" * 2000 for n in range(6)}) for _ in range(60)))],
        drifts=[drift(f"env-vars-set/{number}") for number in range(60)],
        facts=[replace(kept("arn", incompressible(number)), type=f"Fact{number}") for number in range(60)],
        canary=True,
        message=message(FIRST),
    )


def test_a_transaction_stays_under_100_items_and_4_mb(store: Store, outside: Outside) -> None:
    store.commit(store.read(), crowded())
    rows = outside.rows()
    assert len(rows) < 100
    assert sum(size(encode_item(row)) for row in rows.values()) < 4_000_000
    assert 15 < len(outside.rows("STATE#FACT")) < 60


def test_an_answer_too_large_for_an_item_is_not_kept_and_stops_nothing(store: Store) -> None:
    store.commit(
        store.read(), change(facts=[kept("large", incompressible(1, 500_000)), kept("small", ["a", {"b": 1}])])
    )
    (fact,) = store.read().facts
    assert (fact.place, fact.answer, fact.at) == ("small", ["a", {"b": 1}], NOW)


def written(store: Store, **differs: Any) -> set[str]:
    """The rows of kept answers that a commit of these writes or deletes, by sort key."""
    keys: list[str] = []

    def note(params: dict[str, bytes], **_event: object) -> None:
        for action in json.loads(params["body"])["TransactItems"]:
            (asked,) = action.values()
            keys.append((asked.get("Item") or asked["Key"])["SK"]["S"])

    state = store.read()
    with intercepted(store.rows.client, "before-call", note):
        store.commit(state, change(**differs))
    return {key for key in keys if key.startswith("STATE#FACT#")}


def test_answers_that_are_not_read_again_are_not_written_again(store: Store) -> None:
    assert written(store, facts=[kept("arn")]) == {"STATE#FACT#Principals"}
    assert written(store, facts=[kept("arn")]) == set()
    assert written(store, facts=[replace(kept("arn"), at=SOON)]) == {"STATE#FACT#Principals"}
    assert written(store) == {"STATE#FACT#Principals"}, "a row without an answer is deleted"
    assert store.read().facts == ()


def test_many_answers_of_a_type_are_spread_over_rows_and_each_is_written_with_few_others(
    store: Store, outside: Outside
) -> None:
    """1,000 functions, 1 KB each."""
    every = [kept(f"arn:{number}", incompressible(number, 500)) for number in range(1000)]
    written(store, facts=every[:20])
    first = written(store, facts=every)
    assert len(first - {"STATE#FACT#Principals"}) == 8
    assert outside.rows("STATE#FACT#").keys() == first - {"STATE#FACT#Principals"}, "all of them moved"
    assert all(size(encode_item(row)) < 100_000 for row in outside.rows("STATE#FACT#").values())
    assert sorted(fact.place for fact in store.read().facts) == sorted(fact.place for fact in every)
    assert len(written(store, facts=[replace(every[0], at=SOON), *every[1:]])) == 1


ENDED = KeptFactsEnded("STATE#FACT#!run-1", (EndingCall("iam:PutRolePolicy", "iam", ("checkout",)),))


def test_a_change_event_is_recorded_until_the_answers_that_it_ended_are_gone(store: Store) -> None:
    store.commit(store.read(), change(facts=[kept("one"), kept("two")]))
    store.end_facts(ENDED, THIS)
    assert store.read().ended == (ENDED,)
    ended = {("Principals", "one")}
    assert written(store, facts=[kept("two")], ended=ended) == {"STATE#FACT#Principals", ENDED.sort_key}
    read = store.read()
    assert ([fact.place for fact in read.facts], read.ended) == (["two"], ())


def test_a_change_event_stays_while_an_answer_that_it_ended_could_not_be_removed(store: Store) -> None:
    """There is no room for the row without it in the transaction."""
    full = [replace(kept("arn", incompressible(number, 150_000)), type=f"Fact{number:02}") for number in range(60)]
    store.commit(store.read(), change(facts=[kept("one"), kept("two")]))
    store.end_facts(ENDED, THIS)
    store.commit(store.read(), change(facts=[*full, kept("two")], ended={("Principals", "one")}))
    assert store.read().ended == (ENDED,)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"calls": {"S": "none"}}, id="it was changed"),
        pytest.param({"mac": {"S": "forged"}}, id="it was forged"),
    ],
)
def test_a_row_of_a_change_event_that_is_not_believed_ends_all_answers(
    store: Store, outside: Outside, damage: Any
) -> None:
    store.commit(store.read(), change(facts=[kept("one")]))
    store.end_facts(ENDED, THIS)
    outside.edit(ENDED.sort_key, **damage)
    assert store.read().ended == (replace(ENDED, calls=None),)


@pytest.mark.parametrize("answers", [b"", b"x", zlib.compress(b"["), zlib.compress(b'[{"place": 1}]'), "text", 7])
def test_a_row_of_kept_answers_in_another_form_has_none(store: Store, answers: Any) -> None:
    store.commit(store.read(), change(facts=[kept("one")]))
    item = store.rows.item("STATE#FACT#Principals", THIS, {"type": "Principals", "answers": answers})
    parameters = store.parameters
    assert parameters
    store.rows.transact([store.rows.put(Signer(parameters.make_key()).sign(item))])
    read = store.read()
    assert (read.facts, read.damaged, read.refused) == ((), False, {})


def test_kept_answers_about_very_long_places_are_told_apart(store: Store) -> None:
    places = ["arn:" + "x" * 2000 + tail for tail in "ab"]
    store.commit(store.read(), change(facts=[kept(place) for place in places]))
    assert sorted(fact.place for fact in store.read().facts) == places


def test_runs_sort_by_time(store: Store, outside: Outside) -> None:
    for minutes in (0, 5, 10):
        store.commit(store.read(), change(at=NOW + timedelta(minutes=minutes)))
    runs = list(outside.rows("RUN#").values())
    assert all(one["at"] < other["at"] for one, other in pairwise(runs))
    assert runs[0]["statuses"] == {"pitr-enabled": "PASS"}
    assert (runs[0]["trigger"], runs[0]["seconds"], runs[0]["calls"]) == ("schedule", 1.25, 21)
