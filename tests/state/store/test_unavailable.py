"""A table that can't be read or written says why, and names the permission that is missing."""

from collections.abc import Callable
from typing import Any

import pytest

from readiness.model import Gone, Reason, Unavailable
from readiness.state.people import Pause
from readiness.state.store import Remembered, Store, StoreUnavailable, place_of, purge, rows
from tests.state.store.conftest import MakeStore, connect
from tests.state.store.samples import FIRST, LATER, SOON, THIS, change, head, intercepted, message
from tests.state.store.test_commit import answer

CALLS: list[tuple[str, Callable[[Store], object]]] = [
    ("dynamodb:Query", lambda store: store.read()),
    ("dynamodb:Query", lambda store: store.head()),
    ("dynamodb:PutItem", lambda store: store.commit(Remembered(version=1, table_id=THIS), change())),
    ("dynamodb:GetItem", lambda store: store.rows.get(place_of(Pause))),
]


@pytest.fixture
def waiting(store: Store) -> Store:
    store.commit(store.read(), change(message=message(FIRST)))
    return store


@pytest.mark.parametrize(("permission", "call"), CALLS)
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", Reason.ACCESS_DENIED),
        ("ProvisionedThroughputExceededException", Reason.THROTTLED),
        ("ValidationException", Reason.MALFORMED),
    ],
)
def test_a_refused_call_says_why_and_for_want_of_what(
    waiting: Store, permission: str, call: Callable[[Store], object], code: str, reason: Reason
) -> None:
    with (
        intercepted(waiting.rows.client, "before-call", answer(code)),
        pytest.raises(StoreUnavailable) as caught,
    ):
        call(waiting)
    assert caught.value.why == Unavailable(reason, permission, code)


@pytest.mark.parametrize("call", [call for _, call in CALLS])
def test_a_table_that_does_not_exist_is_gone(make_store: MakeStore, call: Callable[[Store], object]) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        call(make_store(table="elsewhere"))
    assert isinstance(caught.value.why, Gone)


@pytest.mark.parametrize(
    ("permission", "call"),
    [
        ("dynamodb:UpdateItem", lambda store, entry: store.claim(entry, LATER, SOON)),
        ("dynamodb:DeleteItem", lambda store, entry: store.delete(entry)),
    ],
)
@pytest.mark.parametrize("code", ["AccessDeniedException", "TransactionConflictException"])
def test_a_message_that_can_be_neither_claimed_nor_deleted_stays(
    waiting: Store, permission: str, call: Any, code: str
) -> None:
    entry = head(waiting)
    with (
        intercepted(waiting.rows.client, "before-call", answer(code)),
        pytest.raises(StoreUnavailable) as caught,
    ):
        call(waiting, entry)
    assert isinstance(caught.value.why, Unavailable)
    assert caught.value.why.permission == permission
    assert head(waiting) == entry


def test_a_read_without_a_way_to_aws_is_unavailable_not_lost(make_store: MakeStore) -> None:
    here = make_store()
    nowhere = connect(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(StoreUnavailable):
        Store(type(here.rows)(nowhere, here.rows.account, here.rows.region, here.rows.table), "run-1").read()


def test_a_query_without_an_end_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def page(**_event: object) -> Any:
        response, answered = empty()
        return response, answered | {"Items": [], "Count": 0, "LastEvaluatedKey": {"PK": {"S": "READINESS#"}}}

    monkeypatch.setattr(rows, "MOST_PAGES", 5)
    with (
        intercepted(store.rows.client, "before-call.dynamodb.Query", page),
        pytest.raises(StoreUnavailable, match="more than 5 pages"),
    ):
        store.read()


def empty(**_event: object) -> Any:
    """A before-call handler by which DynamoDB answers nothing."""

    class Response:
        status_code = 200

    return Response, {"ResponseMetadata": {"HTTPStatusCode": 200}}


@pytest.mark.parametrize(
    ("permission", "call", "member"),
    [
        ("dynamodb:Query", lambda store: store.read(), "Items"),
        ("dynamodb:Query", lambda store: store.head(), "Items"),
        ("dynamodb:Query", lambda store: store.pending(), "Count"),
    ],
)
def test_rows_that_an_answer_leaves_out_are_not_taken_for_none(
    waiting: Store, permission: str, call: Callable[[Store], object], member: str
) -> None:
    with intercepted(waiting.rows.client, "before-call", empty), pytest.raises(StoreUnavailable) as caught:
        call(waiting)
    assert caught.value.why == Unavailable(Reason.INCOMPLETE_ANSWER, permission, member)


def test_a_purge_whose_answer_does_not_say_what_is_left_is_not_over(waiting: Store) -> None:
    with (
        intercepted(waiting.rows.client, "before-call.dynamodb.BatchWriteItem", empty),
        pytest.raises(StoreUnavailable) as caught,
    ):
        purge(waiting.rows)
    assert caught.value.why == Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:BatchWriteItem", "UnprocessedItems")


def test_a_write_is_done_whatever_its_answer_leaves_out(store: Store) -> None:
    with intercepted(store.rows.client, "before-call.dynamodb.TransactWriteItems", empty):
        store.commit(store.read(), change())


def test_a_row_that_an_answer_leaves_out_is_not_there(waiting: Store) -> None:
    with intercepted(waiting.rows.client, "before-call.dynamodb.GetItem", empty):
        assert waiting.rows.get("STATE") is None
