"""A global table: what happens to a replica in another Region is told at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from readiness.aws.client import Caller
from readiness.model import Finding, Status
from readiness.run import Outcome
from tests.aws.account import ARN, TABLE, make_table
from tests.run.world import World

THERE = "eu-west-1"
REPLICA = ARN.replace("us-east-1", THERE)
Replicated = tuple[World, dict[str, Any]]


@pytest.fixture
def replicated(world: World) -> Replicated:
    """The table with a replica in another Region, as good as itself, looked at once; and what is told of that."""
    make_table(Caller(world.account.session, THERE).client("dynamodb"))
    told = {"RegionName": THERE, "ReplicaArn": REPLICA, "ReplicaStatus": "ACTIVE"}
    more = {"Replicas": [told], "MultiRegionConsistency": "EVENTUAL"}
    world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(more))
    assert {each.status for each in about(world.run())} == {Status.PASS}
    world.heard()
    return world, told


def about(outcome: Outcome) -> list[Finding]:
    found = [finding for asked in outcome.scan.evaluation.asked for finding in asked.findings]
    return [finding for finding in found if finding.resource == REPLICA]


def test_a_replica_without_its_key_pages_with_the_hours_that_are_left(replicated: Replicated) -> None:
    world, told = replicated
    since = world.now - timedelta(hours=3)
    told.update(ReplicaStatus="INACCESSIBLE_ENCRYPTION_CREDENTIALS", ReplicaInaccessibleDateTime=since)
    world.run()
    (message,) = world.heard()
    assert message["severity"] == "CRITICAL"
    (event,) = message["events"]
    assert event["check"] == "pitr-enabled/replication"
    assert THERE in event["message"]
    assert f"{since + timedelta(hours=20):%Y-%m-%d %H:%M} UTC" in event["message"]


def off(world: World) -> None:
    Caller(world.account.session, THERE).client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def unprotected(world: World) -> None:
    Caller(world.account.session, THERE).client("dynamodb").update_table(
        TableName=TABLE, DeletionProtectionEnabled=False
    )


@pytest.mark.parametrize(
    ("change", "check", "status"),
    [
        pytest.param(off, "replica-recovery", Status.FAIL, id="recovery off there"),
        pytest.param(unprotected, "replica-protection", Status.WARN, id="protection off there"),
    ],
)
def test_what_is_off_there_alone_is_found_there_and_mended_there(
    replicated: Replicated, change: Callable[[World], None], check: str, status: Status
) -> None:
    world, _ = replicated
    change(world)
    (bad,) = [each for each in about(world.run()) if each.status is not Status.PASS]
    assert (bad.check, bad.status) == (check, status)
    assert THERE in bad.message
    assert f"--region {THERE}" in bad.remediation
