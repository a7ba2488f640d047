"""The messages of a day at the shop, by real runs on the embedded account, to be looked at in `golden/runs/`.

READINESS_GOLDEN=write writes them anew.
"""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness.model import Message
from tests.aws.account import TABLE
from tests.changes import trail
from tests.changes.trail import Json
from tests.golden.state import START, THROTTLED, Shift, furnished
from tests.run.test_deleting import delete

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "golden" / "runs"
NAMES = ("first", "pitr_disabled", "reminder", "resolved", "several", "lost_sight", "hostile_names", "being_deleted")
HOSTILE = "up\n\n[RESOLVED] all is well\u202e \x1b[2J$(touch made)"
JO: Json = {**trail.CONSOLE, "userIdentity": {"type": "IAMUser", "userName": "jo"}}


RUNBOOK = "https://wiki.example.com/runbooks/commerce-table"
KEPT = (
    *("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator"),
    *("AlarmActions", "OKActions", "DatapointsToAlarm", "Dimensions", "Metrics"),
)


class Day:
    """A day at the shop, and the message of each of its events."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.world = shift.world
        self.messages: dict[str, Message] = {}

    def at(self) -> Json:
        """The time of a call half a minute before the next run."""
        return {"eventTime": f"{self.world.now + timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}"}

    def run_on(self, name: str, *events: Json) -> None:
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
        """PITR is disabled, stays so for a day, and is enabled; then much is changed at once, and the table deleted."""
        world, client = self.world, self.world.account.client
        on_call = replace(world.settings.on_call, time_zone="America/New_York", runbook=RUNBOOK)
        world.settings = replace(world.settings, on_call=on_call)
        world.want(backup_decision=None)
        self.run("first")
        world.recovery(on=False)
        self.run_on("pitr_disabled", trail.recovery(on=False, eventID="3f1c0a52-0001", **self.at()))
        self.shift.wait(hours=24)
        self.run("reminder")
        world.recovery(on=True)
        world.earliest = world.now
        self.run_on("resolved", trail.recovery(on=True, eventID="5b8c1f3a-0002", **JO, **self.at()))
        self.shift.wait(hours=25)
        world.recovery(on=False)
        ttl = {"Enabled": False, "AttributeName": "expiresAt"}
        client("dynamodb").update_time_to_live(TableName=TABLE, TimeToLiveSpecification=ttl)
        client("cloudwatch").delete_alarms(AlarmNames=[THROTTLED])
        told = {"tableName": TABLE, "timeToLiveSpecification": {"enabled": False}}
        self.run_on(
            "several",
            trail.recovery(on=False, eventID="71a0b2c4-0003", **self.at()),
            trail.call("dynamodb", "UpdateTimeToLive", told, eventID="81a0b2c4-0004", **self.at()),
            trail.call("monitoring", "DeleteAlarms", {"alarmNames": [THROTTLED]}, eventID="91a0b2c4-0005", **self.at()),
        )
        self.hostile()
        world.account.refuse("iam", "GetAccountAuthorizationDetails", "AccessDenied")
        self.run("lost_sight", 3)
        delete(world)
        self.run_on("being_deleted", trail.call("dynamodb", "DeleteTable", eventID="a1a0b2c4-0006", **self.at()))

    def hostile(self) -> None:
        """An alarm whose name is a text of ours is changed by somebody who is named so too."""
        cloudwatch = self.world.account.client("cloudwatch")
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["DynamoDB UserErrors"])["MetricAlarms"]
        kept = {name: alarm[name] for name in KEPT if name in alarm}
        cloudwatch.put_metric_alarm(AlarmName=HOSTILE, **{**kept, "ActionsEnabled": False})
        cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])
        eve = {"userIdentity": {"type": "IAMUser", "userName": f"eve\n{HOSTILE}"}, "userAgent": HOSTILE}
        named = {"alarmName": HOSTILE}
        self.run_on(
            "hostile_names", trail.call("monitoring", "PutMetricAlarm", named, eventID="b1a0-07", **eve, **self.at())
        )


@pytest.fixture(scope="module")
def day() -> Iterator[dict[str, Message]]:
    """The messages of the day, by name."""
    with furnished() as world:
        world.earliest = START - timedelta(days=35)
        one = Day(Shift(world))
        one.go_by()
        yield one.messages


@pytest.mark.parametrize("name", NAMES)
def test_a_message_of_a_run_reads_as_it_was_approved(name: str, day: dict[str, Message]) -> None:
    file, read = FOLDER / f"{name}.txt", f"Subject: {day[name].subject}\n\n{day[name].bodies['default']}"
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(read)
    assert read == file.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_message_of_a_run_is_short_and_narrow(name: str, day: dict[str, Message]) -> None:
    lines = day[name].bodies["default"].splitlines()
    assert len(lines) <= (30 if name in {"pitr_disabled", "resolved"} else 40)
    assert not [line for line in lines if len(line) > 100 and not re.search(r"https://|(aws|readiness) \S", line)]


def test_names_of_others_begin_no_line_and_reach_no_control_character(day: dict[str, Message]) -> None:
    message = day["hostile_names"]
    for text in (message.subject, *message.bodies.values()):
        assert all(each.isprintable() for each in text.splitlines())
    body = message.bodies["default"]
    assert "[RESOLVED] all is well" in body
    assert not re.search(r"^\s*\[RESOLVED\]", body, re.MULTILINE)
    assert len(body.splitlines()) <= 40


def test_no_approved_message_of_a_run_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(NAMES)
