"""Whether an alarm can fire for a series, and in time."""

from typing import Any

import pytest

from readiness.alarms.firing import fires, spell
from readiness.alarms.scale import AGE, BYTES, DOLLARS, MESSAGES, Scale, errors, failures, throttles
from readiness.alarms.series import Label, Query, Series, series
from readiness.facts.cloudwatch.alarms import Alarm
from tests.rules.alarms import alarm, math

NAMESPACE = "AWS/DynamoDB"
READS = series(NAMESPACE, "ReadThrottleEvents", "Sum", TableName="shop")
WRITES = series(NAMESPACE, "WriteThrottleEvents", "Sum", TableName="shop")
THROTTLES = throttles(100)
AT_LEAST, LESS = "GreaterThanOrEqualToThreshold", "LessThanThreshold"


def read_by(statistic: str, threshold: float, operator: str = "GreaterThanThreshold", **other: Any) -> Alarm:
    return alarm(
        "a",
        Series(READS.namespace, READS.metric, READS.dimensions, statistic),
        threshold=threshold,
        operator=operator,
        **other,
    )


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(read_by("Sum", 0), "pages", "", id="the first event"),
        pytest.param(read_by("Sum", 99), "pages", "", id="a hundred events a minute"),
        pytest.param(read_by("Sum", 499, period_seconds=300), "pages", "", id="as many over five minutes"),
        pytest.param(read_by("Sum", 100), "doubtful", "above 100 events a minute", id="more than a hundred"),
        pytest.param(read_by("Sum", 1e9), "silent", "cannot be breached", id="more than the quota could ever serve"),
        pytest.param(read_by("Sum", 2_400_000, AT_LEAST), "doubtful", "", id="just as much"),
        pytest.param(read_by("SampleCount", 5), "pages", "", id="samples are events too"),
        pytest.param(read_by("Average", 0), "pages", "", id="an average above nothing"),
        pytest.param(read_by("Average", 1, AT_LEAST), "pages", "", id="an average of one"),
        pytest.param(read_by("Average", 1), "silent", "by the Average of", id="an average above one"),
        pytest.param(read_by("Maximum", 5), "silent", "by the Maximum of", id="a maximum above one"),
        pytest.param(read_by("Minimum", 1), "silent", "by the Minimum of", id="a minimum above one"),
        pytest.param(read_by("p99", 1), "silent", "by the p99 of", id="a percentile above one"),
        pytest.param(read_by("TS(10%:90%)", 5), "pages", "", id="a trimmed sum"),
        pytest.param(read_by("TS(2:10)", 0), "doubtful", "TS(2:10) is not", id="the sum of what lies between values"),
        pytest.param(read_by("tc(2:)", 0), "doubtful", "tc(2:) is not", id="the count of what lies above a value"),
        pytest.param(read_by("PR(:100)", 50), "doubtful", "PR(:100) is not", id="what part lies below a value"),
        pytest.param(read_by("TC(50%:)", 5), "pages", "", id="the greater half of the samples"),
        pytest.param(read_by("tm90", 0), "pages", "", id="an average without the greatest tenth"),
        pytest.param(read_by("Sum", 0, AT_LEAST), "silent", "always in ALARM", id="nothing is enough"),
        pytest.param(read_by("Sum", -1), "silent", "always in ALARM", id="less than nothing is enough"),
        pytest.param(read_by("Sum", 1, LESS), "silent", "only low values", id="too few events"),
        pytest.param(read_by("Sum", 0, LESS), "silent", "only low values", id="fewer than none"),
        pytest.param(read_by("Sum", 0, datapoints=15), "pages", "", id="a quarter of an hour"),
        pytest.param(read_by("Sum", 0, datapoints=16), "doubtful", "after 16 minutes", id="longer"),
        pytest.param(
            read_by("Sum", 0, datapoints=7, period_seconds=86_400), "silent", "only after 7 days", id="a week"
        ),
        pytest.param(
            read_by("Sum", 0, datapoints=None, period_seconds=None),
            "pages",
            "",
            id="nothing known of its time: one period, as the metric has it",
        ),
        pytest.param(read_by("Sum", 0, datapoints=1439), "doubtful", "", id="a minute less than a day"),
        pytest.param(read_by("Sum", 0, datapoints=1440), "silent", "only after 1 day", id="a day"),
        pytest.param(read_by("Sum", 0, units=("Percent",)), "silent", "published in Count", id="a wrong unit"),
        pytest.param(read_by("Sum", 0, units=("Count",)), "pages", "", id="the right unit"),
        pytest.param(read_by("Sum", 0, period_seconds=30), "silent", "period is 30", id="too short a period"),
        pytest.param(alarm("a"), "doubtful", "could not be read", id="nothing that can be read"),
        pytest.param(
            read_by("Sum", 0, operator="NewComparison"), "doubtful", "NewComparison", id="a comparison nobody knows"
        ),
    ],
)
def test_events(found: Alarm, status: str, why: str) -> None:
    route = fires(found, READS, THROTTLES)
    assert route.status == status
    assert why in route.why


