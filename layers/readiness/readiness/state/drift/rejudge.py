"""Changes of the monitor, not of the account: a new check, or another `judge`. docs/protocol.md section 6."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from readiness.model import Status
from readiness.state.drift.event import Event, EventKind
from readiness.state.drift.memory import CheckState, Visibility
from readiness.state.drift.observation import BELOW, OTHERS
from readiness.state.drift.sight import Transition


def rejudged(sight: Transition, memory: CheckState) -> tuple[CheckState, tuple[Event, ...]]:
    """Return the memory in which the resources that this scan read under a new `judge` are known and told.

    The changes are in one REJUDGED event and are not drift. Resources that the scan did not read stay unjudged.
    """
    new = memory.judge == ""
    adopting = memory.judge != sight.context.judge and sight.dark is not Visibility.WHOLLY
    unread = sorted(sight.awaited(sight.observation.unread.keys()))
    unjudged = (_unjudged(sight, memory) if adopting else frozenset()) | frozenset(unread[: sight.most])
    memory = replace(memory, unjudged=unjudged | _still_unjudged(sight, memory) | _pending(sight))
    if adopting:
        memory = replace(memory, judge=sight.context.judge)
    heard = [name for name in sorted(sight.anew) if not _kept_for_later(sight, memory, name)]
    listed = [name for name in heard if sight.kind(memory, name)]
    event = sight.event(
        EventKind.REJUDGED, (sight.difference(memory, name) for name in listed), silent=sight.context.paused
    )
    if not sight.context.paused:
        memory = replace(memory.hearing(heard), waived=memory.waived - set(listed))
    return memory, (event,) if listed or (adopting and new) else ()


def put_off(
    before: Mapping[str, CheckState], after: Mapping[str, CheckState], events: Iterable[Event]
) -> tuple[dict[str, CheckState], tuple[Event, ...]]:
    """Return the memories and the events without the new checks. A later scan judges these for the first time."""
    new = {name for name, each in after.items() if each.judge and not before.get(name, CheckState()).judge}
    kept = {name: before.get(name, CheckState()) if name in new else each for name, each in after.items()}
    return kept, tuple(event for event in events if event.check not in new)


def _unjudged(sight: Transition, memory: CheckState) -> frozenset[str]:
    kept = memory.resources
    unread = sorted(sight.observation.unread.keys() - kept)
    return kept - sight.readable | frozenset(unread[: sight.most])


def _still_unjudged(sight: Transition, memory: CheckState) -> frozenset[str]:
    """Return the unjudged resources that this scan did not read, without those that a complete listing omits."""
    unread = memory.unjudged - sight.readable - {OTHERS}
    if not sight.observation.complete:
        return unread
    unread = frozenset(name for name in unread if not name.endswith(BELOW))
    return (
        unread
        if sight.observation.awaited
        else unread & (memory.resources | sight.observation.unread.keys() | sight.observation.pending)
    )


def _pending(sight: Transition) -> frozenset[str]:
    """Return the pending resources: as many by name as are kept, and OTHERS for the rest."""
    names = sorted(sight.observation.pending - {OTHERS})
    more = {OTHERS} if names and (len(names) > sight.most or OTHERS in sight.was.resources) else set()
    below = BELOW if sight.observation.awaited else ""
    return frozenset(f"{name}{below}" for name in names[: sight.most]) | more


def _kept_for_later(sight: Transition, memory: CheckState, resource: str) -> bool:
    """Return True if the resource is waived and not better than was told. The end of the waiver reports it."""
    if not sight.waived(resource):
        return False
    difference = sight.difference(memory, resource)
    was = difference.before.status if difference.before else Status.PASS
    now = difference.after.status if difference.after else Status.NOT_APPLICABLE
    return now.rank >= was.rank
