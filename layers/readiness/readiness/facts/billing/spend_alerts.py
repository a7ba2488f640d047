"""Alerts on the costs of DynamoDB, and the routes by which they reach a subscriber. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.firing import fires
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.scale import DOLLARS
from readiness.alarms.series import Series
from readiness.alarms.services import ALARMS, ANOMALIES, BUDGETS, CLOUDWATCH
from readiness.aws.arn import account_of, service_of
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.anomalies import (
    ACTIVE,
    AnomalyMonitor,
    AnomalyMonitors,
    AnomalySubscription,
    AnomalySubscriptions,
    CostTags,
)
from readiness.facts.billing.budgets import Budget, Budgets, Coverage, Notices
from readiness.facts.billing.cost_topics import CostDelivery, CostReception, of_receptions
from readiness.facts.cloudwatch.alarm_indexes import BILL, HOME, WHOLE, BillingAlarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import ACCEPTED, Routes
from readiness.facts.sns.receivers import Reception, received
from readiness.model import Fact, Gone, Reason, Unavailable, Unreadable

LOOKS_EVERY = timedelta(days=3)
WHOLE_BILL = "it covers the whole bill"
PART = "its filter leaves out part of the DynamoDB costs"

Deliveries = Each[CostDelivery]


class SpendAlert(Struct, frozen=True):
    """A budget, an anomaly monitor or a billing alarm: its name, its route, and why it is not specific to the table."""

    name: str
    route: Route
    coarse: str = ""


class SpendAlerts(Fact):
    """Alerts of one kind, as of when they were read."""

    as_of: datetime
    of: tuple[SpendAlert, ...]


class BudgetAlerts(SpendAlerts):
    """The budgets that cover the table's costs."""

    stored_as = "BudgetWays"


@fact()
def budget_alerts(  # noqa: PLR0913, PLR0917  each is a link of the route, or the time at which it was read
    table: Table,
    checklist: Checklist,
    read: Budgets,
    budgets: Each[Budget],
    notices: Each[Notices],
    deliveries: Each[CostDelivery],
    tags: CostTags | Unavailable,
    now: Now,
) -> BudgetAlerts:
    """Return an unknown route for a budget whose notifications could not be read."""
    _answered(read.asked, table, checklist)
    told, (listed, unread) = notices.answers(), budgets.readable()
    found = []
    for budget in listed:
        if about := budget.about.get(table.name):
            reached = _told(budget, told.get(budget.arn), deliveries)
            route = chain([*_budget_links(budget, now.at), *_tag_links(about, tags), reached])
            coarse = _coarse(about, f"it covers all resources with the tag {about.tag}")
            found.append(SpendAlert(f"the budget {budget.name}", route, coarse))
    others = [SpendAlert("another budget", unknown(unread))] if unread else []
    return BudgetAlerts(read.read_at, (*found, *others))


class AnomalyAlerts(SpendAlerts):
    """The anomaly monitors that cover the table's costs."""

    stored_as = "AnomalyWays"


@fact()
def anomaly_alerts(  # noqa: PLR0913, PLR0917  each is a link of the route, or the time at which it was read
    table: Table,
    checklist: Checklist,
    monitors: AnomalyMonitors,
    subscriptions: AnomalySubscriptions | Unavailable,
    deliveries: Each[CostDelivery],
    tags: CostTags | Unavailable,
) -> AnomalyAlerts:
    """Return unknown routes where the subscriptions could not be read."""
    _answered(monitors.asked, table, checklist)
    found = []
    for monitor in monitors.of:
        if about := monitor.about.get(table.name):
            looking = _looking(monitor, monitors.read_at)
            route = chain([looking, *_tag_links(about, tags), _subscribed(monitor, subscriptions, deliveries)])
            found.append(SpendAlert(f"the anomaly monitor {monitor.name}", route, _coarse(about)))
    return AnomalyAlerts(monitors.read_at, tuple(found))


class BillingAlerts(SpendAlerts):
    """The alarms on the estimated charges."""

    stored_as = "BillingWays"


@fact()
def billing_alerts(
    billing: BillingAlarms,
    routes: Routes | Unavailable,
    deliveries: Each[CostDelivery],
    receptions: Each[CostReception],
    now: Now,
) -> BillingAlerts:
    """Return the alarms. In another Region, composite alarms, mute rules and filter policies are not evaluated."""
    known = of_receptions(receptions)
    unfollowed = (
        f"; composite alarms, mute rules and filter policies in {HOME} are not evaluated" if billing.far else ""
    )

    def way(alarm: Alarm, one: Series, coarse: str) -> SpendAlert:
        reached = _far(alarm, deliveries, known) if billing.far else _near(alarm, routes)
        return SpendAlert(
            f"the billing alarm {alarm.name}",
            chain([fires(alarm, one, DOLLARS), reached]),
            coarse + unfollowed,
        )

    service = [way(alarm, BILL, "it watches the estimated charges of all DynamoDB tables") for alarm in billing.of]
    whole = [way(alarm, WHOLE, WHOLE_BILL) for alarm in billing.whole]
    return BillingAlerts(now.at, (*service, *whole))


def _answered(asked: Mapping[str, Mapping[str, str]], table: Table, checklist: Checklist) -> None:
    """Raise Unreadable where the kept answer was read for other tags than the checklist demands now."""
    if asked.get(table.name) != checklist.tags:
        raise Unreadable({}, Unavailable(Reason.STALE, detail="it was read before the checklist changed"))


