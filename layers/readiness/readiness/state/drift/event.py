"""The events of a check, and the kind of event for a difference between two verdicts."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from readiness.model import Incident, Severity, Status
from readiness.state.drift.memory import Known, Visibility

UNSETTLED = "unsettled"
"""The note on the third message within a day."""


class EventKind(StrEnum):
    """The kinds of event. A message with several kinds is named after the first of them in this order."""

    REGRESSED = "REGRESSED"
    WAIVER_ENDED = "WAIVER_ENDED"
    OBSCURED = "OBSCURED"
    RECOVERED = "RECOVERED"
    VISIBLE = "VISIBLE"
    WORSENED = "WORSENED"
    EASED = "EASED"
    CHANGED = "CHANGED"
    RESUMED = "RESUMED"
    INCIDENT = "INCIDENT"
    NOTE = "NOTE"
    STILL = "STILL"
    REJUDGED = "REJUDGED"
    WAIVER_ENDS = "WAIVER_ENDS"

    @property
    def good(self) -> bool:
        """Return True for kinds that are told only when calm: nothing is worse than before."""
        return self in {EventKind.RECOVERED, EventKind.VISIBLE, EventKind.EASED, EventKind.CHANGED}


class Difference(Struct, frozen=True):
    """One resource, before and after. None: the resource passes without watched values, or is absent."""

    resource: str
    before: Known | None
    after: Known | None

    @property
    def begins_or_ends_failing(self) -> bool:
        """Return True if exactly one side is FAIL."""
        return _is_fail(self.before) is not _is_fail(self.after)


class Ending(Struct, frozen=True):
    """A waiver of a check: author, time of its announcement, end and reason.

    It covers one resource or, if none is named, all.
    """

    by: str
    at: datetime
    until: datetime
    reason: str
    resource: str | None = None


class Event(Struct, frozen=True):
    """One event of one check. `silent` events are recorded and not told.

    `dark` is the visibility that was told, and the current one. A recovery and the end of a pause list the incidents
    `missed` so far and the number of further ones. The end of a pause also counts the `changes` during the pause.
    `ending` is the waiver that ends soon.
    """

    check: str
    kind: EventKind
    severity: Severity
    at: datetime
    differences: tuple[Difference, ...] = ()
    incident: Incident | None = None
    silent: bool = False
    note: str = ""
    dark: tuple[Visibility, Visibility] | None = None
    missed: tuple[Incident, ...] = ()
    more_missed: int = 0
    changes: int = 0
    ending: Ending | None = None


def kind_of(before: Known | None, after: Known | None, *, gone: bool) -> EventKind | None:
    """Return the kind of event for a difference; None if there is no difference, or it is recorded and not told."""
    was = before.status if before else Status.PASS
    if gone:
        return {Status.FAIL: EventKind.RECOVERED, Status.WARN: EventKind.EASED}.get(was)
    if not differs(before, after, gone=False):
        return None
    now = after.status if after else Status.PASS
    begins = now is Status.FAIL and (was is not Status.FAIL or _shows(before, after))
    if begins or (was is Status.FAIL and now is not Status.FAIL):
        return EventKind.REGRESSED if begins else EventKind.RECOVERED
    if was is now:
        return EventKind.CHANGED if before else None
    if Status.WARN in {was, now}:
        return EventKind.WORSENED if now is Status.WARN else EventKind.EASED
    # A resource that passes can appear or disappear with its subject. Another check covers that change.
    return None if {was, now} == {Status.PASS, Status.NOT_APPLICABLE} or before is None else EventKind.CHANGED


def _is_fail(known: Known | None) -> bool:
    return known is not None and known.status is Status.FAIL


def _shows(before: Known | None, after: Known | None) -> bool:
    """Return True if the resource was unrecorded before, and its record now shows a failure."""
    return bool(before and before.unrecorded and after and after.fails)


def differs(before: Known | None, after: Known | None, *, gone: bool) -> bool:
    """Return True if the resource differs from what was known or told before."""
    if before is None or gone:
        return (before is not None) if gone else not (after is None or after.plain)
    return not before.same(after)
