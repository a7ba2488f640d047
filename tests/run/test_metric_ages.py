"""Metrics of many days are read once a day while the checks on them pass, and else in each run and not stored."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from readiness.engine.rule import Rule
from readiness.model import Status
from readiness.rules import alarms_wired
from tests.run.world import World

CONSUMPTION = "STATE#FACT#Consumption"


def rule(*checks: str) -> Rule:
    """The alarms with these checks, which rest on the consumption. On a table without alarms some pass, some do not."""
    return replace(alarms_wired.rule, checks=[each for each in alarms_wired.rule.checks if each.name in checks])


def look(world: World, *checks: str) -> tuple[Status, int, bool]:
    """The worst status, how often metrics were read, and whether they are kept."""
    world.account.calls.clear()
    outcome = world.run([rule(*checks)])
    reads = world.account.calls.count("cloudwatch:GetMetricData")
    status = outcome.scan.evaluation.status(outcome.scan.evaluation.rules[0])
    return status, reads, CONSUMPTION in {row["SK"]["S"] for row in world.rows("STATE#FACT#")}


def test_while_the_check_passes_they_are_read_once_a_day(world: World) -> None:
    assert look(world, "fed") == (Status.PASS, 1, True)
    world.now += timedelta(hours=23)
    assert look(world, "fed") == (Status.PASS, 0, True)
    world.now += timedelta(hours=1)
    assert look(world, "fed") == (Status.PASS, 1, True)


def test_the_verdict_on_kept_metrics_is_shown_with_their_age(world: World) -> None:
    """The series that are asked for are the revision of the answer: it tells nothing of its age."""
    look(world, "fed")
    read = world.now
    (asked,) = world.run([rule("fed")]).scan.evaluation.asked
    assert [finding.as_of for finding in asked.findings] == [read]


@pytest.mark.parametrize("checks", [("read-spikes",), ("fed", "read-spikes")])
def test_while_one_does_not_they_are_read_in_each_run_and_not_stored(world: World, checks: tuple[str, ...]) -> None:
    for _ in range(2):
        assert look(world, *checks) == (Status.FAIL, 1, False)


def test_what_was_kept_is_removed_when_a_check_no_longer_passes(world: World) -> None:
    look(world, "fed")
    assert look(world, "fed", "read-spikes") == (Status.FAIL, 1, False), "the check is new, and fails"


def test_an_index_that_is_added_is_read_at_once(world: World) -> None:
    look(world, "fed")
    world.account.client("dynamodb").update_table(
        TableName="babesclub-commerce",
        AttributeDefinitions=[{"AttributeName": "email", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-email",
                    "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    assert look(world, "fed")[1] == 1
