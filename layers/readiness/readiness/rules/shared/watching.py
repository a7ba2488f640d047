"""Alarms on a metric of DynamoDB: can they enter ALARM, and do their actions reach on-call."""

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
from readiness.facts.cloudwatch.alarm_indexes import DynamodbAlarms, FunctionAlarms
from readiness.facts.cloudwatch.alarms import NOT_READ, Alarm
from readiness.facts.dynamodb.operations import STREAM, OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.sns.paging import Routes
from readiness.model import Status, Unavailable, Unreadable, Verdict

Able = Callable[[Alarm, Series], Route]
"""The route of an incident on a series up to the ALARM state of an alarm."""


KEPT = frozenset({"NotRead", "QueueName"})
"""The evidence that stays where the broken link belongs to an alarm that exists."""


SUBJECTS = {
    Status.PASS: "an alarm on {} reaches on-call again",
    Status.WARN: "an alarm on {} may not reach on-call",
    Status.FAIL: "no alarm on {} reaches on-call any more",
}


class Watching(Struct, frozen=True):
    """The alarms on metrics of DynamoDB or Lambda, and their routes to on-call.

    `tags` are the tags of the table that Metrics Insights queries select by; None: they are not read.
    """

    alarms: DynamodbAlarms | FunctionAlarms
    routes: Routes
    settings: AlarmSettings
    tags: QueriedTags | Unavailable | None = None

    def route_of(self, one: Series, able: Able) -> Route:
        """Return the best route from the series to on-call."""
        return self.best_of([one], able, f"no alarm watches {_called(one)}")

    def best_of(self, series: Iterable[Series], able: Able, none: str) -> Route:
        """Return the best route from any of the series to on-call; silent with the reason `none` without an alarm."""
        ways = [
            way(alarm, one, able(alarm, one), self.routes, self.tags)
            for one in series
            for alarm in self.alarms.watching(one)
        ]
        return best(ways) if ways else silent(none)

    def watched(self, one: Series) -> bool:
        """True if any alarm watches the series, working or not."""
        return bool(self.alarms.watching(one))

    def vouched(self, what: Watches) -> Iterable[Route]:
        """Return the routes of opaque alarms that the checklist says watch this."""
        return vouched(self.alarms.opaque, self.routes, self.settings, what).values()

    def unless_opaque(self, route: Route) -> Route:
        """Return the route, or unknown where it is silent and an opaque alarm may watch the same."""
        may = opaque(self.alarms.opaque, self.routes, self.settings)
        return unknown(may) if route.status == "silent" and may else route


def opaque(alarms: Iterable[Alarm], routes: Routes, settings: AlarmSettings) -> Unavailable | None:
    """Return why one of these alarms may watch the metric: it may reach on-call, and the checklist does not name it."""
    for alarm in alarms:
        if alarm.opaque and alarm.name not in settings.vouched and routes.of[alarm.arn].status != "silent":
            return replace(alarm.opaque, detail=f"alarm {alarm.name}: {alarm.opaque.detail}")
    return None


def vouched(alarms: Iterable[Alarm], routes: Routes, settings: AlarmSettings, what: Watches) -> dict[str, Route]:
    """Return the routes, by alarm name, of opaque alarms that the checklist (`alarms.vouched`) says watch this."""
    return {
        alarm.name: named(alarm, routes.of[alarm.arn])
        for alarm in alarms
        if alarm.opaque and settings.vouched.get(alarm.name) == what
    }


def way(alarm: Alarm, one: Series, able: Route, routes: Routes, tags: QueriedTags | Unavailable | None = None) -> Route:
    """Return the route from the series to on-call by one alarm. `able` is its part up to the ALARM state."""
    able = replace(able, alarm=alarm.arn) if able.why else able
    return named(alarm, _by_tags(alarm, one, tags), able, routes.of[alarm.arn])


def _by_tags(alarm: Alarm, one: Series, tags: QueriedTags | Unavailable | None) -> Route:
    """Return PAGES if the resource of the series has the tags that the alarm's queries require; None: tags not read."""
    taking = [query for query in alarm.insights if query.covers(one)]
    if not taking or any(watched.same(one) for watched in alarm.watches):
        return PAGES
    return best(_tagged(query, tags) for query in taking)


def _tagged(query: Query, tags: QueriedTags | Unavailable | None) -> Route:
    if not query.tags:
        return PAGES
    if tags is None:
        return doubtful("the query selects by tags, which were not read")
    if isinstance(tags, Unavailable):
        return unknown(tags)
    missing = [label for label in query.tags if not label.admits(tags.values.get(label.key))]
    if missing:
        sign = "=" if missing[0].equal else "!="
        return silent(f"the table does not match the query: tag {missing[0].key} {sign} {missing[0].value} is required")
    return PAGES


class Operations(Struct, frozen=True):
    """The API operations used on the table, and those that the roles of its functions allow."""

    used: OperationsInUse | Unavailable
    allowed: OperationsAllowed | Unavailable


