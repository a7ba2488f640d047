"""Whole runs keep the promises while somebody changes, adds and forges the rows of the monitor, and takes its key."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from readiness.run import TableRun
from readiness.state.store import Store
from tests.model.forged import Forged, Upgraded
from tests.model.whole import histories

HISTORIES = 120
EVERY_ROW = 400
UPGRADES = 60


def test_no_attack_on_the_rows_breaks_a_promise(record_property: Callable[[str, object], None]) -> None:
    runs, broken, log = histories(HISTORIES, kind=Forged)

    assert broken == "", "\n".join(log)
    record_property("model attacked runs", runs)


@pytest.mark.slow
def test_no_attack_on_a_table_that_is_upgraded_breaks_a_promise(record_property: Callable[[str, object], None]) -> None:
    runs, broken, log = histories(UPGRADES, kind=Upgraded)

    assert broken == "", "\n".join(log)
    record_property("model attacked upgrades", runs)


def test_messages_that_wait_unsigned_and_are_not_signed_by_the_upgrade_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Store, "_sign_waiting", lambda *_given: None)

    assert "a page was lost" in histories(UPGRADES, kind=Upgraded)[1]


def believed(_store: object, _signed: object, **_more: object) -> Callable[[str, object], bool]:
    """Every row is believed."""
    return lambda _key, _item: True


def test_rows_that_are_believed_without_a_signature_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "_trusted", believed)

    assert histories(EVERY_ROW, kind=Forged)[1]


def test_damaged_messages_that_are_left_to_later_runs_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableRun, "replace_damaged", lambda *_given: False)

    assert histories(EVERY_ROW, kind=Forged)[1].partition(": ")[2].startswith("a message was never delivered")


@pytest.mark.slow
def test_a_memory_that_is_void_without_a_word_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that takes a damaged memory for a first run, and tells nothing that fails."""
    real = TableRun.plan

    def silent(run: TableRun, state: object, scan: object) -> object:
        plan = real(run, state, scan)  # type: ignore[arg-type]  # as it was given
        damaged = getattr(state, "damaged", False)
        change = plan.change
        return replace(plan, change=replace(change, message=None)) if damaged else plan

    monkeypatch.setattr(TableRun, "plan", silent)

    assert histories(EVERY_ROW, kind=Forged)[1].endswith("the last thing told is not the truth")
