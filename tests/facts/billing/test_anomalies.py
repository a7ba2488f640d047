"""Anomaly monitors, and whom they tell."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from readiness.checklist import Settings
from readiness.engine.fact import source_of
from readiness.engine.snapshot import ROOT, Kept
from readiness.facts.billing.anomalies import (
    AnomalyMonitor,
    AnomalyMonitors,
    AnomalySubscription,
    AnomalySubscriptions,
    anomaly_monitors,
    anomaly_subscriptions,
)
from readiness.facts.billing.budgets import Coverage
from readiness.model import stored_name
from readiness.state.kept import KeptAnswers
from readiness.state.past import packed
from readiness.state.store import KeptFact
from tests.aws.account import ACCOUNT, TABLE, Account
from tests.aws.costs import DYNAMODB, beyond, monitor, subscription, told_apart
from tests.rules.facts import AT, NOW

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"
PERCENTAGE = "ANOMALY_TOTAL_IMPACT_PERCENTAGE"


@pytest.fixture(autouse=True)
def complete() -> None:
    told_apart()


def monitors(account: Account) -> tuple[AnomalyMonitor, ...]:
    return anomaly_monitors(account.aws, Settings(), NOW).of


def subscribed(account: Account) -> AnomalySubscription:
    (found,) = anomaly_subscriptions(account.aws, NOW).of
    return found


def test_a_monitor_on_each_service_that_has_not_looked_yet(account: Account) -> None:
    arn = monitor(account.client)
    today = datetime.now(UTC).date()
    assert monitors(account) == (AnomalyMonitor("services", arn, {TABLE: Coverage("service")}, today, None),)


@pytest.mark.parametrize("text", ["2026-11-23", "2026-11-23T04:05:06Z"])
def test_when_it_last_looked(account: Account, text: str) -> None:
    monitor(account.client)
    account.alter(
        "ce", "GetAnomalyMonitors", lambda answer: answer["AnomalyMonitors"][0].update(LastEvaluatedDate=text)
    )
    (found,) = monitors(account)
    assert found.evaluated == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("wanted", "about"),
    [
        pytest.param(
            {"MonitorType": "CUSTOM", "MonitorSpecification": {"Tags": {"Key": "Project", "Values": ["BabesClub"]}}},
            Coverage("tag", "Project"),
            id="the tag",
        ),
        pytest.param(
            {"MonitorType": "CUSTOM", "MonitorSpecification": {"Tags": {"Key": "Project", "Values": ["Shop"]}}},
            None,
            id="another value of the tag",
        ),
        pytest.param(
            {"MonitorType": "CUSTOM", "MonitorSpecification": DYNAMODB}, Coverage("service"), id="the service"
        ),
        pytest.param({"MonitorType": "CUSTOM"}, None, id="a custom monitor without a specification"),
        pytest.param({"MonitorType": "DIMENSIONAL", "MonitorDimension": "LINKED_ACCOUNT"}, None, id="whole accounts"),
        pytest.param(
            {
                "MonitorType": "DIMENSIONAL",
                "MonitorDimension": "TAG",
                "MonitorSpecification": {"Tags": {"Key": "Project"}},
            },
            None,
            id="every value of a tag",
        ),
    ],
)
def test_what_a_monitor_is_about(account: Account, wanted: dict[str, Any], about: Coverage | None) -> None:
    monitor(account.client, **wanted)
    assert [each.about[TABLE] for each in monitors(account)] == ([about] if about else [])


def test_all_pages_of_monitors_are_read(account: Account) -> None:
    made = {monitor(account.client, f"monitor-{number}") for number in range(130)}
    assert {each.arn for each in monitors(account)} == made


def test_of_subscribers_topics_are_kept_and_people_counted(account: Account) -> None:
    arn = monitor(account.client)
    subscription(account.client, arn, TOPIC, "ada@example.com")
    found = subscribed(account)
    assert (found.name, found.monitors, found.emails, found.topics) == ("daily", (arn,), 1, (TOPIC,))
    assert (found.unconfirmed, found.deaf) == (0, False)
    assert "example.com" not in str(found)


@pytest.mark.parametrize("status", ["DECLINED", None])
def test_who_has_not_confirmed_is_not_told(account: Account, status: str | None) -> None:
    subscription(account.client, monitor(account.client), TOPIC, "ada@example.com")

    def change(answer: Any) -> None:
        for each in answer["AnomalySubscriptions"][0]["Subscribers"]:
            each.pop("Status") if status is None else each.update(Status=status)

    account.alter("ce", "GetAnomalySubscriptions", change)
    found = subscribed(account)
    assert (found.emails, found.topics, found.unconfirmed) == (0, (), 2)


@pytest.mark.parametrize(
    ("threshold", "deaf"),
    [
        pytest.param({"ThresholdExpression": beyond("100")}, False, id="AWS's own"),
        pytest.param({"ThresholdExpression": beyond("101")}, True, id="more dollars"),
        pytest.param(
            {"ThresholdExpression": {"Dimensions": {**beyond("100")["Dimensions"], "Values": ["100", "5000"]}}},
            True,
            id="one value of two far off",
        ),
        pytest.param({"ThresholdExpression": beyond("100", PERCENTAGE)}, False, id="twice as much"),
        pytest.param({"ThresholdExpression": beyond("101", PERCENTAGE)}, True, id="more than that"),
        pytest.param(
            {"ThresholdExpression": {"And": [beyond("100"), beyond("40", PERCENTAGE)]}}, False, id="both, as AWS has it"
        ),
        pytest.param(
            {"ThresholdExpression": {"And": [beyond("5"), beyond("900", PERCENTAGE)]}},
            True,
            id="both, one of them far off",
        ),
        pytest.param(
            {"ThresholdExpression": {"Or": [beyond("5000"), beyond("40", PERCENTAGE)]}},
            False,
            id="either, one of them far off",
        ),
        pytest.param({"Threshold": 100.0}, False, id="dollars as they were written of old"),
        pytest.param({"Threshold": 5000.0}, True, id="very many of them"),
    ],
)
def test_a_threshold_that_is_far_beyond_the_ordinary(
    account: Account, threshold: dict[str, Any], *, deaf: bool
) -> None:
    subscription(account.client, monitor(account.client), "ada@example.com", **threshold)
    assert subscribed(account).deaf is deaf


def test_all_pages_of_subscriptions_are_read(account: Account) -> None:
    arn = monitor(account.client)
    for number in range(130):
        subscription(account.client, arn, "ada@example.com", name=f"daily-{number}")
    assert len(anomaly_subscriptions(account.aws, NOW).of) == 130


def test_what_is_kept_is_found_again(account: Account) -> None:
    subscription(account.client, monitor(account.client), TOPIC)
    found, told = anomaly_monitors(account.aws, Settings(), NOW), anomaly_subscriptions(account.aws, NOW)
    rows = [
        KeptFact(type=stored_name(type(each)), place="", at=AT, table_id="", answer=packed(each), revision="1")
        for each in (found, told)
    ]
    late = KeptAnswers(rows, AT + timedelta(hours=23)).find
    assert late(source_of(AnomalyMonitors), ROOT, "1") == Kept(found, AT)
    assert late(source_of(AnomalySubscriptions), ROOT) == Kept(told, AT)
    assert KeptAnswers(rows, AT + timedelta(days=7)).find(source_of(AnomalyMonitors), ROOT, "1") is None
