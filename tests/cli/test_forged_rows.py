"""Somebody else wrote the rows that a command reads: it does what it can, and never ends in an internal error."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.cli.exits import Exit
from readiness.state.store.wire import encode_item
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


FORGED_HEADS = (
    pytest.param({"intervalMinutes": 10**15}, id="an interval of a billion years"),
    pytest.param({"intervalMinutes": -1}, id="a negative interval"),
    pytest.param({"topic": "arn:aws:sns:us-east-1:123456789012:on\x1b[2J-call"}, id="a topic that steers the terminal"),
    pytest.param({"topic": "x" * 100_000}, id="a topic that is too long"),
    pytest.param({"verifiedAt": "0001-01-01T00:00:00+14:00"}, id="a run in the year 0"),
)


@pytest.mark.parametrize("head", FORGED_HEADS)
def test_a_head_that_somebody_wrote_ends_no_command_in_an_error(paused: World, head: dict[str, Any]) -> None:
    (pause,) = pauses(paused)
    at = {"verifiedAt": datetime.now(UTC), "version": 5, "checksVersion": 5, "tableId": pause["tableId"]["S"]}
    put(paused, {"PK": pause["PK"], "SK": {"S": "STATE"}}, **encode_item({**at, **head}))
    put(paused, {"PK": pause["PK"], "SK": {"S": "STATE#CHECKS"}}, version={"N": "5"})
    for command in (("check", "--rule", "pitr-enabled"), ("ack", "pitr-enabled/on"), ("alert", "--test", "--yes")):
        ended = paused.type(*command)
        assert ended.code != Exit.DEFECT
        assert "\x1b" not in ended.out + ended.err
