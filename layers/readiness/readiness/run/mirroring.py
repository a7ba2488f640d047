"""The mirror of what was told at a pager, for one table of a run. It runs after the messages, and never fails a run."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from readiness.alerts.alert import KEPT, AlertContext
from readiness.alerts.mirror import View, mirror
from readiness.alerts.pager import PAGERS, Incident, incidents, lost_table
from readiness.alerts.pager_client import pager_of
from readiness.aws.client import Aws
from readiness.aws.failure import failure
from readiness.checklist import Settings
from readiness.engine.rule import Check
from readiness.model import Status
from readiness.scan import Scan
from readiness.state.announce import announced_before
from readiness.state.overlay import Overlay
from readiness.state.store import Change, Mirror, Remembered, Store, StoreUnavailable, WriteConflict
from readiness.state.table_id import another

logger = logging.getLogger(__name__)

ENOUGH = 10.0
"""Seconds of an invocation without which a run sends nothing to a pager: the metrics of the run are more important."""

OVERDUE = 1.5
"""The number of intervals without a commit after which no row is believed: a run may have opened an incident alone."""

LONGEST_INTERVAL = 60
"""Minutes: the longest interval at which the monitor can be deployed."""

opened_alone: dict[str, str] = {}
"""The tables for which this execution environment opened an incident that no row names, each with the trouble that the
pager has not accepted yet."""


class MirrorRow(Struct):
    """The row of one pager, and the incidents that follow from the memory of the table.

    `wanted` returns the incidents for a memory. `void`: the first row that is read is not believed. `until` is the end
    of leases. `struck`: the checklist no longer names the pager, so its row is deleted after its incidents are closed.
    """

    store: Store
    pager: str
    target: str
    table_id: str
    until: datetime
    wanted: Callable[[Remembered], Mapping[str, Incident]]
    struck: bool = False
    void: bool = False
    empty: bool = False

    def view(self, state: Remembered) -> View[Incident]:
        """Return the incidents that should be open, and the row.

        The row of another table is not believed. Nor is that of another target, which has heard of no incident.
        """
        mirror = state.mirrors.get(self.pager)
        if mirror is not None:
            moved = self.target and mirror.target and mirror.target != self.target
            other = another(mirror.table_id, self.table_id) or moved
            mirror = None if other else replace(mirror, table_id=self.table_id, target=self.target)
        return View({} if self.struck else self.wanted(state), mirror, state.version)

    def claim(self, until: datetime, now: datetime) -> bool:
        """Lease the row: one call."""
        return self.store.claim_mirror(self.pager, until, now)

    def read(self) -> View[Incident] | None:
        """Read memory and row: one query. None if the memory is damaged, or of a newer release or another table."""
        state = self.store.read()
        if state.damaged or state.is_newer or not state.version or another(state.table_id, self.table_id):
            return None
        view = self.view(state)
        self.empty = view.mirror is not None and not view.mirror.keys
        void, self.void = self.void, False
        return replace(view, mirror=None) if void else view

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        """Replace the row: one call. A row without incidents is deleted if the pager is struck."""
        if self.struck and release and not mirror.keys:
            return self.store.delete_mirror(self.pager)
        named = replace(mirror, table_id=self.table_id, target=self.target)
        return self.store.write_mirror(self.pager, named, None if release else self.until)

    def release(self) -> None:
        """Release the lease: one call."""
        if self.struck and self.empty:
            self.store.delete_mirror(self.pager)
        else:
            self.store.release_mirror(self.pager)


class TableMirror(Struct, frozen=True):
    """The mirrors of one table. `pagers` holds the ARN of the event bus or topic of each pager of the stack."""

    aws: Aws
    settings: Settings
    checks: Mapping[str, Check]
    pagers: Mapping[str, str]
    store: Store
    place: AlertContext
    scan: Scan
    until: datetime
    clock: Callable[[], datetime]
    remaining: Callable[[], float]

    def update(self, state: Remembered, change: Change | None, minutes: int | None) -> int:
        """Send what differs to the pager of the checklist, and close what is open at one that was struck from it.

        `state` is the memory that the run read, `change` what it committed, and `minutes` the interval of the schedule.
        Return the number of incidents that could not be sent, and 1 if the checklist names none of the stack's pagers
        and no row is left to close. DynamoDB, EventBridge or SNS; nothing is called if nothing differs.
        """
        state = state.about(self.place.table_id)
        after = committed(state, change) if change else state
        changed = self.wanted(state).keys() != self.wanted(after).keys()
        if self.place.table in opened_alone:
            opened_alone[self.place.table] = ""
        void = self.place.table in opened_alone or is_overdue(state, minutes, self.scan.at)
        chosen = self.settings.on_call.pager
        # A pager of the stack that the checklist does not name would be silent unnoticed.
        refused = int(chosen not in PAGERS and not state.mirrors and bool(self.pagers))
        for pager in PAGERS:
            if pager == chosen or pager in state.mirrors:
                row = self._row(pager, struck=pager != chosen, void=void)
                refused += self._send(row, row.view(after), changed=changed)
        return refused

    def open_alone(self, trouble: str) -> int:
        """Open the incident of the table at the pager while nothing can be recorded. EventBridge or SNS.

        `trouble` is what this run has published; if it is empty, what an earlier run has and the pager did not accept.
        Return the number of incidents that could not be sent.
        """
        chosen, table = self.settings.on_call.pager, self.place.table
        check = self.checks.get(KEPT)
        trouble = trouble or opened_alone.get(table, "")
        if not trouble or chosen not in self.pagers or check is None:
            return 0
        incident = lost_table(self.place, check, self.scan.at, trouble)
        pager = pager_of(self.aws, chosen, self.pagers[chosen], self.place, self.clock)
        opened_alone[table] = trouble
        refused = 1 - len(pager.send({incident.key: incident}))
        opened_alone[table] = trouble if refused else ""
        return refused

    def wanted(self, state: Remembered) -> dict[str, Incident]:
        """Return the incidents that follow from a memory."""
        at = self.scan.at
        announced = announced_before(state.about(self.place.table_id), at, self.settings.limits)
        return incidents(Overlay(announced, self.settings, at), self.checks, failing_messages(self.scan))

    def _row(self, pager: str, *, struck: bool, void: bool) -> MirrorRow:
        target = self.pagers.get(pager, "")
        return MirrorRow(
            self.store, pager, target, self.place.table_id, self.until, self.wanted, struck, void and not struck
        )

    def _send(self, row: MirrorRow, view: View[Incident], *, changed: bool) -> int:
        if not row.target:
            return _unreachable(row, view)
        left = () if row.struck and view.mirror is not None else tuple(self.checks)
        try:
            refused = mirror(
                row,
                pager_of(self.aws, row.pager, row.target, self.place, self.clock),
                replace(view, mirror=None) if row.void else view,
                left,
                until=self.until,
                clock=self.clock,
                changed=changed or row.struck,
                in_time=lambda: self.remaining() > ENOUGH,
            )
        except (WriteConflict, StoreUnavailable) as error:
            logger.warning("the pager could not be updated", extra=failure(error))
            return 1
        if not row.void:
            opened_alone.pop(self.place.table, None)
        return refused


def _unreachable(row: MirrorRow, view: View[Incident]) -> int:
    """Return the number of incidents that differ at a pager that the stack does not have."""
    if row.struck:
        return 1 if view.mirror is None else len(view.mirror.open)
    return max(1, len(view.wanted))


def committed(state: Remembered, change: Change) -> Remembered:
    """Return the memory after the commit of a change, as far as incidents depend on it."""
    return replace(state, checks=change.checks, words=change.words, damaged=False)


def failing_messages(scan: Scan) -> dict[tuple[str, str], str]:
    """Return the messages of the findings that fail, by check and resource."""
    return {
        (asked.check.id, each.resource): each.message
        for asked in scan.evaluation.asked
        for each in asked.findings
        if each.status is Status.FAIL
    }


def is_overdue(state: Remembered, minutes: int | None, now: datetime) -> bool:
    """Return True if the last commit is longer ago than the schedule explains."""
    interval = timedelta(minutes=minutes or state.interval or LONGEST_INTERVAL)
    return state.verified_at is not None and now - state.verified_at > OVERDUE * interval