def _budget_links(budget: Budget, now: datetime) -> Iterator[Route]:
    if budget.ends and budget.ends <= now:
        yield silent(f"the period of the budget {budget.name} has ended")
    if budget.broken:
        yield silent(f"the budget {budget.name} is unhealthy: {budget.broken}")


def _told(budget: Budget, notices: Notices | Unavailable | Gone | None, deliveries: Deliveries) -> Route:
    """Return the route by which one of the budget's notifications reaches a subscriber in time."""
    if isinstance(notices, Unavailable):
        return unknown(notices)
    if not isinstance(notices, Notices):
        return silent(f"the budget {budget.name} was deleted")
    if not notices.of:
        return silent(f"the budget {budget.name} has no notification")
    return _sent(budget, notices, deliveries)


def _sent(budget: Budget, notices: Notices, deliveries: Deliveries) -> Route:
    timely = [notice for notice in notices.of if notice.timely]
    if not timely:
        sent = ", ".join(notice.when for notice in notices.of)
        return silent(f"the budget {budget.name} has no notification at or below 100 % of its limit, only {sent}")
    if any(notice.emails for notice in timely):
        return PAGES
    topics = {topic for notice in timely for topic in notice.topics}
    if not topics:
        return silent(f"the budget {budget.name} has no subscriber")
    return best(_at(topic, BUDGETS, budget.arn, deliveries) for topic in sorted(topics))


def _looking(monitor: AnomalyMonitor, read_at: datetime) -> Route:
    """Return the link of a monitor's evaluation: a new monitor is evaluated within 24 hours."""
    last = monitor.evaluated or monitor.created
    if last is None or read_at.date() - last > LOOKS_EVERY:
        evaluated = f"was last evaluated on {last}" if last else "was never evaluated"
        return silent(f"the anomaly monitor {monitor.name} {evaluated}")
    return PAGES if monitor.evaluated else doubtful(f"the anomaly monitor {monitor.name} is new and not evaluated yet")


def _subscribed(
    monitor: AnomalyMonitor, subscriptions: AnomalySubscriptions | Unavailable, deliveries: Deliveries
) -> Route:
    if isinstance(subscriptions, Unavailable):
        return unknown(subscriptions)
    own = [each for each in subscriptions.of if monitor.arn in each.monitors]
    if not own:
        return silent(f"the anomaly monitor {monitor.name} has no subscription")
    return best(_of_subscription(each, deliveries) for each in own)


def _of_subscription(subscription: AnomalySubscription, deliveries: Deliveries) -> Route:
    name = f"the anomaly subscription {subscription.name}"
    too_high = doubtful(f"threshold of {name} is far above the default of 100 USD and 40 %")
    heard = too_high if subscription.deaf else PAGES
    if subscription.emails:
        return heard
    if not subscription.topics:
        waiting = f", {subscription.unconfirmed} unconfirmed" if subscription.unconfirmed else ""
        return silent(f"{name} has no confirmed subscriber{waiting}")
    reached = best(_at(topic, ANOMALIES, subscription.arn, deliveries) for topic in subscription.topics)
    return chain([reached, heard])


def _near(alarm: Alarm, routes: Routes | Unavailable) -> Route:
    if isinstance(routes, Unavailable):
        return unknown(routes)
    return routes.of[alarm.arn]


def _far(alarm: Alarm, deliveries: Deliveries, receptions: Each[Reception]) -> Route:
    if not alarm.actions_enabled:
        return silent(f"actions of the billing alarm {alarm.name} are disabled", remedies.switch_on(alarm.arn))
    actions = [action for action in alarm.actions if service_of(action) in ACCEPTED]
    if not actions:
        return silent(f"no action of the billing alarm {alarm.name} notifies a person")

    def reached(action: str) -> Route:
        if service_of(action) == "lambda":
            return received(receptions, action, ALARMS, alarm.arn)
        return _at(action, CLOUDWATCH, alarm.arn, deliveries) if service_of(action) == "sns" else PAGES

    return best(map(reached, actions))


def _at(topic: str, service: str, source: str, deliveries: Deliveries) -> Route:
    match deliveries.answers().get(topic):
        case CostDelivery() as delivery:
            return delivery.route(service, source)
        case Unavailable() as why:
            return unknown(why)
        case _:
            return doubtful(f"SNS topic {topic} is in account {account_of(topic)}, which is not read")


def _tag_links(about: Coverage, tags: CostTags | Unavailable) -> Iterator[Route]:
    """Yield a broken link for a filter by a tag that is not an active cost allocation tag."""
    if about.scope != "tag":
        return
    if isinstance(tags, Unavailable):
        yield unknown(tags)
    elif about.tag not in tags.status:
        yield unknown(Unavailable(Reason.STALE, detail=f"the cost allocation tag {about.tag} is not read yet"))
    elif tags.status[about.tag] != ACTIVE:
        yield silent(f"its filter uses the tag {about.tag}, which is not an active cost allocation tag")


def _coarse(about: Coverage, by_tag: str = "") -> str:
    """Return why an alert is not specific enough; empty where it is. Only a budget adds up all costs of a tag."""
    return PART if about.part else {"service": "", "tag": by_tag, "all": WHOLE_BILL}[about.scope]
