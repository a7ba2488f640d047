"""Shortcuts in the memory that break the promise: rows of docs/protocol.md section 7, on `decide`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from readiness.model import Reason, Status
from readiness.state.drift import CheckResult, CheckState, DecisionContext, Event, EventKind, ResourceResult, decide
from readiness.state.drift.memory import BLINDNESS

Decision = tuple[CheckState, tuple[Event, ...]]


def held_counts_as_told(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """A change that is held back is marked as told."""
    after, events = decide(memory, seen, context, now)
    return after.hearing(set(after.waiting) - {BLINDNESS}), events


def unknown_overwrites(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """What could not be read is a verdict like any other."""
    unread = {name: ResourceResult(Status.UNKNOWN) for name in seen.unread}
    return decide(memory, replace(seen, read={**seen.read, **unread}, unread={}), context, now)


def unknown_restarts_agreement(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """A look that did not read a resource begins its agreement anew."""
    after, events = decide(memory, seen, context, now)
    known = {name: replace(each, since=now) if name in seen.unread else each for name, each in after.known.items()}
    return replace(after, known=known), events


def another_failure_is_a_change(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """Where something fails already, another failure waits half an hour, as good news does."""
    after, events = decide(memory, seen, context, now)
    if memory is None or not memory.failure_told:
        return after, events
    late = {
        each.resource
        for event in events
        if event.kind is EventKind.REGRESSED
        for each in event.differences
        if each.after and now - each.after.since < timedelta(minutes=30)
    }
    return _untold(memory, after, late), _without(events, late)


def one_told_is_all_told(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """A message about one resource takes the whole check for told."""
    after, events = decide(memory, seen, context, now)
    spoke = any(not event.silent for event in events)
    return (after.hearing(set(after.known)) if spoke else after), events


def waits_as_a_check(memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime) -> Decision:
    """How long good news has waited is kept for the check, whatever of it can be read."""
    if memory and memory.waiting:
        earliest = min(memory.waiting.values())
        memory = replace(memory, waiting=_AlwaysSince(memory.waiting, earliest))
    after, events = decide(memory, seen, context, now)
    if memory and memory.waiting and after.waiting:
        earliest = min(memory.waiting.values())
        after = replace(after, waiting={name: min(at, earliest) for name, at in after.waiting.items()})
    return after, events


def steady_though_blind(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """Going blind and seeing again does not unsettle a check."""
    if memory:
        memory = replace(memory, blind=bool(seen.dark))
    return decide(memory, seen, context, now)


def rejudging_drops_unread(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """Under a new judge what this look did not read is forgotten."""
    after, events = decide(memory, seen, context, now)
    kept = after.resources - after.unjudged
    known = {name: each for name, each in after.known.items() if name in kept}
    told = {name: each for name, each in after.told.items() if name in kept}
    return replace(after, known=known, told=told, unjudged=frozenset()), events


def pending_is_unlisted(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """Pending resources count as not listed."""
    return decide(memory, replace(seen, pending=frozenset()), context, now)


def pending_is_unread(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """Pending resources make the check blind."""
    unread = dict.fromkeys(seen.pending, (Reason.PENDING, None))
    return decide(memory, replace(seen, unread={**seen.unread, **unread}, pending=frozenset()), context, now)


def late_is_unread(memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime) -> Decision:
    """Resources that wait for their turn make the check blind."""
    return decide(memory, replace(seen, late=False), context, now)


def awaited_is_listed(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """A pending resource stands for itself alone, though what is below it was not listed yet."""
    return decide(memory, replace(seen, awaited=False), context, now)


def not_applicable_is_resolved(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """A failure that is not applicable any more is told as resolved, whatever else fails on the resource."""
    return decide(memory, seen, replace(context, fails_beside=lambda _resource: False), now)


def not_applicable_counts_as_told(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """What is not applicable while another check fails on it is taken for told."""
    after, events = decide(memory, seen, context, now)
    return after.hearing(_held(after, context)), events


def not_applicable_waits(
    memory: CheckState | None, seen: CheckResult, context: DecisionContext, now: datetime
) -> Decision:
    """What is held because another check fails on it waits, as good news does."""
    after, events = decide(memory, seen, context, now)
    since = memory.waiting if memory else {}
    return replace(
        after, waiting={**{name: since.get(name, now) for name in _held(after, context)}, **after.waiting}
    ), events


def _held(memory: CheckState, context: DecisionContext) -> list[str]:
    told = (name for name, each in memory.told.items() if each.status is Status.FAIL and context.fails_beside(name))
    return [name for name in told if name in memory.known and memory.known[name].status is Status.NOT_APPLICABLE]


class _AlwaysSince(dict[str, datetime]):
    """One time for every key."""

    def __init__(self, waiting: Iterable[str], since: datetime) -> None:
        super().__init__(dict.fromkeys(waiting, since))
        self._since = since

    def get(self, _key: str, _default: object = None) -> datetime:
        return self._since


def _untold(before: CheckState, after: CheckState, late: set[str]) -> CheckState:
    told = {name: each for name, each in after.told.items() if name not in late}
    return replace(after, told=told | {name: before.told[name] for name in late & before.told.keys()})


def _without(events: tuple[Event, ...], late: set[str]) -> tuple[Event, ...]:
    kept = (
        replace(event, differences=tuple(each for each in event.differences if each.resource not in late))
        if event.kind is EventKind.REGRESSED
        else event
        for event in events
    )
    return tuple(event for event in kept if event.kind is not EventKind.REGRESSED or event.differences)
