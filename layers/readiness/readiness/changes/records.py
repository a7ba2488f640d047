"""The drift records of a run: the changes, and the calls that changed nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins

from readiness.changes.actor import Actor
from readiness.changes.attribution import Attribution
from readiness.changes.call import ApiCall
from readiness.changes.relevance import moved_by
from readiness.state.drift import Event, EventKind
from readiness.state.store import DriftRecord

NO_DRIFT = frozenset({EventKind.STILL, EventKind.REJUDGED, EventKind.WAIVER_ENDS})
"""Kinds of events that are no change of the account: reminders, new checks or settings, waivers that end soon."""

CALL = "CALL"
"""The kind of a record of a call for which no change was seen."""

MOST_NAMES = 20
BRIEF = 8
"""The characters of an event id that are kept. Ids are random, so these distinguish the calls that are remembered."""


def drifts(events: Iterable[Event], attribution: Attribution) -> list[DriftRecord]:
    """Return one record for each event that is a change of the account."""
    return [_drift(event, attribution.of(event)) for event in events if event.kind not in NO_DRIFT]


def brief(call: ApiCall) -> str:
    """Return the short id by which a call that is delivered again is recognized."""
    return call.id[:BRIEF]


def unseen(calls: Iterable[ApiCall]) -> Iterator[DriftRecord]:
    """Yield one record for each group of equal calls with a known actor. Calls without an actor are not recorded."""
    for group in _groups(call for call in calls if call.actor):
        yield _record(CALL, group)


def refused(calls: Iterable[ApiCall]) -> dict[str, tuple[datetime, DriftRecord]]:
    """Return one record for each group of equal calls that AWS refused, by the id of the first event."""
    return {group[0].id: (group[0].at, _record("ATTEMPT", group)) for group in _groups(calls)}


def _groups(calls: Iterable[ApiCall]) -> Iterable[Sequence[ApiCall]]:
    groups: dict[tuple[str, ...], list[ApiCall]] = {}
    for call in calls:
        groups.setdefault((call.source, call.name, call.actor.who if call.actor else "", call.refused), []).append(call)
    return groups.values()


def _record(kind: str, group: Sequence[ApiCall]) -> DriftRecord:
    first, last = group[0], group[-1]
    names = sorted({name for call in group for name in call.names})
    said: dict[str, Any] = {
        "eventSource": first.source,
        "eventName": first.name,
        "count": len(group),
        "firstAt": first.at,
        "lastAt": last.at,
        "names": names[:MOST_NAMES],
    }
    error = {"errorCode": first.refused} if first.refused else {}
    off = {"switchedOff": True} if any(call.off for call in group) else {}
    return DriftRecord(
        check=moved_by(first.source, first.name)[0],
        kind=kind,
        before=None,
        after=said | error | off,
        actor=to_builtins(last.actor),
        silent=True,
    )


def _drift(event: Event, actor: Actor | None) -> DriftRecord:
    return DriftRecord(
        check=event.check,
        kind=event.kind,
        before=_side(event, "before"),
        after=_side(event, "after"),
        actor=to_builtins(actor),
        silent=event.silent,
    )


def _side(event: Event, side: str) -> Mapping[str, Any]:
    if event.incident:
        return {"incident": getattr(event.incident, side)}
    known = {difference.resource: getattr(difference, side) for difference in event.differences}
    return {
        resource: {"status": each.status, "watched": each.watched, "since": each.since} if each else None
        for resource, each in known.items()
    }
