"""Cost anomaly monitors, their subscriptions, and cost allocation tags, read daily or weekly: a request costs 0.01 USD.

E-mail addresses are not kept.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.fact import Keeps, fact
from readiness.facts.billing.budgets import Coverage, asked_about, coverage
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unreadable

MONITORS, SUBSCRIPTIONS = "ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions"
DAY, WEEK = timedelta(days=1), timedelta(days=7)

RULE = "cost-monitored"


def is_settled(answer: "AnomalyMonitors | AnomalySubscriptions | CostTags") -> bool:
    """Return False while something is expected to change by itself or by its subscriber."""
    match answer:
        case AnomalyMonitors():
            return all(monitor.evaluated for monitor in answer.of)
        case AnomalySubscriptions():
            return not any(subscription.unconfirmed for subscription in answer.of)
        case CostTags():
            return all(status == ACTIVE for status in answer.status.values())


def kept(revision: str = "") -> Keeps:
    """Return the age of answers of Cost Explorer: a week while the item passes and all of them are settled, else a day.

    Each request is billed.
    """
    return Keeps(WEEK, otherwise=DAY, while_passing=(RULE,), settled=is_settled, revision=revision, asked=True)


USUAL = {"ANOMALY_TOTAL_IMPACT_ABSOLUTE": 100.0, "ANOMALY_TOTAL_IMPACT_PERCENTAGE": 100.0}
"""The highest ordinary thresholds, in USD and percent. AWS's defaults are 100 USD and 40 %.

https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
"""


class AnomalyMonitor(Struct, frozen=True):
    """A monitor, and how it covers the costs of each table, by name. `evaluated`: None before the first time."""

    name: str
    arn: str
    about: Mapping[str, Coverage]
    created: date | None = None
    evaluated: date | None = None


class AnomalyMonitors(Fact):
    """The monitors that cover a table; `asked` are the tables with the tags that the checklist demanded then."""

    stored_as = "AnomalyMonitors"

    read_at: datetime
    asked: Mapping[str, Mapping[str, str]]
    of: tuple[AnomalyMonitor, ...]


@fact(
    MONITORS,
    events=("ce:CreateAnomalyMonitor", "ce:UpdateAnomalyMonitor", "ce:DeleteAnomalyMonitor"),
    keeps=kept("settings.tables"),
)
def anomaly_monitors(aws: Aws, settings: Settings, now: Now) -> AnomalyMonitors:
    """Read the monitors. One on SERVICE evaluates each service; other AWS managed ones evaluate accounts or tags.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalyMonitor.html
    """
    pages = aws.client("ce").get_paginator("get_anomaly_monitors").paginate()
    found = [_monitor(aws, settings, each) for each in listed(pages, "AnomalyMonitors", MONITORS)]
    about = sorted((each for each in found if each.about), key=lambda each: each.arn)
    return AnomalyMonitors(now.at, asked_about(settings), tuple(about))


class AnomalySubscription(Struct, frozen=True):
    """A subscription to monitors (ARNs); `deaf`: its threshold is far above the default."""

    name: str
    arn: str
    monitors: tuple[str, ...]
    emails: int = 0
    topics: tuple[str, ...] = ()
    unconfirmed: int = 0
    deaf: bool = False


class AnomalySubscriptions(Fact):
    """All anomaly subscriptions of the account."""

    stored_as = "AnomalySubscriptions"

    read_at: datetime
    of: tuple[AnomalySubscription, ...]


@fact(
    SUBSCRIPTIONS,
    events=("ce:CreateAnomalySubscription", "ce:UpdateAnomalySubscription", "ce:DeleteAnomalySubscription"),
    keeps=kept(),
)
def anomaly_subscriptions(aws: Aws, now: Now) -> AnomalySubscriptions:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html."""
    pages = aws.client("ce").get_paginator("get_anomaly_subscriptions").paginate()
    found = [_subscription(each) for each in listed(pages, "AnomalySubscriptions", SUBSCRIPTIONS)]
    return AnomalySubscriptions(now.at, tuple(sorted(found, key=lambda each: each.name)))


