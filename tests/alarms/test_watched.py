"""Alarms as DescribeAlarms gives them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
"""

from typing import Any

import pytest

from readiness.alarms.formula import Formula
from readiness.alarms.series import Query, Series, series
from readiness.alarms.watched import Watched
from readiness.aws.answer import Answer
from readiness.facts.cloudwatch.alarms import watched_by

ACCOUNT = "123456789012"
Json = dict[str, Any]


def watched(alarm: Json, account: str) -> Watched:
    return watched_by(Answer(alarm, "cloudwatch:DescribeAlarms"), account)


def stat(key: str, metric: str = "", **other: Any) -> Json:
    """A metric of an alarm on metric math."""
    of = {"Namespace": "Shop", "MetricName": metric or key, "Dimensions": [{"Name": "Domain", "Value": "cart"}]}
    return {"Id": key, "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}, "ReturnData": False, **other}


def math(expression: str, key: str = "e1", **other: Any) -> Json:
    return {"Id": key, "Expression": expression, "ReturnData": True, **other}


def one(metric: str) -> Series:
    return series("Shop", metric, "Sum", Domain="cart")


@pytest.mark.parametrize(
    ("statistic", "named"),
    [({"Statistic": "Maximum"}, "Maximum"), ({"ExtendedStatistic": "p99.9"}, "p99.9")],
)
def test_a_simple_alarm(statistic: Json, named: str) -> None:
    dimensions = [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]
    alarm = {"Namespace": "Shop", "MetricName": "Failures", "Dimensions": dimensions, "Period": 300, **statistic}
    expected = Series("Shop", "Failures", (("a", "1"), ("b", "2")), named)
    found = watched(alarm, ACCOUNT)
    assert (found.series, found.queries, found.period_seconds, found.opaque) == ((expected,), (), 300, False)


def test_an_alarm_without_dimensions() -> None:
    alarm = {"Namespace": "AWS/DynamoDB", "MetricName": "UserErrors", "Statistic": "Sum", "Period": 60}
    assert watched(alarm, ACCOUNT).series == (series("AWS/DynamoDB", "UserErrors", "Sum"),)


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        pytest.param([stat("m1"), stat("m2"), math("m1 + m2")], ["m1", "m2"], id="a sum"),
        pytest.param([stat("m1"), stat("m2"), math("FILL(m1, 0)")], ["m1"], id="what nothing refers to is not watched"),
        pytest.param(
            [stat("m1"), stat("m2"), math("m1 * 2", "half", ReturnData=False), math("MAX([half, m2])")],
            ["m1", "m2"],
            id="through another expression",
        ),
        pytest.param(
            [stat("m1"), stat("m10"), math("m10 / 2")], ["m10"], id="an id that begins as another one is another one"
        ),
        pytest.param(
            [stat("error_rate"), stat("m1"), math('IF(error_rate > 1, error_rate, 0) + 0 * "m1"')],
            ["error_rate"],
            id="functions and texts are no ids",
        ),
        pytest.param([stat("m1"), stat("m2"), math("SUM(METRICS())")], ["m1", "m2"], id="all there are"),
        pytest.param(
            [stat("errors"), stat("m2"), math("SUM(METRICS('err'))")], ["errors"], id="all of a kind, by their ids"
        ),
        pytest.param([stat("m1", ReturnData=True)], ["m1"], id="a metric alone"),
        pytest.param([stat("m1", AccountId=ACCOUNT, ReturnData=True)], ["m1"], id="of this account, by name"),
        pytest.param([stat("m1", AccountId="999999999999", ReturnData=True)], [], id="of another account"),
        pytest.param(
            [math("e2", "e1", ReturnData=False), math("e1 + m1", "e2"), stat("m1")],
            ["m1"],
            id="expressions in a circle",
        ),
    ],
)
def test_metric_math(metrics: list[Json], found: list[str]) -> None:
    assert watched({"Metrics": metrics}, ACCOUNT).series == tuple(one(metric) for metric in found)


def test_an_anomaly_alarm_watches_the_metric_and_not_what_the_band_is_made_of() -> None:
    alarm = {
        "Metrics": [
            stat("m1", ReturnData=True),
            stat("m2"),
            math("ANOMALY_DETECTION_BAND(m2, 2)", "ad1"),
        ],
        "ThresholdMetricId": "ad1",
    }
    found = watched(alarm, ACCOUNT)
    assert (found.series, found.band) == ((one("m1"),), True)


def test_the_longest_period_counts() -> None:
    slow = stat("m2")
    slow["MetricStat"]["Period"] = 300
    assert watched({"Metrics": [stat("m1"), slow, math("m1 + m2")]}, ACCOUNT).period_seconds == 300


def test_a_metrics_insights_alarm() -> None:
    metrics = [math('SELECT SUM(Failures) FROM SCHEMA("Shop", Domain)', "q1", Period=60)]
    found = watched({"Metrics": metrics}, ACCOUNT)
    assert (found.series, found.queries, found.period_seconds) == (
        (),
        (Query("Shop", "Failures", "SUM", ("Domain",)),),
        60,
    )


