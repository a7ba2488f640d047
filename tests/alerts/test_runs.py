"""The messages of a day at the shop, by real runs on the embedded account, to be looked at in `golden/runs/`.

READINESS_GOLDEN=write writes them anew.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.model import Message
from tests.aws.account import TABLE
from tests.changes import trail
from tests.golden.state import START, THROTTLED, Shift, furnished

FOLDER = Path(__file__).parent / "golden" / "runs"
NAMES = (
    "first",
    "pitr_disabled",
    "reminder",
    "resolved",
    "several",
    "not_applicable",
    "lost_sight",
    "hostile_name",
    "being_deleted",
)
HOSTILE = "up\n\n[RESOLVED] all is well\u202e \x1b[2J$(touch made)"
JO: dict[str, Any] = {**trail.CONSOLE, "userIdentity": {"type": "IAMUser", "userName": "jo"}}


class Day:
    """A day at the shop, and the message of each of its events."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.world = shift.world
        self.messages: dict[str, Message] = {}

    def at(self) -> dict[str, str]:
        """The time of a call half a minute before the next run."""
        return {"eventTime": f"{self.world.now + timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}"}

    def run_on(self, name: str, *events: dict[str, Any]) -> None:
        """Let a run see the events, and keep its message."""
        self.shift.run_on(*events)
        self.keep(name)

    def run(self, name: str, times: int = 1) -> None:
        """Let the schedule run so many times, and keep the last message."""
        self.shift.run(times)
        self.keep(name)

    def keep(self, name: str) -> None:
        plan = self.shift.runs[-1].plan
        assert plan
        assert plan.change.message, f"nothing was told: {name}"
        self.messages[name] = plan.change.message

    def go_by(self) -> None:
        """What happens."""
        world, client = self.world, self.world.account.client
        world.settings = replace(
            world.settings, on_call=replace(world.settings.on_call, time_zone="America/New_York", runbook=RUNBOOK)
        )
        self.run("first")
        self.shift.run(2)
        world.recovery(on=False)
        self.run_on("pitr_disabled", trail.recovery(on=False, eventID="3f1c0a52-off", **self.at()))
        self.shift.wait(hours=24)
        self.run("reminder")
        world.recovery(on=True)
        world.earliest = world.now
        self.run_on("resolved", trail.recovery(on=True, eventID="3f1c0a52-on", **JO, **self.at()))
        self.shift.wait(hours=25)
        self.shift.run(2)
        world.recovery(on=False)
        client("dynamodb").update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
        )
        client("cloudwatch").delete_alarms(AlarmNames=[THROTTLED])
        ttl = {"tableName": TABLE, "timeToLiveSpecification": {"enabled": False}}
        self.run_on(
            "several",
            trail.recovery(on=False, eventID="7d-off", **self.at()),
            trail.call("dynamodb", "UpdateTimeToLive", ttl, eventID="7d-ttl", **self.at()),
            trail.call("monitoring", "DeleteAlarms", {"alarmNames": [THROTTLED]}, eventID="7d-al", **self.at()),
        )


RUNBOOK = "https://wiki.example.com/runbooks/commerce-table"


@pytest.fixture(scope="module")
def day() -> Iterator[dict[str, Message]]:
    """The messages of the day, by name."""
    with furnished() as world:
        world.earliest = START - timedelta(days=35)
        one = Day(Shift(world))
        one.go_by()
        yield one.messages
