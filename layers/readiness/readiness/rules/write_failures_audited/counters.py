"""Metric filters and metrics that count write failures, and the alarms on them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from readiness.alarms.firing import fires, published
from readiness.alarms.route import Route, chain
from readiness.alarms.scale import failures
from readiness.aws.arn import name_of
from readiness.checklist import AlarmSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.failure_metrics import (
    Dimensions,
    FailureDimensions,
    FailureFilters,
    FailureMetric,
    FailureSeries,
)
from readiness.facts.cloudwatch.log_groups import STANDARD, WITHOUT_METRICS, FunctionLogGroup, LogGroup
from readiness.facts.sns.paging import Routes
from readiness.model import Reason, Unavailable, Unreadable
from readiness.rules.shared.watching import way

UNCOUNTED = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", "CloudWatch could not read the metric")


def ever(wanted: FailureSeries, metric: FailureMetric | Unavailable) -> bool:
    """Return True where there was any datapoint. Raise Unreadable where that is not known."""
    if isinstance(metric, Unavailable):
        raise Unreadable({wanted.key: metric})
    if wanted.domain not in metric.seen:
        raise Unreadable({wanted.key: metric.unread or UNCOUNTED})
    return metric.seen[wanted.domain]


def best_groups(domain: str, groups: Each[LogGroup], uncovered: Collection[str]) -> list[str]:
    """Return the names of all log groups in the order in which a metric filter should be created on them.

    First the groups from which CloudWatch creates metrics, then those without a filter, then those named like the
    domain.
    """
    answers = groups.answers()
    able = {arn for arn, group in answers.items() if isinstance(group, LogGroup) and group.kind not in WITHOUT_METRICS}
    return [
        name_of(arn)
        for arn in sorted(
            answers, key=lambda arn: (arn not in able, name_of(arn) not in uncovered, domain not in arn, arn)
        )
    ]


class FilterCoverage(Struct, frozen=True):
    """The log groups with write failures of a domain, by the metric filters on them.

    `seen`: a filter counts them. `doubtful`: not known, because of the filter's pattern or the log group's class.
    `blind`: no filter counts them. `others`: other groups with a filter that counts them. `vain`: groups with a filter
    that never matches them.
    """

    seen: tuple[str, ...]
    doubtful: tuple[str, ...]
    blind: tuple[str, ...]
    others: tuple[str, ...]
    vain: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Return True where all of them are counted."""
        return bool(self.seen) and not (self.doubtful or self.blind)

    @property
    def lacking(self) -> str:
        """Return the log groups in which they are not counted."""
        lacking = [f"no metric filter on {' and '.join(self.blind)} counts them"] if self.blind else []
        lacking += [f"the metric filter on {' and '.join(self.doubtful)} may not count them"] if self.doubtful else []
        return "; ".join(lacking)


def covered(
    wanted: FailureSeries, filters: FailureFilters, served: Each[FunctionLogGroup], groups: Each[LogGroup]
) -> FilterCoverage:
    """Return the log groups of the invoked versions and how far their write failures are counted.

    Groups whose name, or whose function's name, contains the domain are judged; where there are none, all groups. Raise
    Unreadable where there may be more groups, or where the class of a group with a filter could not be read.
    """
    known, unlisted = served.readable()
    counting = [each for each in filters.made if each.counts(wanted.series)]
    seeing = {each.group for each in counting if wanted.domain in each.sees}
    maybe = {each.group for each in counting if wanted.domain in each.may_see}
    if unlisted and (seeing or maybe):
        raise Unreadable({wanted.key: unlisted})
    invoked = [group for group in known if group.invoked]
    domain = wanted.domain.lower()
    near = [each for each in invoked if any(domain in name.lower() for name in (each.name, *each.functions))]
    matter = near or invoked
    sights = {
        group.name: _sight(wanted, group, groups, sees=group.name in seeing, may_see=group.name in maybe)
        for group in matter
    }
    names = {group.name for group in known}
    return FilterCoverage(
        seen=tuple(sorted(name for name, sight in sights.items() if sight is True)),
        doubtful=tuple(sorted(name for name, sight in sights.items() if sight is None)),
        blind=tuple(sorted(name for name, sight in sights.items() if sight is False)),
        others=tuple(sorted(seeing & names - sights.keys())),
        vain=tuple(sorted({each.group for each in counting if each.group in names} - seeing - maybe)),
    )


