"""What can happen to a check, and what a difference between two verdicts is called."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from readiness.model import Incident, Severity, Status
from readiness.state.drift.memory import Known, Visibility

UNSETTLED = "unsettled"
"""The note of the third message within a day."""


class EventKind(StrEnum):
    """The kinds of event, in the order in which one message names itself after them."""

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
    STILL = "STILL"
    REJUDGED = "REJUDGED"
    WAIVER_ENDS = "WAIVER_ENDS"

    @property
    def good(self) -> bool:
        """It is told only when calm: what is no worse than before."""
        return self in {EventKind.RECOVERED, EventKind.VISIBLE, EventKind.EASED, EventKind.CHANGED}


class Difference(Struct, frozen=True):
    """One resource, before and after. None: it passes without watched values, or is not there."""

    resource: str
    before: Known | None
    after: Known | None


class Ending(Struct, frozen=True):
    """A waiver of a check, on one resource or, where none is named, on all: who said so when, why, and until when."""

    by: str
    at: datetime
    until: datetime
    reason: str
    resource: str | None = None


class Event(Struct, frozen=True):
    """One thing that happened to one check; `silent` ones are recorded and not told.

    `dark` is how much people thought we can't see, and how much it is. A recovery and the end of a pause list the
    incidents `missed` until now and how many more there were; the latter also counts the `changes` during the pause.
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
    """What a difference is called; None where there is none, or one that is recorded and not told."""
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
    # What passes comes and goes with what it is about: whatever did that has a check of its own.
    return None if {was, now} == {Status.PASS, Status.NOT_APPLICABLE} or before is None else EventKind.CHANGED


def _shows(before: Known | None, after: Known | None) -> bool:
    """What was recorded at last shows a failure, which until then nobody knew of."""
    return bool(before and before.unrecorded and after and after.fails)


def differs(before: Known | None, after: Known | None, *, gone: bool) -> bool:
    """Whether what is known is not what was known, or told, before."""
    if before is None or gone:
        return (before is not None) if gone else not (after is None or after.plain)
    return not before.same(after)
