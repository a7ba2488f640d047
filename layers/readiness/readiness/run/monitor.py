"""A run: read the memory, look, conclude, commit, deliver, emit. PROTOCOL.md section 4 is the order, and why."""

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from readiness import metrics
from readiness.alerts import What
from readiness.aws.client import Aws, CannotStart
from readiness.changes.actor import Actor
from readiness.changes.attribution import Attributing, deleter
from readiness.changes.call import ApiCall
from readiness.changes.history import History
from readiness.changes.records import brief, refused
from readiness.checklist import Settings, TableSettings
from readiness.engine.collect import Past
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import ROOT
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.dynamodb.canaries import Canaries
from readiness.facts.dynamodb.table import Table, tables
from readiness.facts.recorded.attestations import Attested, OnRecord
from readiness.facts.recorded.recorded_manifest import RecordedManifest
from readiness.model import Gone, Unavailable
from readiness.run.conclude import Circumstances, Concluding, Conclusion
from readiness.run.look import Defects, Look, Looking
from readiness.run.protocol import Attempt, deliver, merged, settle
from readiness.run.trouble import Deployment, Identity, say_unrecorded
from readiness.state.past import carried, kept
from readiness.state.store import Change, Lost, Remembered, Rows, Store, StoreUnavailable
from readiness.state.table_id import another, known

RESERVE = 20.0
"""Seconds of an invocation's time that are kept for remembering and telling."""

LEASE = timedelta(seconds=30)
"""How much longer than the invocation a lease lasts: one that has ended proves its owner dead."""

ROLLING = timedelta(minutes=15)
"""While a deployment rolls out, an older release that still runs says nothing of its own."""

HISTORY = timedelta(hours=3)
"""So far back is asked who did it: a check may hold back for so long what it has seen."""

LONGEST = 900.0
"""Seconds that an invocation can last."""


Memory = Remembered | StoreUnavailable
"""What a table remembers, or why that can't be read."""

Memories = Mapping[str, Memory]
"""The memory of each table, by its name."""


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def assert_expected(aws: Aws, settings: Settings) -> None:
    """CannotStart: this is not the account or not the Region that the checklist is for."""
    for what, found, expected in (
        ("account", aws.account, settings.account),
        ("Region", aws.region, settings.region),
    ):
        if expected and found != expected:
            msg = f"wrong {what}: this is {found}, the checklist is for {expected}; nothing was judged"
            raise CannotStart(msg)


def store_of(aws: Aws, table: TableSettings, writer: str) -> Store:
    """The memory of one table."""
    rows = Rows(
        aws.client("dynamodb"),
        account=aws.account,
        region=aws.region,
        table=table.name,
        partition_key=table.partition_key,
        sort_key=table.sort_key,
        ttl_attribute=table.ttl_attribute,
    )
    return Store(rows, writer)


def past_of(aws: Aws, settings: Settings, memories: Memories, checks: Iterable[Check], at: datetime) -> Past:
    """What a look is given of earlier ones."""
    homes = {table.name: frozenset({(Table, arn)}) for arn, table in _elements(aws, settings)}
    remembered = {
        homes[name]: each if isinstance(each, Remembered) else Remembered() for name, each in memories.items()
    }
    facts = [(fact.type, fact.place, fact.at, fact.answer) for each in remembered.values() for fact in each.facts]
    return Past(
        given={
            Canaries: {
                home: Canaries(tuple(canary.expires for canary in each.canaries)) for home, each in remembered.items()
            },
            OnRecord: {homes[name]: _on_record(each) for name, each in memories.items()},
            RecordedManifest: {homes[name]: _manifest(each) for name, each in memories.items()},
        },
        carried=carried(
            checks,
            {
                home: {name: item.get("carry", {}) for name, item in each.checks.items()}
                for home, each in remembered.items()
            },
        ),
        kept=kept(facts, at),
    )


def _on_record(memory: Memory) -> OnRecord | Unavailable | Gone:
    """Where the memory can't be read it is not known what people attested, which is not that nobody did."""
    if isinstance(memory, StoreUnavailable):
        return memory.why
    words: dict[str, tuple[Attested, ...]] = {}
    for each in memory.attestations:
        said = Attested(each.rule, each.by, each.at, each.until, each.evidence)
        words[each.table_id] = (*words.get(each.table_id, ()), said)
    return OnRecord(words)


def _manifest(memory: Memory) -> RecordedManifest | Unavailable | Gone | None:
    """That nobody recorded one is known only where it can be read what is remembered."""
    if isinstance(memory, StoreUnavailable):
        return memory.why
    said = memory.manifest
    return RecordedManifest(said.by, said.at, said.table_id, said.content) if said else None


def afresh(memories: Memories) -> Memories:
    """The same without the answers that are kept, so that all is asked again."""
    return {
        name: replace(memory, facts=()) if isinstance(memory, Remembered) else memory
        for name, memory in memories.items()
    }


