"""The history of a table whose items others have written: each item that cannot be shown is named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.report import history

AT = "2026-11-24T03:00:00.000000Z"
SUBJECT = history.HistorySubject("orders", "id", "123456789012", "us-east-1")
DRIFT = {"at": AT, "tableId": "id", "check": "pitr-enabled/on", "kind": "REGRESSED", "before": {}, "after": {}}
PAUSE = {"at": AT, "tableId": "id", "by": "ada", "reason": "release", "until": AT}


@pytest.mark.parametrize(
    ("sort_key", "row"),
    [
        pytest.param("STATE#PAUSE", {**PAUSE, "by": 5}, id="an author that is a number"),
        pytest.param("DRIFT#x", {**DRIFT, "kind": 5}, id="a kind that is a number"),
        pytest.param("DRIFT#x", {**DRIFT, "after": {"r": {"status": "FAIL", "watched": [1]}}}, id="values in a list"),
    ],
)
def test_an_item_that_cannot_be_shown_is_named_beside_the_others(sort_key: str, row: dict[str, Any]) -> None:
    rows = {sort_key: row, "DRIFT#good": DRIFT}
    told = history.table_history(SUBJECT, rows, datetime(1, 1, 1, tzinfo=UTC))
    assert ([each.about for each in told.entries], told.illegible) == (["pitr-enabled/on"], (sort_key,))
    assert f"Item {sort_key} is not in the format of Readiness." in history.as_text([told])
