"""Reminders of failures that were told and still exist."""

from datetime import timedelta

from msgspec.structs import replace

from readiness.model import Severity, Status
from readiness.state.drift.event import Event, EventKind
from readiness.state.drift.memory import CheckState
from readiness.state.drift.sight import Transition

REMINDED = frozenset({Severity.CRITICAL, Severity.HIGH})


def reminded(
    sight: Transition, memory: CheckState, ahead: timedelta = timedelta()
) -> tuple[CheckState, tuple[Event, ...]]:
    """Return the memory and a reminder of the failures that this scan found again, if one is due.

    It is due within `ahead` from now. `memory` is that after the decision, which tells no other event.
    """
    failing = _failing(sight, memory)
    if not failing or not _due(sight, memory, ahead):
        return memory, ()
    acknowledged = sight.context.acknowledged
    if acknowledged and acknowledged >= max(memory.known[name].since for name in failing):
        return memory, ()
    event = sight.event(EventKind.STILL, (sight.difference(memory, name) for name in failing))
    return replace(memory, loud=sight.now), (event,)


def _failing(sight: Transition, memory: CheckState) -> list[str]:
    """Return the resources that this scan found failing, whose failure was told, and that are not waived."""
    return sorted(name for name in sight.observation.read if not sight.waived(name) and _fails(memory, name))


def _fails(memory: CheckState, resource: str) -> bool:
    """Return True if a failure is known and told. A failure for lack of a record is told once, without reminders."""
    known, told = memory.known.get(resource), memory.told.get(resource)
    return known is not None and told is not None and known.fails and told.status is Status.FAIL


def _due(sight: Transition, memory: CheckState, ahead: timedelta) -> bool:
    context = sight.context
    wanted = context.remind_after and context.severity in REMINDED
    if not wanted or context.paused or not sight.context.counted or memory.loud is None:
        return False
    return sight.now + ahead - memory.loud >= context.remind_after
