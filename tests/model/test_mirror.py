"""The pager agrees with what is told, whatever happens between any two calls, and no shortcut does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from readiness.alerts import mirror
from tests.model.mirror import ATTACKS, SCENES, SHORTCUTS, Program, mirrored

HISTORIES = 150
CAUGHT = 1_000


@pytest.mark.parametrize("scene", SCENES)
def test_no_history_leaves_the_pager_wrong(scene: str, record_property: Callable[[str, object], None]) -> None:
    runs, broken, log = mirrored(HISTORIES, SCENES[scene])

    assert broken == "", log
    record_property("model mirrored runs", runs)


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_shortcut_is_caught(shortcut: str) -> None:
    scene, program = SHORTCUTS[shortcut]
    check(scene, program)


def check(scene: str, program: Program) -> None:
    """A history ends with open incidents that should not be open, or without one that should be."""
    assert ", and should be " in mirrored(CAUGHT, SCENES[scene], program)[1]


def test_a_row_that_was_put_back_is_wrong_for_good_without_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "SWEEP", timedelta(days=999))

    assert ", and should be " in mirrored(CAUGHT, SCENES[ATTACKS])[1]
