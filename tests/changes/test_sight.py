"""Whether change events arrive is the monitor's own health: told like anything else, and no item."""

import pytest

from readiness.entry import Environment
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.rules import ASKED
from tests.run.world import TABLE_RULES, World

QUEUE = "arn:aws:sqs:us-east-1:123456789012:changes"
WATCHED = (*TABLE_RULES, *(rule for rule in ASKED if rule.own))


@pytest.fixture
def trail(world: World) -> str:
    world.account.client("s3").create_bucket(Bucket="trail")
    cloudtrail = world.account.client("cloudtrail")
    cloudtrail.create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name="all")
    return "all"


def test_a_trail_that_is_stopped_is_told_with_its_name_and_counts_for_no_item(world: World, trail: str) -> None:
    outcome = world.run(WATCHED)
    assert outcome.plan is not None
    assert set(outcome.plan.statuses) == {rule.id for rule in TABLE_RULES}
    world.heard()
    world.account.client("cloudtrail").stop_logging(Name=trail)
    outcome = world.run(WATCHED)
    (message,) = world.heard()
    (event,) = message["events"]
    assert (event["check"], event["item"], event["severity"]) == ("change-events-arrive/trail", "MON", "MEDIUM")
    assert "all: logging is stopped" in event["message"]
    assert outcome.plan is not None
    assert set(outcome.plan.statuses) == {rule.id for rule in TABLE_RULES}
    assert world.rows("RULE#change-events-arrive")[0]["status"] == {"S": "FAIL"}


def test_a_rule_that_is_switched_off_is_told(world: World, trail: str) -> None:
    assert trail
    events = world.account.client("events")
    events.put_rule(Name="TableChanges", EventPattern='{"source": ["aws.dynamodb"]}')
    events.put_targets(Rule="TableChanges", Targets=[{"Id": "changes", "Arn": QUEUE}])
    world.route = ChangeRoute(("TableChanges",), QUEUE)
    world.run(WATCHED)
    world.heard()
    events.disable_rule(Name="TableChanges")
    world.run(WATCHED)
    (message,) = world.heard()
    (event,) = message["events"]
    assert (event["check"], event["remediation"]) == (
        "change-events-arrive/enabled",
        "aws events enable-rule --name TableChanges --region us-east-1",
    )
    world.route = ChangeRoute(None)  # somebody records a look from elsewhere
    world.run(WATCHED)
    assert world.heard() == []


def test_the_function_knows_the_names_from_the_stack() -> None:
    stack = {"READINESS_TABLE": "orders", "READINESS_TOPIC_ARN": "topic"}
    names = {"READINESS_CHANGES_ARN": QUEUE, "READINESS_CHANGE_RULES": "TableChanges RouteChanges"}
    read = Environment.read({**stack, **names, "READINESS_STACK": "readiness-prod"})
    assert read.route == ChangeRoute(("TableChanges", "RouteChanges"), QUEUE, "readiness-prod")
    assert Environment.read(stack).route == ChangeRoute()
