"""The decision about one scan of one check, and about all checks of a table."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.arn import is_within
from readiness.model import Incident, Status
from readiness.state.drift import incidents
from readiness.state.drift.ending import announced
from readiness.state.drift.event import UNSETTLED, Event, EventKind, differs
from readiness.state.drift.memory import MOST, CheckState, Visibility
from readiness.state.drift.observation import OTHERS, CheckResult, pruned
from readiness.state.drift.rejudge import rejudged
from readiness.state.drift.remind import reminded
from readiness.state.drift.sight import DecisionContext, Transition
from readiness.state.drift.telling import NotifyDecision

Decision = tuple[CheckState, tuple[Event, ...]]
Looks = Mapping[str, tuple[CheckResult, DecisionContext]]

ROOM = 230_000
"""Bytes for the memories of all checks. Their row holds up to 60 KB more. DynamoDB's limit is 400 KB."""

NAMES = (MOST, 25, 12, 6, 3, 1)
"""The numbers of resources of each check that are kept by name: the first one with which the memories fit."""

UNCOUNTED = frozenset({EventKind.STILL, EventKind.REJUDGED})
"""Reminders and notes about a new check or new settings. They do not make a check unsettled."""


def decide(memory: CheckState | None, observation: CheckResult, context: DecisionContext, now: datetime) -> Decision:
    """Return the memory of a check after a scan, and the events. `memory` is None if the check was never judged.

    If the check was never judged, or has another `judge`, the result becomes known and told with a REJUDGED event.
    """
    return _one(_sight(memory, observation, context, now)).decision


def decide_all(
    memories: Mapping[str, CheckState], looks: Looks, now: datetime
) -> tuple[dict[str, CheckState], tuple[Event, ...]]:
    """Return the same for all checks of a table, by id. A due reminder includes those that are due soon.

    The memory of a check that was not scanned stays the same. If the memories take too much room, fewer resources of
    each check are kept by name. If that is not enough, because values of resources that are kept have become longer,
    digests of the values are kept.
    """
    for most in NAMES:
        after, events = _all(memories, _fewer(looks, most), now)
        if _fits(after):
            return after, events
    digested = {check: (observation.digested(), context) for check, (observation, context) in looks.items()}
    return _all(memories, _fewer(digested, NAMES[-1]), now)


def _fewer(looks: Looks, most: int) -> Looks:
    return {
        check: (observation, replace(context, most=min(most, context.most)))
        for check, (observation, context) in looks.items()
    }


def _fits(memories: Mapping[str, CheckState]) -> bool:
    return sum(memory.room for memory in memories.values()) <= ROOM


def _all(
    memories: Mapping[str, CheckState], looks: Looks, now: datetime
) -> tuple[dict[str, CheckState], tuple[Event, ...]]:
    sights: dict[str, Transition] = {}
    for check, (observation, context) in looks.items():
        beside = replace(context, fails_beside=partial(_fails_beside, sights, check))
        sights[check] = _sight(memories.get(check), observation, beside, now)
    decided = {check: _one(sight) for check, sight in sights.items()}
    if any(event.kind is EventKind.STILL for each in decided.values() for event in each.events):
        decided = {check: each.along() for check, each in decided.items()}
    after = {**memories, **{check: each.memory for check, each in decided.items()}}
    return after, tuple(event for each in decided.values() for event in each.events)


class Decided(Struct, frozen=True):
    """A decision and its input."""

    sight: Transition
    memory: CheckState
    events: tuple[Event, ...]

    @property
    def decision(self) -> Decision:
        """Return the memory and the events."""
        return self.memory, self.events

    def along(self) -> "Decided":
        """Return the decision with a reminder that is due soon, unless it has another event that is told."""
        if any(not event.silent and event.kind is not EventKind.WAIVER_ENDS for event in self.events):
            return self
        memory, still = reminded(self.sight, self.memory, self.sight.context.gate.along)
        return Decided(self.sight, memory, (*self.events, *still))


def _fails_beside(sights: Mapping[str, Transition], check: str, resource: str) -> bool:
    """Return True if another check of the same rule, not waived, is known to fail on the resource or its parent."""
    rule = check.partition("/")[0]
    return any(
        known.fails and not sight.waived(name) and is_within(resource, name)
        for other, sight in sights.items()
        if other != check and other.partition("/")[0] == rule
        for name, known in sight.known.known.items()
    )


def _sight(memory: CheckState | None, observation: CheckResult, context: DecisionContext, now: datetime) -> Transition:
    was = (memory or CheckState()).until(now)
    observation = observation.bounded(was.resources, min(was.most, context.most))
    return Transition(was, observation, context, now)


def _one(sight: Transition) -> Decided:
    after, judged = rejudged(sight, sight.known)
    after, fresh = incidents.noted(sight, _looked(sight, after))
    tell = _paused if sight.context.paused else _resumed if sight.resumed else _told
    after, told = tell(sight, after, fresh)
    events = tuple(sorted((*told, *judged), key=lambda event: tuple(EventKind).index(event.kind)))
    after, events = _spoken(sight, pruned(after), events)
    if not any(not event.silent for event in events):
        after, still = reminded(sight, after)
        events = (*events, *still)
    after, ends = announced(sight, after)
    after = replace(after, most=sight.most if OTHERS in after.resources | after.unjudged else MOST)
    return Decided(sight, after, (*events, *ends))


