"""Whether an alarm on a metric of DynamoDB can go off, and whether somebody hears of it then."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.alarms.dynamodb import BATCHES, CAUSES, INDEX, OPERATION, OPERATIONS, series_of
from readiness.alarms.firing import FUNCTIONS, fires
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.scale import throttles
from readiness.alarms.series import Query, Series
from readiness.checklist import AlarmSettings, Watches
from readiness.engine.rule import failed, passed, warned
from readiness.facts.cloudwatch.alarms import NOT_READ, Alarm
from readiness.facts.cloudwatch.dynamodb_alarms import DynamodbAlarms
from readiness.facts.dynamodb.operations import STREAM, OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.queried_tags import QueriedTags
from readiness.facts.sns.paging import Routes
from readiness.model import Unavailable, Unreadable, Verdict
from readiness.rules.shared.in_place import unable

Able = Callable[[Alarm, Series], Route]
"""Whether what would happen sets off an alarm on a series."""


KEPT = frozenset({"NotRead", "QueueName"})
"""What stays as evidence where a link of an alarm that exists is what is broken."""


class Watching(Struct, frozen=True):
    """The alarms on DynamoDB's metrics, and what is known of where they lead.

    `tags` are those of the table by which queries choose what they watch.
    """

    alarms: DynamodbAlarms
    routes: Routes
    settings: AlarmSettings
    tags: QueriedTags | Unavailable

    def heard(self, one: Series, able: Able) -> Route:
        """The best way in which somebody hears of the series."""
        ways = [
            named(alarm, tagged(alarm, one, self.tags), unable(alarm, able(alarm, one)), self.routes.of[alarm.arn])
            for alarm in self.alarms.watching(one)
        ]
        return best(ways) if ways else silent(f"no alarm watches {_called(one)}")

    def watched(self, one: Series) -> bool:
        """Whether any alarm watches it, however badly."""
        return bool(self.alarms.watching(one))

    def vouched(self, what: Watches) -> Iterable[Route]:
        """Those of the alarms of which can't be told what they watch, and the checklist says that they watch it."""
        for alarm in self.alarms.opaque:
            if self.settings.vouched.get(alarm.name) == what:
                yield named(alarm, self.routes.of[alarm.arn])

    def unless_opaque(self, route: Route) -> Route:
        """That way. Where nobody hears by it: unknown, if an alarm of which can't be told what it watches may tell."""
        may = opaque(self.alarms.opaque, self.routes, self.settings)
        return unknown(may) if route.status == "silent" and may else route


def opaque(alarms: Iterable[Alarm], routes: Routes, settings: AlarmSettings) -> Unavailable | None:
    """Why one of these may watch what is asked about: it may reach somebody, and the checklist does not mention it."""
    for alarm in alarms:
        if alarm.opaque and alarm.name not in settings.vouched and routes.of[alarm.arn].status != "silent":
            return replace(alarm.opaque, detail=f"{alarm.name}: {alarm.opaque.detail}")
    return None


def tagged(alarm: Alarm, one: Series, tags: QueriedTags | Unavailable | None) -> Route:
    """Whether what the series is of has the tags that the alarm's queries demand; None: they are not looked at."""
    taking = [query for query in alarm.insights if query.covers(one)]
    if not taking or any(watched.same(one) for watched in alarm.watches):
        return PAGES
    return best(_tagged(query, tags) for query in taking)


def _tagged(query: Query, tags: QueriedTags | Unavailable | None) -> Route:
    if not query.tags:
        return PAGES
    if tags is None:
        return doubtful("it chooses by tags that are not looked at")
    if isinstance(tags, Unavailable):
        return unknown(tags)
    missing = [label for label in query.tags if not label.admits(tags.values.get(label.key))]
    if missing:
        wanted = f"{'' if missing[0].equal else 'not '}{missing[0].value}"
        return silent(f"it chooses by the tag {missing[0].key}, which would have to be {wanted}")
    return PAGES


class Operations(Struct, frozen=True):
    """Which operations are used on the table, and which of them its functions may do."""

    used: OperationsInUse | Unavailable
    allowed: OperationsAllowed | Unavailable


