"""Which call made which change. The history is asked for what no event has told."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from readiness.changes.actor import Actor
from readiness.changes.call import ApiCall
from readiness.changes.history import NO_CALL, NOT_YET, History
from readiness.changes.relevance import calls_that_move
from readiness.state.drift import Event, EventKind

DONE_BY_SOMEBODY = frozenset(
    {
        EventKind.REGRESSED,
        EventKind.RECOVERED,
        EventKind.WORSENED,
        EventKind.EASED,
        EventKind.CHANGED,
        EventKind.INCIDENT,
    }
)
"""What happens to the account. The other kinds are about waivers, pauses, our sight, or what we judge by."""

SETTLING = timedelta(minutes=5)
"""So long before the look that last saw it otherwise may the call have been: services take their time to follow."""

READING = timedelta(minutes=1)
"""So long after its instant may a look still read what a call has just changed."""

ASKED_FOR = timedelta(hours=1)
"""So long after a change is asked who made it."""

MOST_RESOURCES = 20
"""So many does one remember of a change, for whom to ask later."""

SURE = 2
"""A call that names what moved."""

Move = tuple[str, EventKind]
"""A check, and what happened to it."""


class Attribution(Struct, frozen=True):
    """Who did what, as far as is known; `late` names, by check, who made a change that was told before.

    `unnamed` are told now without a name; the keys of their records are still to come. `unseen` are the calls that
    explain nothing of what moved: it was put back already, or has not settled.
    """

    actors: Mapping[Move, Actor] = field(default_factory=dict)
    late: Mapping[str, Actor] = field(default_factory=dict)
    unnamed: Mapping[Move, "Unnamed"] = field(default_factory=dict)
    unseen: tuple[ApiCall, ...] = ()
    why: str = NOT_YET

    def of(self, event: Event) -> Actor | None:
        """Who did it; None while that is not known."""
        return self.actors.get((event.check, event.kind))

    def why_not(self, event: Event) -> str:
        """What there is to say of somebody who is not known."""
        return self.why if calls_that_move(event.check) else NO_CALL


NOBODY = Attribution()


class Unnamed(Struct, frozen=True):
    """A change that was told without who made it, until it is known.

    `key` is the sort key of its record, `since` and `until` between which instants it was made.
    """

    check: str
    key: str
    resources: tuple[str, ...]
    since: datetime
    until: datetime
    actor: Actor | None = None


class Attributing(Struct, frozen=True):
    """Finds out who did it on one table, seen by a look `at` an instant.

    `calls` are those that events told of, `before` is the instant of the last look.
    """

    table: str
    calls: Sequence[ApiCall]
    history: History
    before: datetime
    at: datetime

    def attribute(self, events: Sequence[Event], unnamed: Iterable[Unnamed]) -> Attribution:
        """Of the events of a look, what people hear first, and of changes that were told earlier."""
        happened = sorted((each for each in events if each.kind in DONE_BY_SOMEBODY), key=lambda event: event.silent)
        asked = {(each.check, each.kind): self._asked(each) for each in happened}
        actors = {move: actor for move, each in asked.items() if (actor := self._who(each))}
        moved = {event.check for event in happened}
        earlier = {each.check: _late(each) for each in unnamed if each.actor is None and each.check not in moved}
        late = {check: actor for check, each in earlier.items() if (actor := self._who(each))}
        wanted = (*asked.values(), *earlier.values())
        unseen = tuple(
            call
            for call in self._about(self.calls)
            if not any(call.fits(each.check, each.resources, each.words) for each in wanted)
        )
        later = {
            (event.check, event.kind): asked[event.check, event.kind].later()
            for event in happened
            if not event.silent and (event.check, event.kind) not in actors and calls_that_move(event.check)
        }
        return Attribution(actors, late, later, unseen, self.history.why)

    def _asked(self, event: Event) -> "_Asked":
        """Of what had to be agreed on, or was held back, the look that saw it first is what counts.

        Of what is over already, asked is who switched it off, and not who put it back.
        """
        first = _first_read(event) or self.at
        since = min(self.before, first - (self.at - self.before)) - SETTLING
        resources = tuple(each.resource for each in event.differences)
        off = event.kind is EventKind.INCIDENT
        return _Asked(event.check, resources, since, first + READING, _words(event), off=off)

    def _who(self, asked: "_Asked") -> Actor | None:
        """One that names what moved ends the search; else it is the newest of all that may have done it."""
        found = self._about(self.calls)
        if told := asked.best(found):
            return told
        for calls in self.history.moving(asked.check):
            found += self._about(calls)
            if any(asked.admits(call) == SURE for call in calls):
                break
        return asked.best(found)

    def _about(self, calls: Iterable[ApiCall]) -> list[ApiCall]:
        return [call for call in calls if call.concerns(frozenset({self.table}))]


class _Asked(Struct, frozen=True):
    """Who moved a check on these resources, in this time; `off` prefers who switched something off."""

    check: str
    resources: tuple[str, ...]
    since: datetime
    until: datetime
    words: str = ""
    off: bool = False

    def admits(self, call: ApiCall) -> int:
        """How well the call explains it."""
        inside = self.since <= call.at <= self.until and call.actor is not None
        return call.fits(self.check, self.resources, self.words) if inside else 0

    def later(self) -> Unnamed:
        """The same, to be asked again."""
        return Unnamed(self.check, "", self.resources[:MOST_RESOURCES], self.since, self.until)

    def best(self, calls: Iterable[ApiCall]) -> Actor | None:
        """Who made the newest of those that explain it best."""
        fitting = [call for call in calls if self.admits(call)]
        best = max(fitting, key=lambda call: (self.admits(call), self.off and call.off, call.at), default=None)
        return best.actor if best else None


def deleter(table: str, calls: Iterable[ApiCall], history: History) -> Actor | None:
    """Who deleted the table, where anybody knows."""
    deleting = ("dynamodb.amazonaws.com", "DeleteTable")

    def newest(found: Iterable[ApiCall]) -> Actor | None:
        done = [
            call for call in found if (call.source, call.name) == deleting and table in call.names and not call.refused
        ]
        return max(done, key=lambda call: call.at).actor if done else None

    return newest(calls) or newest(history.calls(*deleting))


def _late(unnamed: Unnamed) -> _Asked:
    return _Asked(unnamed.check, unnamed.resources, unnamed.since, unnamed.until)


def _first_read(event: Event) -> datetime | None:
    """When the statuses that moved were first read so; None where none did, or nothing is kept of them."""
    moved = (
        each.after.since
        for each in event.differences
        if each.after and (each.before.status if each.before else None) is not each.after.status
    )
    return min(moved, default=None)


def _words(event: Event) -> str:
    """What is said of a move, the names of alarms and the like in it."""
    sides = [side.watched for each in event.differences for side in (each.before, each.after) if side]
    return json.dumps(sides, default=str)
