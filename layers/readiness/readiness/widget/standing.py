"""How a table stands by what is stored: the state that the last run wrote, and the items of the checklist.

Two queries, for in between them, in the order of the keys, lie the runs of a month. People edit rows in the console:
what is not as we write it is said to be so, and never passes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from readiness.engine.evaluate import explained
from readiness.engine.rule import MONITOR
from readiness.model import Gone, Severity, Status, Unavailable
from readiness.state.people import Instant
from readiness.state.store import Rows, StoreUnavailable
from readiness.state.store.remembered import STATE
from readiness.state.store.rows import SCHEMA
from readiness.state.table_id import another

RULE = "RULE#"

NOWHERE = "There is no table of this name in this account and Region."
NOTHING_YET = "Nothing is remembered of this table: the monitor has not completed a run on it."
TOO_NEW = "A later release wrote this, in a form that this one does not know: deploy it anew."
NOT_OURS = "What is stored is not what Readiness writes: somebody edited it."

MISSING = "nothing that can be read is stored of this item"


class Waiver(msgspec.Struct, frozen=True):
    """Who accepted a failing check, on one resource or on all, why, and until when."""

    check: str
    by: str
    reason: str
    until: Instant
    resource: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """What a check said of a resource, when it last said something new."""

    check: str
    resource: str
    status: Status
    severity: Severity
    message: str
    remediation: str = ""


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """An item of the checklist, or what is said of the monitor itself.

    `status` is the worse of `known` and our blindness; `findings` are at most 50.
    """

    rule: str
    status: Status
    known: Status
    item: str = ""
    title: str = ""
    since: Instant | None = None
    blind_since: Instant | None = None
    owner: str | None = None
    waivers: tuple[Waiver, ...] = ()
    findings: tuple[Finding, ...] = ()
    finding_count: int = 0

    @property
    def own(self) -> bool:
        """It is about the monitor, and no item of the checklist."""
        return self.item == MONITOR

    def waiver(self, finding: Finding, now: datetime) -> Waiver | None:
        """The one that covers a finding now."""
        check = f"{self.rule}/{finding.check}"
        covering = (each for each in self.waivers if each.check == check and each.resource in {None, finding.resource})
        return next((each for each in covering if each.until > now), None)

    def is_waived(self, now: datetime) -> bool:
        """It fails, and only where a waiver covers it. What is not stored of it may fail too."""
        failing = [finding for finding in self.findings if finding.status is Status.FAIL]
        whole = self.finding_count <= len(self.findings)
        return (
            self.status is Status.FAIL and whole and bool(failing) and all(self.waiver(each, now) for each in failing)
        )


class Standing(Struct, frozen=True):
    """A table as the last run left it. `paused`: that run told nobody of what it saw."""

    table: str
    verified_at: datetime
    items: tuple[Item, ...]
    paused: bool = False


class Unseen(Struct, frozen=True):
    """A table of which nothing can be shown, and why."""

    table: str
    why: str


class _Check(msgspec.Struct, frozen=True):
    paused: bool = False


class _State(msgspec.Struct, frozen=True, rename="camel"):
    table_id: str
    schema: int
    verified_at: Instant
    checks: Mapping[str, _Check]
    signs: Mapping[str, str]


def standing(rows: Rows) -> Standing | Unseen:
    """Read how the table stands. It never raises for what is stored, or for what DynamoDB answers."""
    try:
        # The state first: a run that commits in between makes the items newer than they are said to be, never older.
        head = next(rows.query(STATE, limit=1), None)
        if head is None or rows.sort_key_of(head) != STATE:
            return Unseen(rows.table, NOTHING_YET)
        if isinstance(schema := head.get("schema"), int) and schema > SCHEMA:
            return Unseen(rows.table, TOO_NEW)
        state = msgspec.convert(head, _State)
        stored = {rows.sort_key_of(row): row for row in rows.query(RULE)}
    except StoreUnavailable as error:
        return Unseen(rows.table, _because(error.why))
    except msgspec.ValidationError:
        return Unseen(rows.table, NOT_OURS)
    return Standing(
        rows.table,
        state.verified_at,
        _items(state, stored),
        paused=any(check.paused for check in state.checks.values()),
    )


def _because(why: Unavailable | Gone) -> str:
    if isinstance(why, Gone):
        return NOWHERE
    return f"The table {explained(why)}."


def _items(state: _State, stored: Mapping[str, Mapping[str, Any]]) -> tuple[Item, ...]:
    """Those that the last run judged, in the order of the checklist: a rule that is asked no more leaves its row."""
    items = [_item(rule, stored.get(RULE + rule, {}), state.table_id) for rule in state.signs]
    return tuple(sorted(items, key=lambda item: (item.item, item.rule)))


def _item(rule: str, row: Mapping[str, Any], table_id: str) -> Item:
    try:
        return msgspec.convert({} if another(row.get("tableId"), table_id) else row, Item)
    except msgspec.ValidationError:
        lost = Finding("", "", Status.UNKNOWN, Severity.HIGH, MISSING)
        return Item(rule, Status.UNKNOWN, Status.UNKNOWN, findings=(lost,), finding_count=1)
