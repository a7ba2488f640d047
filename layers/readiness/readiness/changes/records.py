"""The drift records of a run: changes with their authors, found now or later, and calls that changed nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace

from readiness.changes.attribution import ASKED_FOR, Attribution, Unnamed
from readiness.changes.call import ApiCall
from readiness.changes.relevance import moved_by
from readiness.state.drift import Event, EventKind
from readiness.state.store import MOST_DRIFTS, Change, DriftRecord, Remembered, drift_keys

NO_DRIFT = frozenset({EventKind.STILL, EventKind.REJUDGED, EventKind.WAIVER_ENDS})
"""Kinds of events that are no change of the account: reminders, new checks or settings, waivers that end soon."""

CALL = "CALL"
"""The kind of a record of a call for which no change was seen."""

MOST_NAMES = 20
AHEAD = timedelta(days=1)
"""The maximum difference of the clocks of CloudTrail and of the run."""

BRIEF = 8
"""The characters of an event id that are kept. Ids are random, so these distinguish the calls that are remembered."""


def drifts(events: Iterable[Event], attribution: Attribution) -> list[DriftRecord]:
    """Return one record for each event that is a change of the account."""
    return [
        DriftRecord(
            check=event.check,
            kind=event.kind,
            before=_side(event, "before"),
            after=_side(event, "after"),
            actor=to_builtins(attribution.of(event)),
            silent=event.silent,
        )
        for event in events
        if event.kind not in NO_DRIFT
    ]


def brief(call: ApiCall) -> str:
    """Return the short id by which a call that is delivered again is recognized."""
    return call.id[:BRIEF]


def unseen(calls: Iterable[ApiCall]) -> Iterator[DriftRecord]:
    """Yield one record for each group of equal calls with a known actor. Calls without an actor are not recorded."""
    for group in _groups(call for call in calls if call.actor):
        yield _record(CALL, group)


def refused(calls: Iterable[ApiCall], now: datetime) -> dict[str, tuple[datetime, DriftRecord]]:
    """Return one record for each group of equal calls that AWS refused, by the id of the first event.

    A record is kept for a time after its call, so a call in the future counts as made now.
    """
    groups = {group[0].id: group for group in _groups(calls)}
    return {
        event: (group[0].at if group[0].at < now + AHEAD else now, _record("ATTEMPT", group))
        for event, group in groups.items()
    }


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


def _side(event: Event, side: str) -> Mapping[str, Any]:
    if event.incident:
        return {"incident": getattr(event.incident, side)}
    known = {difference.resource: getattr(difference, side) for difference in event.differences}
    return {
        resource: {"status": each.status, "watched": each.watched, "since": each.since} if each else None
        for resource, each in known.items()
    }


NAMED_FOR = timedelta(days=1)
"""The time during which an author who was found late is named in the check's next message."""

MOST_KEPT = 16
"""The number of changes that are kept. More changes at once are a deployment, and have one author."""

CALLS_KEPT = 50
"""The number of change events that are remembered, because SQS can deliver one twice."""


def unattributed(state: Remembered, at: datetime) -> tuple[Unnamed, ...]:
    """Return earlier changes whose author is still searched for, or is not named in a message yet."""
    try:
        earlier = convert(state.unnamed, list[Unnamed])
    except ValidationError:  # written by an older release or a person
        return ()
    return tuple(each for each in earlier if at - each.until < (NAMED_FOR if each.actor else ASKED_FOR))


def with_late_actors(earlier: Iterable[Unnamed], attribution: Attribution) -> tuple[Unnamed, ...]:
    """Return the same changes, with the authors that were found since."""
    return tuple(replace(each, actor=attribution.late.get(each.check, each.actor)) for each in earlier)


def with_authors(
    change: Change, state: Remembered, events: Sequence[Event], attribution: Attribution, new_calls: Sequence[ApiCall]
) -> Change:
    """Return the change with the authors and the records of its events and of calls that changed nothing."""
    new = {call.id for call in new_calls}
    records = (*drifts(events, attribution), *unseen(call for call in attribution.unseen if call.id in new))
    earlier = unattributed(state, change.at)
    spoke = {event.check for event in events if not event.silent}
    former = [each for each in with_late_actors(earlier, attribution) if each.check not in spoke]
    keys = _keys(records, change.at, state.version + 1)
    late = {each.key: attribution.late[each.check] for each in earlier if each.check in attribution.late and each.key}
    found_now = [replace(each, key=keys.get(move, "")) for move, each in attribution.unnamed.items()]
    return replace(
        change,
        drifts=records,
        calls=(*state.calls, *(brief(call) for call in new_calls))[-CALLS_KEPT:],
        unnamed=to_builtins([*former, *found_now][-MOST_KEPT:]),
        named=to_builtins(late),
    )


def _keys(records: Sequence[DriftRecord], at: datetime, version: int) -> dict[tuple[str, str], str]:
    """Return the sort keys of the told records, by check and kind; empty above MOST_DRIFTS: they share one row."""
    if len(records) > MOST_DRIFTS:
        return {}
    keys = drift_keys(at, version, records)
    return {(each.check, each.kind): key for each, key in zip(records, keys, strict=True) if not each.silent}
