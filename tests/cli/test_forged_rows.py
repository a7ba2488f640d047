"""Somebody else wrote the rows that a command reads: it does what it can, and never ends in an internal error."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.world import GOOD, World

SOON = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}"
PAUSE = ("pause", "--until", SOON, "--reason", "release 42")
COMMANDS = pytest.mark.parametrize("command", [("resume",), PAUSE], ids=["resume", "pause"])


@pytest.fixture
def paused(world: World) -> World:
    world.good_table()
    assert world.type(*PAUSE, "--yes").code == 0
    return world


def pauses(world: World, prefix: str = "STATE#PAUSE") -> list[dict[str, Any]]:
    return [each for each in world.rows() if each["SK"]["S"].startswith(prefix)]


def put(world: World, row: dict[str, Any], **attributes: Any) -> None:
    world.client("dynamodb").put_item(TableName=GOOD, Item={**row, **attributes})


@COMMANDS
@pytest.mark.parametrize(
    "at",
    ["2026-11-28T00:00:00z", "2026-11-28t00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-11-28T00:00:00.123456789Z"],
)
def test_a_time_in_any_form_that_a_run_reads_is_one(paused: World, at: str, command: tuple[str, ...]) -> None:
    (pause,) = pauses(paused)
    put(paused, pause, at={"S": at})
    assert paused.type(*command, "--yes").code == 0


FORGED = (
    pytest.param({}, id="without its end"),
    pytest.param({"endedBy": {"S": "maria"}, "endedAt": {"S": "2026-11-28T00:00:00.000000Z"}}, id="ended by another"),
    pytest.param({"endedBy": {"S": "maria"}, "endedAt": {"N": "7"}}, id="ended at a number"),
    pytest.param({"endedBy": {"N": "1"}, "endedAt": {"S": "never"}}, id="ended at no time"),
)


@COMMANDS
@pytest.mark.parametrize("more", FORGED)
def test_a_history_that_somebody_wrote_keeps_no_pause_in_force(
    paused: World, command: tuple[str, ...], more: dict[str, Any]
) -> None:
    (pause,) = pauses(paused)
    place = f"HISTORY#STATE#PAUSE#{pause['at']['S']}"
    put(paused, pause, SK={"S": place}, **more)
    assert paused.type(*command, "--yes").code == 0
    assert pause not in pauses(paused)
    forged, own = pauses(paused, place)
    assert forged.get("endedBy") == more.get("endedBy")
    assert own["reason"]["S"] == "release 42"


def test_a_pause_that_was_put_back_can_be_ended_again(paused: World) -> None:
    (pause,) = pauses(paused)
    for _ in range(2):
        assert paused.type("resume", "--yes").code == 0
        put(paused, pause)
    assert paused.type("resume", "--yes").code == 0
    assert pauses(paused) == []
    assert len(pauses(paused, "HISTORY#STATE#PAUSE#")) == 3
