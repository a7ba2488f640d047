"""Incidents: changes that are over already. Each is told once per key, and is kept while messages are held back."""

from msgspec.structs import replace

from readiness.model import Incident
from readiness.state.drift.event import Event, EventKind
from readiness.state.drift.memory import CheckState
from readiness.state.drift.sight import Transition


def noted(sight: Transition, memory: CheckState) -> tuple[CheckState, tuple[Incident, ...]]:
    """Return the memory with this scan's incidents among the untold ones, and the new incidents."""
    kept = sight.context.gate.kept
    keys = tuple(dict.fromkeys(each.key for each in sight.observation.incidents))
    older = [key for key in memory.incidents if key not in keys]
    surplus = max(0, len(older) + len(keys) - kept)
    fresh = {each.key: each for each in sight.observation.incidents if each.key not in memory.incidents}
    memory = replace(memory, incidents=(*older[surplus:], *keys))
    if not sight.context.waived_wholly:
        missed = (*memory.missed, *fresh.values())
        more = memory.more_missed + max(0, len(missed) - kept)
        memory = replace(memory, missed=missed[:kept], more_missed=more)
    return memory, tuple(fresh.values())


def spoken(sight: Transition, memory: CheckState) -> tuple[CheckState, tuple[Event, ...]]:
    """Return the memory and one event for each incident that was not told."""
    note = f"and {memory.more_missed} more" if memory.more_missed else ""
    events = tuple(sight.event(EventKind.INCIDENT, incident=each, note=note) for each in memory.missed)
    return replace(memory, missed=(), more_missed=0), events


def recorded(sight: Transition, fresh: tuple[Incident, ...]) -> tuple[Event, ...]:
    """Return silent events for incidents that are told later, or never."""
    return tuple(sight.event(EventKind.INCIDENT, incident=each, silent=True) for each in fresh)
