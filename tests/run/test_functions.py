"""The functions behind the table, over several looks: who comes, who goes, and what can't be seen of one of them."""

import json

import pytest
from msgspec.structs import replace

from readiness.checklist import FunctionSettings
from readiness.model import Status
from readiness.rules import env_vars_set
from readiness.run import Outcome
from readiness.state.drift import EventKind
from tests.aws import costs, shop
from tests.aws.account import TABLE, good_table
from tests.fixed_rules import RULES
from tests.run.world import World


@pytest.fixture
def watched(world: World) -> World:
    """All is well with the functions and with what they cost, and that has been told."""
    shop.furnish(world.account.client, world.topic)
    costs.furnish(world.account.client, world.topic)
    world.drilled()
    world.documented()
    world.run(RULES)
    world.heard()
    return world


def statuses(outcome: Outcome) -> dict[str, Status]:
    assert outcome.plan is not None
    return dict(outcome.plan.statuses)


def unknown(outcome: Outcome, rule: str) -> dict[str, list[str]]:
    """The checks of the rule that have something unknown, and of what."""
    found: dict[str, list[str]] = {}
    for asked in outcome.scan.evaluation.asked:
        for finding in asked.findings:
            if asked.check.rule.id == rule and finding.unavailable:
                found.setdefault(asked.check.name, []).append(finding.resource.rpartition(":")[2])
    return found


def test_functions_as_they_should_be_pass_every_rule_about_them(watched: World) -> None:
    found = statuses(watched.run(RULES))
    assert {rule.item: found[rule.id] for rule in RULES if rule.item in {"2.1", "2.2", "2.3", "3.2"}} == {
        "2.1": Status.PASS,
        "2.2": Status.PASS,
        "2.3": Status.PASS,
        "3.2": Status.PASS,
    }
    assert watched.heard() == []


def test_a_function_that_leaves_the_table_is_told(watched: World) -> None:
    watched.account.client("lambda").delete_function(FunctionName="babesclub-checkout")
    watched.run(RULES)
    watched.run(RULES)
    events = [event for message in watched.heard() for event in message["events"]]
    left = next(event for event in events if event["check"] == "env-vars-set/functions")
    assert left["kind"] == EventKind.CHANGED
    assert set(left["differences"][0]["before"]["watched"]) == {"babesclub-cart", "babesclub-checkout"}
    assert set(left["differences"][0]["after"]["watched"]) == {"babesclub-cart"}


def test_a_function_that_joins_is_told_with_what_is_wrong_with_it(watched: World) -> None:
    role = shop.role(watched.account.client, "report")
    shop.function(watched.account.client, "babesclub-report", role)
    watched.run(RULES)
    watched.run(RULES)
    events = [event for message in watched.heard() for event in message["events"]]
    assert {(event["check"], event["kind"]) for event in events} >= {
        ("env-vars-set/functions", EventKind.CHANGED),
        ("iam-least-privilege/logging", EventKind.REGRESSED),
    }


def test_a_right_that_comes_is_told_by_the_second_look_that_sees_it(watched: World) -> None:
    """What IAM answers is eventually consistent."""
    policy = json.dumps(shop.document(shop.allow(["dynamodb:*"], "*")))
    watched.account.client("iam").put_role_policy(
        RoleName="babesclub-cart-role", PolicyName="just-for-now", PolicyDocument=policy
    )
    watched.run(RULES)
    assert watched.heard() == []
    watched.run(RULES)
    (message,) = watched.heard()
    assert {event["rule"] for event in message["events"]} == {"iam-least-privilege", "pitr-enabled"}
    assert all(
        "babesclub-cart-role" in difference["resource"]
        for event in message["events"]
        if event["kind"] == EventKind.REGRESSED and event["rule"] == "iam-least-privilege"
        for difference in event["differences"]
    )
    (unlisted,) = [event for event in message["events"] if event["rule"] == "pitr-enabled"]
    assert (unlisted["check"], unlisted["kind"]) == ("pitr-enabled/togglers-reviewed", EventKind.REGRESSED)


