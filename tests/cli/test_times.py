"""Times as people type them."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest

from readiness.cli.times import earlier, instant, later, span_of

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("4h", timedelta(hours=4)),
        ("7d", timedelta(days=7)),
        ("1d12h", timedelta(hours=36)),
        ("1h30m", timedelta(minutes=90)),
        ("", None),
        ("0m", None),
        ("4", None),
        ("4 h", None),
        ("30m1h", None),
        ("\N{ARABIC-INDIC DIGIT FOUR}h", None),
    ],
)
def test_a_span(typed: str, span: timedelta | None) -> None:
    assert span_of(typed) == span


def test_a_span_counts_from_now_on_for_an_end_and_back_for_a_beginning() -> None:
    now = datetime.now(UTC)
    assert abs(later("4h") - now - timedelta(hours=4)) < SECOND * 5
    assert abs(now - earlier("30m") - timedelta(minutes=30)) < SECOND * 5


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2099-07-01T18:30", datetime(2099, 7, 1, 18, 30, tzinfo=UTC)),
        ("2099-07-01T18:30Z", datetime(2099, 7, 1, 18, 30, tzinfo=UTC)),
        ("2099-07-01 18:30+02:00", datetime(2099, 7, 1, 16, 30, tzinfo=UTC)),
        ("2099-07-01T18:30 Europe/Berlin", datetime(2099, 7, 1, 16, 30, tzinfo=UTC)),
        ("2099-01-01T18:30 America/New_York", datetime(2099, 1, 1, 23, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_in_utc_or_in_its_zone(typed: str, at: datetime) -> None:
    assert instant(typed) == at
    assert later(typed) == at
    assert earlier(typed) == at


def test_a_day_ends_at_its_end_and_begins_at_its_beginning() -> None:
    assert later("2099-07-01") == datetime(2099, 7, 1, 23, 59, 59, tzinfo=UTC)
    assert earlier("2026-07-01") == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "2099-02-30", "2099-07-01T18:30 Europe", "2099-07-01T18:30 Mars/North", "99999d", "9999999999h"],
)
def test_what_is_no_time_says_what_is(typed: str) -> None:
    with pytest.raises(ArgumentTypeError, match="expected a span such as 30m, 4h or 7d, a day, or a time such as"):
        later(typed if typed != "99999d" else "99999d99999h99999m9")
