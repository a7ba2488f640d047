"""Transitions: the changes since the last message, and when they are told. Pure. docs/protocol.md sections 1, 2, 6."""

from readiness.state.drift.calm import FlapDamping
from readiness.state.drift.decide import decide, decide_all
from readiness.state.drift.event import Difference, Ending, Event, EventKind
from readiness.state.drift.memory import CheckState, Known, Visibility
from readiness.state.drift.observation import CheckResult, ResourceResult
from readiness.state.drift.rejudge import put_off
from readiness.state.drift.rename import adopt
from readiness.state.drift.sight import DecisionContext

__all__ = [
    "CheckResult",
    "CheckState",
    "DecisionContext",
    "Difference",
    "Ending",
    "Event",
    "EventKind",
    "FlapDamping",
    "Known",
    "ResourceResult",
    "Visibility",
    "adopt",
    "decide",
    "decide_all",
    "put_off",
]