def _looked(sight: Transition, memory: CheckState) -> CheckState:
    """Return the memory with the values that each scan updates, even if it tells no event."""
    dark, was, most = bool(sight.dark), sight.was, sight.context.gate.blind_looks
    partly = min(was.partly + sight.context.counted, most) if dark else 0
    if sight.observation.late:
        dark, partly = was.blind, was.partly
    unwaived = any(not sight.waived(move.resource) for move in sight.moved)
    moved = unwaived or was.blind is not dark
    failing = {name for name, known in memory.known.items() if known.status is Status.FAIL}
    return replace(
        memory,
        steady_since=sight.now if moved or was.steady_since is None else was.steady_since,
        blind=dark,
        partly=partly,
        wholly=_wholly(sight),
        waived=frozenset(name for name in failing if name in memory.waived or sight.waived(name)),
    )


def _wholly(sight: Transition) -> int:
    """Return the number of counted scans in a row that read nothing."""
    was, most = sight.was.wholly, sight.context.gate.blind_looks
    if sight.observation.late:
        return was
    if not sight.context.counted:
        return was if sight.dark else 0
    return min(was + 1, most) if sight.dark is Visibility.WHOLLY else 0


def _paused(sight: Transition, memory: CheckState, fresh: tuple[Incident, ...]) -> Decision:
    """Return silent events of all changes. `told` stays, and nothing waits."""
    memory = replace(memory, paused=True, changes=memory.changes + len(sight.moved), waiting={})
    return memory, (*sight.silently(sight.moved), *incidents.recorded(sight, fresh))


def _resumed(sight: Transition, memory: CheckState, _fresh: tuple[Incident, ...]) -> Decision:
    """Return all differences in one event, calm or not; no event if nothing changed."""
    telling = NotifyDecision(sight, memory)
    names, dark = telling.after_pause, (memory.dark, telling.dark)
    event = sight.event(
        EventKind.RESUMED,
        (sight.difference(memory, name) for name in names),
        dark=dark if dark[0] is not dark[1] else None,
        missed=memory.missed,
        more_missed=memory.more_missed,
        changes=memory.changes,
    )
    speaks = event.differences or event.dark or event.missed or event.changes
    memory = replace(memory.hearing(names), dark=dark[1], paused=False, missed=(), more_missed=0, changes=0)
    memory, silent = _recorded(sight, memory, names)
    return memory, (*([event] if speaks else []), *silent)


def _told(sight: Transition, memory: CheckState, fresh: tuple[Incident, ...]) -> Decision:
    """Return the memory and the events that can be told now. `told` changes only for these."""
    telling = NotifyDecision(sight, memory)
    events = (*telling.differences(), *telling.blindness())
    memory = replace(memory.hearing(telling.now), dark=telling.dark_now)
    memory, over = _incidents(sight, memory, telling, fresh)
    events = tuple(
        _with_missed(event, telling.memory) if event.kind is EventKind.RECOVERED else event for event in events
    )
    memory, silent = _recorded(sight, memory, telling.now)
    return memory, (*events, *over, *silent)


def _incidents(sight: Transition, memory: CheckState, telling: NotifyDecision, fresh: tuple[Incident, ...]) -> Decision:
    """Return the memory and the events of the incidents that can be told now.

    While a failure of the check is told, its incidents are kept for the recovery message and only recorded.
    """
    if EventKind.RECOVERED in telling.now.values():
        return replace(memory, missed=(), more_missed=0), incidents.recorded(sight, fresh)
    if sight.context.waived_wholly or sight.was.failure_told:
        return memory, incidents.recorded(sight, fresh)
    return (memory, ()) if telling.held else incidents.spoken(sight, memory)


def _with_missed(event: Event, memory: CheckState) -> Event:
    return replace(event, missed=memory.missed, more_missed=memory.more_missed)


def _recorded(sight: Transition, memory: CheckState, told: Mapping[str, EventKind] | tuple[str, ...]) -> Decision:
    """Return silent events of changes under a waiver, of changes to and from FAIL, and of differences not told at all.

    Changes to and from FAIL are those that this scan does not tell: an auditor asks when the check last passed. An
    example of a difference that is not told at all is a resource that appears and passes.
    """
    quiet = [
        sight.difference(memory, name)
        for name in sorted(sight.readable)
        if not sight.waived(name) and sight.kind(memory, name) is None and _differs(memory, name)
    ]
    untold = [move for move in sight.moved if move.resource not in told]
    moves = [move for move in untold if sight.waived(move.resource) or move.begins_or_ends_failing]
    memory = memory.hearing(each.resource for each in quiet)
    return replace(memory, waiting=NotifyDecision(sight, memory).waiting()), sight.silently([*quiet, *moves])


def _differs(memory: CheckState, resource: str) -> bool:
    return differs(memory.told.get(resource), memory.known.get(resource), gone=resource in memory.gone)


def _spoken(sight: Transition, memory: CheckState, events: tuple[Event, ...]) -> Decision:
    """Return the memory with the time of this message. The third message notes that the check is unsettled."""
    aloud = [event for event in events if not event.silent]
    spoken = sight.context.gate.spoken(memory, sight.now)
    if not aloud:
        return memory, events
    memory = replace(memory, loud=sight.now)
    if all(event.kind in UNCOUNTED for event in aloud):
        return memory, events
    if len(spoken) == sight.context.gate.unsettled - 1:
        first = aloud[0]
        events = tuple(replace(event, note=UNSETTLED) if event is first else event for event in events)
    return replace(memory, tells=(*spoken, sight.now)[-sight.context.gate.kept :]), events
