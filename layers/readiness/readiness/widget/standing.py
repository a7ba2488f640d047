"""Read a table's stored results: the state that the last run wrote, and the items of the checklist.

It takes three queries, because annotations and the run records of a month lie between them in key order. People edit
items in the console: an item that is not in the monitor's format is shown as such, and never as PASS.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from readiness.engine.evaluate import explained
from readiness.engine.rule import ITEM, MONITOR, number_of
from readiness.model import Gone, Severity, Status
from readiness.state.people import Instant
from readiness.state.store import Rows, StoreUnavailable
from readiness.state.store.head import CHECKS, STATE
from readiness.state.store.rows import SCHEMA
from readiness.state.table_id import another

RULE = "RULE#"

NOWHERE = "The table does not exist in this account and Region."
NOTHING_YET = "No results yet: the monitor has not completed a run on this table."
TOO_NEW = "A later release wrote these results in a format that this release cannot read. Deploy the later release."
NOT_OURS = "The stored results are not in the format of Readiness: somebody edited them."

MISSING = "the stored results of this item cannot be read"


class ItemWaiver(Struct, frozen=True):
    """The acceptance of a failing check on one resource, or on all if `resource` is None."""

    check: str
    by: str
    reason: str
    until: Instant
    resource: str | None = None


class ItemFinding(Struct, frozen=True):
    """The result of a check on a resource, as of its last change."""

    check: str
    resource: str
    status: Status
    severity: Severity
    message: str
    remediation: str = ""


class Item(Struct, frozen=True, rename="camel"):
    """An item of the checklist, or of the monitor's own health.

    `known` is the last known status; `status` is UNKNOWN instead if that is worse and a required check cannot be read.
    There are at most 50 `findings`; `finding_count` is the number of all.
    """

    rule: str
    status: Status
    known: Status
    item: str = ""
    title: str = ""
    since: Instant | None = None
    blind_since: Instant | None = None
    owner: str | None = None
    waivers: tuple[ItemWaiver, ...] = ()
    findings: tuple[ItemFinding, ...] = ()
    finding_count: int = 0

    @property
    def own(self) -> bool:
        """True for the monitor's own health, which is not an item of the checklist."""
        return self.item == MONITOR

    @property
    def number(self) -> tuple[int, ...]:
        """Return the item's number for sorting; empty if it is not known, and for the monitor's own health."""
        return number_of(self.item) if ITEM.fullmatch(self.item) else ()

    def waiver(self, finding: ItemFinding, now: datetime) -> ItemWaiver | None:
        """Return the waiver that covers the finding now, if any."""
        check = f"{self.rule}/{finding.check}"
        covering = (each for each in self.waivers if each.check == check and each.resource in {None, finding.resource})
        return next((each for each in covering if each.until > now), None)

    def is_waived(self, now: datetime) -> bool:
        """Return True if waivers cover all failing findings. If some findings are not stored, the answer is False."""
        failing = [finding for finding in self.findings if finding.status is Status.FAIL]
        whole = self.finding_count <= len(self.findings)
        return (
            self.status is Status.FAIL and whole and bool(failing) and all(self.waiver(each, now) for each in failing)
        )


class StoredChecklist(Struct, frozen=True):
    """The results of a table as of the last run. `paused`: alerts were paused then."""

    table: str
    verified_at: datetime
    items: tuple[Item, ...]
    paused: bool = False


class Unseen(Struct, frozen=True):
    """A table whose results cannot be shown, and the reason."""

    table: str
    why: str


class _Check(Struct, frozen=True):
    paused: bool = False


class _State(Struct, frozen=True, rename="camel"):
    table_id: str
    schema: int
    verified_at: Instant


class _Memory(msgspec.Struct, frozen=True):
    checks: Mapping[str, _Check]
    signs: Mapping[str, str]


def standing(rows: Rows) -> StoredChecklist | Unseen:
    """Read the stored results. It raises nothing, whatever is stored or DynamoDB answers."""
    try:
        # The state first: if a run commits in between, the items are newer than their shown time, never older.
        head = next(rows.query(STATE, limit=1), None)
        if head is None or rows.sort_key_of(head) != STATE:
            return Unseen(rows.table, NOTHING_YET)
        if isinstance(schema := head.get("schema"), int) and schema > SCHEMA:
            return Unseen(rows.table, TOO_NEW)
        state = msgspec.convert(head, _State)
        # In schema 1 the memory was part of the state.
        memory = msgspec.convert(head if "checks" in head else next(rows.query(CHECKS, limit=1), {}), _Memory)
        stored = {rows.sort_key_of(row): row for row in rows.query(RULE)}
    except StoreUnavailable as error:
        why = error.why
        return Unseen(rows.table, NOWHERE if isinstance(why, Gone) else f"The table {explained(why)}.")
    except msgspec.ValidationError:
        return Unseen(rows.table, NOT_OURS)
    # In checklist order. A rule that was removed leaves its stored item behind.
    items = [_item(rule, stored.get(RULE + rule, {}), state.table_id) for rule in memory.signs]
    items.sort(key=lambda item: (item.own, item.number, item.rule))
    paused = any(check.paused for check in memory.checks.values())
    return StoredChecklist(rows.table, state.verified_at, tuple(items), paused)


def _item(rule: str, row: Mapping[str, Any], table_id: str) -> Item:
    try:
        return msgspec.convert({} if another(row.get("tableId"), table_id) else row, Item)
    except msgspec.ValidationError:
        lost = ItemFinding("", "", Status.UNKNOWN, Severity.HIGH, MISSING)
        return Item(rule, Status.UNKNOWN, Status.UNKNOWN, findings=(lost,), finding_count=1)