def _elements(aws: Aws, settings: Settings) -> Iterable[tuple[str, Table]]:
    listed = tables(aws, settings)
    return [(table.arn, table) for table in listed]


@dataclass(frozen=True)
class Concluded:
    """A look and its conclusion."""

    look: Look
    conclusion: Conclusion

    @property
    def change(self) -> Change:
        """What to commit."""
        return self.conclusion.change


@dataclass(frozen=True)
class Committing:
    """A store, for changes that still know the look they come from."""

    store: Store

    def read(self) -> Remembered:
        """Everything under STATE."""
        return self.store.read()

    def commit(self, before: Remembered, concluded: Concluded, /) -> None:
        """Write what was concluded."""
        self.store.commit(before, concluded.change)


@dataclass(frozen=True)
class Outcome:
    """How a run ended on one table. `conclusion` is None where nothing could be remembered, as `unrecorded` then says.

    Where other runs were always faster `won` is False: they know better. `deaf`: nobody is subscribed.
    """

    look: Look
    before: Remembered | None
    conclusion: Conclusion | None = None
    won: bool = False
    pending: int = 0
    deaf: bool = False
    unrecorded: StoreUnavailable | None = None

    @property
    def table_id(self) -> str | None:
        """That of the table as it was read, else the one that is remembered."""
        return self.look.table_id or (self.before.table_id if self.before else None)


