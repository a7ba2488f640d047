"""Whole runs keep the promises with kept answers in play: none is used after its event, and none confirms a change."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from readiness.run import TableRun
from readiness.state import kept
from readiness.state.store import Remembered
from tests.model.keeping import Keeping
from tests.model.whole import histories

HISTORIES = 80


def test_no_history_with_kept_answers_breaks_a_promise(record_property: Callable[[str, object], None]) -> None:
    runs, broken, log = histories(HISTORIES, kind=Keeping)

    assert broken == "", "\n".join(log)
    record_property("model runs with kept answers", runs)


def in_memory(run: TableRun, state: Remembered) -> Remembered:
    """The run of an event reads anew, and no other run is told to."""
    return replace(state, facts=()) if run.run.trigger.calls else state


def test_an_event_that_ends_answers_for_its_own_run_alone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableRun, "end_kept_answers", in_memory)

    assert "an answer that an event ended" in histories(HISTORIES, kind=Keeping)[1]


def test_an_event_that_ends_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableRun, "end_kept_answers", lambda _run, state: state)

    assert histories(HISTORIES, kind=Keeping)[1]


def test_a_kept_answer_that_confirms_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_unconfirmed", lambda _state: {})

    assert "confirmed by the answer that caused it" in histories(HISTORIES, kind=Keeping)[1]