@pytest.mark.parametrize(
    ("expression", "threshold", "status", "why"),
    [
        pytest.param("FILL(m1,0)+FILL(m2,0)", 0, "pages", "", id="a sum"),
        pytest.param("m1+m2", 0, "pages", "", id="a sum with gaps, which count as nothing"),
        pytest.param("SUM(METRICS())", 0, "pages", "", id="of all metrics"),
        pytest.param("MAX([m1, m2])", 0, "pages", "", id="the greater one"),
        pytest.param("IF(FILL(m1,0)>0 OR FILL(m2,0)>0,1,0)", 0, "pages", "", id="either"),
        pytest.param(
            "IF(FILL(m1,0)>0 AND FILL(m2,0)>0,1,0)", 0, "silent", "stays OK while only Read", id="both at once"
        ),
        pytest.param("MIN([m1, m2])", 0, "silent", "stays OK", id="the lesser one"),
        pytest.param("m1 * m2", 0, "silent", "stays OK", id="a product"),
        pytest.param("IF(m2 > 100, m1, 0)", 0, "silent", "stays OK", id="where there is more of another one"),
        pytest.param("m1 / m2", 0, "silent", "stays OK", id="a share of another one"),
        pytest.param("IF(HOUR(m1) > 8, m1, 0)", 0, "silent", "stays OK", id="by day alone"),
        pytest.param("IF(DAY(m1) < 6, m1, 0)", 0, "silent", "stays OK", id="on workdays alone"),
        pytest.param("IF(HOUR(m1) >= 0, m1, 0)", 0, "pages", "", id="at every hour"),
        pytest.param("FILL(m1,0)+FILL(m2,0)", -1, "silent", "always in ALARM", id="above less than nothing"),
        pytest.param(
            "FILL(m1,1)", 0, "silent", "while its metrics have no data", id="gaps that are filled with too much"
        ),
        pytest.param(
            "IF(HOUR(m1) > 8, FILL(m1,1), 0)",
            0,
            "silent",
            "while its metrics have no data",
            id="gaps that are filled by day",
        ),
        pytest.param(
            "m1 - FILL(m2, 1000)", 0, "doubtful", "its other metrics have no data", id="others filled with much"
        ),
        pytest.param("(m1 + m2) / 100", 5, "doubtful", "above 100", id="a hundredth"),
        pytest.param("RATE(m1)", 0, "doubtful", "RATE is not evaluated", id="how much it changes"),
        pytest.param("m1 - AVG(m1)", 0, "doubtful", "AVG is not evaluated", id="compared with its past"),
    ],
)
def test_metric_math(expression: str, threshold: float, status: str, why: str) -> None:
    found = math("a", expression, READS, WRITES, threshold=threshold)
    route = fires(found, READS, THROTTLES)
    assert route.status == status
    assert why in route.why


def test_a_sum_that_nothing_is_enough_for_is_always_in_alarm() -> None:
    found = math("a", "FILL(m1,0)+FILL(m2,0)", READS, WRITES, operator=AT_LEAST)
    assert "always in ALARM" in fires(found, READS, THROTTLES).why


def test_math_may_turn_the_comparison_round() -> None:
    found = math("a", "10 - m1", READS, threshold=10, operator=LESS)
    assert fires(found, READS, THROTTLES).status == "pages"


def test_another_series_is_not_watched_for_it() -> None:
    assert fires(read_by("Sum", 0), WRITES, THROTTLES).status == "silent"


def test_a_failure_may_be_counted_several_at_a_time() -> None:
    counted = failures(100)
    assert fires(read_by("Sum", 10_000), READS, counted).status == "doubtful"
    assert fires(read_by("Average", 1), READS, counted).status == "doubtful"
    assert fires(read_by("Average", 0), READS, counted).status == "pages"
    assert fires(read_by("SampleCount", 5), READS, counted).status == "pages"
    assert fires(read_by("Sum", 0, period_seconds=10), READS, counted).status == "pages"


def test_a_metric_that_may_be_published_in_any_unit_fits_what_is_asked_for() -> None:
    assert fires(read_by("Sum", 0, units=("Bytes",)), READS, failures(100)).status == "pages"


def test_an_alarm_whose_threshold_is_not_known_can_not_be_told() -> None:
    assert fires(alarm("a", READS, threshold=None), READS, THROTTLES).status == "doubtful"


def test_what_a_whole_account_is_refused_may_be_any_number() -> None:
    assert fires(read_by("Sum", 1e9), READS, errors(100)).status == "doubtful"


