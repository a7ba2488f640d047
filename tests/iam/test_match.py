import time

import pytest

from readiness.iam.match import apart, matches
from readiness.iam.reach import nearly_scoped, scoped

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("dynamodb:ge?item", "dynamodb:getitem", True),
        ("dynamodb:ge?item", "dynamodb:geitem", False),
        ("*", "", True),
        ("arn:aws:dynamodb:*", TABLE, True),
        ("*table/babesclub-commerce", TABLE, True),
        ("*table/babesclub", TABLE, False),
        (TABLE.upper(), TABLE, False),
        ("a.c", "abc", False),
        ("*aa", "aaa", True),
        ("a*a", "a", False),
        ("a?", "a", False),
        ("", "", True),
        ("", "a", False),
        ("a*", "ba", False),
    ],
)
def test_wildcards(pattern: str, text: str, fits: bool) -> None:  # noqa: FBT001  a column of the table
    assert matches(pattern, text) is fits


@pytest.mark.parametrize(
    ("one", "other", "surely"),
    [
        ("orders*", "carts*", True),
        ("orders*", "ord*", False),
        ("*-orders", "*-carts", False),
        ("orders", "orders", False),
        ("?rders", "carts", True),
        ("?rders", "orders", False),
        ("orders", "orders-staging", True),
    ],
)
def test_what_surely_fits_no_two_patterns(one: str, other: str, surely: bool) -> None:  # noqa: FBT001  a column
    assert apart(one, other) is apart(other, one) is surely


def test_a_policy_full_of_stars_takes_no_time() -> None:
    started = time.process_time()
    assert not matches("*a" * 500 + "b", "a" * 2000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("pattern", "well", "nearly"),
    [
        pytest.param(TABLE, True, True, id="the table"),
        pytest.param(f"{TABLE}/index/*", True, True, id="what is below it"),
        pytest.param(f"{TABLE}*", False, False, id="a prefix also reaches babesclub-commerce-staging"),
        pytest.param("*", False, False, id="everything"),
        pytest.param("arn:aws:dynamodb:*:*:table/babesclub-commerce", False, True, id="any Region and account"),
        pytest.param("arn:aws:dynamodb:us-*:12345678901?:table/babesclub-commerce", False, True, id="some of them"),
        pytest.param("arn:aws:dynamodb:eu-*:*:table/babesclub-commerce", False, False, id="any of other Regions"),
        pytest.param("arn:aws:dynamodb:*:*:table/*", False, False, id="any table"),
    ],
)
def test_scoped(pattern: str, well: bool, nearly: bool) -> None:  # noqa: FBT001  columns of the table
    assert (scoped(pattern, TABLE), nearly_scoped(pattern, TABLE)) == (well, nearly)
