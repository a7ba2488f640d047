"""Budgets, whatever way they are written, and whom they tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from msgspec.structs import replace

from readiness.aws.client import unavailable
from readiness.checklist import Settings, TableSettings
from readiness.engine.fact import source_of
from readiness.engine.snapshot import ROOT, Kept
from readiness.facts.billing.budgets import Budget, Budgets, Coverage, Notice, Notices, budgets, notices, read_budgets
from readiness.model import Gone, Reason, Unavailable
from readiness.state.kept import KeptAnswers
from readiness.state.past import packed
from readiness.state.store import KeptFact
from tests.aws.account import ACCOUNT, TABLE, Account
from tests.aws.costs import AT_80_PERCENT, DYNAMODB, budget, told_apart
from tests.rules.facts import AT, NOW

ARN = f"arn:aws:budgets::{ACCOUNT}:budget/"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"
ABOUT_IT = {TABLE: Coverage("service")}


@pytest.fixture(autouse=True)
def complete() -> None:
    told_apart()


def read(account: Account, *tables: TableSettings) -> Budgets:
    return read_budgets(account.aws, Settings(tables=tables or (TableSettings(),)), NOW)


def only(account: Account) -> Budget:
    (found,) = read(account).of
    return found


def notify(account: Account, *addresses: str, **other: Any) -> None:
    """Add a notification to the only budget."""
    told = [{"SubscriptionType": "EMAIL", "Address": each} for each in addresses]
    account.client("budgets").create_notification(
        AccountId=ACCOUNT, BudgetName="babesclub-dynamodb", Notification={**AT_80_PERCENT, **other}, Subscribers=told
    )


def test_a_budget_that_is_written_as_an_expression(account: Account) -> None:
    """Without asking for it, it has no filter at all."""
    budget(account.client, FilterExpression=DYNAMODB)
    (shown,) = account.client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert "FilterExpression" not in shown
    found = only(account)
    assert (found.name, found.arn, found.about) == ("babesclub-dynamodb", f"{ARN}babesclub-dynamodb", ABOUT_IT)
    assert (found.limit, found.broken) == (100.0, "")


def test_a_budget_that_is_written_as_of_old(account: Account) -> None:
    budget(account.client, CostFilters={"Service": ["Amazon DynamoDB"]})
    assert only(account).about == ABOUT_IT


def test_a_budget_of_the_whole_bill_and_one_of_a_tag(account: Account) -> None:
    budget(account.client, name="a-bill")
    budget(account.client, name="b-tag", CostFilters={"TagKeyValue": ["user:Project$BabesClub"]})
    assert [each.about[TABLE] for each in read(account).of] == [Coverage("all"), Coverage("tag", "Project")]


def test_a_budget_of_a_tag_is_about_the_tables_that_have_it(account: Account) -> None:
    budget(account.client, CostFilters={"TagKeyValue": ["user:Project$Other"]})
    other = TableSettings(name="other", tags={"Project": "Other"})
    found = read(account, TableSettings(), other)
    assert [set(each.about) for each in found.of] == [{"other"}]
    assert found.asked == {TABLE: {"Project": "BabesClub", "Env": "prod"}, "other": {"Project": "Other"}}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"BudgetType": "USAGE", "FilterExpression": DYNAMODB}, id="usage"),
        pytest.param({"BudgetType": "RI_UTILIZATION", "FilterExpression": DYNAMODB}, id="reservations"),
        pytest.param({"FilterExpression": {"Not": DYNAMODB}}, id="all but the service"),
    ],
)
def test_a_budget_of_something_else(account: Account, other: dict[str, Any]) -> None:
    budget(account.client, **other)
    assert read(account).of == ()


def test_all_pages_are_read_in_the_order_of_their_names(account: Account) -> None:
    for number in range(130):
        budget(account.client, name=f"budget-{number:03}", FilterExpression=DYNAMODB)
    account.calls.clear()
    assert [each.name for each in read(account).of] == [f"budget-{number:03}" for number in range(130)]
    assert account.calls == ["budgets:DescribeBudgets"] * 2


def test_a_budget_whose_period_ends_and_whose_filter_is_broken(account: Account) -> None:
    budget(
        account.client, TimePeriod={"Start": datetime(2026, 1, 1, tzinfo=UTC), "End": datetime(2026, 11, 1, tzinfo=UTC)}
    )
    health = {"Status": "UNHEALTHY", "StatusReason": "FILTER_INVALID"}
    account.alter("budgets", "DescribeBudgets", lambda answer: answer["Budgets"][0].update(HealthStatus=health))
    assert (only(account).ends, only(account).broken) == (datetime(2026, 11, 1, tzinfo=UTC), "FILTER_INVALID")


def test_a_budget_that_aws_adjusts_has_no_limit_of_its_own(account: Account) -> None:
    budget(account.client)
    account.alter("budgets", "DescribeBudgets", lambda answer: answer["Budgets"][0].pop("BudgetLimit"))
    assert only(account).limit is None


def test_an_sdk_that_can_not_ask_for_expressions_says_so(account: Account) -> None:
    """botocore refuses a parameter that it does not know."""
    operation = account.client("budgets").meta.service_model.operation_model("DescribeBudgets")
    del operation.input_shape.members["ShowFilterExpression"]
    with pytest.raises(ParamValidationError) as refused:
        read(account)
    why = unavailable(refused.value, "budgets:ViewBudget")
    assert isinstance(why, Unavailable)
    assert why.reason is Reason.SDK_TOO_OLD


def test_each_budget_is_asked_by_itself_whom_it_tells(account: Account) -> None:
    budget(account.client, name="a", FilterExpression=DYNAMODB)
    budget(account.client, name="b", FilterExpression=DYNAMODB)
    assert [each.name for each in budgets(read(account))] == ["a", "b"]


def test_of_subscribers_topics_are_kept_and_people_counted(account: Account) -> None:
    budget(account.client, TOPIC, "ada@example.com", "ben@example.com", FilterExpression=DYNAMODB)
    found = notices(account.aws, only(account))
    assert found.of == (Notice("ACTUAL GREATER_THAN 80 %", timely=True, emails=2, topics=(TOPIC,)),)
    assert "example.com" not in str(found)


def test_a_budget_without_notifications(account: Account) -> None:
    budget(account.client)
    assert notices(account.aws, only(account)).of == ()


@pytest.mark.parametrize(
    ("other", "timely"),
    [
        pytest.param({"Threshold": 100.0}, True, id="when all of it is spent"),
        pytest.param({"Threshold": 100.5}, False, id="when more than all is spent"),
        pytest.param({"NotificationType": "FORECASTED", "Threshold": 150.0}, True, id="when much is to be expected"),
        pytest.param({"ComparisonOperator": "LESS_THAN"}, False, id="when little is spent"),
        pytest.param({"ComparisonOperator": "EQUAL_TO"}, False, id="when just so much is spent"),
        pytest.param({"ThresholdType": "ABSOLUTE_VALUE", "Threshold": 100.0}, True, id="at as many dollars as it has"),
        pytest.param({"ThresholdType": "ABSOLUTE_VALUE", "Threshold": 101.0}, False, id="at more dollars than it has"),
    ],
)
def test_when_a_notification_comes_in_time(account: Account, other: dict[str, Any], *, timely: bool) -> None:
    budget(account.client, FilterExpression=DYNAMODB)
    notify(account, "ada@example.com", **other)
    (found,) = notices(account.aws, only(account)).of
    assert found.timely is timely


def test_who_gets_what_comes_too_late_is_not_asked(account: Account) -> None:
    budget(account.client, FilterExpression=DYNAMODB)
    notify(account, "ada@example.com", Threshold=500.0)
    assert notices(account.aws, only(account)).of == (Notice("ACTUAL GREATER_THAN 500 %", timely=False),)
    assert "budgets:DescribeSubscribersForNotification" not in account.calls


def test_what_has_no_limit_is_told_of_in_time(account: Account) -> None:
    budget(account.client)
    notify(account, "ada@example.com", ThresholdType="ABSOLUTE_VALUE", Threshold=500.0)
    (found,) = notices(account.aws, replace(only(account), limit=None)).of
    assert found.timely
    assert found.when == "ACTUAL GREATER_THAN 500"


def test_a_budget_that_was_deleted_since_it_was_listed(account: Account) -> None:
    budget(account.client)
    gone = only(account)
    account.client("budgets").delete_budget(AccountId=ACCOUNT, BudgetName=gone.name)
    with pytest.raises(account.client("budgets").exceptions.NotFoundException) as missing:
        notices(account.aws, gone)
    assert isinstance(unavailable(missing.value, None), Gone)


def test_what_is_kept_is_found_again_for_an_hour(account: Account) -> None:
    budget(account.client, TOPIC, FilterExpression=DYNAMODB)
    found, told = read(account), notices(account.aws, only(account))
    rows = [
        KeptFact(type="Budgets", place="", at=AT, table_id="", answer=packed(found), revision="1"),
        KeptFact(type="Notices", place=told.budget, at=AT, table_id="", answer=packed(told)),
    ]
    for minutes, again in ((59, True), (60, False)):
        look_up = KeptAnswers(rows, AT + timedelta(minutes=minutes)).find
        assert (look_up(source_of(Budgets), ROOT, "1") == Kept(found, AT)) is again
        assert (look_up(source_of(Notices), frozenset({(Budget, told.budget)}), "") == Kept(told, AT)) is again


def test_a_budget_that_lacks_a_part_of_its_filter_hides_no_other(account: Account) -> None:
    budget(account.client, name="a-whole", FilterExpression=DYNAMODB)
    budget(account.client, name="b-part", FilterExpression=DYNAMODB)
    account.alter(
        "budgets",
        "DescribeBudgets",
        lambda answer: answer["Budgets"][1].update(FilterExpression={"Dimensions": {"Key": "SERVICE"}}),
    )
    found = read(account)
    assert [each.name for each in found.of] == ["a-whole"]
    assert found.unread == Unavailable(Reason.INCOMPLETE_ANSWER, "budgets:ViewBudget", "Budgets[].FilterExpression")


def test_a_budget_of_one_usage_type_is_about_part_of_the_costs(account: Account) -> None:
    usage = {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["WriteRequestUnits"]}}
    budget(account.client, FilterExpression={"And": [DYNAMODB, usage]})
    assert only(account).about == {TABLE: Coverage("service", part=True)}


def test_a_budget_of_all_but_credits_is_about_the_whole_bill(account: Account) -> None:
    credits_ = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}
    budget(account.client, FilterExpression={"Not": credits_})
    assert only(account).about == {TABLE: Coverage("all")}