def throttled(watching: Watching, table: str, index: str, operations: Operations) -> Route:
    """Of a table, or of one of its indexes: by its events, else by its requests, else by their causes.

    The series of a table do not count the events of its indexes; its requests, by operation, do.
    """
    scale = throttles(watching.settings.events_per_minute)

    def heard(one: Series) -> Route:
        return watching.heard(one, lambda alarm, one: fires(alarm, one, scale))

    events = [series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")]
    requests = {name: series_of("ThrottledRequests", table, **{OPERATION: name}) for name in OPERATIONS}
    ways = [chain(map(heard, events)), _by_operation(watching, operations, requests, heard)]
    if any(map(watching.watched, requests.values())) and not any(map(watching.watched, events)):
        ways.reverse()
    ways.extend(watching.vouched("throttling"))
    causes = chain(map(heard, _caused(watching, table, index)))
    if causes.status == "pages":
        ways.append(doubtful("alarms watch what throttles it cause by cause, and another cause calls nobody"))
    return watching.unless_opaque(_foremost(ways))


def _caused(watching: Watching, table: str, index: str) -> Iterator[Series]:
    """AWS documents what the account's limit throttles of writes for tables alone: there it counts for an index too."""
    for way in ("Read", "Write"):
        for cause in CAUSES:
            one = series_of(f"{way}{cause}ThrottleEvents", table, index)
            of_table = (way, cause) == ("Write", "AccountLimit") and not watching.watched(one)
            yield series_of(one.metric, table) if of_table else one


def _by_operation(
    watching: Watching, operations: Operations, requests: Mapping[str, Series], heard: Callable[[Series], Route]
) -> Route:
    """By the requests that are throttled, those of batches apart."""
    if isinstance(operations.used, Unavailable):
        return unknown(operations.used)
    sure, maybe, unread = _needed(operations.used, operations.allowed, watching.settings)

    def all_of(names: frozenset[str]) -> Route:
        missing = sorted(name for name in names if name not in requests or not watching.watched(requests[name]))
        if missing:
            return silent(f"no alarm watches ThrottledRequests of {' and '.join(missing)}")
        return chain(heard(requests[name]) for name in sorted(names))

    batches = all_of(sure & BATCHES)
    if batches.status == "silent":
        batches = doubtful(f"batches are not watched: {batches.why}")
    others = all_of(maybe - BATCHES)
    if others.status == "silent" and unread and any(map(watching.watched, requests.values())):
        others = unknown(unread)
    return chain([all_of(sure - BATCHES), batches, others])


def _needed(
    used: OperationsInUse, allowed: OperationsAllowed | Unavailable, settings: AlarmSettings
) -> tuple[frozenset[str], frozenset[str], Unavailable | None]:
    """The operations that are used for sure, and those that may be, and why nobody knows.

    What no function may do is not used by one, but by the monitor, or by people. Where nothing is known to be used, any
    operation may be.
    """
    every, named = frozenset(OPERATIONS) - {STREAM}, frozenset(settings.operations)
    seen = (frozenset(used.names) | named) - {STREAM}
    if isinstance(allowed, Unavailable):
        return named, seen or every, allowed
    if allowed.names is None and not allowed.unread:
        return seen or every, frozenset(), None
    own = seen & (allowed.names or frozenset()) | named
    if allowed.unread:
        return own, seen or every, allowed.unread
    return own or every, frozenset(), None


def _foremost(ways: list[Route]) -> Route:
    """Of several that are no better than the first, the first: it is the one that people are used to."""
    found = best(ways)
    return next(way for way in ways if way.status == found.status)


def told(route: Route, of: str, seen: Mapping[str, Any]) -> Verdict:
    """What is said where somebody hears of a thing in that way. Unreadable: whether anybody does is not known."""
    if route.status == "silent":
        seen = {**seen, "evidence": {**seen.get("evidence", {}), "NotRead": NOT_READ}}
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
    kept = {name: value for name, value in seen.get("evidence", {}).items() if name in KEPT}
    return {**seen, "evidence": {**kept, **route.remedy.values}, "remedy": route.remedy}


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
    return named | {FUNCTIONS[query.function] for query in alarm.insights if query.covers(one)}


def named(alarm: Alarm, *links: Route) -> Route:
    """The first of the links that is broken, and whose it is."""
    route = chain(links)
    return replace(route, why=f"{alarm.name}: {route.why}") if route.why else route
