"""An unchanged run writes little: what moves by itself is in the head, and the memory is written on a change."""

from datetime import timedelta
from typing import Any

import pytest

from readiness.rules import ASKED
from readiness.state.store.wire import size
from tests.golden.state import furnished
from tests.run.world import World

HEAD = 1_500
RUN = 2_500
"""Bytes."""

WINDOW = timedelta(days=35)

WARM = 3
"""Runs after which nothing is new."""


def without_lease(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows by sort key."""
    return {row["SK"]["S"]: row for row in rows}


def unchanged(world: World, runs: int, **given: Any) -> set[str]:
    """Run over a table whose recovery window is full and moves. Return the kinds of rows that were written."""

    def restorable(answer: dict[str, Any]) -> None:
        recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        recovery["LatestRestorableDateTime"] = world.now - timedelta(minutes=5)

    world.account.alter("dynamodb", "DescribeContinuousBackups", restorable)
    for _ in range(WARM):
        world.earliest = world.now + timedelta(minutes=1) - WINDOW
        world.run(**given)
    written: set[str] = set()
    for _ in range(runs):
        world.earliest = world.now + timedelta(minutes=1) - WINDOW
        before = without_lease(world.rows())
        assert world.run(**given).committed
        after = without_lease(world.rows())
        changed = {key: row for key, row in after.items() if before.get(key) != row}
        written |= {key.partition("#")[0] if key.startswith("RUN#") else key for key in changed}
        assert sum(map(size, changed.values())) < RUN
        assert size(after["STATE"]) < HEAD
    return written


def test_unchanged_runs_do_not_write_the_memory(world: World) -> None:
    assert unchanged(world, 10) <= {"STATE", "RUN"}


@pytest.mark.slow
def test_unchanged_runs_of_all_rules_do_not_write_the_memory() -> None:
    with furnished() as world:
        assert unchanged(world, 5, rules=ASKED) <= {"STATE", "RUN"}


def test_an_unchanged_run_reads_neither_the_key_nor_the_marker(world: World) -> None:
    world.run()
    world.run()
    world.account.calls.clear()
    world.run()
    assert [call for call in world.account.calls if call.startswith(("ssm:", "dynamodb:Q", "dynamodb:T"))] == [
        "dynamodb:Query",
        "dynamodb:TransactWriteItems",
        "dynamodb:Query",
    ]
