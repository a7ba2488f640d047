"""The metric of failed writes by domain: its datapoints, and the metric filters of log groups that publish it."""

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from readiness.alarms.filter_pattern import matched
from readiness.alarms.series import Series
from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import FailureSettings
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.ages import days_of_data
from readiness.facts.cloudwatch.datapoints import datapoints
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

LOOKED_BACK = timedelta(days=14)
PERMISSION = "cloudwatch:ListMetrics"

Dimensions = tuple[tuple[str, str], ...]


class FailureSeries(Fact):
    """The series that counts the failed writes of one domain: with this dimension, and no other."""

    domain: str
    series: Series

    @property
    def key(self) -> str:
        """The name in findings."""
        [(dimension, domain)] = self.series.dimensions
        return f"{self.series.namespace} {self.series.metric} {dimension}={domain}"


@fact(on=Table)
def failure_series(checklist: Checklist) -> Each[FailureSeries]:
    """List a series for each domain of the checklist."""
    wanted = checklist.write_failures
    found = (
        FailureSeries(domain, Series(wanted.namespace, wanted.metric, ((wanted.dimension, domain),)))
        for domain in wanted.domains
        if wanted.namespace
    )
    return Each({one.key: one for one in found})


class AllFailureSeries(Fact):
    """The series of all domains."""

    of: tuple[FailureSeries, ...]


@fact()
def all_failure_series(series: Each[FailureSeries]) -> AllFailureSeries:
    """Return the series together, because one call reads them."""
    return AllFailureSeries(tuple(series))


class FailureMetric(Fact):
    """The domains, True with a datapoint in the last 14 days, zeros included; unread ones are left out."""

    stored_as = "FailureMetric"

    seen: Mapping[str, bool]
    unread: Unavailable | None = None


@fact("cloudwatch:GetMetricData", keeps=days_of_data("wanted.of"))
def failure_metric(aws: Aws, wanted: AllFailureSeries, now: Now) -> FailureMetric:
    """Read SampleCount, because a published zero is evidence too."""
    asked = {replace(one.series, statistic="SampleCount"): one.domain for one in wanted.of}
    found = datapoints(aws, list(asked), now, LOOKED_BACK)
    return FailureMetric({asked[one]: bool(values) for one, values in found.of.items()}, found.why)


class FailureDimensions(Fact):
    """The sets of dimensions, sorted, with which the metric was published in the last two weeks."""

    sets: tuple[Dimensions, ...]

    def instead_of(self, wanted: FailureSeries) -> list[Dimensions]:
        """Return the other sets with the domain, such as with Powertools' `service`, and the empty set."""
        others = (each for each in self.sets if each != wanted.series.dimensions)
        return [each for each in others if not each or wanted.domain in dict(each).values()]


@fact(PERMISSION, on=Table)
def failure_dimensions(aws: Aws, checklist: Checklist, metric: FailureMetric | Unavailable) -> FailureDimensions:
    """Read all pages, unless each domain has datapoints. A metric without dimensions may lack the list."""
    wanted = checklist.write_failures
    counted = {} if isinstance(metric, Unavailable) else metric.seen
    if not wanted.namespace or all(counted.get(domain) for domain in wanted.domains):
        return FailureDimensions(())
    pages = aws.client("cloudwatch").get_paginator("list_metrics")
    asked = pages.paginate(Namespace=wanted.namespace, MetricName=wanted.metric)
    found = {
        tuple(sorted((each.need("Name", str), each.need("Value", str)) for each in metric.parts_or_empty("Dimensions")))
        for metric in listed(asked, "Metrics", PERMISSION)
    }
    return FailureDimensions(tuple(sorted(found)))


FILTERS = "logs:DescribeMetricFilters"
FAILURE = {"$.event": "write_failure"}
"""The fields that a function logs for each failed write, besides its domain."""

NO_UNIT = "None"
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html: the default."""


class FailureFilter(Struct, frozen=True):
    """A metric filter that publishes the metric: it `sees` domains for certain, and `may_see` others."""

    group: str
    dimensions: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    may_see: tuple[str, ...] = ()
    unit: str = NO_UNIT

    def counts(self, series: Series) -> bool:
        """True if it publishes with exactly the dimension names of the series."""
        return self.dimensions == tuple(sorted(name for name, _ in series.dimensions))


class FailureFilters(Fact):
    """All metric filters of the metric in the account and Region."""

    made: tuple[FailureFilter, ...]


@fact(FILTERS, on=Table, events=("logs:PutMetricFilter", "logs:DeleteMetricFilter"))
def failure_filters(aws: Aws, checklist: Checklist) -> FailureFilters:
    """Read the filters of the checklist's metric. Some log classes take no metric filters."""
    wanted = checklist.write_failures
    if not wanted.namespace:
        return FailureFilters(())
    pages = aws.client("logs").get_paginator("describe_metric_filters")
    asked = pages.paginate(metricNamespace=wanted.namespace, metricName=wanted.metric)
    answers = listed(asked, "metricFilters", FILTERS)
    return FailureFilters(tuple(made for answer in answers for made in _made(answer, wanted)))


def _made(answer: Answer, wanted: FailureSettings) -> list[FailureFilter]:
    """Return the filter with system fields such as `@aws.account`, which are additional dimensions if requested.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html
    """
    system = answer.texts_or_empty("emitSystemFieldDimensions")
    metric = wanted.namespace, wanted.metric
    return [
        _filter(answer, each, system, wanted)
        for each in answer.parts("metricTransformations")
        if (each.need("metricNamespace", str), each.need("metricName", str)) == metric
    ]


def _filter(answer: Answer, metric: Answer, system: tuple[str, ...], wanted: FailureSettings) -> FailureFilter:
    dimensions = metric.get("dimensions", dict, {})
    pattern, selector = answer.get("filterPattern", str), dimensions.get(wanted.dimension, "")

    def matches(known: Mapping[str, str]) -> bool | None:
        return None if pattern is None else matched(pattern, known)

    sure = [each for each in wanted.domains if matches({**FAILURE, selector: each})]
    # A shop may call the event something else, but the domain is what the dimension is taken from.
    maybe = [each for each in wanted.domains if each not in sure and matches({selector: each}) is not False]
    return FailureFilter(
        group=answer.need("logGroupName", str),
        dimensions=tuple(sorted([*dimensions, *system])),
        sees=tuple(sure),
        may_see=tuple(maybe),
        unit=metric.get("unit", str, NO_UNIT),
    )
