"""Whether two things are of one table, where it is not always known of which they are."""

import pytest

from readiness.state.table_id import UNKNOWN, another, known


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [("a", "b", True), ("a", "a", False), ("a", UNKNOWN, False), (UNKNOWN, "b", False), (None, "b", False)],
)
def test_only_what_is_known_of_both_makes_them_two(one: str | None, other: str | None, *, two: bool) -> None:
    assert another(one, other) is two
    assert another(other, one) is two


def test_the_first_that_is_known_counts() -> None:
    assert known(None, UNKNOWN, "a", "b") == "a"
    assert known(None, UNKNOWN) == known() == UNKNOWN
