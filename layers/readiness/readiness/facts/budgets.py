"""The budgets that DynamoDB's costs count against, and whom they tell.

Budgets are found by an endpoint of their own, whatever the Region. Of an e-mail address nothing is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.checklist import Settings
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.cost_filters import Costs, Scope, of_old, scope, tag_of
from readiness.facts.instant import utc_or_none
from readiness.facts.now import Now

if TYPE_CHECKING:
    from mypy_boto3_budgets.type_defs import BudgetOutputTypeDef, NotificationTypeDef, SubscriberTypeDef

HOUR = timedelta(hours=1)
ALL_OF_IT = 100.0


@dataclass(frozen=True)
class Coverage:
    """By what a budget or a monitor is about a table's costs; `tag` is the key where it is by one."""

    scope: Scope
    tag: str = ""


@dataclass(frozen=True)
class Budget:
    """A budget of costs, and by the names of the tables how it is about theirs. Its key is its ARN.

    `limit` is None where AWS adjusts it. `ends` is when its period does. `broken` is why its filter can't be used any
    more, as AWS says it; empty where all is well.
    """

    name: str
    arn: str
    about: Mapping[str, Coverage]
    limit: float | None = None
    ends: datetime | None = None
    broken: str = ""


@dataclass(frozen=True)
class Budgets:
    """Those that are about a table of the checklist: `asked` are the tables, and the tags that each was to have."""

    read_at: datetime
    asked: Mapping[str, Mapping[str, str]]
    of: tuple[Budget, ...]


@fact("budgets:ViewBudget", keeps=HOUR)
def read_budgets(aws: Aws, settings: Settings, now: Now) -> Budgets:
    """Budgets of usage, reservations and savings plans tell of no costs.

    Without ShowFilterExpression a budget that was made with one looks as if it had no filter.
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudgets.html
    """
    pages = aws.client("budgets").get_paginator("describe_budgets")
    found = [
        _budget(aws, settings, budget)
        for page in pages.paginate(AccountId=aws.account, ShowFilterExpression=True)
        for budget in page.get("Budgets", [])
        if budget["BudgetType"] == "COST"
    ]
    about = sorted((each for each in found if each.about), key=lambda each: each.arn)
    return Budgets(now.at, asked_about(settings), tuple(about))


@fact()
def budgets(budgets: Budgets) -> Each[Budget]:
    """Each of them by itself, for whom it tells takes calls of its own."""
    return Each({budget.arn: budget for budget in budgets.of})


@dataclass(frozen=True)
class Notice:
    """A notification of a budget: in words when it is sent, how many addresses get it, and the ARNs of topics.

    It is `timely` where it is sent when too much is spent, and not only long after: who gets others is not asked.
    """

    when: str
    timely: bool
    emails: int = 0
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notices:
    """The notifications of a budget."""

    budget: str
    of: tuple[Notice, ...]


@fact("budgets:ViewBudget", keeps=HOUR)
def notices(aws: Aws, budget: Budget) -> Notices:
    """Gone where the budget was deleted since it was listed."""
    pages = aws.client("budgets").get_paginator("describe_notifications_for_budget")
    listed = [
        each
        for page in pages.paginate(AccountId=aws.account, BudgetName=budget.name)
        for each in page.get("Notifications", [])
    ]
    found = []
    for each in listed:
        timely = _timely(each, budget)
        told = _subscribers(aws, budget, each) if timely else []
        topics = sorted(one["Address"] for one in told if one["SubscriptionType"] == "SNS")
        found.append(Notice(_when(each), timely, len(told) - len(topics), tuple(topics)))
    return Notices(budget.arn, tuple(sorted(found, key=lambda notice: notice.when)))


def asked_about(settings: Settings) -> dict[str, dict[str, str]]:
    """What besides the expressions decides what they are about: a kept answer may be to another checklist."""
    return {table.name: dict(table.tags) for table in settings.tables}


def coverage(expression: Mapping[str, object], aws: Aws, settings: Settings) -> dict[str, Coverage]:
    """By the names of the checklist's tables, how the expression is about their costs: those that it is about."""
    found = {}
    for table in settings.tables:
        costs = Costs(aws.account, aws.region, table.tags)
        if covered := scope(expression, costs):
            found[table.name] = Coverage(covered, tag_of(expression, costs) if covered == "tag" else "")
    return found


def _budget(aws: Aws, settings: Settings, budget: "BudgetOutputTypeDef") -> Budget:
    health = budget.get("HealthStatus", {})
    unhealthy = health.get("Status") == "UNHEALTHY"
    return Budget(
        name=budget["BudgetName"],
        arn=f"arn:{aws.partition}:budgets::{aws.account}:budget/{budget['BudgetName']}",
        about=coverage(budget.get("FilterExpression") or of_old(budget.get("CostFilters", {})), aws, settings),
        limit=float(budget["BudgetLimit"]["Amount"]) if "BudgetLimit" in budget else None,
        ends=utc_or_none(budget.get("TimePeriod", {}).get("End")),
        broken=health.get("StatusReason", "UNHEALTHY") if unhealthy else "",
    )


def _subscribers(aws: Aws, budget: Budget, notification: "NotificationTypeDef") -> "list[SubscriberTypeDef]":
    pages = aws.client("budgets").get_paginator("describe_subscribers_for_notification")
    asked = pages.paginate(AccountId=aws.account, BudgetName=budget.name, Notification=notification)
    return [each for page in asked for each in page.get("Subscribers", [])]


def _timely(notification: "NotificationTypeDef", budget: Budget) -> bool:
    if notification["ComparisonOperator"] != "GREATER_THAN":
        return False
    if notification["NotificationType"] == "FORECASTED":
        return True
    absolute = notification.get("ThresholdType") == "ABSOLUTE_VALUE"
    most = budget.limit if absolute else ALL_OF_IT
    return most is None or notification["Threshold"] <= most


def _when(notification: "NotificationTypeDef") -> str:
    """Such as `ACTUAL GREATER_THAN 80 %`."""
    unit = "" if notification.get("ThresholdType") == "ABSOLUTE_VALUE" else " %"
    return (
        f"{notification['NotificationType']} {notification['ComparisonOperator']} {notification['Threshold']:g}{unit}"
    )
