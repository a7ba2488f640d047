"""The change that a run commits, and the rows of its one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from msgspec import Struct, field

from readiness.aws.time import iso
from readiness.model import Finding, Message, Status
from readiness.state.people import Announced, Waiver
from readiness.state.store.damage import MORE, RefusedBefore, movable, set_aside
from readiness.state.store.entry import PREFIX, OutboxEntry, claimable, place_of, values_of
from readiness.state.store.head import CHECKS, STATE, EmittedItems, Memory, as_stored, without_moving
from readiness.state.store.kept_rows import rows_of
from readiness.state.store.kept_rows import values_of as values_of_facts
from readiness.state.store.remembered import Canary, KeptFact, Remembered, written
from readiness.state.store.rows import Rows, Write, WriteCondition, joined, unmoved
from readiness.state.store.wire import Item, compact, encode, size

RUNS_LIVE = timedelta(days=30)
DRIFTS_LIVE = timedelta(days=400)
ATTEMPTS_LIVE = timedelta(days=30)
FORMER_LIVES = timedelta(days=400)
ROLLBACKS_LIVE = timedelta(days=30)
A_DAY = timedelta(days=1)

ATTEMPT = "ATTEMPT"
ROLLBACK = "ROLLBACK"
MOST_ATTEMPTS = 100
"""The number of denied calls of a day that are recorded each by itself."""

MOST_FINDINGS = 50
MOST_DRIFTS = 10
MOST_WRITES = 99

# Bytes. DynamoDB's limits are 400 KB per item and 4 MB per transaction. 14 rules and 10 drifts do not reach them.
EVIDENCE = 16_384
FINDINGS = 150_000
DRIFT_SIDE = 4_096
DRIFTS = 300_000
ITEM = 380_000
TRANSACTION = 3_800_000

ABSENT = WriteCondition("attribute_not_exists(#pk)")


class RunRecord(Struct, frozen=True, kw_only=True):
    """The record of a run: its trigger, the seconds until the commit, and its API calls.

    `statuses` holds the status of each item.
    """

    trigger: str
    seconds: float
    calls: int
    statuses: Mapping[str, Status]


class RuleRecord(Struct, frozen=True, kw_only=True):
    """The current state of an item of the checklist, for people, the widget and other programs.

    `status` is the worse of `known` and UNKNOWN for unread resources.
    """

    rule: str
    item: str
    title: str
    status: Status
    known: Status
    since: datetime | None
    blind_since: datetime | None
    owner: str | None
    waivers: Sequence[Waiver]
    findings: Sequence[Finding]


class DriftRecord(Struct, frozen=True, kw_only=True):
    """One change of one check, kept for people. `actor` is None while the author is not known.

    In the record of a call that changed nothing, `check` can be the id of a rule.
    """

    check: str
    kind: str
    before: Any
    after: Any
    actor: Mapping[str, Any] | None = None
    silent: bool = False


class Change(Struct, frozen=True, kw_only=True):
    """The changes that one run commits.

    `rules` are the items whose row changed. `signs` holds a digest of each row, by rule: the next run compares them.
    `interval` is the schedule of the deployed monitor in minutes; None if this run does not know it. `topic` is the ARN
    of the topic for alerts; empty if this run has none.
    `judged_by` holds the version of the product and the digest of the table's checklist, for evaluations elsewhere.
    `calls`, `unnamed` and `words` are for the next run, which reads them in `Remembered`. `named` holds the authors of
    earlier changes, by the sort key of the record.
    `seen`: this run or an earlier one has described the table; None: it follows from the TableId.
    `merged_into` is the first message of the outbox, which `message` replaces while the topic has no subscription.
    `counted_at` is the time of the last scan that counted. `facts` are all answers to keep, those that were read before
    too. `ended` are types and places of answers that were read and must not stay, because a change event ended them.
    `emitted` are the metrics of items, where they are emitted on changes only; None: this run emits none.
    """

    table_id: str
    at: datetime
    release: str
    checks: Mapping[str, Mapping[str, Any]]
    run: RunRecord
    counted_at: datetime | None = None
    judged_by: Mapping[str, str] = field(default_factory=dict)
    interval: int | None = None
    topic: str = ""
    seen: bool | None = None
    rules: Sequence[RuleRecord] = ()
    signs: Mapping[str, str] = field(default_factory=dict)
    drifts: Sequence[DriftRecord] = ()
    calls: Sequence[str] = ()
    unnamed: Sequence[Mapping[str, Any]] = ()
    words: Mapping[str, Announced] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Sequence[KeptFact] = ()
    ended: AbstractSet[tuple[str, str]] = frozenset()
    emitted: EmittedItems | None = None
    canary: bool = False
    message: Message | None = None
    merged_into: OutboxEntry | None = None


class Commit(Struct, frozen=True, dict=True):
    """A change to write over the memory that its run read. `sign` signs a row that only the monitor writes.

    `refused_before` are the damaged rows that earlier runs moved. `dict=True` is for the cached property.
    """

    rows: Rows
    remembered: Remembered
    change: Change
    writer: str
    sign: Callable[[Item], Item] = lambda item: item
    refused_before: RefusedBefore = RefusedBefore()

    @property
    def version(self) -> int:
        """Return the version to write."""
        return self.remembered.next_version(self.change.at)

    def writes(self) -> list[Write]:
        """Return the transaction: fewer than 100 actions, less than 4 MB. Kept answers that do not fit are left out."""
        writes = [*self._state(), self._run(), *self._rules(), *self._drifts(), *self._canary(), *self._message()]
        writes += self._refused()
        return [*writes, *self._facts(TRANSACTION - sum(map(size, writes)), MOST_WRITES - len(writes))]

    def _put(self, sort_key: str, values: Mapping[str, Any], lives: timedelta | None = None) -> Write:
        expires = None if lives is None else self.change.at + lives
        return self.rows.put(self.rows.item(sort_key, self.change.table_id, values, expires))

    def _signed(self, sort_key: str, values: Mapping[str, Any], condition: WriteCondition | None = None) -> Write:
        return self.rows.put(self.sign(self.rows.item(sort_key, self.change.table_id, values)), condition)

    def _state(self) -> Iterator[Write]:
        """Yield the head, and the memory of the checks if it differs from the one that was read."""
        before, change = self.remembered, self.change
        checks, moving = without_moving(change.checks)
        emitted = before.emitted if change.emitted is None else change.emitted
        calls, unnamed = tuple(change.calls), tuple(change.unnamed)
        memory = as_stored(Memory(checks=checks, signs=change.signs, calls=calls, unnamed=unnamed, words=change.words))
        moved = not before.checks_version or memory != before.stored or before.table_id != change.table_id
        moved = moved or before.unsigned
        values = {
            "version": self.version,
            "checksVersion": self.version if moved else before.checks_version,
            "verifiedAt": change.at,
            "countedAt": change.counted_at,
            "writer": self.writer,
            "release": change.release,
            "judgedBy": change.judged_by,
            "seen": change.seen,
            "intervalMinutes": change.interval or before.interval,
            "topic": change.topic or before.topic or None,
            "emitted": emitted.minutes or None,
            "emittedValues": emitted.values or None,
            "emittedChanges": emitted.changed or None,
            "moving": moving or None,
        }
        yield self._signed(STATE, values, self._unmoved())
        if moved:
            refused = before.refused.get(CHECKS)
            yield self._signed(CHECKS, {"version": self.version, **memory}, unmoved(refused) if refused else None)

    def _unmoved(self) -> WriteCondition:
        """Return the condition that the head is still the one that was read."""
        if refused := self.remembered.refused.get(STATE):
            return unmoved(refused)
        known = self.remembered.version
        return WriteCondition("#version = :version", {"version": known}) if known else ABSENT

    def _refused(self) -> Iterator[Write]:
        """Yield the writes that move damaged rows. The head and the memory are overwritten in their place."""
        refused = movable(self.remembered.refused)
        yield from set_aside(self.rows, refused, self.change.table_id, self.change.at, self.refused_before)
        for sort_key, item in refused.items():
            if sort_key not in {STATE, CHECKS}:
                yield self.rows.drop(sort_key, unmoved(item))

    def _run(self) -> Write:
        run = self.change.run
        values = {"at": self.change.at, "trigger": run.trigger, "seconds": run.seconds, "calls": run.calls}
        return self._put(self._stamped("RUN"), {**values, "statuses": run.statuses}, RUNS_LIVE)

    def _rules(self) -> Iterator[Write]:
        for rule in self.change.rules:
            yield self._put(f"RULE#{rule.rule}", _rule(rule))

    def _drifts(self) -> Iterator[Write]:
        drifts = self.change.drifts
        if len(drifts) > MOST_DRIFTS:
            values = {"at": self.change.at, "driftCount": len(drifts), "drifts": _fitting(map(_drift, drifts), DRIFTS)}
            yield self._put(self._stamped("DRIFT"), values, DRIFTS_LIVE)
            return
        for sort_key, drift in zip(drift_keys(self.change.at, self.version, drifts), drifts, strict=True):
            yield self._put(sort_key, {"at": self.change.at, **_drift(drift)}, DRIFTS_LIVE)

    def _canary(self) -> Iterator[Write]:
        if self.change.canary:
            canary = Canary(at=self.change.at, table_id=self.change.table_id)
            item = self.rows.item(
                joined(STATE, "CANARY", iso(canary.at)), canary.table_id, written(canary), canary.expires
            )
            yield self.rows.put(item)

    def _message(self) -> Iterator[Write]:
        message, first = self.change.message, self.change.merged_into
        if message is None:
            return
        sort_key = first.sort_key if first else PREFIX + place_of(self.version)
        condition = claimable(first, self.change.at) if first else ABSENT
        yield self._signed(sort_key, values_of(message, self.version), condition)

    def _facts(self, room: int, most: int) -> list[Write]:
        """Return the writes of kept answers, at most so many bytes and actions.

        The change events that ended answers are deleted only with all of these answers.
        """
        rows = self._kept_rows
        left = (self.rows.drop(sort_key) for sort_key in self.remembered.kept_rows if sort_key not in rows)
        changed = [self._signed(sort_key, values_of_facts(rows[sort_key])) for sort_key in filter(self._moved, rows)]
        writes = list(islice(left, most))
        done = len(writes) < most
        for write in changed:
            taken = size(write)
            if taken <= min(room, ITEM) and len(writes) < most:
                writes.append(write)
                room -= taken
            else:
                done = False
        ended = [self.rows.drop(each.sort_key) for each in self.remembered.ended]
        return [*writes, *(ended[: most - len(writes)] if done else [])]

    def _moved(self, sort_key: str) -> bool:
        """Return True if a row must have an answer that it had not, or must not have one that was ended."""
        before = {(fact.type, fact.place): fact for fact in self.remembered.kept_rows.get(sort_key, ())}
        new = any(before.get((fact.type, fact.place)) != fact for fact in self._kept_rows[sort_key])
        return new or not self.change.ended.isdisjoint(before)

    @cached_property
    def _kept_rows(self) -> Mapping[str, Sequence[KeptFact]]:
        return rows_of(self.change.facts)

    def _stamped(self, kind: str) -> str:
        return _stamped(kind, self.change.at, self.version)


def drift_keys(at: datetime, version: int, drifts: Sequence[DriftRecord]) -> list[str]:
    """Return the sort keys of the drifts of one commit, in their order.

    More than 10 drifts share the key of one row that lists them.
    """
    stamped = _stamped("DRIFT", at, version)
    if len(drifts) > MOST_DRIFTS:
        return [stamped] * len(drifts)
    seen: Counter[str] = Counter()
    keys = []
    for drift in drifts:
        seen[drift.check] += 1
        again = [str(seen[drift.check])] if seen[drift.check] > 1 else []
        keys.append(joined(stamped, drift.check, *again))
    return keys


def attempts(
    rows: Rows, table_id: str, refused: Mapping[str, tuple[datetime, DriftRecord]], kept: Mapping[str, int]
) -> list[Write]:
    """Return the rows of calls that AWS denied, by event id. An event that is delivered again has the same row.

    `kept` is the number of rows of each day, by date. After 100 of a day only their number is recorded. At most as many
    as fit into one transaction.
    """
    writes = []
    more: Counter[str] = Counter()
    room = {day: MOST_ATTEMPTS - number for day, number in kept.items()}
    for event, (at, drift) in islice(refused.items(), MOST_WRITES):
        if room[day_of(at)] > 0:
            room[day_of(at)] -= 1
            item = rows.item(joined(ATTEMPT, iso(at), event), table_id, {"at": at, **_drift(drift)}, at + ATTEMPTS_LIVE)
            writes.append(rows.put(item))
        else:
            more[day_of(at)] += 1
    for day, number in more.items():
        ends = datetime.fromisoformat(day).replace(tzinfo=UTC) + A_DAY + ATTEMPTS_LIVE
        writes.append(rows.add(joined(ATTEMPT, day, MORE), MORE, number, ends))
    return writes


def day_of(at: datetime) -> str:
    """Return the date in UTC with which the sort keys of that day's rows begin."""
    return iso(at)[:10]


