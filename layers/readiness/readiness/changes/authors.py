"""The part of a run's write that says who made a change, now or once it is known. Pure."""

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
"""How long the author of a check's last change, found late, is named in its next message."""

MOST_KEPT = 16
"""More changes at once are a deployment, and have one author."""

CALLS_KEPT = 50
"""How many change events are remembered: SQS can deliver one twice."""


def unattributed(state: Remembered, at: datetime) -> tuple[Unnamed, ...]:
    """Return the changes of earlier runs whose author is still searched for, or not named in a message yet."""
    try:
        earlier = convert(state.unnamed, list[Unnamed])
    except ValidationError:  # an older release, or a person, wrote them
        return ()
    return tuple(each for each in earlier if at - each.until < (NAMED_FOR if each.actor else ASKED_FOR))


def with_late_actors(earlier: Iterable[Unnamed], attribution: Attribution) -> tuple[Unnamed, ...]:
    """Return the same changes, with the authors that are known since."""
    return tuple(replace(each, actor=attribution.late.get(each.check, each.actor)) for each in earlier)


def with_authors(
    change: Change, state: Remembered, events: Sequence[Event], attribution: Attribution, new_calls: Sequence[ApiCall]
) -> Change:
    """Return the change with the records of its events and of calls that changed nothing, and who made them.

    `new_calls` are those that no run has looked at. A call is recorded once: a second look at it records nothing.
    """
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
    """The sort keys of the records that people are told of, by check and kind. Of too many there is one record."""
    if len(records) > MOST_DRIFTS:
        return {}
    keys = drift_keys(at, version, records)
    return {(each.check, each.kind): key for each, key in zip(records, keys, strict=True) if not each.silent}


def _late(earlier: Iterable[Unnamed], attribution: Attribution) -> Mapping[str, Mapping[str, Any]]:
    """The authors that are known since, by the sort keys of the records that lack them."""
    return {
        each.key: to_builtins(attribution.late[each.check])
        for each in earlier
        if each.check in attribution.late and each.key
    }
