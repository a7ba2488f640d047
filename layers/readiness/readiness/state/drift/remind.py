"""That something still fails, so that it isn't forgotten."""

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
    """The reminder of what this look found failing still, if one is due that long from now.

    `memory` is that after the decision, and the decision said nothing aloud.
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
    """What fails, as this look read it and as people know it, and nobody accepted."""
    return sorted(name for name in sight.observation.read if not sight.waived(name) and _fails(memory, name))


def _fails(memory: CheckState, resource: str) -> bool:
    """What nobody has recorded yet is in the first message, and never again."""
    known, told = memory.known.get(resource), memory.told.get(resource)
    return known is not None and told is not None and known.fails and told.status is Status.FAIL


def _due(sight: Transition, memory: CheckState, ahead: timedelta) -> bool:
    context = sight.context
    wanted = context.remind_after and context.severity in REMINDED
    if not wanted or context.paused or not sight.counted or memory.loud is None:
        return False
    return sight.now + ahead - memory.loud >= context.remind_after
