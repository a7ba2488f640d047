"""Transitions: what changed since people were told, and whether to tell now. Pure. docs/protocol.md, 1, 2 and 6."""

from readiness.state.drift.calm import Gate
from readiness.state.drift.decide import decide, decide_all
from readiness.state.drift.event import Difference, Ending, Event, Kind
from readiness.state.drift.memory import Dark, Known, Memory, instant, stamp
from readiness.state.drift.observation import Observation, Seen
from readiness.state.drift.rejudge import put_off
from readiness.state.drift.rename import adopt
from readiness.state.drift.sight import Context

__all__ = [
    "Context",
    "Dark",
    "Difference",
    "Ending",
    "Event",
    "Gate",
    "Kind",
    "Known",
    "Memory",
    "Observation",
    "Seen",
    "adopt",
    "decide",
    "decide_all",
    "instant",
    "put_off",
    "stamp",
]
