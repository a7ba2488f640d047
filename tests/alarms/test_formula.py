"""Metric math as CloudWatch documents it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from datetime import UTC, datetime

import pytest

from readiness.alarms.expression import parsed
from readiness.alarms.formula import Formula, NotEvaluated
from readiness.alarms.series import Query, series

AT = datetime(2026, 1, 5, 13, 30, tzinfo=UTC)
METRICS = tuple((key, series("Shop", key, "Sum")) for key in ("m1", "m2", "m3"))
QUERIES = (("q1", Query("Shop", "a", "SUM")),)
VALUES: dict[str, float | None] = {"m1": 6, "m2": 0, "m3": None, "q1": 2}
PERIODS = (("m1", 300),)


def worth(expression: str, *others: tuple[str, str]) -> float | None:
    return Formula("e1", METRICS, QUERIES, (("e1", expression), *others), PERIODS).worth(VALUES, AT)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param("m1", 6, id="a metric"),
        pytest.param("q1 + 1", 3, id="a query"),
        pytest.param("1 + m1 * 2 - 4 / 2", 11, id="products before sums"),
        pytest.param("(1 + m1) * 2", 14, id="parentheses first"),
        pytest.param("10 - 4 - m1", 0, id="from left to right"),
        pytest.param("-m1 ^ 2 + 2 * -m1", -48, id="a power before a minus in front"),
        pytest.param("m2 ^ 2", 0, id="a power of nothing"),
        pytest.param("m2 ^ (2 - m1)", None, id="which no negative one is"),
        pytest.param("1.5e1 + .5 + m1", 21.5, id="ways to write a number"),
        pytest.param("m1 + m3", 6, id="what is missing counts as nothing"),
        pytest.param("m1 / m2", None, id="nothing divides"),
        pytest.param("m1 / m3", None, id="nothing that is missing divides"),
        pytest.param("FILL(m1 / m2, 7)", 7, id="what has no value is filled"),
        pytest.param("FILL(m3, 0) + FILL(m1, 9)", 6, id="and nothing else"),
        pytest.param("FILL(m1, REPEAT)", 6, id="with what was there before"),
        pytest.param("FILL(m3, LINEAR)", None, id="of which one instant tells nothing"),
        pytest.param("m1 > 5", 1, id="more"),
        pytest.param("m1 >= 6 AND m2 == 0", 1, id="both"),
        pytest.param("m1 > 6 && m2 == 0", 0, id="one of both"),
        pytest.param("m1 < 6 || m2 != 1", 1, id="either"),
        pytest.param("m1 <= 5 or m2 > 0", 0, id="neither"),
        pytest.param("m2 > 0 AND m2 > 0 OR m1 > 0", 1, id="AND before OR"),
        pytest.param("m2 > 0 AND (m2 > 0 OR m1 > 0)", 0, id="unless it is in parentheses"),
        pytest.param("IF(m1 > 5, 2, 1)", 2, id="a condition that holds"),
        pytest.param("IF(m2, 2, m1)", 6, id="one that does not"),
        pytest.param("IF(m2 > 0, m1)", None, id="and nothing for it"),
        pytest.param("IF(m1, m3, 1)", 0, id="what is let through without a value is 0"),
        pytest.param("IF(m3 / m2, 1, 2)", None, id="a condition without a value"),
        pytest.param("SUM([m1, m2, m3, 2])", 8, id="a sum of an array"),
        pytest.param("SUM(METRICS())", 6, id="of all metrics, which queries are not"),
        pytest.param("SUM(METRICS('1')) + SUM(METRICS(\"2\"))", 6, id="of those that are named so"),
        pytest.param("SUM([METRICS('1'), METRICS('2')])", 6, id="of arrays in an array"),
        pytest.param("SUM(-[m1, m2])", -6, id="each line by itself"),
        pytest.param("SUM(10 * [m1, m2])", 60, id="a number and each line"),
        pytest.param("SUM([m1, m2] + [m2, m1])", 12, id="line by line"),
        pytest.param("SUM([m1, m3] + [m3, m1])", 12, id="lines that are missing count as nothing"),
        pytest.param("AVG([m1, m2, m3])", 2, id="an average, in which what is missing counts"),
        pytest.param("MAX([m1, m2, m3])", 6, id="the greatest"),
        pytest.param("MIN([m1, m2, m3])", 0, id="the least that there is"),
        pytest.param("STDDEV([m1, m2])", 3, id="the deviation"),
        pytest.param("DATAPOINT_COUNT([m1, m3])", 1, id="how many there are"),
        pytest.param("m1 / METRIC_COUNT(METRICS())", 2, id="how many metrics"),
        pytest.param("SUM(FIRST([[m1], m2]) + [LAST([m1, m2])])", 6, id="the first and the last"),
        pytest.param("ABS(m2 - m1) + CEIL(m1 / 4) + FLOOR(m1 / 4)", 9, id="one by one"),
        pytest.param("LOG10(m1 + 94)", 2, id="a logarithm"),
        pytest.param("LOG(m2)", None, id="which nothing has"),
        pytest.param("LOG10(m2)", None, id="to whatever base"),
        pytest.param("m1 / PERIOD(m1)", 0.02, id="by the second"),
        pytest.param("HOUR(m1) * 100 + MINUTE(m1)", 1330, id="the time of day"),
        pytest.param("DAY(m1) * 10 + MONTH(m1)", 11, id="Monday, in January"),
        pytest.param("e2 + 1", 13, id="another expression"),
    ],
)
def test_what_an_expression_is_worth(expression: str, value: float | None) -> None:
    assert worth(expression, ("e2", "m1 * 2")) == value


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("RATE(m1)", id="how much it changes"),
        pytest.param("DIFF(m1)", id="by how much"),
        pytest.param("TIME_SERIES(5)", id="a constant for ever"),
        pytest.param("RUNNING_SUM(m1)", id="all so far"),
        pytest.param("m1 - AVG(m1)", id="the average of its past"),
        pytest.param("MAX(m1) / m1", id="the greatest of its past"),
        pytest.param("SEARCH('{Shop} a', 'Sum')", id="a search"),
        pytest.param("METRICS()", id="an array, which no alarm can compare"),
        pytest.param("PERIOD(m2)", id="a period that is not known"),
        pytest.param("e1 + 1", id="itself"),
        pytest.param("m9", id="what is not there"),
        pytest.param("m1 +", id="the half of an expression"),
        pytest.param("m1 ** 2", id="no operator"),
        pytest.param("(m1", id="an open parenthesis"),
        pytest.param("[m1 m2]", id="an array without commas"),
        pytest.param("m1 m2", id="two expressions"),
        pytest.param("IF(m1)", id="too few arguments"),
        pytest.param("FILL(m1)", id="gaps filled with nothing"),
        pytest.param("FIRST(m1)", id="the first of no array"),
        pytest.param("'m1' + 1", id="a text"),
        pytest.param("(" * 5000 + "m1" + ")" * 5000, id="deeper than anybody reads"),
        pytest.param("m1 ^ 99999", id="more than a number holds"),
    ],
)
def test_what_one_instant_does_not_tell(expression: str) -> None:
    with pytest.raises(NotEvaluated):
        worth(expression)


@pytest.mark.parametrize(
    ("expression", "timed", "comparing"),
    [
        pytest.param("m1 + m2", False, False, id="neither"),
        pytest.param("IF(HOUR(m1) > 8, m1, 0)", True, False, id="by the hour"),
        pytest.param("RATE(m1)", False, True, id="with its past"),
        pytest.param("m1 +", False, False, id="what can't be read"),
    ],
)
def test_what_else_an_expression_depends_on(expression: str, *, timed: bool, comparing: bool) -> None:
    found = Formula("e1", METRICS, (), (("e1", expression),))
    assert (found.timed, found.comparing) == (timed, comparing)


def test_a_metric_over_two_periods_is_compared_with_itself() -> None:
    twice = (METRICS[0], ("m4", METRICS[0][1]))
    assert Formula("e1", twice, (), (("e1", "m1 / m4"),)).comparing


def test_what_is_no_metric_math_is_told() -> None:
    with pytest.raises(ValueError, match="ends too soon"):
        parsed("m1 + ")
