"""What is written reads back as it was: a value that came back different would be told as drift."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.aws.time import iso
from readiness.model import Status
from readiness.state.store.wire import compact, decode, encode, size

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_a_value_reads_back_as_it_was(value: Any) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        pytest.param(True, {"BOOL": True}, id="a truth is no number"),
        pytest.param(0.1, {"N": "0.1"}, id="a float in its shortest form"),
        pytest.param(Status.FAIL, {"S": "FAIL"}, id="a status as its text"),
        pytest.param(("a", 1), {"L": [{"S": "a"}, {"N": "1"}]}, id="a tuple as a list"),
        pytest.param(
            frozenset({"b", "a"}), {"L": [{"S": "a"}, {"S": "b"}]}, id="a set as a sorted list, it may be empty"
        ),
        pytest.param(date(2026, 1, 2), {"S": "2026-01-02"}, id="a day as text"),
        pytest.param(b"\x00", {"B": b"\x00"}, id="bytes as a binary"),
        pytest.param(datetime(2026, 1, 2, tzinfo=UTC), {"S": "2026-01-02T00:00:00.000000Z"}, id="an iso as text"),
    ],
)
def test_types_of_ours_have_one_form(value: Any, attribute: Any) -> None:
    assert encode(value) == attribute


@pytest.mark.parametrize("value", [float("nan"), float("inf"), bytearray(b"bytes"), object()])
def test_what_dynamodb_has_no_form_for_is_refused_before_the_call(value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="can't be stored"):
        encode({"deep": [value]})


@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))])),
    st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
)
def test_instants_sort_as_text(one: datetime, other: datetime) -> None:
    try:
        texts = iso(one), iso(other)
    except OverflowError:
        return
    assert len(texts[0]) == len(texts[1])
    assert (texts[0] < texts[1]) == (one < other)


def test_a_long_string_is_cut_to_2_kb_without_breaking_a_letter() -> None:
    assert 2040 < len(compact({"policy": "ü" * 5000}, 10_000)["policy"].encode()) <= 2048


def test_what_is_too_large_even_then_leaves_its_size() -> None:
    assert compact({str(number): "x" * 5000 for number in range(10)}, 10_000)["tooLargeToKeep"] > 20_000


def test_what_takes_just_the_limit_is_kept() -> None:
    value = {"policy": "x" * 100}
    taken = size(encode(value))
    assert compact(value, taken) == value
    assert compact(value, taken - 1) == {"tooLargeToKeep": taken}


@given(plain)
def test_size_is_never_less_than_the_bytes_of_the_strings(value: Any) -> None:
    assert size(encode(value)) >= len(str(value).encode("ascii", "ignore")) // 4
