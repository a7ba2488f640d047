from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.dynamodb import NAMESPACE, series_of
from readiness.alarms.series import Query
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption
from readiness.model import Status, Unavailable, Unreadable, Verdict
from readiness.rules.alarms_wired import Training, fed, steady, stuck, trained
from tests.aws.account import TABLE
from tests.rules import table_alarms as given
from tests.rules.alarms import alarm
from tests.rules.alarms_wired.builders import DENIED, READ
from tests.rules.facts import NOW, ago
from tests.rules.functions import THE_TABLE
from tests.rules.table_alarms import ALL, band, consumption, events, indexed, query, static


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(events(state="ALARM", state_since=ago(days=3)), Status.WARN, id="for three days"),
        pytest.param(events(state="ALARM", state_since=ago(hours=24)), Status.PASS, id="for a day"),
        pytest.param(events(), Status.PASS, id="OK"),
        pytest.param(query(state="ALARM", state_since=ago(days=3)), Status.WARN, id="a query"),
        pytest.param(
            alarm(
                "each",
                insights=(Query(NAMESPACE, READ, "SUM", ("TableName",), grouped=("TableName",)),),
                state="ALARM",
                state_since=ago(days=3),
            ),
            Status.PASS,
            id="a query that tells of each table by itself",
        ),
        pytest.param(
            alarm(
                f"TargetTracking-table/{TABLE}-AlarmLow-0001",
                given.summed(WRITES),
                actions=(
                    "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/dynamodb/table/a:policy",
                ),
                operator="LessThanThreshold",
                state="ALARM",
                state_since=ago(days=30),
            ),
            Status.PASS,
            id="one that takes capacity away for weeks, and is to call nobody",
        ),
        pytest.param(
            alarm("a", series_of(READ, "orders"), state="ALARM", state_since=ago(days=3)),
            Status.PASS,
            id="another table",
        ),
    ],
)
def test_alarms_that_are_stuck(found: Alarm, status: Status) -> None:
    [verdict] = stuck(THE_TABLE, indexed(found), NOW)
    assert verdict.status is status


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(events(periods=1), Status.WARN, id="filled, one period"),
        pytest.param(events(periods=5), Status.PASS, id="filled, several periods"),
        pytest.param(events(periods=1, filled=False), Status.PASS, id="not filled"),
    ],
)
def test_alarms_that_take_a_late_datapoint_for_a_gap(found: Alarm, status: Status) -> None:
    [verdict] = steady(THE_TABLE, indexed(found))
    assert verdict.status is status


DATALESS = static(READS, 5, state="INSUFFICIENT_DATA", state_since=ago(days=2))


def feeds(found: Alarm, usual: Consumption | Unavailable | None = None, trained_as: str = "TRAINED") -> Verdict:
    [verdict] = fed(THE_TABLE, indexed(found), usual or consumption(), given.models([found], trained_as), NOW)
    return verdict


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(DATALESS, Status.FAIL, id="for two days, though it is published"),
        pytest.param(replace(DATALESS, state_since=ago(hours=24)), Status.WARN, id="for a day"),
        pytest.param(replace(DATALESS, state_since=ago(minutes=16)), Status.WARN, id="for more than three periods"),
        pytest.param(replace(DATALESS, state_since=ago(minutes=15)), Status.PASS, id="for three periods"),
        pytest.param(replace(DATALESS, state="OK"), Status.PASS, id="it has some"),
        pytest.param(
            events(state="INSUFFICIENT_DATA", state_since=ago(days=30)), Status.PASS, id="throttles, which are rare"
        ),
    ],
)
def test_alarms_without_data(found: Alarm, status: Status) -> None:
    assert feeds(found).status is status


def test_an_alarm_that_warms_up_has_no_data_yet() -> None:
    warming = replace(DATALESS, configured=ago(hours=1), warm_up=120)
    assert feeds(warming).status is Status.WARN
    assert feeds(replace(warming, configured=ago(hours=2))).status is Status.WARN
    assert feeds(replace(warming, configured=ago(hours=3))).status is Status.FAIL
    rare = events(state="INSUFFICIENT_DATA", configured=ago(hours=1), warm_up=120)
    assert feeds(rare).status is Status.WARN, "its actions are off, whatever it watches"


def test_an_alarm_has_no_data_where_nothing_is_consumed() -> None:
    assert feeds(DATALESS, consumption(None)).status is Status.WARN
    with pytest.raises(Unreadable):
        feeds(DATALESS, DENIED)


def test_an_alarm_on_anomalies_has_none_while_its_model_is_trained() -> None:
    unusual = band(READS, state="INSUFFICIENT_DATA", state_since=ago(days=2))
    assert feeds(unusual, trained_as="PENDING_TRAINING").status is Status.PASS
    assert feeds(unusual).status is Status.FAIL


def training(models: AnomalyModels, before: Training | None = None) -> list[Verdict]:
    earlier = Each({band(READS).arn: before} if before else {})
    return list(trained(THE_TABLE, indexed(*ALL), models, NOW, earlier))


@pytest.mark.parametrize(
    ("state", "since", "status"),
    [
        pytest.param("PENDING_TRAINING", None, Status.WARN, id="just made"),
        pytest.param("PENDING_TRAINING", ago(days=15), Status.WARN, id="for 15 days"),
        pytest.param("PENDING_TRAINING", ago(days=15, minutes=1), Status.FAIL, id="for longer"),
        pytest.param("TRAINED_INSUFFICIENT_DATA", ago(days=16), Status.FAIL, id="too little data for longer"),
        pytest.param("TRAINED", ago(days=16), Status.PASS, id="trained"),
    ],
)
def test_how_far_a_model_is_trained(state: str, since: Any, status: Status) -> None:
    before = Training(state, since) if since else None
    verdicts = training(given.models(ALL, **{READS: state}), before)
    assert [each.status for each in verdicts] == [status, Status.PASS]
    assert [each.resource for each in verdicts] == [band(READS).arn, band(WRITES).arn]
    carried = verdicts[0].carry
    assert carried == (None if state == "TRAINED" else Training(state, since or NOW.at))


def test_a_model_that_is_not_there() -> None:
    assert [each.status for each in training(AnomalyModels(()))] == [Status.WARN, Status.WARN]


def test_a_table_without_alarms_on_anomalies_needs_no_model() -> None:
    [verdict] = trained(THE_TABLE, indexed(events()), AnomalyModels(()), NOW, Each({}))
    assert verdict.status is Status.NOT_APPLICABLE
