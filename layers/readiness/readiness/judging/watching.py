"""Whether an alarm on a metric of DynamoDB can go off, and whether somebody hears of it then."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from readiness.alarming.dynamodb import BATCHES, CAUSES, INDEX, OPERATION, OPERATIONS, series_of
from readiness.alarming.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarming.series import Series
from readiness.checklist import AlarmSettings, Watches
from readiness.facts.alarms import Alarm
from readiness.facts.dynamodb_alarms import DynamodbAlarms
from readiness.facts.operations import OperationsInUse
from readiness.facts.paging import Routes
from readiness.model import Unavailable, Unreadable, Verdict
from readiness.rule import failed, passed, warned

Able = Callable[[Alarm, Series], Route]
"""Whether what would happen sets off an alarm on a series."""


@dataclass(frozen=True)
class Watching:
    """The alarms on DynamoDB's metrics, and what is known of where they lead."""

    alarms: DynamodbAlarms
    routes: Routes
    settings: AlarmSettings

    def heard(self, one: Series, able: Able) -> Route:
        """The best way in which somebody hears of the series."""
        ways = [named(alarm, able(alarm, one), self.routes.of[alarm.arn]) for alarm in self.alarms.watching(one)]
        return best(ways) if ways else silent(f"no alarm watches {_called(one)}")

    def vouched(self, what: Watches) -> Iterable[Route]:
        """Those of the alarms on PromQL queries of which the checklist says that they watch it."""
        for alarm in self.alarms.promql:
            if self.settings.vouched.get(alarm.name) == what:
                yield named(alarm, self.routes.of[alarm.arn])


def throttled(watching: Watching, table: str, index: str, operations: OperationsInUse | Unavailable) -> Route:
    """Of a table, or of one of its indexes: by its events, else by its requests, else by their causes.

    The series of a table do not count the events of its indexes; its requests, by operation, do.
    """

    def all_of(*metrics: str) -> Route:
        return chain(watching.heard(series_of(metric, table, index), too_much) for metric in metrics)

    ways = [
        all_of("ReadThrottleEvents", "WriteThrottleEvents"),
        _requests(watching, table, operations),
        *watching.vouched("throttling"),
    ]
    causes = all_of(*(f"{way}{cause}ThrottleEvents" for way in ("Read", "Write") for cause in CAUSES))
    if causes.status == "pages":
        ways.append(doubtful("alarms watch what throttles it cause by cause, and another cause calls nobody"))
    return _foremost(ways)


def _requests(watching: Watching, table: str, operations: OperationsInUse | Unavailable) -> Route:
    """By operation. Where none is known to be used, any may be."""
    if isinstance(operations, Unavailable):
        return unknown(operations)
    used = {*operations.names, *watching.settings.operations} or set(OPERATIONS)
    by_operation = {
        name: watching.heard(series_of("ThrottledRequests", table, **{OPERATION: name}), too_much)
        for name in sorted(used)
    }
    single = chain(route for name, route in by_operation.items() if name not in BATCHES)
    batches = chain(route for name, route in by_operation.items() if name in BATCHES)
    if batches.status == "silent":
        batches = doubtful(f"batches are not watched: {batches.why}")
    return chain([single, batches])


def _foremost(ways: list[Route]) -> Route:
    """Of several that are no better than the first, the first: it is the one that people are used to."""
    found = best(ways)
    return next(way for way in ways if way.status == found.status)


def too_much(alarm: Alarm, _one: Series) -> Route:
    """Whether too much sets it off."""
    if alarm.heeds_too_little:
        return silent("it is too little that sets it off")
    return PAGES


def told(route: Route, of: str, seen: Mapping[str, Any]) -> Verdict:
    """What is said where somebody hears of a thing in that way. Unreadable: whether anybody does is not known."""
    return judged(
        route,
        f"somebody hears of {of}",
        f"alarms on {of} are doubtful: {route.why}",
        f"nobody hears of {of}: {route.why}",
        seen,
    )


def judged(route: Route, good: str, doubtful: str, bad: str, seen: Mapping[str, Any]) -> Verdict:
    """Each way that it may be, in words. Unreadable: that is not known."""
    match route.status:
        case "pages":
            return passed(good, **seen)
        case "doubtful":
            return warned(doubtful, **mended(route, seen))
        case "silent":
            return failed(bad, **mended(route, seen))
        case _:
            assert route.unavailable  # noqa: S101  `Route` says so
            raise Unreadable({}, route.unavailable)


def mended(route: Route, seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """What mends the broken link, and what that is about; where there is no link yet, what makes one as it was seen."""
    if route.remedy is None:
        return seen
    return {**seen, "evidence": route.remedy.values, "remedy": route.remedy}


def _called(one: Series) -> str:
    """As people would say it who know of which table."""
    named = dict(one.dimensions)
    return " ".join([one.metric, *(f"of {named[name]}" for name in (INDEX, OPERATION) if name in named)])


def spelled(one: Series) -> str:
    """Such as `ThrottledRequests {Operation=PutItem, TableName=shop}`."""
    dimensions = ", ".join(f"{name}={value}" for name, value in one.dimensions)
    return f"{one.metric} {{{dimensions}}}" if dimensions else one.metric


def statistics(alarm: Alarm, one: Series) -> set[str]:
    """By which it reads the series; a query's function counts as the statistic of that name."""
    named = {watched.statistic for watched in alarm.watches if watched.same(one)}
    return named | {query.function.capitalize() for query in alarm.insights if query.covers(one)}


def named(alarm: Alarm, *links: Route) -> Route:
    """The first of the links that is broken, and whose it is."""
    route = chain(links)
    return replace(route, why=f"{alarm.name}: {route.why}") if route.why else route
