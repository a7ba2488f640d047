"""`Each` answers where the answer is certain, and raises where an unread element could change it."""

import pytest

from readiness.engine.each import Each
from readiness.model import Gone, Reason, Unavailable, Unreadable

DENIED = Unavailable(Reason.ACCESS_DENIED, "sqs:GetQueueAttributes")


def test_a_certain_answer_stands_beside_an_unread_element() -> None:
    each: Each[int] = Each({"a": DENIED, "b": 3})
    assert any(number == 3 for number in each)
    assert each


@pytest.mark.parametrize("each", [Each({"a": 1, "b": DENIED}), Each({"a": 1}, unlisted=DENIED)])
def test_an_undecided_answer_is_unreadable_not_false(each: Each[int]) -> None:
    with pytest.raises(Unreadable) as unread:
        any(number == 3 for number in each)
    assert unread.value.first == DENIED
    with pytest.raises(Unreadable):
        len(each)
    with pytest.raises(Unreadable):
        "b" in each  # noqa: B015  asking is what is tested
    with pytest.raises(Unreadable):
        each["b"]


def test_what_is_gone_or_absent_is_neither_shown_nor_counted() -> None:
    each: Each[int] = Each({"a": Gone("a"), "b": None, "c": 1})
    assert list(each) == [1]
    assert len(each) == 1
    assert "a" not in each
    assert "b" not in each
    with pytest.raises(Gone):
        each["a"]
    with pytest.raises(KeyError):
        each["b"]
    with pytest.raises(KeyError):
        each["z"]