def _stamped(kind: str, at: datetime, version: int) -> str:
    return joined(kind, iso(at), str(version))


def _rule(rule: RuleRecord) -> dict[str, Any]:
    findings = sorted(rule.findings, key=lambda finding: -finding.status.rank)
    return {
        "rule": rule.rule,
        "item": rule.item,
        "title": rule.title,
        "status": rule.status,
        "known": rule.known,
        "since": rule.since,
        "blindSince": rule.blind_since,
        "owner": rule.owner,
        "waivers": [compact(written(waiver), EVIDENCE) for waiver in rule.waivers[:MOST_FINDINGS]],
        "findingCount": len(findings),
        "findings": _fitting([_finding(finding) for finding in findings[:MOST_FINDINGS]], FINDINGS),
    }


def _finding(finding: Finding) -> Any:
    reason = finding.unavailable
    said = {
        "check": finding.check,
        "resource": finding.resource,
        "status": finding.status,
        "severity": finding.severity,
        "message": finding.message,
        "remediation": finding.remediation,
        "reason": reason.reason if reason else finding.omission,
        "permission": reason.permission if reason else None,
    }
    return {**compact(said, EVIDENCE), "evidence": compact(finding.evidence, EVIDENCE)}


def _drift(drift: DriftRecord) -> dict[str, Any]:
    return {
        "check": drift.check,
        "kind": drift.kind,
        "before": compact(drift.before, DRIFT_SIDE),
        "after": compact(drift.after, DRIFT_SIDE),
        "actor": None if drift.actor is None else compact(drift.actor, DRIFT_SIDE),
        "silent": drift.silent,
    }


def _fitting(values: Iterable[Any], budget: int) -> list[Any]:
    """Return the first values that fit into the budget, in bytes."""
    fitting = []
    for value in values:
        budget -= size(encode(value))
        if budget < 0:
            break
        fitting.append(value)
    return fitting
