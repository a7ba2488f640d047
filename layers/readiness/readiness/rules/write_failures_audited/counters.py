"""Where failed writes are counted, in words, and where they could be."""

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
from readiness.facts.cloudwatch.failure_filters import FailureFilter, FailureFilters
from readiness.facts.cloudwatch.failure_metrics import Dimensions, FailureDimensions, FailureMetric, FailureSeries
from readiness.facts.cloudwatch.log_groups import STANDARD, WITHOUT_METRICS, FunctionLogGroup, LogGroup
from readiness.facts.sns.paging import Routes
from readiness.model import Reason, Unavailable, Unreadable
from readiness.rules.shared.in_place import unable
from readiness.rules.shared.watching import named as of_alarm
from readiness.rules.shared.watching import tagged

UNCOUNTED = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", "CloudWatch could not read the metric")


def ever(wanted: FailureSeries, metric: FailureMetric | Unavailable) -> bool:
    """Whether there was any datapoint. Unreadable: that is not known."""
    if isinstance(metric, Unavailable):
        raise Unreadable({wanted.key: metric})
    if wanted.domain not in metric.seen:
        raise Unreadable({wanted.key: metric.unread or UNCOUNTED})
    return metric.seen[wanted.domain]


def best_groups(domain: str, groups: Each[LogGroup], uncovered: Collection[str]) -> list[str]:
    """The names of all log groups: first those that can have a filter, then the uncovered, then the domain's own."""
    answers = groups.answers()
    able = {arn for arn, group in answers.items() if isinstance(group, LogGroup) and group.kind not in WITHOUT_METRICS}
    return [
        name_of(arn)
        for arn in sorted(
            answers, key=lambda arn: (arn not in able, name_of(arn) not in uncovered, domain not in arn, arn)
        )
    ]


class Coverage(Struct, frozen=True):
    """The log groups to which failed writes of a domain are written, by whether a filter on them sees these.

    `doubtful`: whether its pattern matches, or whether metrics are made of the group, can't be told. `others` are other
    groups on which a filter sees them. `vain` are those on which a filter never matches them.
    """

    seen: tuple[str, ...]
    doubtful: tuple[str, ...]
    blind: tuple[str, ...]
    others: tuple[str, ...]
    vain: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether all that is logged of them is counted."""
        return bool(self.seen) and not (self.doubtful or self.blind)

    @property
    def lacking(self) -> str:
        """What is not counted, group by group."""
        said = [f"no filter on {joined(self.blind)} sees it"] if self.blind else []
        said += [f"whether a filter on {joined(self.doubtful)} sees it can't be told"] if self.doubtful else []
        return "; ".join(said)


def covered(
    wanted: FailureSeries, filters: FailureFilters, served: Each[FunctionLogGroup], groups: Each[LogGroup]
) -> Coverage:
    """Where the invoked versions log, and what is counted of that.

    Those groups matter that bear the domain's name, or whose functions do; where none does, all of them. Unreadable:
    there may be more groups, or the class of one on which there is a filter could not be read.
    """
    known, unlisted = served.readable()
    counting = [each for each in filters.made if each.counts(wanted.series)]
    seeing = {each.group for each in counting if wanted.domain in each.sees}
    maybe = {each.group for each in counting if wanted.domain in each.may_see}
    if unlisted and (seeing or maybe):
        raise Unreadable({wanted.key: unlisted})
    invoked = [group for group in known if group.invoked]
    matter = [group for group in invoked if _bears(group, wanted.domain)] or invoked
    sights = {
        group.name: _sight(wanted, group, groups, sees=group.name in seeing, may_see=group.name in maybe)
        for group in matter
    }
    names = {group.name for group in known}
    return Coverage(
        seen=tuple(sorted(name for name, sight in sights.items() if sight is True)),
        doubtful=tuple(sorted(name for name, sight in sights.items() if sight is None)),
        blind=tuple(sorted(name for name, sight in sights.items() if sight is False)),
        others=tuple(sorted(seeing & names - sights.keys())),
        vain=tuple(sorted({each.group for each in counting if each.group in names} - seeing - maybe)),
    )


def uncounted(wanted: FailureSeries, coverage: Coverage, elsewhere: Sequence[str]) -> str:
    """Why the failed writes of a domain are not counted where something is; empty where nothing is."""
    if elsewhere:
        return f"it is counted {joined(elsewhere)}, which no alarm on {spelled(wanted.series.dimensions)} sees"
    if coverage.others:
        return f"a filter on {joined(coverage.others)} sees it, but {coverage.lacking}"
    if coverage.vain:
        return f"the filter on {joined(coverage.vain)} never matches it: {coverage.lacking}"
    return ""


def own_filters(filters: FailureFilters, served: Each[FunctionLogGroup]) -> list[FailureFilter]:
    """Those on the log groups of the table's functions."""
    names = {group.name for group in served.readable()[0]}
    return [each for each in filters.made if each.group in names]


def _bears(group: FunctionLogGroup, domain: str) -> bool:
    return any(domain.lower() in name.lower() for name in (group.name, *group.functions))


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
    wanted: FailureSeries, filters: Collection[FailureFilter], dimensions: FailureDimensions | Unavailable
) -> list[str]:
    """Under which other dimensions the metric is counted."""
    names = {each.dimensions for each in filters if not each.counts(wanted.series)}
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


def heard(
    wanted: FailureSeries,
    alarm: Alarm,
    routes: Routes,
    settings: AlarmSettings,
    filters: FailureFilters | Unavailable,
) -> Route:
    """Whether an alarm that watches it goes off for failed writes, in time, and reaches somebody."""
    able = chain(
        [*_in_its_unit(wanted, alarm, filters), fires(alarm, wanted.series, failures(settings.events_per_minute))]
    )
    return of_alarm(alarm, tagged(alarm, wanted.series, None), unable(alarm, able), routes.of[alarm.arn])


def _in_its_unit(wanted: FailureSeries, alarm: Alarm, filters: FailureFilters | Unavailable) -> Iterator[Route]:
    """Why no filter that counts it publishes in the unit that the alarm asks for, if so; of others, nobody knows."""
    made = () if isinstance(filters, Unavailable) else filters.made
    units = {each.unit for each in made if each.counts(wanted.series) and wanted.domain in {*each.sees, *each.may_see}}
    if units and units.isdisjoint(alarm.units):
        yield from published(alarm, wanted.series, min(units), every=1)


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
