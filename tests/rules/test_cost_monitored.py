"""Tags that divide costs, and who hears of them."""

from datetime import timedelta
from typing import Any

import pytest

from readiness.alarms.route import Route, doubtful, silent
from readiness.checklist import CostSettings, Settings
from readiness.engine.rule import Status
from readiness.facts.billing.anomalies import CostTags
from readiness.facts.billing.spend_alerts import AnomalyAlerts, BillingAlerts, BudgetAlerts, SpendAlert
from readiness.facts.dynamodb.tags import TableTags
from readiness.model import Reason, Unavailable, Unreadable
from readiness.rules.cost_monitored import Inactive, activated, alerted, tagged
from tests.rules.costs import DENIED, NO_ALARMS, NO_BUDGETS, NO_MONITORS, READ, TAGGED, UNHEARD, UNREAD, cost_tags, way
from tests.rules.facts import AT, ago, checklist

WHOLE_BILL = "it is about the whole bill"
PAYER = Settings(cost=CostSettings("arn:aws:iam::999999999999:role/costs"))
THROTTLED = Unavailable(Reason.THROTTLED, "ce:GetAnomalyMonitors", "LimitExceededException")


@pytest.mark.parametrize(
    ("tags", "status", "said"),
    [
        pytest.param(TAGGED, Status.PASS, "has the expected tags", id="both tags pass"),
        pytest.param(TableTags({}), Status.FAIL, "tags Env, Project are missing", id="no tag fails"),
        pytest.param(TableTags({"Env": "prod"}), Status.FAIL, "Project is missing", id="one tag of two fails"),
        pytest.param(
            TableTags({"Env": "prod", "Project": "Shop"}),
            Status.FAIL,
            "tag Project is 'Shop', expected 'BabesClub'",
            id="a value",
        ),
        pytest.param(
            TableTags({"Env": "Prod", "Project": "BabesClub"}), Status.FAIL, "Env is 'Prod'", id="a value's letters"
        ),
        pytest.param(
            TableTags({"Env": "prod ", "Project": "BabesClub"}), Status.FAIL, "Env is 'prod '", id="a blank after it"
        ),
        pytest.param(
            TableTags({"Env": "prod"}, ("project", "project ")),
            Status.FAIL,
            "tag Project is missing; similar: 'project', 'project '",
            id="a key that is nearly right is named",
        ),
        pytest.param(
            TableTags({"Env": "prod", "Project": "BabesClub"}, ("project",)), Status.PASS, "", id="one too many passes"
        ),
    ],
)
def test_tagged(tags: TableTags, status: Status, said: str) -> None:
    verdict = tagged(tags, checklist())
    assert verdict.status is status
    assert said in verdict.message


def test_tags_that_nobody_wants_are_not_missed() -> None:
    assert tagged(TableTags({}), checklist(tags={})).status is Status.NOT_APPLICABLE
    assert activated(CostTags(READ, {}), checklist(tags={}), Settings(), None).status is Status.NOT_APPLICABLE


def test_what_is_watched_of_tags_are_those_that_are_wanted() -> None:
    assert tagged(TAGGED, checklist()).watched == {"Tags": {"Env": "prod", "Project": "BabesClub"}}


@pytest.mark.parametrize(
    ("tags", "before", "status", "said"),
    [
        pytest.param(cost_tags(), None, Status.PASS, "", id="both are active"),
        pytest.param(cost_tags(Env="Inactive"), None, Status.WARN, "Env is Inactive", id="one that was just made"),
        pytest.param(cost_tags(Env=None), None, Status.WARN, "Env is not known", id="one that Cost Explorer lacks"),
        pytest.param(
            cost_tags(Env="Inactive"),
            Inactive({"Env": AT - timedelta(hours=48)}),
            Status.WARN,
            "since 2026-11-22 03:00 UTC",
            id="for 48 hours to the minute",
        ),
        pytest.param(
            cost_tags(Env="Inactive"),
            Inactive({"Env": READ - timedelta(hours=48, seconds=1)}),
            Status.FAIL,
            "Env is Inactive",
            id="for longer than 48 hours when it was read",
        ),
        pytest.param(
            cost_tags(Env="Inactive", Project=None),
            Inactive({"Env": ago(days=3)}),
            Status.FAIL,
            "Env is Inactive since 2026-11-21 03:00 UTC, Project is not known to Cost Explorer since 2026-11-23",
            id="one for long, the other newly so",
        ),
        pytest.param(
            cost_tags(Project="Inactive"),
            Inactive({"Env": ago(days=3)}),
            Status.WARN,
            "Project",
            id="another than before",
        ),
    ],
)
def test_activated(tags: CostTags, before: Inactive | None, status: Status, said: str) -> None:
    verdict = activated(tags, checklist(), Settings(), before)
    assert verdict.status is status
    assert said in verdict.message
    assert verdict.evidence["AsOf"] == "2026-11-23 22:00 UTC"


def test_what_is_not_active_is_carried_over_from_when_it_was_first_seen_so() -> None:
    before = Inactive({"Env": ago(hours=30), "Project": ago(hours=30)})
    assert activated(cost_tags(), checklist(), Settings(), before).carry is None
    assert activated(cost_tags(Env=None), checklist(), Settings(), None).carry == Inactive({"Env": READ})
    kept = activated(cost_tags(Env="Inactive"), checklist(), Settings(), before).carry
    assert kept == Inactive({"Env": ago(hours=30)})


