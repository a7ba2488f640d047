"""Where failed writes are counted, in words, and where they could be."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from readiness.alarming.firing import fires
from readiness.alarming.route import Route
from readiness.alarming.scale import failures
from readiness.arn import name_of
from readiness.checklist import AlarmSettings
from readiness.each import Each
from readiness.facts.alarms import Alarm
from readiness.facts.failure_filters import FailureFilter, FailureFilters
from readiness.facts.failure_metrics import Dimensions, FailureDimensions, FailureMetric, FailureSeries
from readiness.facts.log_groups import WITHOUT_METRICS, LogGroup
from readiness.facts.paging import Routes
from readiness.judging.watching import named as of_alarm
from readiness.judging.watching import tagged
from readiness.model import Reason, Unavailable, Unreadable

UNCOUNTED = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", "CloudWatch could not read the metric")


def ever(wanted: FailureSeries, metric: FailureMetric | Unavailable) -> bool:
    """Whether there was any datapoint. Unreadable: that is not known."""
    if isinstance(metric, Unavailable):
        raise Unreadable({wanted.key: metric})
    if wanted.domain not in metric.seen:
        raise Unreadable({wanted.key: UNCOUNTED})
    return metric.seen[wanted.domain]


def best_groups(domain: str, groups: Each[LogGroup]) -> list[str]:
    """The names of all log groups, those first that can have a filter, and of these those that bear the domain's."""
    answers = groups.answers()
    able = {arn for arn, group in answers.items() if isinstance(group, LogGroup) and group.kind not in WITHOUT_METRICS}
    return [name_of(arn) for arn in sorted(answers, key=lambda arn: (arn not in able, domain not in arn, arn))]


def filtering(wanted: FailureSeries, filters: FailureFilters, groups: Each[LogGroup]) -> list[FailureFilter]:
    """The filters of the log groups of the table's functions.

    Unreadable: one that counts the series belongs to another group, of which nobody knows whether a function has it.
    """
    names = set(map(name_of, groups.answers()))
    strange = any(each.counts(wanted.series) for each in filters.made if each.group not in names)
    own = [each for each in filters.made if each.group in names]
    if groups.unlisted and strange and not any(each.counts(wanted.series) for each in own):
        raise Unreadable({wanted.key: groups.unlisted})
    return own


def elsewhere(
    wanted: FailureSeries, filters: Collection[FailureFilter], dimensions: FailureDimensions | Unavailable
) -> list[str]:
    """Under which other dimensions the metric is counted."""
    names = {each.dimensions for each in filters}
    sets = [] if isinstance(dimensions, Unavailable) else dimensions.instead_of(wanted)
    return [f"by a filter under {joined(each) or 'no dimension'}" for each in sorted(names)] + [
        f"under {spelled(each)}" for each in sets
    ]


def unwatched(wanted: FailureSeries, alarms: Iterable[Alarm]) -> str:
    """That no alarm watches it, and which of them come near."""
    metric = wanted.series.namespace, wanted.series.metric
    others = {
        alarm.name: each.dimensions
        for alarm in alarms
        for each in alarm.watches
        if (each.namespace, each.metric) == metric
        and (not each.dimensions or wanted.domain in dict(each.dimensions).values())
    }
    said = [f"{name} watches {spelled(dimensions)}" for name, dimensions in sorted(others.items())]
    return "; ".join([f"no alarm watches {spelled(wanted.series.dimensions)}", *said])


def heard(wanted: FailureSeries, alarm: Alarm, routes: Routes, settings: AlarmSettings) -> Route:
    """Whether an alarm that watches it goes off for failed writes, in time, and reaches somebody."""
    able = fires(alarm, wanted.series, failures(settings.events_per_minute))
    return of_alarm(alarm, tagged(alarm, wanted.series, None), able, routes.of[alarm.arn])


def vouched(alarms: Iterable[Alarm], routes: Routes, settings: AlarmSettings) -> dict[str, Route]:
    """By name, the alarms of which the checklist says that they watch failed writes, and nobody could tell."""
    return {
        alarm.name: of_alarm(alarm, routes.of[alarm.arn])
        for alarm in alarms
        if alarm.opaque and settings.vouched.get(alarm.name) == "write-failures"
    }


def named(wanted: FailureSeries) -> dict[str, Any]:
    """The series, as commands want it."""
    [(dimension, domain)] = wanted.series.dimensions
    series = wanted.series
    return {"Namespace": series.namespace, "MetricName": series.metric, "Dimension": dimension, "Domain": domain}


def spelled(dimensions: Dimensions) -> str:
    """Each name with its value."""
    return joined([f"{name}={value}" for name, value in dimensions]) or "no dimension"


def joined(names: Sequence[str]) -> str:
    """Such as `cart and quote`."""
    return " and ".join(names)
