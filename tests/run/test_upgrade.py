"""A release that judges more than the one before it: our change, not the account's, so it pages nobody."""

import pytest
from msgspec.structs import replace

from readiness.state.drift import EventKind
from tests.aws import shop
from tests.aws.account import ARN, TABLE
from tests.fixed_rules import RULES
from tests.run.world import TABLE_RULES, World


@pytest.fixture
def neglected(world: World) -> World:
    """Much is wrong with the functions, and the former release has said all that it ever looked at."""
    shop.furnish(world.account.client, world.topic)
    world.account.client("sqs").delete_queue(QueueUrl=_url(world, "babesclub-dead-letters"))
    role = shop.role(world.account.client, "report", shop.allow(["dynamodb:*"], "*"))
    shop.function(world.account.client, "babesclub-report", role, Environment={"Variables": {}})
    world.documented()
    world.run(TABLE_RULES, release="2026-11-01T00:00:00Z")
    world.heard()
    return world


def test_one_note_lists_what_is_newly_judged_and_nothing_is_drift(neglected: World) -> None:
    before = len(neglected.rows("DRIFT#"))
    outcome = neglected.run(RULES, release="2026-11-24T00:00:00Z")
    (note,) = neglected.heard()
    assert note["kind"] == EventKind.REJUDGED
    assert {event["kind"] for event in note["events"]} == {EventKind.REJUDGED}
    assert not any(event["actor"] for event in note["events"])
    assert outcome.plan is not None
    assert outcome.plan.transitions == 0
    assert len(neglected.rows("DRIFT#")) == before


def test_the_note_is_as_severe_as_the_worst_new_failure(neglected: World) -> None:
    neglected.run(RULES, release="2026-11-24T00:00:00Z")
    (note,) = neglected.heard()
    assert note["severity"] == "HIGH"
    assert "re-evaluated" in note["subject"]
    assert {"dead-letters-kept", "env-vars-set", "iam-least-privilege"} <= {event["rule"] for event in note["events"]}


def test_the_looks_after_it_have_nothing_to_say(neglected: World) -> None:
    neglected.run(RULES, release="2026-11-24T00:00:00Z")
    neglected.heard()
    for _ in range(3):
        neglected.run(RULES, release="2026-11-24T00:00:00Z")
    assert neglected.heard() == []


def test_what_breaks_after_it_is_told_as_ever(neglected: World) -> None:
    neglected.run(RULES, release="2026-11-24T00:00:00Z")
    neglected.heard()
    neglected.account.client("lambda").update_function_configuration(
        FunctionName="babesclub-cart", Environment={"Variables": {"COMMERCE_TABLE": "babesclub-commerce-staging"}}
    )
    neglected.run(RULES, release="2026-11-24T00:00:00Z")
    (message,) = neglected.heard()
    assert [event["check"] for event in message["events"]] == ["env-vars-set/variables"]


def test_a_check_that_is_new_and_warns_is_a_line_of_the_note(world: World) -> None:
    """Every role of a deployed table could write the rows of the monitor, and nobody has ever judged it."""
    shop.furnish(world.account.client, world.topic)
    role = shop.role(world.account.client, "orders", shop.allow(["dynamodb:PutItem"], ARN))
    shop.function(world.account.client, "babesclub-orders", role, Environment={"Variables": {"TABLE": TABLE}})
    [rule] = [each for each in RULES if each.id == "iam-least-privilege"]
    former = replace(rule, checks=[check for check in rule.checks if check.name != "own-rows"])
    world.run([former], release="2026-11-01T00:00:00Z")
    world.run([former], release="2026-11-01T00:00:00Z")
    world.heard()
    world.run([rule], release="2026-11-24T00:00:00Z")
    (note,) = world.heard()
    assert (note["kind"], note["severity"]) == (EventKind.REJUDGED, "LOW")
    [event] = note["events"]
    assert event["check"] == "iam-least-privilege/own-rows"
    assert [(each["resource"], each["after"]["status"]) for each in event["differences"]] == [(role, "WARN")]
    world.run([rule], release="2026-11-24T00:00:00Z")
    assert world.heard() == []


def test_a_check_that_is_new_and_has_no_resource_is_named(world: World) -> None:
    """The note would be empty otherwise: there are no functions, and so no results."""
    [rule] = [each for each in RULES if each.id == "iam-least-privilege"]
    former = replace(rule, checks=[check for check in rule.checks if check.name != "own-rows"])
    world.run([former], release="2026-11-01T00:00:00Z")
    world.heard()
    world.run([rule], release="2026-11-24T00:00:00Z")
    (note,) = world.heard()
    assert note["subject"] == "[NOTE] babesclub-commerce: 1 new check evaluated, 0 fail"


def _url(world: World, queue: str) -> str:
    url: str = world.account.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    return url
