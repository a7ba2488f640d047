"""Moving values are in the head as far as they fit, and rows of the former release are read."""

from typing import Any

import pytest

from readiness.aws.time import parsed
from readiness.state.store.head import MOVING, with_moving, without_moving
from readiness.state.store.reading import remembered
from readiness.state.store.wire import encode_item, size

CHECK = "pitr-enabled/on"
AT = "2026-11-24T03:00:00.000000Z"


def memory(text: str) -> dict[str, Any]:
    """The memory of a check that carries a value that moves, and one that does not."""
    carry = {"table": {"kind": "Start", "of": {"at": text}, "moves": True}, "index": {"kind": "Since", "of": {}}}
    return {CHECK: {"judge": "1", "carry": carry}}


def longest() -> int:
    """The length of the text that just fits."""
    rest = size(encode_item({CHECK: {"table": {"kind": "Start", "of": {"at": ""}}}}))
    return MOVING - rest


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_what_moves_is_in_the_head_while_it_fits(more: int, *, fits: bool) -> None:
    checks = memory("x" * (longest() + more))
    rest, moving = without_moving(checks)
    assert bool(moving) is fits
    assert ("table" in rest[CHECK]["carry"]) is not fits
    assert "index" in rest[CHECK]["carry"]
    assert with_moving(rest, moving) == checks


def test_the_head_of_the_former_release_is_read_from_its_first_version_on() -> None:
    head = {"version": 1, "verifiedAt": AT, "tableId": "T", "schema": 1, "checks": {CHECK: {"lookedAt": AT}}}
    state = remembered({"STATE": encode_item(head)})
    assert (state.damaged, state.version, state.counted_at) == (False, 1, parsed(AT))
    assert list(state.checks) == [CHECK]


@pytest.mark.parametrize("version", [0, -1, 10**12, 1.5])
def test_a_version_that_cannot_be_counted_up_is_damage(version: float) -> None:
    head = {"version": version, "verifiedAt": AT, "schema": 1, "checks": {}}
    assert remembered({"STATE": encode_item(head)}).damaged


def test_a_kept_answer_counts_under_its_own_type_alone() -> None:
    answers = [{"place": "", "at": AT, "answer": 1}]
    row = encode_item({"type": "Budgets", "answers": answers, "tableId": "T", "schema": 2})
    assert [each.type for each in remembered({"STATE#FACT#Budgets": row}).facts] == ["Budgets"]
    assert remembered({"STATE#FACT#Anomalies": row}).facts == ()
