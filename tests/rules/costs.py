"""What is known of costs, for tests that change what they are about."""

from datetime import datetime

from readiness.alarms.route import PAGES, Route, silent, unknown
from readiness.facts.billing.anomalies import CostTags
from readiness.facts.billing.spend_alerts import AnomalyAlerts, BillingAlerts, BudgetAlerts, SpendAlert
from readiness.facts.dynamodb.tags import TableTags
from readiness.model import Reason, Unavailable
from tests.rules.facts import ago

READ = ago(hours=5)
TAGGED = TableTags({"Env": "prod", "Project": "BabesClub"})
UNHEARD = silent("the budget dynamodb has no subscriber")
DENIED = Unavailable(Reason.ACCESS_DENIED, "ce:ListCostAllocationTags", "AccessDeniedException")
UNREAD = unknown(Unavailable(Reason.THROTTLED, "budgets:ViewBudget", "ThrottlingException"))

NO_BUDGETS = BudgetAlerts(READ, ())
NO_MONITORS = AnomalyAlerts(READ, ())
NO_ALARMS = BillingAlerts(READ, ())


def cost_tags(read_at: datetime = READ, **status: str | None) -> CostTags:
    """Both keys that the checklist wants are active, but for those that are named."""
    return CostTags(read_at, {"Env": "Active", "Project": "Active", **status})


def way(name: str = "the budget dynamodb", route: Route = PAGES, coarse: str = "") -> SpendAlert:
    return SpendAlert(name, route, coarse)