@pytest.mark.parametrize(
    ("alarm", "filled", "plain"),
    [
        pytest.param(
            {"Namespace": "Shop", "MetricName": "Failures", "Statistic": "Sum", "Period": 60},
            False,
            True,
            id="a metric",
        ),
        pytest.param({"Metrics": [stat("m1", ReturnData=True)]}, False, True, id="a metric among others"),
        pytest.param({"Metrics": [stat("m1"), math("FILL(m1, 0)")]}, True, True, id="with its gaps filled"),
        pytest.param({"Metrics": [stat("m1"), math(" FILL( m1,REPEAT ) ")]}, True, True, id="filled, written loosely"),
        pytest.param({"Metrics": [stat("m1"), stat("m2"), math("FILL(m1,0)+FILL(m2,0)")]}, True, False, id="a sum"),
        pytest.param({"Metrics": [stat("m1"), math("RATE(m1)")]}, False, False, id="a rate"),
        pytest.param({"Metrics": [math("SELECT SUM(a) FROM Shop")]}, False, True, id="a query"),
        pytest.param(
            {"Metrics": [math("SELECT SUM(a) FROM Shop", "q", ReturnData=False), math("q / 2")]},
            False,
            False,
            id="a part of a query",
        ),
    ],
)
def test_what_is_compared(alarm: Json, *, filled: bool, plain: bool) -> None:
    found = watched(alarm, ACCOUNT)
    assert (found.filled, found.plain, found.band) == (filled, plain, False)


@pytest.mark.parametrize(
    ("alarm", "units"),
    [
        pytest.param(
            {"Namespace": "Shop", "MetricName": "a", "Statistic": "Sum", "Period": 60, "Unit": "Count"},
            ("Count",),
            id="of a metric",
        ),
        pytest.param({"Metrics": [stat("m1", ReturnData=True)]}, (), id="none is asked for"),
        pytest.param(
            {"Metrics": [{**stat("m1"), "MetricStat": {**stat("m1")["MetricStat"], "Unit": "Bytes"}}, math("m1")]},
            ("Bytes",),
            id="in metric math",
        ),
    ],
)
def test_the_units_that_are_asked_for(alarm: Json, units: tuple[str, ...]) -> None:
    assert watched(alarm, ACCOUNT).units == units


def test_metric_math_on_a_query() -> None:
    asked = math('SELECT SUM(Failures) FROM SCHEMA("Shop", Domain)', "q1", ReturnData=False)
    found = watched({"Metrics": [asked, stat("m1"), math("FILL(q1, 0)")]}, ACCOUNT)
    assert (found.series, len(found.queries)) == ((), 1)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("SELECT SUM(a) FROM b HAVING c", id="a query that is more than AWS documents"),
        pytest.param("INSIGHT_RULE_METRIC('DynamoDBContributorInsights-PKT-shop', 'Sum')", id="a rule"),
        pytest.param("m1 ** 2", id="what is no metric math"),
        pytest.param("LAMBDA('feed')", id="a function"),
    ],
)
def test_what_can_not_be_read_may_watch_anything(expression: str) -> None:
    found = watched({"Metrics": [math(expression)]}, ACCOUNT)
    assert (found.series, found.queries, found.opaque) == ((), (), True)


def test_a_part_that_can_not_be_read_makes_the_whole_of_it_so() -> None:
    asked = math("SELECT SUM(a) FROM b HAVING c", "q1", ReturnData=False)
    found = watched({"Metrics": [asked, stat("m1"), math("m1 + q1")]}, ACCOUNT)
    assert (found.series, found.opaque, found.formula) == ((one("m1"),), True, None)


def test_an_alarm_that_compares_nothing_may_watch_anything() -> None:
    assert watched({"Metrics": [stat("m1")]}, ACCOUNT).opaque


def test_all_that_is_compared_is_kept_by_id() -> None:
    asked = math('SELECT SUM(Failures) FROM SCHEMA("Shop", Domain)', "q1", Period=60, ReturnData=False)
    found = watched({"Metrics": [asked, stat("m1"), math("m1 + q1")]}, ACCOUNT)
    query = Query("Shop", "Failures", "SUM", ("Domain",))
    expected = Formula("e1", (("m1", one("m1")),), (("q1", query),), (("e1", "m1 + q1"),), (("m1", 60), ("q1", 60)))
    assert found.formula == expected
    assert not found.opaque


def test_a_metric_of_another_account_is_another_one() -> None:
    far = stat("m2", AccountId="999988887777")
    found = watched({"Metrics": [stat("m1"), far, math("m1 + m2")]}, ACCOUNT)
    assert found.series == (one("m1"),)
    assert found.formula
    assert dict(found.formula.series)["m2"].namespace == "999988887777 Shop"