@dataclass(frozen=True)
class Run:
    """One run on all tables of the checklist.

    `remaining` is how many seconds the invocation has left. `fresh`: answers that are kept are asked for again.
    `events` are the calls that change events tell of, `again` those of them that an earlier run looked at in vain.
    """

    rules: Sequence[Rule]
    aws: Aws
    settings: Settings
    deployment: Deployment
    remaining: Callable[[], float] = lambda: float("inf")
    clock: Callable[[], datetime] = utc_now
    defects: Defects = field(default_factory=Defects)
    fresh: bool = False
    events: Sequence[ApiCall] = ()
    again: Sequence[ApiCall] = ()
    route: ChangeRoute = field(default_factory=ChangeRoute)
    started: float = field(default_factory=time.monotonic)
    calls_before: int = field(init=False)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        """An execution environment that is warm has made calls before."""
        object.__setattr__(self, "calls_before", self.aws.calls)
        history = History(self.aws, self.clock() - HISTORY, in_time=lambda: self.remaining() > RESERVE)
        object.__setattr__(self, "history", history)

    @property
    def calls(self) -> int:
        """How many calls this run has made so far."""
        return self.aws.calls - self.calls_before

    def run(self) -> list[Outcome]:
        """Read every memory, look once, and settle and deliver each table alone.

        Events that all tables remember, and calls that AWS refused, are no reason to look.
        """
        memories = {table.name: self._read(table) for table in self.settings.tables}
        self._attempted(memories)
        if self.events and not self.again and not any(self._unheard(memory) for memory in memories.values()):
            return []
        looks = self._look(self.settings, memories)
        return [self._end(table, memories[table.name], looks[table.name]) for table in self.settings.tables]

    @property
    def deadline(self) -> float:
        """Until when facts may arrive."""
        return time.monotonic() + self.remaining() - RESERVE

    def _read(self, table: TableSettings) -> Memory:
        try:
            return self._store(table).read()
        except StoreUnavailable as error:
            return error

    def _unheard(self, memory: Memory) -> tuple[ApiCall, ...]:
        """The calls that changed something and that no run has looked at."""
        known = frozenset(memory.calls) if isinstance(memory, Remembered) else frozenset()
        return tuple(call for call in self.events if not call.refused and brief(call) not in known)

    def _attempted(self, memories: Memories) -> None:
        """Keep what was tried and refused, where it can be kept: nothing has changed, so nothing hangs on it."""
        for table in self.settings.tables:
            tried = refused(call for call in self.events if call.refused and call.concerns(frozenset({table.name})))
            memory = memories[table.name]
            if tried and isinstance(memory, Remembered):
                with suppress(Lost, StoreUnavailable):
                    self._store(table).attempted(known(memory.table_id), tried)

    def _look(self, settings: Settings, memories: Memories) -> dict[str, Look]:
        looking = Looking(self.rules, self.aws, settings, self.deadline, self.defects)
        at = self.clock()
        known = afresh(memories) if self.fresh else memories
        past = past_of(self.aws, settings, known, looking.checks, at)
        past = replace(past, given={**past.given, ChangeRoute: {ROOT: self.route}})
        return {look.table.name: look for look in looking.look(at, past)}

    def _end(self, table: TableSettings, memory: Memory, look: Look) -> Outcome:
        if isinstance(memory, StoreUnavailable):
            return self._unrecorded(Outcome(look, None, unrecorded=memory))
        identity = Identity(self.aws, table.name)
        if self._outdated(memory):
            return self._delivered(Outcome(look, memory), identity)
        try:
            return self._delivered(self._settled(table, memory, look, identity), identity)
        except StoreUnavailable as error:
            return self._unrecorded(Outcome(look, memory, unrecorded=error))

    def _outdated(self, memory: Remembered) -> bool:
        """A later release wrote this, in a form we don't know or just now: it is its turn to speak."""
        if memory.is_newer:
            return True
        recent = memory.verified_at is not None and self.clock() - memory.verified_at < ROLLING
        return recent and memory.release > self.deployment.release

    def _settled(self, table: TableSettings, memory: Remembered, look: Look, identity: Identity) -> Outcome:
        """Commit what was seen, looking again as often as another run was faster."""
        store = self._store(table)
        settled = settle(
            Committing(store),
            lambda again: self._look(self.settings.only(table.name), {table.name: again})[table.name],
            lambda before, seen: self._concluded(store, identity, before, seen),
            first=Attempt(memory, look),
            in_time=lambda: self.remaining() > RESERVE,
        )
        concluded = settled.change
        if settled.won:
            identity.remember(settled.remembered, concluded.look)
            if not concluded.conclusion.expiring:
                with suppress(Lost, StoreUnavailable):  # what is told is committed; tidying has time
                    store.trim(concluded.look.at)
            for drift, actor in concluded.change.named.items():
                with suppress(StoreUnavailable):  # whom the next message names is committed
                    store.name(drift, actor)
        return Outcome(concluded.look, settled.remembered, concluded.conclusion, won=settled.won)

    def _concluded(self, store: Store, identity: Identity, before: Remembered, look: Look) -> "Concluded":
        first, trouble = identity.circumstances(before, look)
        if trouble and trouble.what is What.REPLACED:
            trouble = replace(trouble, actor=self._deleter(look))
        said = self.deployment
        concluding = Concluding(
            look,
            before,
            self.settings,
            Circumstances(
                trigger=said.trigger,
                release=said.release,
                table_id=identity.of(before, look),
                dashboard=said.dashboard,
                interval=said.interval,
                first=first,
                trouble=trouble,
                calls=self._unheard(before),
            ),
            seconds=time.monotonic() - self.started,
            calls=self.calls,
        )
        told = (*(call for call in self.events if not call.refused), *self.again)
        last = before.verified_at or look.at
        attributing = Attributing(look.table.name, told, self.history, last, look.at)
        conclusion = concluding.conclusion(attributing.attribute(concluding.events, concluding.unnamed))
        return Concluded(look, dataclasses.replace(conclusion, change=self._merged(store, conclusion.change)))

    def _merged(self, store: Store, change: Change) -> Change:
        """While nobody listens there is one message: what is new joins the one that waits."""
        topic = self.deployment.topic
        if change.message is None or topic is None or topic.has_subscribers():
            return change
        waiting = store.head()
        if waiting is None or another(waiting.table_id, change.table_id):
            return change
        return replace(change, message=merged(waiting.message, change.message), merged_into=waiting)

    def _delivered(self, outcome: Outcome, identity: Identity) -> Outcome:
        """Send what waits; what can't be sent now stays, and `AlertsPending` says so."""
        topic = self.deployment.topic
        if topic is None:
            return outcome
        table_id = identity.of(outcome.before, outcome.look)
        store = self._store(self.settings.only(outcome.look.table.name).tables[0])
        until = self.clock() + timedelta(seconds=min(self.remaining(), LONGEST)) + LEASE
        try:
            pending = deliver(store, topic, table_id, until=until, clock=self.clock)
        except (Lost, StoreUnavailable):
            pending = 1
        return dataclasses.replace(outcome, pending=pending, deaf=not topic.has_subscribers())

    def _unrecorded(self, outcome: Outcome) -> Outcome:
        """Memory in the table is gone, the voice is not."""
        if self.deployment.topic is not None and outcome.unrecorded is not None:
            deleted = self._deleter(outcome.look) if isinstance(outcome.unrecorded.why, Gone) else None
            say_unrecorded(self.aws, self.settings, self.deployment, outcome.look, outcome.unrecorded, deleter=deleted)
        return outcome

    def _deleter(self, look: Look) -> Actor | None:
        return deleter(look.table.name, (*self.events, *self.again), self.history)

    def _store(self, table: TableSettings) -> Store:
        return store_of(self.aws, table, self.deployment.writer)


def emitted(run: Run, outcome: Outcome) -> None:
    """Print the metrics of one table; the heartbeat only where the run reached its end."""
    metrics.emit(
        metrics.Emitted(
            table=outcome.look.table.name,
            statuses=outcome.conclusion.statuses if outcome.conclusion and outcome.won else None,
            seconds=time.monotonic() - run.started,
            calls=run.calls,
            drift=outcome.conclusion.drifts if outcome.conclusion and outcome.won else 0,
            errors=run.defects.count,
            pending=outcome.pending,
            no_subscribers=outcome.deaf,
            persist_failed=outcome.unrecorded is not None,
        )
    )
    if outcome.unrecorded is None:
        metrics.completed(outcome.look.table.name)
