"""The metric filters that count failed writes in log groups."""

from collections.abc import Mapping

from msgspec import Struct

from readiness.alarms.filter_pattern import matched
from readiness.alarms.series import Series
from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.checklist import FailureSettings
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact

PERMISSION = "logs:DescribeMetricFilters"
FAILURE = {"$.event": "write_failure"}
"""The fields that a function logs for each failed write, besides its domain."""

NO_UNIT = "None"
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html: the default."""


class FailureFilter(Struct, frozen=True):
    """A metric filter of a log group that publishes the metric of failed writes; its pattern is not kept.

    `dimensions` are the sorted names; the values come from the log events. `sees` are the domains whose failed writes
    its pattern matches for certain, `may_see` those that it may match. `unit` is the unit of the metric.
    """

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


@fact(PERMISSION, on=Table, events=("logs:PutMetricFilter", "logs:DeleteMetricFilter"))
def failure_filters(aws: Aws, checklist: Checklist) -> FailureFilters:
    """Read the filters of the checklist's metric. Some log classes take no metric filters."""
    wanted = checklist.write_failures
    if not wanted.namespace:
        return FailureFilters(())
    pages = (
        aws.client("logs")
        .get_paginator("describe_metric_filters")
        .paginate(metricNamespace=wanted.namespace, metricName=wanted.metric)
    )
    answers = listed(pages, "metricFilters", PERMISSION)
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
