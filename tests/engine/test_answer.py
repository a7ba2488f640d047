"""What the absence of a member means, as the fact that reads it declares it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from readiness.aws.answer import Answer, Partial, deferred, lacking, listed
from readiness.engine.each import each_of
from readiness.model import Gone, Reason, Unavailable, Unreadable

CALL = "kms:DescribeKey"


def answer(**members: Any) -> Answer:
    return Answer(members, CALL)


def incomplete(path: str) -> Unavailable:
    return Unavailable(Reason.INCOMPLETE_ANSWER, CALL, path)


class Door(Partial):
    wood: str
    height: int


def test_a_needed_member_that_is_absent_is_named_with_its_call() -> None:
    with pytest.raises(Unreadable) as unread:
        answer(Key={}).part("Key").need("State", str)
    assert unread.value.first == incomplete("Key.State")


@pytest.mark.parametrize("wrong", [None, 3, True, {"a": 1}, ["a"]])
def test_a_member_of_another_type_counts_as_absent_where_it_is_needed(wrong: object) -> None:
    with pytest.raises(Unreadable):
        answer(State=wrong).need("State", str)


def test_a_truth_value_is_no_number() -> None:
    with pytest.raises(Unreadable):
        answer(Days=True).need("Days", int)


def test_a_whole_number_serves_where_the_model_has_a_fraction() -> None:
    assert answer(Threshold=1).need("Threshold", float) == 1


def test_a_default_stands_for_an_absent_member_and_not_for_one_of_another_type() -> None:
    assert answer().get("Days", int, 35) == 35
    assert answer(Days=None).get("Days", int, 35) == 35
    assert answer(Days=7).get("Days", int, 35) == 7
    with pytest.raises(Unreadable):
        answer(Days="seven").get("Days", int, 35)


def test_a_member_bound_to_a_state_is_needed_in_that_state_alone() -> None:
    assert answer().bound("Until", datetime, here=False) is None
    with pytest.raises(Unreadable):
        answer().bound("Until", datetime, here=True)


def test_a_list_that_is_absent_is_not_an_empty_list() -> None:
    assert answer(Alarms=[]).parts("Alarms") == []
    assert answer().parts_or_empty("Alarms") == []
    with pytest.raises(Unreadable):
        answer().parts("Alarms")


def test_times_are_in_utc() -> None:
    moment = datetime(2026, 11, 30, 3, 0, tzinfo=timezone(timedelta(hours=2)))
    assert answer(At=moment).need("At", datetime).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "seven", "7.5"])
def test_a_number_written_as_something_else_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        answer(Retention=text).number("Retention")


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_document_that_is_no_object_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        answer(Policy=text).document("Policy")


def test_only_the_field_that_lacked_something_is_unreadable() -> None:
    door = Door(wood=deferred(lambda: answer().need("Wood", str)), height=2)
    assert door.height == 2
    assert lacking(door) == {"wood": incomplete("Wood")}
    with pytest.raises(Unreadable) as unread:
        _ = door.wood
    assert unread.value.first == incomplete("Wood")


def test_a_fact_that_lacks_a_field_is_not_compared_as_if_it_were_whole() -> None:
    door = Door(wood=deferred(lambda: answer().need("Wood", str)), height=2)
    with pytest.raises(Unreadable):
        _ = door == Door(wood="oak", height=2)
    with pytest.raises(Unreadable):
        hash(door)
    assert {Door(wood="oak", height=2)} == {Door(wood="oak", height=2)} != {Door(wood="oak", height=3)}


def test_a_field_that_no_fact_has_is_a_defect_and_not_unreadable() -> None:
    with pytest.raises(AttributeError):
        _ = Door(wood="oak", height=2).colour  # type: ignore[attr-defined]


def test_an_element_that_lacks_something_hides_no_other() -> None:
    found = each_of(
        [answer(Arn="a", Height=1), answer(Arn="b"), answer(Arn="c", Height=3)],
        key=lambda each: each.need("Arn", str),
        make=lambda each: each.need("Height", int),
    )
    assert any(height == 3 for height in found)
    assert found.readable() == ([1, 3], incomplete("Height"))
    with pytest.raises(Unreadable) as unread:
        len(found)
    assert unread.value.elements == {"b": incomplete("Height")}


def test_an_element_without_a_key_leaves_the_listing_incomplete() -> None:
    found = each_of([answer(), answer(Arn="c")], key=lambda each: each.need("Arn", str), make=lambda _: 1)
    assert found.unlisted == incomplete("Arn")
    assert found.readable()[0] == [1]


def test_a_page_without_its_list_leaves_the_listing_incomplete_and_hides_no_other_page() -> None:
    found = each_of(
        listed([{"Keys": [{"Arn": "a"}]}, {}], "Keys", CALL),
        key=lambda each: each.need("Arn", str),
        make=lambda each: each.need("Arn", str),
    )
    assert found.readable() == (["a"], incomplete("Keys"))


def test_a_page_may_lack_a_list_that_aws_documents_to_leave_out() -> None:
    assert list(listed([{}], "Keys", CALL, absent_is_empty=True)) == []


def test_a_field_that_went_with_its_object_says_so_to_whoever_reads_it_and_the_rest_can_be_read() -> None:
    def gone() -> int:
        msg = "the door was taken out"
        raise Gone(msg)

    door = Door("oak", deferred(gone))
    assert door.wood == "oak"
    with pytest.raises(Gone, match="the door was taken out"):
        _ = door.height
    assert list(lacking(door)) == ["height"]
