"""Budgets that cover the costs of DynamoDB, and their notifications.

Budgets have one endpoint for all Regions. E-mail addresses are not kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.each import Each, each_of
from readiness.engine.fact import Keeps, fact
from readiness.facts.billing.cost_filters import Costs, Scope, of_old, partial, scope, tag_of, whole
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable, Unreadable

HOUR = timedelta(hours=1)
ALL_OF_IT = 100.0
VIEW = "budgets:ViewBudget"

KEPT = Keeps(HOUR, revision="settings.tables", asked=True, passing_by=lambda answer: answer.unread is not None)


class Coverage(Struct, frozen=True):
    """How a budget or monitor covers a table's costs. `part`: only part of them, such as one usage type."""

    scope: Scope
    tag: str = ""
    part: bool = False


class Budget(Fact):
    """A cost budget, and how it covers each table's costs. `limit`: None if auto-adjusting; `broken`: why unhealthy."""

    name: str
    arn: str
    about: Mapping[str, Coverage]
    limit: float | None = None
    ends: datetime | None = None
    broken: str = ""


class Budgets(Fact):
    """The budgets that cover a table; `asked` are the tables with the tags that the checklist demanded then."""

    stored_as = "Budgets"

    read_at: datetime
    asked: Mapping[str, Mapping[str, str]]
    of: tuple[Budget, ...]
    unread: Unavailable | None = None


@fact(VIEW, events=("budgets:CreateBudget", "budgets:UpdateBudget", "budgets:DeleteBudget"), keeps=KEPT)
def read_budgets(aws: Aws, settings: Settings, now: Now) -> Budgets:
    """Read the cost budgets. Budgets of usage, reservations and savings plans send no alerts on costs.

    Without ShowFilterExpression a budget with a filter expression seems to have no filter.
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudgets.html
    """
    pages = aws.client("budgets").get_paginator("describe_budgets")
    found, unread = each_of(
        _listed(pages.paginate(AccountId=aws.account, ShowFilterExpression=True), "Budgets"),
        key=lambda budget: budget.need("BudgetName", str),
        make=lambda budget: _budget(aws, settings, budget),
    ).readable()
    about = sorted((each for each in found if each.about), key=lambda each: each.arn)
    return Budgets(now.at, asked_about(settings), tuple(about), unread)


@fact()
def budgets(budgets: Budgets) -> Each[Budget]:
    """Return each budget as an element, because its notifications are read by separate calls."""
    return Each({budget.arn: budget for budget in budgets.of}, budgets.unread)


class Notice(Struct, frozen=True):
    """A notification. `timely`: sent when too much is spent, or before; else its subscribers are not read."""

    when: str
    timely: bool
    emails: int = 0
    topics: tuple[str, ...] = ()


class Notices(Fact):
    """The notifications of a budget."""

    stored_as = "Notices"

    budget: str
    of: tuple[Notice, ...]


@fact(
    VIEW,
    events=(
        "budgets:CreateNotification",
        "budgets:UpdateNotification",
        "budgets:DeleteNotification",
        "budgets:CreateSubscriber",
        "budgets:UpdateSubscriber",
        "budgets:DeleteSubscriber",
        "budgets:UpdateBudget",
    ),
    keeps=HOUR,
)
def notices(aws: Aws, budget: Budget) -> Notices:
    """Raise Gone where the budget was deleted since it was listed."""
    pages = aws.client("budgets").get_paginator("describe_notifications_for_budget")
    found = []
    for each in _listed(pages.paginate(AccountId=aws.account, BudgetName=budget.name), "Notifications"):
        timely = _timely(each, budget)
        told = _subscribers(aws, budget, each) if timely else []
        topics = sorted(one.need("Address", str) for one in told if one.need("SubscriptionType", str) == "SNS")
        found.append(Notice(_when(each), timely, len(told) - len(topics), tuple(topics)))
    return Notices(budget.arn, tuple(sorted(found, key=lambda notice: notice.when)))


def asked_about(settings: Settings) -> dict[str, dict[str, str]]:
    """Return the tables and tags that decide which costs are covered: a kept answer may be to other ones."""
    return {table.name: dict(table.tags) for table in settings.tables}


def coverage(expression: Mapping[str, object], aws: Aws, settings: Settings) -> dict[str, Coverage]:
    """Return how the expression covers the costs of tables, by table name, without tables that it does not cover."""
    found = {}
    for table in settings.tables:
        costs = Costs(aws.account, aws.region, table.tags)
        if covered := scope(expression, costs):
            tag = tag_of(expression, costs) if covered == "tag" else ""
            found[table.name] = Coverage(covered, tag, partial(expression, costs))
    return found


def _listed(pages: Iterable[object], name: str) -> Iterator[Answer]:
    """Yield the elements of a list that AWS leaves out where it is empty."""
    return listed(pages, name, VIEW, absent_is_empty=True)


def _budget(aws: Aws, settings: Settings, budget: Answer) -> Budget | None:
    """Return the budget; None where it is no cost budget. An auto-adjusting budget has no limit."""
    if budget.need("BudgetType", str) != "COST":
        return None
    name, limit = budget.need("BudgetName", str), budget.part_or_none("BudgetLimit")
    health = budget.part_or_empty("HealthStatus")
    return Budget(
        name=name,
        arn=f"arn:{aws.partition}:budgets::{aws.account}:budget/{name}",
        about=coverage(_filter(budget), aws, settings),
        limit=limit.parsed("Amount", float) if limit else None,
        ends=budget.part_or_empty("TimePeriod").get("End", datetime),
        broken=health.get("StatusReason", str, "UNHEALTHY") if health.get("Status", str) == "UNHEALTHY" else "",
    )


def _filter(budget: Answer) -> Mapping[str, Any]:
    """Return the filter as an expression; a budget without a filter covers all costs."""
    expression = budget.get("FilterExpression", dict)
    if expression is None:
        return of_old(budget.get("CostFilters", dict, {}))
    if not whole(expression):
        raise Unreadable({}, budget.incomplete("FilterExpression"))
    return expression


def _subscribers(aws: Aws, budget: Budget, notification: Answer) -> list[Answer]:
    pages = aws.client("budgets").get_paginator("describe_subscribers_for_notification")
    same: Any = notification.members
    asked = pages.paginate(AccountId=aws.account, BudgetName=budget.name, Notification=same)
    return list(_listed(asked, "Subscribers"))


def _timely(notification: Answer, budget: Budget) -> bool:
    if notification.need("ComparisonOperator", str) != "GREATER_THAN":
        return False
    if notification.need("NotificationType", str) == "FORECASTED":
        return True
    most = budget.limit if _is_absolute(notification) else ALL_OF_IT
    return most is None or notification.need("Threshold", float) <= most


def _when(notification: Answer) -> str:
    """Return the condition, such as `ACTUAL GREATER_THAN 80 %`."""
    unit = "" if _is_absolute(notification) else " %"
    kind, operator = (notification.need(name, str) for name in ("NotificationType", "ComparisonOperator"))
    return f"{kind} {operator} {notification.need('Threshold', float):g}{unit}"


def _is_absolute(notification: Answer) -> bool:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html."""
    return notification.get("ThresholdType", str) == "ABSOLUTE_VALUE"
