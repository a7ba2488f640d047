"""Determine the facts that checks need, and fetch each once per place; independent facts are fetched concurrently."""

import heapq
import itertools
import queue
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from graphlib import TopologicalSorter
from typing import Any

from msgspec import Struct, field

from readiness.aws.answer import lacking
from readiness.aws.calling import SharedAnswers, limited
from readiness.aws.client import unavailable
from readiness.engine.fact import Keeps, Source, axes_of, source_of, standing, witness_of
from readiness.engine.pace import RATES, CallRate, Pace, Turns, is_element
from readiness.engine.rule import Check
from readiness.engine.snapshot import Answer, Fetched, InputUnavailable, Kept, ListingFailed, Place, Snapshot, name_of
from readiness.model import Carry, Given, Gone, OutOfTime, Reason, Unavailable, Unreadable

THREADS = 32

AT_ONCE = {
    # Half of the request rate that AWS publishes for the most limited API action of the service; a call takes at least
    # 20 ms.
    "application-autoscaling": 5,
    "backup": 5,
    "budgets": 2,
    "ce": 2,
    "cloudtrail": 1,
    "cloudwatch": 4,
    "dynamodb": 5,
    "events": 5,
    "iam": 1,
    "kms": 8,
    "lambda": 7,
    "logs": 4,
    "scheduler": 8,
    "sns": 8,
    "sqs": 8,
    "tag": 2,
}
"""The maximum number of concurrent calls by service; 8 for all others."""

Call = Callable[[], Any]

Defect = Callable[[str, Exception], None]
"""Called with the name of a fact and the unexpected exception that it raised."""


class Progress(Struct, frozen=True):
    """The progress of a collection: `read` of all `planned` facts, and the services with calls in progress."""

    read: int
    planned: int
    services: tuple[str, ...]


class Past(Struct, frozen=True):
    """The inputs of a collection that are not read from the account.

    `given` are values of `Given` types by place; `carried` are the values that checks of earlier runs handed over.
    `kept` returns an earlier answer of a fact that declares `keeps`, at a place and of a revision; None if there is
    none that can be reused. `former` returns the earlier answer also if it should be fetched again; it is None if it
    must not be used. With `pace`, the answers that later runs reuse are spread over runs.
    """

    given: Mapping[type, Mapping[Place, Any]]
    carried: Mapping[type, Mapping[Place, Mapping[str, Carry]]] = field(default_factory=dict)
    kept: Callable[[Source, Place, str], Kept | None] = lambda _source, _place, _revision: None
    former: Callable[[Source, Place, str], Kept | None] = lambda _source, _place, _revision: None
    pace: Pace | None = None


def needed(checks: Iterable[Check]) -> dict[type, set[type]]:
    """Return every type that the checks need, each with the types that must be answered before it."""
    wanted: list[type] = []
    for check in checks:
        wanted.extend(need.kind for need in check.needs.values())
        wanted.extend(witness.identity for axis in check.axes if (witness := witness_of(axis)))
    graph: dict[type, set[type]] = {}
    while wanted:
        identity = wanted.pop()
        if identity in graph or issubclass(identity, Carry):
            continue
        graph[identity] = _before(identity)  # type: ignore[arg-type]  # mypy takes no `type` for hashable
        wanted.extend(graph[identity])
    return graph


@cache
def _before(identity: type) -> set[type]:
    above = set(axes_of(identity)) - {identity}
    if issubclass(identity, Given):
        return above
    return above | {need.kind for need in source_of(identity).needs.values() if not issubclass(need.kind, Carry)}


