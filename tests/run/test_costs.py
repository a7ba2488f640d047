"""What is asked of costs over several looks: rarely, for some of it costs money, and by whoever may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from readiness.alarms.services import ANOMALIES
from readiness.checklist import CostSettings, OnCall
from readiness.model import Finding, Status
from readiness.report.permissions import OPERATIONS_OF, actions
from readiness.rules import cost_monitored
from tests.aws import costs
from tests.run.world import World

RULES = [cost_monitored.rule]
ROLE = "arn:aws:iam::999999999999:role/costs"


@pytest.fixture
def watched(world: World) -> World:
    costs.furnish(world.account.client, world.topic)
    world.account.calls.clear()
    return world


def look(world: World) -> dict[str, Finding]:
    judgement = world.run(RULES).scan.evaluation
    return {asked.check.name: asked.findings[0] for asked in judgement.asked}


def statuses(world: World) -> dict[str, Status]:
    return {name: finding.status for name, finding in look(world).items()}


def paid(world: World) -> list[str]:
    """The calls since the last look that cost a cent each."""
    found = sorted(call for call in world.account.calls if call.startswith("ce:"))
    world.account.calls.clear()
    return found


ALL_WELL = dict.fromkeys(("tagged", "activated", "alerted"), Status.PASS)


def test_costs_that_are_told_apart_and_heard_of(watched: World) -> None:
    assert statuses(watched) == ALL_WELL


PAID = ["ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:ListCostAllocationTags"]


def asked_every(world: World) -> timedelta:
    """The calls that cost money: once a day, or once a week."""
    look(world)
    assert paid(world) == PAID
    for days, hours in ((0, 23), (1, 0), (6, 23), (7, 0)):
        start = world.now
        world.now += timedelta(days=days, hours=hours)
        look(world)
        if calls := paid(world):
            assert calls == PAID
            return timedelta(days=days)
        world.now = start
    raise AssertionError


def test_what_costs_money_is_asked_once_a_week_while_the_item_passes(watched: World) -> None:
    costs.subscription(watched.account.client, costs.monitor(watched.account.client), watched.topic)
    watched.account.alter("ce", "GetAnomalyMonitors", evaluated)
    watched.account.calls.clear()
    assert asked_every(watched) == timedelta(days=7)


def tag_inactive(world: World) -> None:
    costs.activate(world.account.client, "Env", status="Inactive")


def monitor_new(world: World) -> None:
    """It was never evaluated. The budget tells of the costs meanwhile."""
    costs.monitor(world.account.client)


def evaluated(answer: dict[str, Any]) -> None:
    for monitor in answer["AnomalyMonitors"]:
        monitor["LastEvaluatedDate"] = monitor["CreationDate"]


def subscriber_unconfirmed(world: World) -> None:
    client = world.account.client
    costs.subscription(client, costs.monitor(client), "ada@example.com")
    world.account.alter("ce", "GetAnomalyMonitors", evaluated)
    world.account.alter(
        "ce",
        "GetAnomalySubscriptions",
        lambda answer: answer["AnomalySubscriptions"][0]["Subscribers"][0].update(Status="DECLINED"),
    )


def no_alert(world: World) -> None:
    world.account.client("budgets").delete_budget(AccountId="123456789012", BudgetName="babesclub-dynamodb")


@pytest.mark.parametrize("unsettled", [tag_inactive, monitor_new, subscriber_unconfirmed, no_alert])
def test_it_is_asked_once_a_day_while_something_has_to_change(
    watched: World, unsettled: Callable[[World], None]
) -> None:
    unsettled(watched)
    watched.account.calls.clear()
    assert asked_every(watched) == timedelta(days=1)


def test_it_is_asked_again_when_the_checklist_wants_other_tags(watched: World) -> None:
    look(watched)
    paid(watched)
    watched.want(tags={"Env": "prod", "Project": "BabesClub", "Team": "shop"})
    look(watched)
    assert paid(watched) == ["ce:GetAnomalyMonitors", "ce:ListCostAllocationTags"]


def test_budgets_are_asked_once_an_hour_and_what_is_shown_says_when(watched: World) -> None:
    first = look(watched)["alerted"].evidence["AsOf"]["Budgets"]
    asked = watched.now
    watched.now += timedelta(minutes=30)
    assert look(watched)["alerted"].evidence["AsOf"]["Budgets"] == first == f"{asked:%Y-%m-%d %H:%M} UTC"
    assert watched.account.calls.count("budgets:DescribeBudgets") == 1
    watched.now += timedelta(hours=1)
    assert look(watched)["alerted"].evidence["AsOf"]["Budgets"] != first
    assert watched.account.calls.count("budgets:DescribeBudgets") == 2


def test_the_calls_are_those_that_are_declared(watched: World) -> None:
    """With a payer who is asked, and a topic that is encrypted; those of the run itself are not counted."""
    client = watched.account.client
    watched.settings = structs.replace(watched.settings, cost=CostSettings(ROLE), on_call=OnCall(event_bridge=True))
    client("events").put_rule(Name="page", EventPattern='{"source": ["aws.cloudwatch"]}')
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = client("sns").create_topic(Name="costs", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    costs.let_publish(client, topic, ANOMALIES)
    costs.subscription(client, costs.monitor(client), topic)
    watched.account.calls.clear()
    look(watched)
    declared = {
        f"{action.partition(':')[0]}:{name}"
        for action in actions(cost_monitored.rule.checks)
        for name in OPERATIONS_OF.get(action, (action.partition(":")[2],))
    }
    own = {"dynamodb:Query", "dynamodb:TransactWriteItems", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "sns:Publish"}
    marker = {"ssm:GetParameter", "ssm:PutParameter"}
    # No alarm has subscriptions or mute rules to look at, and no role has a policy of AWS.
    unneeded = {
        "cloudwatch:GetAlarmMuteRule",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy",
    }
    assert set(watched.account.calls) - own - marker == declared - unneeded


@pytest.mark.parametrize(
    ("service", "operation", "unknown"),
    [
        ("dynamodb", "ListTagsOfResource", {"tagged"}),
        ("ce", "ListCostAllocationTags", {"activated"}),
        ("ce", "GetAnomalyMonitors", set()),
        ("ce", "GetAnomalySubscriptions", set()),
        ("budgets", "DescribeBudgets", {"alerted"}),
        ("budgets", "DescribeSubscribersForNotification", {"alerted"}),
        ("sns", "ListSubscriptionsByTopic", {"alerted"}),
        ("cloudwatch", "DescribeAlarms", set()),
    ],
)
def test_a_denied_call_makes_only_what_needs_it_unknown(
    watched: World, service: str, operation: str, unknown: set[str]
) -> None:
    watched.account.refuse(service, operation, "AccessDeniedException")
    assert statuses(watched) == {**ALL_WELL, **dict.fromkeys(unknown, Status.UNKNOWN)}


def test_a_denied_answer_is_not_kept(watched: World) -> None:
    denied = [True]
    watched.account.refuse_while(denied, "ce", "ListCostAllocationTags", "AccessDeniedException")
    assert "cost.payer_role_arn" in look(watched)["activated"].message
    denied.clear()
    assert statuses(watched) == ALL_WELL


def test_a_tag_that_is_not_activated_within_two_days_fails(watched: World) -> None:
    costs.activate(watched.account.client, "Env", status="Inactive")
    assert statuses(watched)["activated"] is Status.WARN
    watched.now += timedelta(hours=47)
    assert statuses(watched)["activated"] is Status.WARN
    watched.now += timedelta(hours=1)
    assert statuses(watched)["activated"] is Status.WARN, "it was not active an hour ago"
    watched.now += timedelta(hours=23)
    assert statuses(watched)["activated"] is Status.FAIL
    costs.activate(watched.account.client, "Env")
    watched.now += timedelta(days=1)
    assert statuses(watched)["activated"] is Status.PASS


def test_a_budget_that_is_deleted_is_heard_of_within_the_hour(watched: World) -> None:
    look(watched)
    watched.account.client("budgets").delete_budget(AccountId="123456789012", BudgetName="babesclub-dynamodb")
    assert statuses(watched)["alerted"] is Status.PASS
    watched.now += timedelta(hours=1)
    finding = look(watched)["alerted"]
    assert (finding.status, "no budget" in finding.message) == (Status.FAIL, True)
    assert finding.remediation == "readiness fix cost-monitored/alerted --table babesclub-commerce"


def test_the_statuses_of_cost_allocation_tags_are_shown_with_their_age(watched: World) -> None:
    look(watched)
    read = watched.now
    assert look(watched)["activated"].as_of == read
