"""How long schedules leave between two runs, by hand and after AWS's examples."""

from datetime import UTC, datetime, timedelta

import pytest

from readiness.rules.backups_scheduled.cadence import Undecided, longest_gap

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("expressions", "gap"),
    [
        pytest.param(["rate(5 minutes)"], timedelta(minutes=5), id="a rate is its own gap"),
        pytest.param(["rate(1 day)", "rate(12 hours)"], timedelta(hours=12), id="of two rates the shorter"),
        pytest.param(["cron(15 10 * * ? *)"], DAY, id="every day at a quarter past ten"),
        pytest.param(["cron(0/15 * * * ? *)"], timedelta(minutes=15), id="every quarter of an hour"),
        pytest.param(["cron(0 0/6 * * ? *)"], timedelta(hours=6), id="every sixth hour"),
        pytest.param(["cron(0 8,20 * * ? *)"], timedelta(hours=12), id="twice a day"),
        pytest.param(["cron(0 8 1 * ? *)"], 31 * DAY, id="on the first of the month"),
        pytest.param(["cron(0 8 ? * TUE *)"], 7 * DAY, id="once a week"),
        pytest.param(["cron(0 8 ? * 1 *)"], 7 * DAY, id="the first day of a week is Sunday"),
        pytest.param(["cron(0 8 ? * MON-FRI *)"], 3 * DAY, id="a weekend between"),
        pytest.param(["cron(0 8 * * ? 2025)"], timedelta.max, id="a year that is over leaves no run"),
        pytest.param(["cron(0 8 24 11 ? 2026)"], timedelta.max, id="a last run this morning leaves none"),
        pytest.param([], timedelta.max, id="nothing never runs"),
    ],
)
def test_the_longest_time_without_a_run(expressions: list[str], gap: timedelta) -> None:
    assert longest_gap(expressions, NOON, DAY) == gap


def test_what_a_season_leaves_out_shows_as_far_as_it_is_looked_ahead() -> None:
    assert longest_gap(["cron(0 8 * DEC ? *)"], NOON, DAY) > 20 * DAY


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 8 L * ? *)",
        "cron(0 8 ? * FRI#2 *)",
        "cron(0 8 15W * ? *)",
        "cron(0 8 * * ?)",
        "cron(0 8 31-1 * ? *)",
        "at(2026-12-01T00:00:00)",
        "every day",
        "",
    ],
)
def test_what_is_not_evaluated_is_undecided(expression: str) -> None:
    with pytest.raises(Undecided):
        longest_gap([expression], NOON, DAY)


def test_what_is_not_evaluated_does_not_matter_where_another_is_enough() -> None:
    assert longest_gap(["cron(0 8 L * ? *)", "rate(1 hour)"], NOON, DAY) == timedelta(hours=1)
