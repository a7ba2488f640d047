"""How the costs of each of the fixed tables are told apart, and who hears of them."""

from readiness.alarms.route import PAGES, doubtful, silent
from readiness.checklist import Settings
from readiness.facts.billing.anomalies import CostTags
from readiness.facts.billing.spend_alerts import AnomalyAlerts, BillingAlerts, BudgetAlerts
from readiness.facts.dynamodb.tags import TableTags
from readiness.rules.cost_monitored import Inactive
from tests.golden.facts import Facts
from tests.rules.costs import NO_ALARMS, NO_BUDGETS, NO_MONITORS, READ, TAGGED, UNHEARD, cost_tags, way
from tests.rules.facts import NOW, ago

ESTIMATED = "it goes by the bill for all of DynamoDB that AWS estimates"

GOOD: Facts = {
    Settings: Settings(),
    TableTags: TAGGED,
    CostTags: cost_tags(),
    BudgetAlerts: BudgetAlerts(READ, (way(),)),
    AnomalyAlerts: NO_MONITORS,
    BillingAlerts: NO_ALARMS,
}

NEGLECTED: Facts = {
    **GOOD,
    TableTags: TableTags({}),
    CostTags: cost_tags(Env=None, Project=None),
    Inactive: Inactive({"Env": ago(days=9), "Project": ago(days=9)}),
    BudgetAlerts: NO_BUDGETS,
}

CHANGING: Facts = {
    **GOOD,
    CostTags: cost_tags(Project="Inactive"),
    Inactive: Inactive({"Project": ago(hours=20)}),
    BudgetAlerts: NO_BUDGETS,
    AnomalyAlerts: AnomalyAlerts(
        READ,
        (
            way(
                "the anomaly monitor services",
                doubtful("the anomaly monitor services is new and has not looked yet"),
            ),
        ),
    ),
}

DOOMED: Facts = {
    **GOOD,
    TableTags: TableTags({"Project": "babesclub"}, near=("env",)),
    CostTags: cost_tags(Env="Inactive"),
    Inactive: Inactive({"Env": ago(hours=54)}),
    BudgetAlerts: BudgetAlerts(READ, (way(route=UNHEARD),)),
    AnomalyAlerts: AnomalyAlerts(
        READ, (way("the anomaly monitor services", silent("the anomaly monitor services has no subscription")),)
    ),
}

TOLERATED: Facts = {
    **GOOD,
    BudgetAlerts: NO_BUDGETS,
    BillingAlerts: BillingAlerts(NOW.at, (way("the billing alarm dynamodb", PAGES, ESTIMATED),)),
}
