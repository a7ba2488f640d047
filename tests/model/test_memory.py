"""Whatever a check goes through, its memory keeps the promises; every shortcut breaks one."""

from collections.abc import Callable

import pytest

from tests.model import misjudging
from tests.model.walk import Decide, walk

HISTORIES = 100
CHAIN = "a before is not what was heard last"
AT_ONCE = "a lasting new failure was not told at once"
TRUTH = "the last thing told is not the truth"
PENDING = "what was pending is told as drift"
DARK = "told of blindness while all that is not pending was read"
TURN = "told of sight by a look that waits for its turn"
CALM = "good news was told without calm"
FALSE = "told as resolved while another check of the rule fails on it"


@pytest.mark.parametrize("confirm", [1, 2])
def test_no_history_breaks_a_promise(confirm: int, record_property: Callable[[str, object], None]) -> None:
    looks, broken = walk(HISTORIES, confirm=confirm)

    assert broken == ""
    record_property("model random looks", looks)


@pytest.mark.parametrize(
    ("decide", "confirm", "broken"),
    [
        pytest.param(misjudging.held_counts_as_told, 1, CHAIN, id="a held change is marked as told"),
        pytest.param(misjudging.unknown_overwrites, 1, CHAIN, id="UNKNOWN overwrites the last verdict"),
        pytest.param(misjudging.unknown_restarts_agreement, 2, AT_ONCE, id="UNKNOWN restarts agreement"),
        pytest.param(misjudging.another_failure_is_a_change, 1, AT_ONCE, id="another failing resource is CHANGED"),
        pytest.param(
            misjudging.one_told_is_all_told, 2, f"{CHAIN}|{AT_ONCE}", id="telling one resource sets told for the check"
        ),
        pytest.param(misjudging.waits_as_a_check, 1, CALM, id="waiting is kept per check"),
        pytest.param(misjudging.steady_though_blind, 1, CALM, id="steadiness without blindness"),
        pytest.param(misjudging.rejudging_drops_unread, 1, f"{CHAIN}|{TRUTH}", id="rejudging drops what was unread"),
        pytest.param(misjudging.not_applicable_is_resolved, 1, FALSE, id="not applicable is resolved"),
        pytest.param(
            misjudging.not_applicable_counts_as_told, 1, f"{CHAIN}|{TRUTH}", id="FAIL to NOT_APPLICABLE moves told"
        ),
        pytest.param(misjudging.not_applicable_waits, 1, CALM, id="what is held waits"),
        pytest.param(misjudging.pending_is_unlisted, 1, PENDING, id="pending counts as unlisted"),
        pytest.param(misjudging.awaited_is_listed, 1, PENDING, id="what is below a pending resource counts as listed"),
        pytest.param(misjudging.pending_is_unread, 1, DARK, id="pending counts as blindness"),
        pytest.param(misjudging.late_is_unread, 1, f"{TURN}|{DARK}", id="waiting for a turn counts as blindness"),
    ],
)
def test_a_shortcut_is_caught(decide: Decide, confirm: int, broken: str) -> None:
    assert walk(HISTORIES, decide=decide, confirm=confirm)[1] in broken.split("|")
