from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.alarms.series import series
from readiness.facts.cloudwatch.failure_metrics import FailureFilter, FailureFilters, failure_filters
from tests.aws import logs
from tests.aws.account import Account
from tests.rules.facts import checklist

CART, QUOTE = "/aws/lambda/cart", "/aws/lambda/quote"
SHOP = {"metricNamespace": "Shop", "metricName": "Lost", "metricValue": "1"}


DOMAINS = ("quote", "session", "coupon")


def filters(account: Account) -> FailureFilters:
    return failure_filters(account.aws, checklist())


def test_what_filters_of_every_group_publish_and_nothing_of_their_patterns(account: Account) -> None:
    for group in (CART, QUOTE):
        logs.log_group(account, group)
    logs.metric_filter(account, CART, "Domain")
    logs.metric_filter(account, CART, "service")
    logs.metric_filter(account, QUOTE, defaultValue=0)
    found = filters(account)
    assert set(found.made) == {
        FailureFilter(CART, ("Domain",), sees=DOMAINS),
        FailureFilter(CART, ("service",), sees=DOMAINS),
        FailureFilter(QUOTE, sees=DOMAINS),
    }
    assert "write_failure" not in repr(found)


def test_one_call_however_many_groups_there_are(account: Account) -> None:
    for number in range(30):
        logs.log_group(account, f"{CART}-{number}")
        logs.metric_filter(account, f"{CART}-{number}", "Domain")
    account.calls.clear()
    assert len(filters(account).made) == 30
    assert account.calls == ["logs:DescribeMetricFilters"]


def test_filters_of_other_metrics_are_left_out(account: Account) -> None:
    logs.log_group(account, CART)
    logs.metric_filter(account, CART, **SHOP)
    assert filters(account) == FailureFilters(())


def test_of_a_filter_that_makes_several_metrics_the_one_is_kept(account: Account) -> None:
    failures = {"metricNamespace": logs.FAILURES[0], "metricName": logs.FAILURES[1], "metricValue": "1"}
    both = {"logGroupName": CART, "metricTransformations": [SHOP, failures]}
    pages: list[dict[str, Any]] = [
        {"metricFilters": [both], "nextToken": "more"},
        {"metricFilters": [], "nextToken": "and more"},
        {"metricFilters": [{**both, "logGroupName": QUOTE}]},
    ]
    account.answer("logs", "DescribeMetricFilters", *pages)
    assert filters(account).made == (FailureFilter(CART, may_see=DOMAINS), FailureFilter(QUOTE, may_see=DOMAINS))


def test_the_unit_of_the_metric_is_kept(account: Account) -> None:
    logs.log_group(account, CART)
    logs.metric_filter(account, CART, "Domain", unit="Count")
    [found] = filters(account).made
    assert found.unit == "Count"


def test_fields_of_the_system_are_dimensions_too(account: Account) -> None:
    logs.log_group(account, CART)
    logs.metric_filter(account, CART, "Domain")
    logs.with_system_fields(account, "@aws.account")
    [found] = filters(account).made
    assert found.dimensions == ("@aws.account", "Domain")
    assert not found.counts(series(*logs.FAILURES, Domain="quote"))


def test_a_refused_call_is_not_no_filter(account: Account) -> None:
    account.refuse("logs", "DescribeMetricFilters", "AccessDeniedException")
    with pytest.raises(ClientError):
        filters(account)


@pytest.mark.parametrize(
    ("dimensions", "counts"),
    [
        pytest.param(("Domain",), True, id="a filter under the dimension counts it"),
        pytest.param((), False, id="a filter without dimensions makes another series"),
        pytest.param(("Domain", "service"), False, id="one dimension more makes another series"),
    ],
)
def test_which_filters_count_a_series(dimensions: tuple[str, ...], counts: bool) -> None:  # noqa: FBT001  a column of the table
    assert FailureFilter(CART, dimensions).counts(series(*logs.FAILURES, Domain="quote")) is counts


@pytest.mark.parametrize(
    ("pattern", "selector", "seen"),
    [
        pytest.param(
            '{ $.event = "write_failure" && $.domain = "quote" }',
            "$.domain",
            (("quote",), ()),
            id="the domain that its pattern names",
        ),
        pytest.param('{ $.event = "write_failure" }', "$.domain", (DOMAINS, ()), id="every domain"),
        pytest.param('{ $.area = "quote" }', "$.area", (("quote",), ()), id="by another member"),
        pytest.param(
            '{ $.event = "lost" && $.domain = "quote" }', "$.domain", ((), ("quote",)), id="an event by another name"
        ),
        pytest.param('{ $.level = "ERROR" }', "$.domain", ((), DOMAINS), id="what failures may have besides"),
        pytest.param("[w1, w2]", "$w2", ((), DOMAINS), id="a pattern of another kind"),
    ],
)
def test_of_which_domains_a_filter_sees_the_failures(
    account: Account, pattern: str, selector: str, seen: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    made = {
        "metricNamespace": logs.FAILURES[0],
        "metricName": logs.FAILURES[1],
        "metricValue": "1",
        "dimensions": {"Domain": selector},
    }
    answer = {"logGroupName": CART, "filterPattern": pattern, "metricTransformations": [made]}
    account.answer("logs", "DescribeMetricFilters", {"metricFilters": [answer]})
    assert filters(account).made == (FailureFilter(CART, ("Domain",), *seen),)
