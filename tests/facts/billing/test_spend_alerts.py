"""The ways by which somebody hears of costs, link by link."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, silent
from readiness.alarms.series import series
from readiness.alarms.services import ANOMALIES, BUDGETS
from readiness.engine.each import Each
from readiness.facts.billing.anomalies import (
    AnomalyMonitor,
    AnomalyMonitors,
    AnomalySubscription,
    AnomalySubscriptions,
    CostTags,
)
from readiness.facts.billing.budgets import Budget, Budgets, Coverage, Notice, Notices
from readiness.facts.billing.cost_topics import CostDelivery
from readiness.facts.billing.spend_alerts import SpendAlert, anomaly_alerts, billing_alerts, budget_alerts
from readiness.facts.cloudwatch.alarm_indexes import BillingAlarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.iam.service_access import CLOUDWATCH, Grant
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, TABLE
from tests.rules.alarms import SILENT, alarm, routes
from tests.rules.costs import DENIED, cost_tags
from tests.rules.facts import AT, NOW, ago, checklist
from tests.rules.functions import THE_TABLE

ARN = f"arn:aws:budgets::{ACCOUNT}:budget/dynamodb"
MONITOR = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/1"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"
OTHERS = "arn:aws:sns:us-east-1:999999999999:costs"
ASKED = {TABLE: {"Project": "BabesClub", "Env": "prod"}}
BY_TAG = {TABLE: Coverage("tag", "Project")}
MAIL = Notice("ACTUAL GREATER_THAN 80 %", timely=True, emails=1)
TO_TOPIC = replace(MAIL, emails=0, topics=(TOPIC,))
TO_OTHERS = replace(MAIL, emails=0, topics=(OTHERS,))
LATE = replace(MAIL, when="ACTUAL GREATER_THAN 150 %", timely=False)
LETS_IN = (Grant(allow=True, sure=True),)
HEARD = CostDelivery("costs", PAGES, {BUDGETS: LETS_IN, ANOMALIES: LETS_IN, CLOUDWATCH: LETS_IN})
SHUT = CostDelivery("costs", PAGES, {})
DEAF = CostDelivery("costs", silent("the topic costs has no confirmed subscription"), HEARD.publish)


def budget(**other: Any) -> Budget:
    wanted = Budget("dynamodb", ARN, {TABLE: Coverage("service")}, 100.0, AT + timedelta(days=9000))
    return replace(wanted, **other)


def delivering(what: CostDelivery | Unavailable | None = None) -> Each[CostDelivery]:
    return Each({TOPIC: what} if what else {})


def by_budget(
    *notices: Notice,
    read: Budget | None = None,
    told: Notices | Unavailable | Gone | None = None,
    topics: CostDelivery | Unavailable | None = None,
    tags: CostTags | Unavailable | None = None,
) -> SpendAlert:
    found = budget_alerts(
        THE_TABLE,
        checklist(),
        Budgets(ago(minutes=30), ASKED, (read or budget(),)),
        Each({ARN: read or budget()}),
        Each({ARN: told or Notices(ARN, notices)}),
        delivering(topics),
        tags or cost_tags(),
        NOW,
    )
    (way,) = found.of
    assert found.as_of == ago(minutes=30)
    return way


def test_a_budget_that_tells_somebody() -> None:
    assert by_budget(MAIL) == SpendAlert("the budget dynamodb", PAGES)


@pytest.mark.parametrize(
    ("notices", "more", "status", "why"),
    [
        pytest.param((LATE, MAIL), {}, "pages", "", id="one in time is enough"),
        pytest.param((), {}, "silent", "the budget dynamodb has no notification", id="no notification"),
        pytest.param((LATE,), {}, "silent", "only ACTUAL GREATER_THAN 150 %", id="too late"),
        pytest.param((replace(MAIL, emails=0),), {}, "silent", "the budget dynamodb has no subscriber", id="nobody"),
        pytest.param((TO_TOPIC,), {"topics": HEARD}, "pages", "", id="a topic that is heard"),
        pytest.param(
            (TO_TOPIC,), {"topics": DEAF}, "silent", "no confirmed subscription", id="a topic that nobody hears"
        ),
        pytest.param((TO_TOPIC,), {"topics": SHUT}, "silent", "does not allow AWS Budgets", id="a topic that is shut"),
        pytest.param((TO_TOPIC,), {"topics": DENIED}, "unknown", "", id="a topic that is denied"),
        pytest.param((TO_TOPIC, MAIL), {"topics": SHUT}, "pages", "", id="a shut topic, and a person"),
        pytest.param((TO_OTHERS,), {}, "doubtful", "999999999999, which is not read", id="a topic of another account"),
        pytest.param((), {"told": DENIED}, "unknown", "", id="notifications that are denied"),
        pytest.param((), {"told": Gone("it is")}, "silent", "was deleted", id="a budget that is gone"),
        pytest.param(
            (MAIL,), {"read": budget(ends=AT)}, "silent", "the period of the budget", id="a period that is over"
        ),
        pytest.param((MAIL,), {"read": budget(ends=None)}, "pages", "", id="a period without end"),
        pytest.param(
            (MAIL,),
            {"read": budget(broken="FILTER_INVALID")},
            "silent",
            "unhealthy: FILTER_INVALID",
            id="a broken filter",
        ),
        pytest.param(
            (), {"read": budget(ends=AT), "told": DENIED}, "silent", "period", id="over, and the rest is denied"
        ),
        pytest.param((MAIL,), {"read": budget(about=BY_TAG)}, "pages", "", id="by an active tag"),
        pytest.param(
            (MAIL,),
            {"read": budget(about=BY_TAG), "tags": cost_tags(Project="Inactive")},
            "silent",
            "the tag Project, which is not an active",
            id="by a tag that divides nothing",
        ),
        pytest.param(
            (MAIL,), {"read": budget(about=BY_TAG), "tags": DENIED}, "unknown", "", id="by a tag that is denied"
        ),
        pytest.param(
            (MAIL,),
            {"read": budget(about=BY_TAG), "tags": CostTags(AT, {})},
            "unknown",
            "",
            id="by a tag not asked about",
        ),
        pytest.param((MAIL,), {"tags": DENIED}, "pages", "", id="by the service, whatever of tags"),
    ],
)
def test_the_links_of_a_budget(notices: tuple[Notice, ...], more: dict[str, Any], status: str, why: str) -> None:
    route = by_budget(*notices, **more).route
    assert route.status == status
    assert why in route.why


@pytest.mark.parametrize(
    ("about", "coarse"),
    [
        pytest.param(Coverage("service"), "", id="the service"),
        pytest.param(Coverage("tag", "Project"), "it covers all resources with the tag Project", id="a tag is broader"),
        pytest.param(Coverage("all"), "it covers the whole bill", id="no filter"),
        pytest.param(
            Coverage("service", part=True), "its filter leaves out part of the DynamoDB costs", id="one usage type"
        ),
    ],
)
def test_how_coarse_a_budget_is(about: Coverage, coarse: str) -> None:
    assert by_budget(MAIL, read=budget(about={TABLE: about})).coarse == coarse


def test_a_budget_that_could_not_be_read_is_unknown_and_hides_no_other() -> None:
    whole = budget()
    read = Budgets(AT, ASKED, (whole,), DENIED)
    listed, told = Each({ARN: whole}, DENIED), Each({ARN: Notices(ARN, (MAIL,))})
    ways = budget_alerts(THE_TABLE, checklist(), read, listed, told, Each({}), cost_tags(), NOW).of
    assert [way.route.status for way in ways] == ["pages", "unknown"]


def test_a_budget_of_another_table_is_none_of_this_one() -> None:
    other = budget(about={"other": Coverage("tag", "Project")})
    read = Budgets(AT, ASKED, (other,))
    assert budget_alerts(THE_TABLE, checklist(), read, Each({ARN: other}), Each({}), Each({}), DENIED, NOW).of == ()


@pytest.mark.parametrize("asked", [{}, {TABLE: {"Project": "Shop"}}], ids=["another table", "other tags"])
def test_what_was_read_for_another_checklist_is_not_believed(asked: dict[str, dict[str, str]]) -> None:
    with pytest.raises(Unreadable) as budgets:
        budget_alerts(THE_TABLE, checklist(), Budgets(AT, asked, ()), Each({}), Each({}), Each({}), cost_tags(), NOW)
    none = AnomalySubscriptions(AT, ())
    with pytest.raises(Unreadable) as monitors:
        anomaly_alerts(THE_TABLE, checklist(), AnomalyMonitors(AT, asked, ()), none, Each({}), cost_tags())
    assert {budgets.value.first.reason, monitors.value.first.reason} == {Reason.STALE}


def subscription(**other: Any) -> AnomalySubscription:
    return replace(AnomalySubscription("daily", "arn", (MONITOR,), emails=1), **other)


def by_monitor(
    *subscriptions: AnomalySubscription,
    read: AnomalySubscriptions | Unavailable | None = None,
    topics: CostDelivery | Unavailable | None = None,
    **other: Any,
) -> SpendAlert:
    seen = {"created": AT.date() - timedelta(days=90), "evaluated": AT.date(), "about": {TABLE: Coverage("service")}}
    monitor = AnomalyMonitor("services", MONITOR, **{**seen, **other})
    (way,) = anomaly_alerts(
        THE_TABLE,
        checklist(),
        AnomalyMonitors(AT, ASKED, (monitor,)),
        read or AnomalySubscriptions(AT, subscriptions),
        delivering(topics),
        cost_tags(Project="Inactive"),
    ).of
    return way


def test_a_monitor_that_tells_somebody() -> None:
    assert by_monitor(subscription()) == SpendAlert("the anomaly monitor services", PAGES)


def test_a_monitor_of_a_tag_is_as_good_as_one_of_services_and_one_of_the_account_is_not() -> None:
    assert not by_monitor(subscription(), about={TABLE: Coverage("tag", "Env")}).coarse
    assert by_monitor(subscription(), about={TABLE: Coverage("all")}).coarse == "it covers the whole bill"


UNCONFIRMED = subscription(emails=0, unconfirmed=2)
BY_TOPIC = subscription(emails=0, topics=(TOPIC,))


@pytest.mark.parametrize(
    ("subscriptions", "more", "status", "why"),
    [
        pytest.param((), {}, "silent", "has no subscription", id="no subscription"),
        pytest.param((subscription(monitors=("other",)),), {}, "silent", "has no subscription", id="another monitor's"),
        pytest.param((UNCONFIRMED,), {}, "silent", "no confirmed subscriber, 2 unconfirmed", id="nobody has confirmed"),
        pytest.param((UNCONFIRMED, subscription()), {}, "pages", "", id="one of two has"),
        pytest.param((subscription(deaf=True),), {}, "doubtful", "100 USD and 40 %", id="a threshold far beyond"),
        pytest.param((BY_TOPIC,), {"topics": HEARD}, "pages", "", id="a topic that is heard"),
        pytest.param(
            (replace(BY_TOPIC, deaf=True),), {"topics": HEARD}, "doubtful", "100 USD", id="a topic, far beyond"
        ),
        pytest.param(
            (BY_TOPIC,),
            {"topics": SHUT},
            "silent",
            "does not allow Cost Anomaly Detection to publish",
            id="a topic that is shut",
        ),
        pytest.param((BY_TOPIC,), {"topics": DENIED}, "unknown", "", id="a topic that is denied"),
        pytest.param((), {"read": DENIED}, "unknown", "", id="subscriptions that are denied"),
        pytest.param((subscription(),), {"evaluated": AT.date() - timedelta(days=3)}, "pages", "", id="3 days ago"),
        pytest.param(
            (subscription(),),
            {"evaluated": AT.date() - timedelta(days=4)},
            "silent",
            "was last evaluated on 2026-11-20",
            id="4 days ago",
        ),
        pytest.param(
            (subscription(),), {"evaluated": None, "created": AT.date()}, "doubtful", "is new", id="made a moment ago"
        ),
        pytest.param((subscription(),), {"evaluated": None}, "silent", "was last evaluated on", id="never, though old"),
        pytest.param(
            (subscription(),),
            {"evaluated": None, "created": None},
            "silent",
            "was never evaluated",
            id="nobody knows when",
        ),
        pytest.param(
            (subscription(),), {"about": BY_TAG}, "silent", "the tag Project", id="by a tag that divides nothing"
        ),
    ],
)
def test_the_links_of_a_monitor(
    subscriptions: tuple[AnomalySubscription, ...], more: dict[str, Any], status: str, why: str
) -> None:
    route = by_monitor(*subscriptions, **more).route
    assert route.status == status
    assert why in route.why


DOLLARS = series("AWS/Billing", "EstimatedCharges", "Maximum", Currency="USD", ServiceName="AmazonDynamoDB")
BILL = alarm("bill", DOLLARS, actions=(TOPIC,), threshold=100, period_seconds=21_600)


def by_alarm(
    found: Alarm = BILL, *, far: bool, topics: CostDelivery | Unavailable | None = None, **routed: Any
) -> SpendAlert:
    known = routed.get("known", routes(found))
    (way,) = billing_alerts(BillingAlarms((found,), far), known, delivering(topics), Each({}), NOW).of
    return way


def test_an_alarm_where_all_others_are_followed_goes_their_way() -> None:
    assert by_alarm(far=False).route == PAGES
    assert by_alarm(far=False, known=routes(BILL, bill=SILENT)).route == SILENT
    assert by_alarm(far=False, known=DENIED).route.unavailable == DENIED
    assert by_alarm(far=False).coarse == "it watches the estimated charges of all DynamoDB tables"


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(BILL, "pages", "", id="a hundred dollars"),
        pytest.param(replace(BILL, datapoints=28), "silent", "only after 7 days", id="a week later"),
        pytest.param(replace(BILL, threshold=1e9), "doubtful", "above 80,000 dollars", id="a billion dollars"),
        pytest.param(
            replace(BILL, threshold=0, operator="GreaterThanOrEqualToThreshold"),
            "silent",
            "always in ALARM",
            id="no dollars at all",
        ),
    ],
)
def test_a_billing_alarm_fires_in_time(found: Alarm, status: str, why: str) -> None:
    route = by_alarm(found, far=False).route
    assert route.status == status
    assert why in route.why


def test_an_alarm_on_the_whole_bill_is_coarse() -> None:
    whole = alarm("all", series("AWS/Billing", "EstimatedCharges", "Maximum", Currency="USD"), threshold=100)
    found = BillingAlarms((), far=False, whole=(replace(whole, period_seconds=21_600),))
    (way,) = billing_alerts(found, routes(whole), delivering(None), Each({}), NOW).of
    assert (way.route, way.coarse) == (PAGES, "it covers the whole bill")


@pytest.mark.parametrize(
    ("found", "topics", "status", "why"),
    [
        pytest.param(BILL, HEARD, "pages", "", id="a topic that is heard"),
        pytest.param(BILL, SHUT, "silent", "does not allow CloudWatch to publish", id="a topic that is shut"),
        pytest.param(BILL, DENIED, "unknown", "", id="a topic that is denied"),
        pytest.param(replace(BILL, actions_enabled=False), HEARD, "silent", "are disabled", id="are disabled"),
        pytest.param(replace(BILL, actions=()), HEARD, "silent", "no action", id="no action"),
        pytest.param(
            replace(BILL, actions=("arn:aws:automate:us-east-1:ec2:stop",)), HEARD, "silent", "no action", id="ec2"
        ),
        pytest.param(
            replace(BILL, actions=(f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:page",)),
            None,
            "pages",
            "",
            id="a function",
        ),
    ],
)
def test_the_links_of_an_alarm_far_away(
    found: Alarm, topics: CostDelivery | Unavailable | None, status: str, why: str
) -> None:
    way = by_alarm(found, far=True, topics=topics, known=DENIED)
    assert way.route.status == status
    assert why in way.route.why
    assert "composite alarms, mute rules and filter policies in us-east-1 are not evaluated" in way.coarse