def uncounted(wanted: FailureSeries, coverage: FilterCoverage, elsewhere: Sequence[str]) -> str:
    """Return why write failures of a domain are counted in the wrong place; empty where they are not counted at all."""
    if elsewhere:
        return f"write failures are counted {' and '.join(elsewhere)}, expected {spelled(wanted.series.dimensions)}"
    if coverage.others:
        return f"the metric filter on {' and '.join(coverage.others)} counts write failures, but {coverage.lacking}"
    if coverage.vain:
        return f"the metric filter on {' and '.join(coverage.vain)} never matches write failures of the domain"
    return ""


def _sight(
    wanted: FailureSeries, group: FunctionLogGroup, groups: Each[LogGroup], *, sees: bool, may_see: bool
) -> bool | None:
    if not (sees or may_see):
        return False
    match groups.answers().get(group.arn):
        case Unavailable() as why:
            raise Unreadable({wanted.key: why})
        case LogGroup(kind=kind) if kind not in WITHOUT_METRICS:
            return True if sees and kind == STANDARD else None
        case _:
            return False


def elsewhere(
    wanted: FailureSeries,
    filters: FailureFilters,
    served: Each[FunctionLogGroup],
    dimensions: FailureDimensions | Unavailable,
) -> list[str]:
    """Return the other dimensions with which the metric is counted, by filters of the table's functions or at all."""
    own = {group.name for group in served.readable()[0]}
    names = {each.dimensions for each in filters.made if each.group in own and not each.counts(wanted.series)}
    sets = [] if isinstance(dimensions, Unavailable) else dimensions.instead_of(wanted)
    return [f"by a filter under {' and '.join(each) or 'no dimension'}" for each in sorted(names)] + [
        f"under {spelled(each)}" for each in sets
    ]


def unwatched(wanted: FailureSeries, alarms: Iterable[Alarm]) -> str:
    """Return that no alarm watches the metric, and the alarms on the same metric with other dimensions."""
    metric = wanted.series.namespace, wanted.series.metric
    others = {
        alarm.name: each.dimensions
        for alarm in alarms
        for each in alarm.watches
        if (each.namespace, each.metric) == metric
        and (not each.dimensions or wanted.domain in dict(each.dimensions).values())
    }
    near = [f"{name} has {spelled(dimensions)}" for name, dimensions in sorted(others.items())]
    return "; ".join([f"no alarm on {wanted.series.metric} with {spelled(wanted.series.dimensions)}", *near])


def heard(
    wanted: FailureSeries,
    alarm: Alarm,
    routes: Routes,
    settings: AlarmSettings,
    filters: FailureFilters | Unavailable,
) -> Route:
    """Return the route from write failures to on-call by an alarm on their metric."""
    fires_at = fires(alarm, wanted.series, failures(settings.events_per_minute))
    return way(alarm, wanted.series, chain([*_in_its_unit(wanted, alarm, filters), fires_at]), routes)


def _in_its_unit(wanted: FailureSeries, alarm: Alarm, filters: FailureFilters | Unavailable) -> Iterator[Route]:
    """Yield a broken link where the alarm has a unit that no metric filter publishes.

    The unit of metrics from other sources is not known.
    """
    made = () if isinstance(filters, Unavailable) else filters.made
    units = {each.unit for each in made if each.counts(wanted.series) and wanted.domain in {*each.sees, *each.may_see}}
    if units and units.isdisjoint(alarm.units):
        yield from published(alarm, wanted.series, min(units), every=1)


def named(wanted: FailureSeries) -> dict[str, Any]:
    """Return the series as evidence for commands."""
    [(dimension, domain)] = wanted.series.dimensions
    series = wanted.series
    return {"Namespace": series.namespace, "MetricName": series.metric, "Dimension": dimension, "Domain": domain}


def spelled(dimensions: Dimensions) -> str:
    """Return each dimension as `name=value`."""
    return " and ".join([f"{name}={value}" for name, value in dimensions]) or "no dimensions"
