"""The status of items that a run emits, and what it remembers of them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alerts.topic import AlertTopic
from readiness.run import Deployment, Run, Trigger, emit
from tests.run.world import TABLE_RULES, World


def run(world: World, capsys: pytest.CaptureFixture[str], *, minutes: int = 5, deployed: bool = True) -> dict[str, int]:
    """One run; returns the values of the items that it emits."""
    world.now += timedelta(minutes=minutes)
    run = Run(
        rules=TABLE_RULES,
        aws=world.account.aws,
        settings=replace(world.settings, item_metrics="changes"),
        trigger=Trigger("schedule", f"run at {world.now}"),
        deployment=Deployment(
            "", AlertTopic(world.account.client("sns"), world.topic), interval=5 if deployed else None
        ),
        remaining=lambda: 60.0,
        clock=lambda: world.now,
    )
    for outcome in run.run():
        if deployed:
            emit(run, outcome)
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {each["rule"]: each["ItemStatus"][0] for each in documents if "rule" in each}


def head(world: World) -> dict[str, Any]:
    return world.rows("STATE")[0]


def test_a_change_is_emitted_for_a_while_and_the_rest_once_a_day(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    every = {rule.id for rule in TABLE_RULES if not rule.own}
    first = [set(run(world, capsys)) for _ in range(12)]
    assert first[:5] == [every] * 5
    assert first[-1] == set()
    world.recovery(on=False)
    assert [run(world, capsys) for _ in range(6)] == [{"pitr-enabled": 3}] * 5 + [{}]
    assert head(world)["emittedValues"]["M"]["pitr-enabled"] == {"N": "3"}
    assert "emittedChanges" not in head(world)
    later = run(world, capsys, minutes=24 * 60)
    assert (set(later), later["pitr-enabled"]) == (every, 3)
    assert run(world, capsys) == {}


def test_a_run_at_a_terminal_takes_no_change_away(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(12):
        run(world, capsys)
    before = head(world)["emitted"]
    world.recovery(on=False)
    assert run(world, capsys, deployed=False) == {}
    assert head(world)["emitted"] == before
    assert [run(world, capsys) for _ in range(2)] == [{"pitr-enabled": 3}] * 2
