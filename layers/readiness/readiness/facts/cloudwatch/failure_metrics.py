"""The metric of failed writes by domain, and its datapoints."""

from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from readiness.alarms.series import Series
from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
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


class FailureMetric(Fact):
    """The domains, True with a datapoint in the last 14 days, zeros included; unread ones are left out."""

    seen: Mapping[str, bool]
    unread: Unavailable | None = None


@fact("cloudwatch:GetMetricData", on=Table)
def failure_metric(aws: Aws, wanted: Each[FailureSeries], now: Now) -> FailureMetric:
    """Read SampleCount, because a published zero is evidence too."""
    asked = {replace(one.series, statistic="SampleCount"): one.domain for one in wanted}
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
def failure_dimensions(aws: Aws, checklist: Checklist) -> FailureDimensions:
    """Read all pages. A metric without dimensions may lack the list."""
    wanted = checklist.write_failures
    if not wanted.namespace:
        return FailureDimensions(())
    pages = aws.client("cloudwatch").get_paginator("list_metrics")
    asked = pages.paginate(Namespace=wanted.namespace, MetricName=wanted.metric)
    found = {
        tuple(sorted((each.need("Name", str), each.need("Value", str)) for each in metric.parts_or_empty("Dimensions")))
        for metric in listed(asked, "Metrics", PERMISSION)
    }
    return FailureDimensions(tuple(sorted(found)))