def throttled(watching: Watching, table: str, index: str, operations: Operations) -> Route:
    """Return the best route for throttling of a table or an index: by throttle events, throttled requests or causes.

    The throttle events of a table do not count those of its indexes; ThrottledRequests, by operation, does.
    """
    scale = throttles(watching.settings.events_per_minute)

    def route_of(one: Series) -> Route:
        return watching.route_of(one, lambda alarm, one: fires(alarm, one, scale))

    events = [series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")]
    requests = {name: series_of("ThrottledRequests", table, **{OPERATION: name}) for name in OPERATIONS}
    ways = [chain(map(route_of, events)), _by_operation(watching, operations, requests, route_of)]
    if any(map(watching.watched, requests.values())) and not any(map(watching.watched, events)):
        ways.reverse()
    ways.extend(watching.vouched("throttling"))
    causes = chain(map(route_of, _caused(watching, table, index)))
    if causes.status == "pages":
        ways.append(doubtful("the alarms watch single causes of throttling, so another cause notifies nobody"))
    return watching.unless_opaque(best(ways))


def _caused(watching: Watching, table: str, index: str) -> Iterator[Series]:
    """Yield the series by cause; AWS documents WriteAccountLimitThrottleEvents for tables only: it covers indexes."""
    for way in ("Read", "Write"):
        for cause in CAUSES:
            one = series_of(f"{way}{cause}ThrottleEvents", table, index)
            of_table = (way, cause) == ("Write", "AccountLimit") and not watching.watched(one)
            yield series_of(one.metric, table) if of_table else one


def _by_operation(
    watching: Watching, operations: Operations, requests: Mapping[str, Series], route_of: Callable[[Series], Route]
) -> Route:
    """Return the route by ThrottledRequests; batch operations are only a warning."""
    if isinstance(operations.used, Unavailable):
        return unknown(operations.used)
    sure, maybe, unread = _needed(operations.used, operations.allowed, watching.settings)

    def all_of(names: frozenset[str]) -> Route:
        missing = sorted(name for name in names if name not in requests or not watching.watched(requests[name]))
        if missing:
            return silent(f"no alarm watches ThrottledRequests of {' and '.join(missing)}")
        return chain(route_of(requests[name]) for name in sorted(names))

    batches = all_of(sure & BATCHES)
    if batches.status == "silent":
        batches = doubtful(f"batch operations are not covered: {batches.why}")
    others = all_of(maybe - BATCHES)
    if others.status == "silent" and unread and any(map(watching.watched, requests.values())):
        others = unknown(unread)
    return chain([all_of(sure - BATCHES), batches, others])


def _needed(
    used: OperationsInUse, allowed: OperationsAllowed | Unavailable, settings: AlarmSettings
) -> tuple[frozenset[str], frozenset[str], Unavailable | None]:
    """Return the operations in use, those possibly in use, and why this is not known.

    An operation that no function's role allows is used by the monitor or by people, not by a function. If no operation
    is known to be in use, any may be.
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


def alarm_verdict(route: Route, of: str, seen: Mapping[str, Any]) -> Verdict:
    """Return the verdict on alarms on `of`. Raises Unreadable where the route to on-call could not be read."""
    if route.status == "silent":
        seen = {**seen, "evidence": {**seen.get("evidence", {}), "NotRead": NOT_READ}}
    verdict = route_verdict(
        route,
        f"an alarm on {of} reaches on-call",
        f"an alarm on {of} may not reach on-call: {route.why}",
        f"no alarm on {of} reaches on-call: {route.why}",
        seen,
    )
    return replace(verdict, subject=SUBJECTS[verdict.status].format(of))


def route_verdict(route: Route, good: str, doubtful: str, bad: str, seen: Mapping[str, Any]) -> Verdict:
    """Return PASS, WARN or FAIL with the message for it. Raises Unreadable for an unknown route."""
    match route.status:
        case "pages":
            return passed(good, **seen)
        case "doubtful":
            return warned(doubtful, **mended(route, seen))
        case "silent":
            return failed(bad, **mended(route, seen))
        case _:
            assert route.unavailable  # noqa: S101  `Route` says so  # nosec B101
            raise Unreadable({}, route.unavailable)


def mended(route: Route, seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `seen` with the remedy of the broken link and its values; unchanged where no alarm exists yet."""
    if route.remedy is None:
        return seen
    kept = {name: value for name, value in seen.get("evidence", {}).items() if name in KEPT}
    return {**seen, "evidence": {**kept, **route.remedy.values}, "remedy": route.remedy}


def _called(one: Series) -> str:
    """Return the metric with its index and operation, such as `ThrottledRequests of PutItem`; the table is known."""
    named = dict(one.dimensions)
    return " ".join([one.metric, *(f"of {named[name]}" for name in (INDEX, OPERATION) if name in named)])


def spelled(one: Series) -> str:
    """Return the metric with all dimensions, such as `ThrottledRequests {Operation=PutItem, TableName=shop}`."""
    dimensions = ", ".join(f"{name}={value}" for name, value in one.dimensions)
    return f"{one.metric} {{{dimensions}}}" if dimensions else one.metric


def statistics(alarm: Alarm, one: Series) -> set[str]:
    """Return the statistics by which the alarm reads the series; a query's function counts as its statistic."""
    named = {watched.statistic for watched in alarm.watches if watched.same(one)}
    return named | {FUNCTIONS[query.function] for query in alarm.insights if query.covers(one)}


def named(alarm: Alarm, *links: Route) -> Route:
    """Return the first broken link of the alarm, with the alarm's name in its reason."""
    route = chain(links)
    return replace(route, why=f"alarm {alarm.name}: {route.why}") if route.why else route
