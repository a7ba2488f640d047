from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.alarms.series import series
from readiness.checklist import FailureSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.failure_metrics import (
    FailureDimensions,
    FailureMetric,
    FailureSeries,
    all_failure_series,
    failure_dimensions,
    failure_metric,
    failure_series,
)
from tests.aws import logs
from tests.aws.account import Account
from tests.rules.facts import AT, NOW, checklist

QUOTE = FailureSeries("quote", series(*logs.FAILURES, Domain="quote"))


def wanted(**other: Any) -> Each[FailureSeries]:
    return failure_series(checklist(write_failures=FailureSettings(**other)))


def publish(account: Account, value: float = 1, days: float = 1, **dimensions: str) -> None:
    logs.publish(account, AT - timedelta(days=days), value, **dimensions)


def metric(account: Account) -> FailureMetric:
    return failure_metric(account.aws, all_failure_series(wanted()), NOW)


def dimensions(account: Account) -> FailureDimensions:
    return failure_dimensions(account.aws, checklist(), FailureMetric({}))


def test_one_series_for_each_domain_known_by_all_that_makes_it() -> None:
    found = wanted(namespace="Shop", metric="Lost", dimension="Kind", domains=("quote", "coupon"))
    assert list(found.answers()) == ["Shop Lost Kind=coupon", "Shop Lost Kind=quote"]
    assert found["Shop Lost Kind=quote"].series == series("Shop", "Lost", Kind="quote")


def test_what_was_counted_within_fourteen_days(account: Account) -> None:
    publish(account, Domain="quote", days=13)
    publish(account, Domain="coupon", days=15)
    assert metric(account).seen == {"quote": True, "session": False, "coupon": False}
    assert account.calls.count("cloudwatch:GetMetricData") == 1


def test_a_zero_was_counted_too(account: Account) -> None:
    publish(account, value=0, Domain="quote")
    assert metric(account).seen["quote"]


def test_a_series_with_one_dimension_more_is_another(account: Account) -> None:
    publish(account, Domain="quote", service="checkout")
    assert not metric(account).seen["quote"]
    assert dimensions(account).instead_of(QUOTE) == [(("Domain", "quote"), ("service", "checkout"))]


def test_a_domain_that_could_not_be_read_was_not_seen_to_be_empty(account: Account) -> None:
    results = [{"Id": f"q{number}", "StatusCode": "Complete", "Values": [1.0]} for number in range(3)]
    results[1] |= {"StatusCode": "InternalError", "Values": []}
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": results})
    assert len(metric(account).seen) == 2


def test_nothing_is_asked_of_no_domain(account: Account) -> None:
    assert failure_metric(account.aws, all_failure_series(wanted(domains=())), NOW) == FailureMetric({})
    assert account.calls == []


def test_dimensions_of_every_page(account: Account) -> None:
    account.answer(
        "cloudwatch",
        "ListMetrics",
        {"Metrics": [], "NextToken": "more"},
        {"Metrics": [{"Dimensions": [{"Name": "Domain", "Value": "quote"}]}, {"Dimensions": []}]},
    )
    assert dimensions(account).sets == ((), (("Domain", "quote"),))


@pytest.mark.parametrize(
    ("known", "instead"),
    [
        pytest.param((("Domain", "quote"),), False, id="the series itself is no other"),
        pytest.param((("domain", "quote"),), True, id="a dimension of another name"),
        pytest.param((("Domain", "quote"), ("service", "checkout")), True, id="a dimension more"),
        pytest.param((("Domain", "coupon"), ("service", "checkout")), False, id="another domain"),
        pytest.param((), True, id="no dimension at all"),
    ],
)
def test_which_sets_stand_for_the_domain(known: tuple[tuple[str, str], ...], instead: bool) -> None:  # noqa: FBT001  a column of the table
    assert bool(FailureDimensions((known,)).instead_of(QUOTE)) is instead


@pytest.mark.parametrize("left_out", [None, "quote", "coupon"])
def test_other_sets_are_listed_only_for_domains_without_datapoints(account: Account, left_out: str | None) -> None:
    for domain in {"quote", "session", "coupon"} - {left_out}:
        publish(account, Domain=domain)
    found = failure_dimensions(account.aws, checklist(), metric(account))
    assert account.calls.count("cloudwatch:ListMetrics") == (0 if left_out is None else 1)
    assert len(found.sets) == (0 if left_out is None else 2)


def test_refused_calls_are_no_answers(account: Account) -> None:
    for operation, read in (("GetMetricData", metric), ("ListMetrics", dimensions)):
        account.refuse("cloudwatch", operation, "AccessDenied", 403)
        with pytest.raises(ClientError):
            read(account)