@pytest.mark.parametrize(
    ("service", "operation", "blind"),
    [
        (
            "lambda",
            "ListAliases",
            {"env-vars-set", "iam-least-privilege", "write-failures-audited", "dead-letters-kept"},
        ),
        ("lambda", "GetFunctionConfiguration", {"env-vars-set", "write-failures-audited", "dead-letters-kept"}),
        ("lambda", "GetPolicy", {"dead-letters-kept"}),
        ("logs", "DescribeLogGroups", {"write-failures-audited"}),
        ("sqs", "GetQueueAttributes", {"dead-letters-kept"}),
        ("sns", "GetTopicAttributes", {"write-failures-audited", "dead-letters-kept"}),
        ("cloudwatch", "DescribeAlarms", {"write-failures-audited", "dead-letters-kept"}),
        ("dynamodb", "GetResourcePolicy", {"iam-least-privilege"}),
    ],
)
def test_a_denied_call_makes_only_what_needs_it_unknown(
    watched: World, service: str, operation: str, blind: set[str]
) -> None:
    for name in shop.FUNCTIONS:  # an unchanged configuration is not read again
        watched.account.client("lambda").update_function_configuration(FunctionName=name, Timeout=9)
    watched.account.refuse(service, operation, "AccessDenied")
    outcome = watched.run(RULES)
    found = statuses(outcome)
    assert Status.FAIL not in found.values()
    dark = {rule.id for rule in RULES if unknown(outcome, rule.id)}
    assert blind <= dark
    assert not dark & {"billing-on-demand", "ttl-enabled"}
    assert watched.heard() == []


def test_a_configuration_is_read_again_once_its_revision_changes(watched: World) -> None:
    def read() -> int:
        watched.account.calls.clear()
        watched.run(RULES)
        return watched.account.calls.count("lambda:GetFunctionConfiguration")

    client = watched.account.client("lambda")
    assert read() == 0
    wrong = {"COMMERCE_TABLE": "babesclub-commerce-staging"}
    client.update_function_configuration(FunctionName="babesclub-cart", Environment={"Variables": wrong})
    assert read() == 1
    (message,) = watched.heard()
    assert {event["check"] for event in message["events"]} >= {"env-vars-set/variables"}
    assert read() == 0


def test_a_denied_listing_of_functions_is_no_drift(watched: World) -> None:
    watched.account.refuse("lambda", "ListFunctions", "AccessDenied")
    found = statuses(watched.run(RULES))
    assert found["env-vars-set"] is Status.UNKNOWN
    assert watched.heard() == []


def test_what_is_wrong_with_very_many_functions_fits_into_the_memory(world: World) -> None:
    client = world.account.client
    for number in range(120):
        role = shop.role(client, f"role-{number}", shop.allow(["dynamodb:*"], "*"))
        shop.function(client, f"babesclub-cart-{number}", role, Environment={"Variables": {}})
    outcome = world.run(RULES)
    assert outcome.committed, outcome.unrecorded
    (state,) = [row for row in world.rows("STATE") if row["SK"]["S"] == "STATE"]
    assert len(json.dumps(state)) < 400_000


def test_variables_of_a_function_of_two_tables_are_compared_with_the_name_of_each(world: World) -> None:
    good_table(world.account, "orders")
    shop.furnish(world.account.client, world.topic)
    variables = {"Variables": {"A": TABLE, "B": "orders"}}
    world.account.client("lambda").update_function_configuration(FunctionName="babesclub-cart", Environment=variables)
    functions = FunctionSettings(environment={"COMMERCE_TABLE": "shop"})
    (table,) = world.settings.tables
    world.settings = replace(world.settings, tables=(table, replace(table, name="orders")), functions=functions)
    for outcome in world.run_all([env_vars_set.rule]):
        (asked,) = [each for each in outcome.scan.evaluation.asked if each.check.name == "variables"]
        (message,) = [each.message for each in asked.findings if "babesclub-cart" in each.resource]
        assert ("(A has" in message, "(B has" in message) == (
            (True, False) if outcome.scan.table.name == TABLE else (False, True)
        )