def test_the_remedy_activates_what_is_not_active() -> None:
    verdict = activated(cost_tags(Env="Inactive"), checklist(), Settings(), None)
    assert verdict.evidence["CostAllocationTagsStatus"] == '[{"TagKey": "Env", "Status": "Active"}]'
    assert verdict.watched == {"CostAllocationTags": {"Env": "Inactive", "Project": "Active"}}


@pytest.mark.parametrize(
    ("tags", "settings", "advised"),
    [
        pytest.param(DENIED, Settings(), True, id="a member of an organization is told whom to ask as"),
        pytest.param(DENIED, PAYER, False, id="one that asks as the payer already is not"),
        pytest.param(THROTTLED, Settings(), False, id="nor one that is throttled"),
    ],
)
def test_tags_that_can_not_be_asked_about(tags: Unavailable, settings: Settings, *, advised: bool) -> None:
    with pytest.raises(Unreadable) as unread:
        activated(tags, checklist(), settings, None)
    assert unread.value.first.reason is tags.reason
    assert ("cost.payer_role_arn" in unread.value.first.detail) is advised


def test_a_tag_that_the_checklist_has_named_since_is_not_guessed() -> None:
    with pytest.raises(Unreadable) as unread:
        activated(cost_tags(), checklist(tags={"Team": "shop"}), Settings(), None)
    assert unread.value.first.reason is Reason.STALE
    assert "Team" in unread.value.first.detail


def judged(
    budgets: BudgetAlerts | Unavailable = NO_BUDGETS,
    anomalies: AnomalyAlerts | Unavailable = NO_MONITORS,
    billing: BillingAlerts | Unavailable = NO_ALARMS,
) -> tuple[Status, str]:
    try:
        verdict = alerted(budgets, anomalies, billing)
    except Unreadable:
        return Status.UNKNOWN, ""
    return verdict.status, verdict.message


def budgets(*ways: SpendAlert) -> BudgetAlerts:
    return BudgetAlerts(READ, ways)


def unheard(why: str = "", route: Route = UNHEARD) -> BudgetAlerts:
    return budgets(way(route=silent(why) if why else route))


MONITOR = AnomalyAlerts(READ, (way("the anomaly monitor services"),))
ALARM = BillingAlerts(AT, (way("the billing alarm dynamodb", coarse="it goes by the estimated bill"),))
DOUBTED = doubtful("the topic x of the account 9 is not looked at")


@pytest.mark.parametrize(
    ("facts", "status", "said"),
    [
        pytest.param((budgets(way()),), Status.PASS, "by the budget dynamodb", id="a budget passes"),
        pytest.param((NO_BUDGETS, MONITOR), Status.PASS, "by the anomaly monitor services", id="a monitor passes"),
        pytest.param(
            (NO_BUDGETS, NO_MONITORS, ALARM),
            Status.WARN,
            "only by the billing alarm dynamodb: it goes by the estimated",
            id="an alarm warns",
        ),
        pytest.param(
            (budgets(way(coarse=WHOLE_BILL)),), Status.WARN, WHOLE_BILL, id="a budget of the whole bill warns"
        ),
        pytest.param(
            (budgets(way(coarse=WHOLE_BILL)), MONITOR),
            Status.PASS,
            "services",
            id="a fine one beside a coarse one passes",
        ),
        pytest.param(
            (unheard(), MONITOR), Status.PASS, "services", id="one that works beside one that does not passes"
        ),
        pytest.param((), Status.FAIL, "no budget, anomaly monitor or billing alarm", id="nothing fails"),
        pytest.param((unheard(),), Status.FAIL, "the budget dynamodb has no subscriber", id="the broken link is named"),
        pytest.param(
            (unheard("it is muted"),),
            Status.FAIL,
            "the budget dynamodb: it is muted",
            id="a link without a name gets one",
        ),
        pytest.param((unheard(route=DOUBTED),), Status.WARN, "may not reach a subscriber", id="a doubtful one warns"),
        pytest.param((DENIED, MONITOR), Status.PASS, "services", id="what is denied hides nothing that works"),
        pytest.param((NO_BUDGETS, THROTTLED, ALARM), Status.UNKNOWN, "", id="it may work where others do coarsely"),
        pytest.param((unheard(), THROTTLED), Status.UNKNOWN, "", id="what is denied may work where nothing else does"),
        pytest.param((unheard(route=DOUBTED), THROTTLED), Status.UNKNOWN, "", id="or where the rest is doubtful"),
        pytest.param((unheard(route=UNREAD),), Status.UNKNOWN, "", id="a budget whose subscribers are denied"),
        pytest.param((DENIED, DENIED, DENIED), Status.UNKNOWN, "", id="nothing could be read"),
    ],
)
def test_alerted(facts: tuple[Any, ...], status: Status, said: str) -> None:
    found, message = judged(*facts)
    assert found is status
    assert said in message


def test_of_very_many_some_are_named() -> None:
    _, message = judged(budgets(*(way(f"the budget {number}", UNHEARD) for number in range(8))))
    assert message.endswith("; 3 more")


def test_what_was_read_is_shown_with_its_age() -> None:
    verdict = alerted(budgets(way(), way("the budget shop")), DENIED, ALARM)
    assert verdict.evidence == {
        "Alerts": ["the budget dynamodb", "the budget shop"],
        "AsOf": {"Budgets": "2026-11-23 22:00 UTC", "MetricAlarms": "2026-11-24 03:00 UTC"},
    }
    assert verdict.watched == {}


def test_that_nothing_was_found_has_an_age_too() -> None:
    verdict = alerted(NO_BUDGETS, NO_MONITORS, NO_ALARMS)
    assert verdict.evidence["AsOf"]["Budgets"] == "2026-11-23 22:00 UTC"