WAITING = series("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="letters")
ALL_QUEUES = ("QueueName",)


def query(function: Any, *labels: Label, grouped: tuple[str, ...] = (), **other: Any) -> Alarm:
    found = Query("AWS/SQS", WAITING.metric, function, ALL_QUEUES, labels, grouped=grouped)
    return alarm("a", insights=(found,), **other)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(query("MAX"), "pages", id="the greatest of all queues"),
        pytest.param(query("SUM"), "pages", id="their sum"),
        pytest.param(query("AVG"), "pages", id="their average above nothing"),
        pytest.param(query("AVG", threshold=0.5), "silent", id="their average above a half"),
        pytest.param(query("MIN"), "silent", id="the least of all queues"),
        pytest.param(query("MIN", Label("QueueName", "letters")), "pages", id="the least of the one queue"),
        pytest.param(query("MIN", Label("QueueName", "x", equal=False)), "silent", id="of all queues but one"),
        pytest.param(query("MIN", grouped=("QueueName",)), "pages", id="queue by queue"),
        pytest.param(query("COUNT"), "silent", id="how often they were looked at"),
    ],
)
def test_a_query_over_queues(found: Alarm, status: str) -> None:
    assert fires(found, WAITING, MESSAGES).status == status


@pytest.mark.parametrize(
    ("function", "threshold", "status"),
    [("SUM", 50, "pages"), ("COUNT", 50, "pages"), ("MAX", 1, "silent"), ("AVG", 0, "pages"), ("AVG", 0.5, "pages")],
)
def test_a_query_over_events(function: Any, threshold: float, status: str) -> None:
    found = Query(NAMESPACE, READS.metric, function, ("TableName",))
    assert fires(alarm("a", insights=(found,), threshold=threshold), READS, THROTTLES).status == status


BAND: dict[str, Any] = {"band": True, "threshold": None}


def banded(operator: str) -> Alarm:
    return alarm("a", READS, operator=operator, **BAND)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(banded("GreaterThanUpperThreshold"), "pages", id="upwards"),
        pytest.param(banded("LessThanLowerOrGreaterThanUpperThreshold"), "pages", id="both ways"),
        pytest.param(banded("LessThanLowerThreshold"), "silent", id="downwards"),
        pytest.param(
            math("a", "MIN([m1, m2])", READS, WRITES, operator="GreaterThanUpperThreshold", **BAND), "silent", id="math"
        ),
        pytest.param(
            math("a", "m1 + m2", READS, WRITES, operator="GreaterThanUpperThreshold", **BAND), "pages", id="a sum"
        ),
    ],
)
def test_a_band_of_what_is_expected(found: Alarm, status: str) -> None:
    assert fires(found, READS, THROTTLES).status == status


def gauge(one: Series, statistic: str, threshold: float, **other: Any) -> Alarm:
    return alarm("a", Series(one.namespace, one.metric, one.dimensions, statistic), threshold=threshold, **other)


@pytest.mark.parametrize(
    ("scale", "found", "status"),
    [
        pytest.param(MESSAGES, gauge(WAITING, "Maximum", 0), "pages", id="a message"),
        pytest.param(MESSAGES, gauge(WAITING, "Sum", 0), "pages", id="a message, summed up"),
        pytest.param(MESSAGES, gauge(WAITING, "SampleCount", 0), "silent", id="samples, which are always there"),
        pytest.param(MESSAGES, gauge(WAITING, "Maximum", 1), "silent", id="more than one message"),
        pytest.param(MESSAGES, gauge(WAITING, "Maximum", 0, operator=AT_LEAST), "silent", id="no message is enough"),
        pytest.param(AGE, gauge(WAITING, "Maximum", 60), "pages", id="an age of a minute"),
        pytest.param(AGE, gauge(WAITING, "Maximum", 3600), "doubtful", id="an age of an hour"),
        pytest.param(AGE, gauge(WAITING, "Maximum", 86_400), "silent", id="an age of a day"),
        pytest.param(DOLLARS, gauge(WAITING, "Maximum", 100, period_seconds=21_600), "pages", id="100 dollars"),
        pytest.param(DOLLARS, gauge(WAITING, "Maximum", 1e9, period_seconds=21_600), "doubtful", id="a billion"),
        pytest.param(
            DOLLARS, gauge(WAITING, "Maximum", 100, period_seconds=21_600, datapoints=3), "pages", id="18 hours"
        ),
        pytest.param(DOLLARS, gauge(WAITING, "Maximum", 100, period_seconds=86_400), "silent", id="a day"),
        pytest.param(BYTES, gauge(WAITING, "Sum", 1e12), "pages", id="any number of bytes"),
    ],
)
def test_levels(scale: Scale, found: Alarm, status: str) -> None:
    assert fires(found, WAITING, scale).status == status


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (604_800, "7 days"),
        (86_400, "1 day"),
        (7200, "2 hours"),
        (90, "90 seconds"),
        (1, "1 second"),
        (900, "15 minutes"),
    ],
)
def test_spans(seconds: int, said: str) -> None:
    assert spell(seconds) == said
