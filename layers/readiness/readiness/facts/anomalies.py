"""What looks out for unusual costs, and whom it tells. A request costs a cent, so each is made once a day.

Of an e-mail address nothing is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from readiness.aws import Aws
from readiness.checklist import Settings
from readiness.fact import fact
from readiness.facts.budgets import Coverage, asked_about, coverage
from readiness.facts.now import Now

if TYPE_CHECKING:
    from mypy_boto3_ce.type_defs import AnomalyMonitorOutputTypeDef, AnomalySubscriptionOutputTypeDef

DAY = timedelta(days=1)

USUAL = {"ANOMALY_TOTAL_IMPACT_ABSOLUTE": 100.0, "ANOMALY_TOTAL_IMPACT_PERCENTAGE": 100.0}
"""A threshold up to these, dollars and percent, is an ordinary one: AWS's own are $100 and 40 %.

https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
"""


@dataclass(frozen=True)
class AnomalyMonitor:
    """A monitor, and by the names of the tables how it is about their costs.

    `evaluated` is when it last looked, None before it first did.
    """

    name: str
    arn: str
    about: Mapping[str, Coverage]
    created: date | None = None
    evaluated: date | None = None


@dataclass(frozen=True)
class AnomalyMonitors:
    """Those that are about a table of the checklist: `asked` are the tables, and the tags that each was to have."""

    read_at: datetime
    asked: Mapping[str, Mapping[str, str]]
    of: tuple[AnomalyMonitor, ...]


@fact("ce:GetAnomalyMonitors", keeps=DAY)
def anomaly_monitors(aws: Aws, settings: Settings, now: Now) -> AnomalyMonitors:
    """One on SERVICE looks at each service by itself; others that AWS manages look at whole accounts or tags.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalyMonitor.html
    """
    pages = aws.client("ce").get_paginator("get_anomaly_monitors").paginate()
    found = [_monitor(aws, settings, each) for page in pages for each in page["AnomalyMonitors"]]
    about = sorted((each for each in found if each.about), key=lambda each: each.arn)
    return AnomalyMonitors(now.at, asked_about(settings), tuple(about))


@dataclass(frozen=True)
class AnomalySubscription:
    """Who is told of the anomalies of some monitors, by their ARNs.

    `emails` and `topics` (ARNs) have said that they want to be; `unconfirmed` is how many have not. It is `deaf` where
    it only tells of what is far beyond an ordinary threshold.
    """

    name: str
    arn: str
    monitors: tuple[str, ...]
    emails: int = 0
    topics: tuple[str, ...] = ()
    unconfirmed: int = 0
    deaf: bool = False


@dataclass(frozen=True)
class AnomalySubscriptions:
    """All of the account."""

    read_at: datetime
    of: tuple[AnomalySubscription, ...]


@fact("ce:GetAnomalySubscriptions", keeps=DAY)
def anomaly_subscriptions(aws: Aws, now: Now) -> AnomalySubscriptions:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html."""
    pages = aws.client("ce").get_paginator("get_anomaly_subscriptions").paginate()
    found = [_subscription(each) for page in pages for each in page["AnomalySubscriptions"]]
    return AnomalySubscriptions(now.at, tuple(sorted(found, key=lambda each: each.name)))


def _monitor(aws: Aws, settings: Settings, monitor: "AnomalyMonitorOutputTypeDef") -> AnomalyMonitor:
    expression = monitor.get("MonitorSpecification")
    if monitor["MonitorType"] == "CUSTOM" and expression:
        about = coverage(expression, aws, settings)
    elif monitor.get("MonitorDimension") == "SERVICE":
        about = {table.name: Coverage("service") for table in settings.tables}
    else:
        about = {}
    return AnomalyMonitor(
        name=monitor["MonitorName"],
        arn=monitor["MonitorArn"],
        about=about,
        created=_day(monitor.get("CreationDate")),
        evaluated=_day(monitor.get("LastEvaluatedDate")),
    )


def _subscription(subscription: "AnomalySubscriptionOutputTypeDef") -> AnomalySubscription:
    confirmed = [each for each in subscription["Subscribers"] if each.get("Status") == "CONFIRMED"]
    topics = sorted(each["Address"] for each in confirmed if each["Type"] == "SNS")
    expression = subscription.get("ThresholdExpression")
    ordinary = _ordinary(expression) if expression else subscription.get("Threshold", 0.0) <= ORDINARY_DOLLARS
    return AnomalySubscription(
        name=subscription["SubscriptionName"],
        arn=subscription["SubscriptionArn"],
        monitors=tuple(sorted(subscription["MonitorArnList"])),
        emails=len(confirmed) - len(topics),
        topics=tuple(topics),
        unconfirmed=len(subscription["Subscribers"]) - len(confirmed),
        deaf=not ordinary,
    )


ORDINARY_DOLLARS = USUAL["ANOMALY_TOTAL_IMPACT_ABSOLUTE"]


def _ordinary(expression: Mapping[str, Any]) -> bool:
    """Whether an anomaly of an ordinary size is told of; AWS takes no other expressions than these."""
    if "And" in expression:
        return all(_ordinary(each) for each in expression["And"])
    if "Or" in expression:
        return any(_ordinary(each) for each in expression["Or"])
    leaf = expression.get("Dimensions", {})
    return all(float(value) <= USUAL.get(leaf.get("Key", ""), 0.0) for value in leaf.get("Values", ()))


def _day(text: str | None) -> date | None:
    """AWS gives a day, or an instant that begins with one."""
    return datetime.fromisoformat(text[: len("2026-11-24")]).replace(tzinfo=UTC).date() if text else None
