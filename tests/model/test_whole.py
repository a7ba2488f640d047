"""Whole runs, from the very first on, with and without time to look, keep the promises whatever comes between."""

from collections.abc import Callable

import pytest

from readiness import run
from readiness.state.announce import Announcement
from tests.model.shortcuts import announced_for_good, discards_unknown, unannounced, unlimited
from tests.model.whole import histories

HISTORIES = 120


def test_no_history_of_whole_runs_breaks_a_promise(record_property: Callable[[str, object], None]) -> None:
    runs, broken, log = histories(HISTORIES)

    assert broken == "", "\n".join(log)
    record_property("model whole runs", runs)


def test_a_run_that_takes_an_unknown_table_for_another_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "deliver", discards_unknown)

    assert histories(HISTORIES)[1].partition(": ")[2].startswith("a page was lost")


@pytest.mark.parametrize("shortcut", [unannounced, unlimited, announced_for_good])
def test_a_pause_or_a_waiver_that_silences_unseen_is_caught(
    monkeypatch: pytest.MonkeyPatch, shortcut: Callable[..., Announcement]
) -> None:
    monkeypatch.setattr(run, "announce", shortcut)

    assert histories(HISTORIES)[1].partition(": ")[2].startswith("a failure is held back")


def test_a_pager_that_hears_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.TableRun, "mirror", lambda _run, outcome: outcome)

    assert histories(HISTORIES)[1].partition(": ")[2].startswith("open at the pager")
