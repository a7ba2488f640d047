"""The change that a run commits, and the rows of its one transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from msgspec import Struct, field

from readiness.aws.time import iso
from readiness.model import Finding, Message, Status
from readiness.state.people import Waiver
from readiness.state.store.entry import OutboxEntry, claimable, sort_key_at, values_of
from readiness.state.store.remembered import STATE, Canary, KeptFact, Remembered, written
from readiness.state.store.rows import Rows, Write, WriteCondition, joined
from readiness.state.store.wire import compact, encode, size

RUNS_LIVE = timedelta(days=30)
DRIFTS_LIVE = timedelta(days=400)

MOST_FINDINGS = 50
MOST_DRIFTS = 60
MOST_WRITES = 99

# Bytes. DynamoDB's limits are 400 KB per item and 4 MB per transaction. 14 rules and 60 drifts do not reach them.
EVIDENCE = 16_384
FINDINGS = 150_000
DRIFT_SIDE = 4_096
DRIFTS = 300_000
ITEM = 380_000
TRANSACTION = 3_800_000

UNVERSIONED = WriteCondition("attribute_not_exists(#version)")
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
    `interval` is the schedule of the deployed monitor in minutes; None if this run does not know it.
    `judged_by` holds the version of the product and the digest of the table's checklist, for evaluations elsewhere.
    `calls` and `unnamed` are for the next run, which reads them in `Remembered`. `named` holds the authors of earlier
    changes, by the sort key of the record.
    `seen`: this run or an earlier one has described the table; None: it follows from the TableId.
    `merged_into` is the first message of the outbox, which `message` replaces while the topic has no subscription.
    """

    table_id: str
    at: datetime
    release: str
    checks: Mapping[str, Mapping[str, Any]]
    run: RunRecord
    judged_by: Mapping[str, str] = field(default_factory=dict)
    interval: int | None = None
    seen: bool | None = None
    rules: Sequence[RuleRecord] = ()
    signs: Mapping[str, str] = field(default_factory=dict)
    drifts: Sequence[DriftRecord] = ()
    calls: Sequence[str] = ()
    unnamed: Sequence[Mapping[str, Any]] = ()
    named: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Sequence[KeptFact] = ()
    canary: bool = False
    message: Message | None = None
    merged_into: OutboxEntry | None = None


class Commit(Struct, frozen=True):
    """A change to write over the memory that its run read."""

    rows: Rows
    remembered: Remembered
    change: Change
    writer: str

    @property
    def version(self) -> int:
        """Return the version to write: one more than the version that was read, even of another table."""
        return self.remembered.version + 1

    def writes(self) -> list[Write]:
        """Return the transaction: fewer than 100 actions, less than 4 MB.

        Kept answers that do not fit are left out and fetched again.
        """
        writes = [self._state(), self._run(), *self._rules(), *self._drifts(), *self._canary(), *self._message()]
        room = TRANSACTION - sum(map(size, writes))
        for write in self._facts():
            taken = size(write)
            if taken <= min(room, ITEM) and len(writes) < MOST_WRITES:
                writes.append(write)
                room -= taken
        return writes

    def _put(self, sort_key: str, values: Mapping[str, Any], lives: timedelta | None = None) -> Write:
        expires = None if lives is None else self.change.at + lives
        return self.rows.put(self.rows.item(sort_key, self.change.table_id, values, expires))

    def _state(self) -> Write:
        values = {
            "version": self.version,
            "verifiedAt": self.change.at,
            "writer": self.writer,
            "release": self.change.release,
            "judgedBy": self.change.judged_by,
            "seen": self.change.seen,
            "intervalMinutes": self.change.interval or self.remembered.interval,
            "checks": self.change.checks,
            "signs": self.change.signs,
            "calls": self.change.calls or None,
            "unnamed": self.change.unnamed or None,
        }
        known = self.remembered.version
        unmoved = WriteCondition("#version = :version", {"version": known}) if known else UNVERSIONED
        return self.rows.put(self.rows.item(STATE, self.change.table_id, values), unmoved)

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
        place = first.place if first else self.version
        condition = claimable(first, self.change.at) if first else ABSENT
        values = values_of(message, place, self.version)
        item = self.rows.item(sort_key_at(place), self.change.table_id, values)
        yield self.rows.put(item, condition)

    def _facts(self) -> Iterator[Write]:
        for kept in self.change.facts:
            yield self._put(joined(STATE, "FACT", kept.type, kept.place), written(kept))

    def _stamped(self, kind: str) -> str:
        return _stamped(kind, self.change.at, self.version)


def drift_keys(at: datetime, version: int, drifts: Sequence[DriftRecord]) -> list[str]:
    """Return the sort keys of the drifts of one commit, in their order.

    More than 60 drifts share the key of one row that lists them.
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


def attempts(rows: Rows, table_id: str, refused: Mapping[str, tuple[datetime, DriftRecord]]) -> list[Write]:
    """Return the rows of calls that changed nothing, by event id. An event that is delivered again has the same row.

    At most as many as fit into one transaction.
    """
    return [
        rows.put(rows.item(joined("DRIFT", iso(at), event), table_id, {"at": at, **_drift(drift)}, at + DRIFTS_LIVE))
        for event, (at, drift) in islice(refused.items(), MOST_DRIFTS)
    ]


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