def collect(
    checks: Iterable[Check],
    past: Past,
    deadline: float = float("inf"),
    defect: Defect = lambda _id, _error: None,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Snapshot:
    """Collect all facts that the checks need.

    `deadline` is in seconds of `time.monotonic`; a fact that is not answered by then is Unavailable (TIMEOUT).
    `progress` is called before each wait for a call.
    """
    return Collection(needed(checks), past, deadline, defect, progress).run()


class Collection:
    """One collection of facts. The calling thread starts all calls; worker threads only call AWS."""

    def __init__(
        self,
        graph: Mapping[type, set[type]],
        past: Past,
        deadline: float,
        defect: Defect,
        progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        """`graph` is the result of `needed`."""
        self.snapshot = Snapshot(carried=past.carried)
        self._past = past
        self._deadline = deadline
        self._defect = defect
        self._progress = progress
        self._planned = len(graph)
        self._collected = [identity for identity in graph if not issubclass(identity, Given)]
        self._sorter = TopologicalSorter(graph)
        self._chains = _chains(graph)
        self._missing: Counter[type] = Counter()
        self._revisions: dict[tuple[type, Place], str] = {}
        self._calls = Calls()
        self._shared = SharedAnswers()
        self._rates = {service: CallRate(rate) for service, rate in RATES.items()}
        self._turns: dict[str, Turns] = {}

    def run(self) -> Snapshot:
        """Collect each type as soon as all types that it needs are collected, and return the snapshot."""
        self._sorter.prepare()
        try:
            while self._sorter.is_active():
                for identity in sorted(self._sorter.get_ready(), key=self._rank):
                    self._begin(identity)
                if self._missing:
                    self._take()
        finally:
            self._calls.close()
        return self.snapshot

    def _rank(self, identity: type) -> tuple[bool, int, str]:
        pure = issubclass(identity, Given) or not source_of(identity).actions
        return (not pure, -self._chains[identity], identity.__qualname__)

    def _begin(self, identity: type) -> None:
        """Answer the type immediately if it needs no call; otherwise start its calls."""
        if issubclass(identity, Given):
            self.snapshot.answers[identity] = dict(self._past.given.get(identity, {}))
            self._sorter.done(identity)
            return
        source = source_of(identity)
        answers: dict[Place, Answer] = {}
        missing: list[tuple[Place, Mapping[str, Any]]] = []
        self.snapshot.answers[identity] = answers
        for place in self.snapshot.places(standing(source.needs)):
            if isinstance(place, ListingFailed):
                continue
            shown = self.snapshot.shown(source.needs, place)
            self._date(identity, place, self.snapshot.read_at(source.needs, place))
            if isinstance(shown, InputUnavailable):
                answers[place] = shown.why
            elif not source.actions:
                answers[place] = self._fetch(source, shown)
            elif (kept := self._kept(source, place, shown)) is not None:
                answers[place] = kept.answer
                self._date(identity, place, kept.at if self._has_age(source, place) else None)
            else:
                missing.append((place, shown))
        self._submit(source, missing)
        if not self._missing[identity]:
            self._finish(identity)

    def _submit(self, source: Source, missing: list[tuple[Place, Mapping[str, Any]]]) -> None:
        """Start the calls for the answers that this run reads, and record what is known of the others."""
        turns = self._turns_of(source)
        if turns:
            missing.sort(key=lambda each: self._urgency(source, each[0]))
        for place, shown in missing:
            if turns and not turns.admits(place, whole=is_element(place)):
                self.snapshot.answers[source.identity][place] = self._unread(source, place, turns)
                continue
            self._missing[source.identity] += 1
            work = partial(self._fetch_in_time, source, place, shown, turns)
            self._calls.submit(source.service, -self._chains[source.identity], (source, place), work)

    def _turns_of(self, source: Source) -> Turns | None:
        """Return the turns of the service; None if its answers are not spread over runs."""
        if self._past.pace is None or source.keeps is None or not source.actions or source.service not in RATES:
            return None
        service = source.service
        if service not in self._turns:
            self._turns[service] = Turns(self._past.pace, RATES[service], self._spread(service), self._deadline)
        return self._turns[service]

    def _spread(self, service: str) -> frozenset[type]:
        """Return the types of the answers of a service that later runs reuse."""
        sources = (source_of(identity) for identity in self._collected)
        return frozenset(each.identity for each in sources if each.keeps and each.actions and each.service == service)

    def _urgency(self, source: Source, place: Place) -> tuple[int, float]:
        """Return the order of reading: what changed since it was read, what was never read, the oldest answer first."""
        former = self._former(source, place)
        if former is None:
            return 1, 0.0
        return (0, 0.0) if former.answer is None else (2, former.at.timestamp())

    def _former(self, source: Source, place: Place) -> Kept | None:
        return self._past.former(source, place, self._revisions[source.identity, place])

    def _unread(self, source: Source, place: Place, turns: Turns) -> Answer:
        """Return the earlier answer; if it must not be used, why there is none: STALE, or PENDING if never read."""
        self.snapshot.spread |= turns.types
        former = self._former(source, place)
        if former is not None and former.answer is not None:
            self._date(source.identity, place, former.at)
            return former.answer
        why = OutOfTime if former else Unavailable
        return why(Reason.STALE if former else Reason.PENDING, source.actions[0], turns.turn(place))

    def _has_age(self, source: Source, place: Place) -> bool:
        """Return False for the answer of a revision that was read now: it is as old as the one with the revision."""
        return not self._revisions[source.identity, place] or (source.keeps is not None and source.keeps.asked)

    def _date(self, identity: type, place: Place, at: datetime | None) -> None:
        """Record that the fact rests on an answer of an earlier run, which was read then."""
        if at is not None:
            dates = self.snapshot.as_of.setdefault(identity, {})
            dates[place] = min(at, dates.get(place, at))

    def _kept(self, source: Source, place: Place, shown: Mapping[str, Any]) -> Kept | None:
        """Return an answer of an earlier run; None if there is none that can be reused."""
        if source.keeps is None:
            return None
        revision = self._revisions[source.identity, place] = source.keeps.revision_of(shown)
        return self._past.kept(source, place, revision)

    def _take(self) -> None:
        """Wait for one answer. After the deadline, record TIMEOUT for all missing answers."""
        read = len(self.snapshot.answers) - len(self._missing)
        self._progress(Progress(read, self._planned, self._calls.services))
        arrived = self._calls.next(self._deadline)
        if arrived is None:
            for source, place in self._calls.give_up():
                late = LATE if self._turns_of(source) else Unavailable(Reason.TIMEOUT, source.actions[0])
                self._arrive(source, place, late)
        else:
            (source, place), answer = arrived
            self._arrive(source, place, answer)

    def _arrive(self, source: Source, place: Place, answer: Answer) -> None:
        identity = source.identity
        if answer is LATE:
            answer = self._unread(source, place, self._turns[source.service])
        elif source.keeps and _is_kept(source.keeps, answer):
            self.snapshot.fresh[identity, place] = Fetched(answer, self._revisions[identity, place])
        self.snapshot.answers[identity][place] = answer
        self._missing[identity] -= 1
        if not self._missing[identity]:
            self._finish(identity)

    def _finish(self, identity: type) -> None:
        del self._missing[identity]
        self._sorter.done(identity)

    def _fetch_in_time(self, source: Source, place: Place, shown: Mapping[str, Any], turns: Turns | None) -> Answer:
        """Call the function of the source; return LATE if this run has no time for it any more.

        An answer that is kept by the name of its place is the same at each place of that name.
        """
        if turns and turns.over:
            return LATE
        if source.keeps is None:
            return self._fetch(source, shown)
        key = source.identity, name_of(place), self._revisions[source.identity, place]
        return self._shared.get(key, partial(self._fetch, source, shown))

    def _fetch(self, source: Source, shown: Mapping[str, Any]) -> Answer:
        """Call the function of the source. An exception is returned as an answer."""
        rate = self._rates.get(source.service) if source.actions else None
        try:
            with limited(lambda: self._calls.closed, self._shared, rate.wait if rate else _at_once):
                return source.function(**shown)
        except Gone as gone:
            return gone
        except Unreadable as unread:
            return unread.first
        except Exception as error:  # noqa: BLE001  a defect in one fact must not prevent the other facts
            permission = _permission(source, error)
            known = unavailable(error, permission)
            if known is not None:
                return known
            self._defect(source.name, error)
            reason = Reason.MALFORMED if source.actions else Reason.DEFECT
            return Unavailable(reason, permission, type(error).__name__)


LATE = object()
"""In place of an answer for which this run had no time."""


def _at_once(_operation: str) -> None:
    """Wait for nothing."""


class Calls:
    """The calls of one collection: waiting, in progress and ended.

    Threads are daemons, so that a hanging call does not keep the process alive. Results after `give_up` are dropped.
    """

    def __init__(self) -> None:
        """Threads are started only when there are calls for them."""
        self._waiting: defaultdict[str, list[tuple[int, int, Any, Call]]] = defaultdict(list)
        self._numbers = itertools.count()
        self._under_way: dict[int, tuple[str, Any]] = {}
        self._busy: Counter[str] = Counter()
        self._work: queue.SimpleQueue[tuple[int, Call] | None] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._threads = 0
        self.closed = False

    @property
    def services(self) -> tuple[str, ...]:
        """The services with calls that have not ended, by name."""
        waiting = (service for service, calls in self._waiting.items() if calls)
        return tuple(sorted({*waiting, *(service for service, _ in self._under_way.values())}))

    def submit(self, service: str, rank: int, key: Any, call: Call) -> None:
        """Queue a call. Of the calls that may run, the one with the lowest rank runs first."""
        heapq.heappush(self._waiting[service], (rank, next(self._numbers), key, call))

    def next(self, deadline: float) -> tuple[Any, Any] | None:
        """Return the key and the result of the next call that ends; None if the deadline passes first."""
        self._dispatch()
        while (left := deadline - time.monotonic()) > 0:
            try:
                number, outcome = self._arrived.get(timeout=min(left, threading.TIMEOUT_MAX))
            except queue.Empty:
                continue
            if number in self._under_way:
                service, key = self._under_way.pop(number)
                self._busy[service] -= 1
                return key, outcome
        return None

    def give_up(self) -> list[Any]:
        """Return the keys of all calls that have not ended. Their results are ignored from then on."""
        missing = [key for _, key in self._under_way.values()]
        missing += [key for waiting in self._waiting.values() for _, _, key, _ in waiting]
        self._under_way.clear()
        self._waiting.clear()
        self._busy.clear()
        return missing

    def close(self) -> None:
        """Stop each thread after its current call. A fact in progress makes no further call."""
        self.closed = True
        for _ in range(self._threads):
            self._work.put(None)

    def _dispatch(self) -> None:
        """Pass the calls that may run now to the threads."""
        while len(self._under_way) < THREADS and (service := self._next_service()):
            _, number, key, call = heapq.heappop(self._waiting[service])
            self._busy[service] += 1
            self._under_way[number] = (service, key)
            self._work.put((number, call))
            if self._threads < len(self._under_way):
                self._threads += 1
                threading.Thread(target=self._serve, daemon=True, name=f"readiness-{self._threads}").start()

    def _next_service(self) -> str | None:
        free = [name for name, calls in self._waiting.items() if calls and self._busy[name] < AT_ONCE.get(name, 8)]
        return min(free, key=lambda name: self._waiting[name][0][:2], default=None)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            number, call = work
            self._arrived.put((number, call()))


def _is_kept(keeps: Keeps, answer: Answer) -> bool:
    """Return True if later runs may reuse the answer."""
    return not isinstance(answer, (Unavailable, Gone)) and not lacking(answer) and not keeps.passing_by(answer)


def _permission(source: Source, error: Exception) -> str | None:
    """Return the IAM action of the call that failed: of those of the source, the one with the operation's name."""
    operation = getattr(error, "operation_name", None)
    named = (action for action in source.actions if action.partition(":")[2] == operation)
    return next(named, source.actions[0] if source.actions else None)


def _chains(graph: Mapping[type, set[type]]) -> dict[type, int]:
    """Return the number of calls in the longest chain of dependent types that starts at each type."""
    chains = dict.fromkeys(graph, 0)
    for identity in reversed(list(TopologicalSorter(graph).static_order())):
        calls = not issubclass(identity, Given) and bool(source_of(identity).actions)
        chains[identity] += calls
        for before in graph[identity]:
            chains[before] = max(chains[before], chains[identity])
    return chains
