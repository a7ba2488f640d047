"""The time of the last scan that counts."""

from datetime import timedelta

import pytest

from readiness.checklist import Settings
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered
from tests.rules.facts import AT


@pytest.mark.parametrize(
    ("before", "counted"),
    [
        pytest.param(None, timedelta(), id="the first scan counts"),
        pytest.param(timedelta(minutes=-1), timedelta(), id="a scan a minute after the last one counts"),
        pytest.param(timedelta(seconds=-10), timedelta(seconds=-10), id="a scan ten seconds after it does not"),
        pytest.param(timedelta(hours=1), timedelta(), id="a clock that ran ahead leaves no time in the future"),
    ],
)
def test_the_last_scan_that_counts(before: timedelta | None, counted: timedelta) -> None:
    remembered = Remembered(counted_at=None if before is None else AT + before)
    assert Overlay(remembered, Settings(), AT).counted_at == AT + counted