def _monitor(aws: Aws, settings: Settings, monitor: Answer) -> AnomalyMonitor:
    """Return the monitor. Only CUSTOM has a specification, only DIMENSIONAL has a dimension."""
    expression = monitor.get("MonitorSpecification", dict)
    if monitor.need("MonitorType", str) == "CUSTOM" and expression:
        about = coverage(expression, aws, settings)
    elif monitor.get("MonitorDimension", str) == "SERVICE":
        about = {table.name: Coverage("service") for table in settings.tables}
    else:
        about = {}
    return AnomalyMonitor(
        name=monitor.need("MonitorName", str),
        arn=monitor.need("MonitorArn", str),
        about=about,
        created=_day(monitor, "CreationDate"),
        evaluated=_day(monitor, "LastEvaluatedDate"),
    )


def _subscription(subscription: Answer) -> AnomalySubscription:
    """Return the subscription. An old one has a Threshold in USD in place of a ThresholdExpression."""
    subscribers = subscription.parts("Subscribers")
    confirmed = [each for each in subscribers if each.get("Status", str) == "CONFIRMED"]
    topics = sorted(each.need("Address", str) for each in confirmed if each.need("Type", str) == "SNS")
    expression = subscription.get("ThresholdExpression", dict)
    dollars = subscription.get("Threshold", float, 0.0)
    try:
        ordinary = _ordinary(expression) if expression else dollars <= ORDINARY_DOLLARS
    except (AttributeError, TypeError, ValueError):
        raise Unreadable({}, subscription.incomplete("ThresholdExpression")) from None
    return AnomalySubscription(
        name=subscription.need("SubscriptionName", str),
        arn=subscription.need("SubscriptionArn", str),
        monitors=tuple(sorted(subscription.texts("MonitorArnList"))),
        emails=len(confirmed) - len(topics),
        topics=tuple(topics),
        unconfirmed=len(subscribers) - len(confirmed),
        deaf=not ordinary,
    )


ORDINARY_DOLLARS = USUAL["ANOMALY_TOTAL_IMPACT_ABSOLUTE"]


def _ordinary(expression: Mapping[str, Any]) -> bool:
    """Return True where an anomaly of ordinary size is reported; AWS accepts no other forms of expression."""
    if "And" in expression:
        return all(_ordinary(each) for each in expression["And"])
    if "Or" in expression:
        return any(_ordinary(each) for each in expression["Or"])
    leaf = expression.get("Dimensions", {})
    return all(float(value) <= USUAL.get(leaf.get("Key", ""), 0.0) for value in leaf.get("Values", ()))


def _day(monitor: Answer, member: str) -> date | None:
    """Return the day of a date or timestamp; None where the member is absent."""
    if not monitor.get(member, str):
        return None
    return monitor.parsed(member, lambda text: date.fromisoformat(text[: len("2026-11-24")]))


ACTIVE = "Active"


class CostTags(Fact):
    """The status of each demanded tag key: Active, Inactive, or None: it had no costs for a day yet."""

    stored_as = "CostTags"

    read_at: datetime
    status: Mapping[str, str | None]


@fact(
    "ce:ListCostAllocationTags",
    "sts:AssumeRole",
    events=("ce:UpdateCostAllocationTagsStatus",),
    keeps=kept("settings.digest"),
)
def cost_tags(aws: Aws, checklist: Checklist, settings: Settings, now: Now) -> CostTags:
    """Read the status of the tag keys. In an organization, only the management account can. A request costs 0.01 USD.

    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    status: dict[str, str | None] = dict.fromkeys(sorted(checklist.tags))
    if status:
        payer = settings.cost.payer_role_arn
        client = aws.assumed("ce", payer) if payer else aws.client("ce")
        pages = client.get_paginator("list_cost_allocation_tags")
        asked = pages.paginate(TagKeys=list(status), Type="UserDefined")
        for tag in listed(asked, "CostAllocationTags", "ce:ListCostAllocationTags"):
            status[tag.need("TagKey", str)] = tag.need("Status", str)
    return CostTags(now.at, status)
