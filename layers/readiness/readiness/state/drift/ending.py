"""Waivers that end soon. They are announced while there is time to correct the failure. docs/protocol.md section 2."""

from collections.abc import Iterator
from datetime import timedelta

from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.model import Status
from readiness.state.drift.event import Difference, Ending, Event, EventKind
from readiness.state.drift.memory import CheckState
from readiness.state.drift.sight import Transition

AHEAD = timedelta(days=7)


def announced(sight: Transition, memory: CheckState) -> tuple[CheckState, tuple[Event, ...]]:
    """Return the memory and one note for each waiver that ends within a week and covers a failing resource.

    A waiver has one note. A note does not count as a message of the check and does not delay reminders. `memory` is
    that after the decision. An announced waiver is kept for as long as it is on record, expired or not.
    """
    on_record = {_key(waiver): waiver for waiver in sight.context.waivers}
    kept = tuple(key for key in memory.announced if key in on_record)
    due = {
        key: failing
        for key, waiver in on_record.items()
        if key not in kept and _near(sight, waiver) and (failing := sorted(_exposed(sight, memory, waiver)))
    }
    if sight.context.paused or not sight.context.counted or sight.context.gate.gathering(sight.was, sight.now):
        due = {}
    events = tuple(
        sight.event(EventKind.WAIVER_ENDS, (_still(memory, name) for name in failing), ending=on_record[key])
        for key, failing in due.items()
    )
    return replace(memory, announced=(*kept, *due)), events


def _near(sight: Transition, waiver: Ending) -> bool:
    """Return True if the waiver ends within a week. A waiver of a week or less is never announced."""
    return waiver.until - waiver.at > AHEAD and timedelta() < waiver.until - sight.now <= AHEAD


def _exposed(sight: Transition, memory: CheckState, waiver: Ending) -> Iterator[str]:
    """Yield the resources that this scan found failing and that no other waiver covers for longer."""
    for name in sight.observation.read:
        known = memory.known.get(name)
        covering = [each for each in sight.context.waivers if each.resource in (None, name)]
        last = max(covering, key=lambda each: each.until, default=None)
        if known and known.status is Status.FAIL and last == waiver:
            yield name


def _still(memory: CheckState, name: str) -> Difference:
    return Difference(name, memory.known[name], memory.known[name])


def _key(waiver: Ending) -> str:
    """Return the key of the waiver. A renewed waiver has another key."""
    return " ".join(filter(None, [iso(waiver.until), waiver.resource]))
