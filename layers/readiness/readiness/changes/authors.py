"""The part of a run's write that holds the authors of changes, found now or later. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import ValidationError, convert, to_builtins
from msgspec.structs import replace

from readiness.changes.attribution import ASKED_FOR, Attribution, Unnamed
from readiness.changes.call import ApiCall
from readiness.changes.records import brief, drifts, unseen
from readiness.state.drift import Event
from readiness.state.store import MOST_DRIFTS, Change, DriftRecord, Remembered, drift_keys

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
    found_now = [replace(each, key=keys.get(move, "")) for move, each in attribution.unnamed.items()]
    return replace(
        change,
        drifts=records,
        calls=(*state.calls, *(brief(call) for call in new_calls))[-CALLS_KEPT:],
        unnamed=to_builtins([*former, *found_now][-MOST_KEPT:]),
        named=_late(earlier, attribution),
    )


def _keys(records: Sequence[DriftRecord], at: datetime, version: int) -> dict[tuple[str, str], str]:
    """Return the sort keys of the told records, by check and kind; empty above MOST_DRIFTS: they share one row."""
    if len(records) > MOST_DRIFTS:
        return {}
    keys = drift_keys(at, version, records)
    return {(each.check, each.kind): key for each, key in zip(records, keys, strict=True) if not each.silent}


def _late(earlier: Iterable[Unnamed], attribution: Attribution) -> Mapping[str, Mapping[str, Any]]:
    """Return the authors that were found since, by the sort keys of the records that lack them."""
    return {
        each.key: to_builtins(attribution.late[each.check])
        for each in earlier
        if each.check in attribution.late and each.key
    }
