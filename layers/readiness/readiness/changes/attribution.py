"""Attribution of each change to an API call. The event history is queried for changes that no event explains."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from readiness.changes.actor import Actor
from readiness.changes.call import ApiCall
from readiness.changes.history import NO_CALL, NOT_YET, History
from readiness.changes.relevance import calls_that_move
from readiness.model import Status
from readiness.state.drift import Event, EventKind
from readiness.state.people import Instant

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
"""Changes of the account. The other kinds are about waivers, pauses, visibility, or rules and settings."""

SETTLING = timedelta(minutes=5)
"""A call can precede the last scan that saw the former state by this time: services are eventually consistent."""

READING = timedelta(minutes=1)
"""A scan can read the result of a call that is later than the scan's start by this time."""

ASKED_FOR = timedelta(hours=1)
"""The time after a change during which its author is searched for."""

MOST_RESOURCES = 20
"""The number of resources that are kept of a change whose author is searched for later."""

SURE = 2
"""The score of a call that names a resource that changed."""

Move = tuple[str, EventKind]
"""A check id and the kind of its event."""


class Attribution(Struct, frozen=True):
    """The authors of changes, as far as they are known. `late` holds those of changes that were told earlier, by check.

    `unnamed` are the changes that are told now without an author; the keys of their records are added later. `unseen`
    are the calls that explain no change: it was reverted already, or is not visible yet. `why` is the text for an
    author that is not known.
    """

    actors: Mapping[Move, Actor] = field(default_factory=dict)
    late: Mapping[str, Actor] = field(default_factory=dict)
    unnamed: Mapping[Move, "Unnamed"] = field(default_factory=dict)
    unseen: tuple[ApiCall, ...] = ()
    why: str = NOT_YET

    def of(self, event: Event) -> Actor | None:
        """Return the author of the change; None while that is not known."""
        return self.actors.get((event.check, event.kind))

    def why_not(self, event: Event) -> str:
        """Return the text to show in place of an unknown author."""
        return self.why if calls_that_move(event.check) else NO_CALL


NOBODY = Attribution()


class Unnamed(Struct, frozen=True):
    """A change, made between `since` and `until`, told without its author. `key` is the sort key of its record."""

    check: str
    key: str
    resources: tuple[str, ...]
    since: Instant
    until: Instant
    actor: Actor | None = None


class Attributing(Struct, frozen=True):
    """The search for authors of a table's changes, found at `at` and not at the last scan, `before`."""

    table: str
    calls: Sequence[ApiCall]
    history: History
    before: datetime
    at: datetime

    def attribute(self, events: Sequence[Event], unnamed: Iterable[Unnamed]) -> Attribution:
        """Return the authors of the events, told events first, and of changes that were told earlier."""
        happened = sorted((each for each in events if each.kind in DONE_BY_SOMEBODY), key=lambda event: event.silent)
        asked = {(each.check, each.kind): self._asked(each) for each in happened}
        actors = {move: actor for move, each in asked.items() if (actor := self._who(each))}
        moved = {event.check for event in happened}
        earlier = {
            each.check: _Asked(each.check, each.resources, each.since, each.until)
            for each in unnamed
            if each.actor is None and each.check not in moved
        }
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
        """Return the search for the author of an event.

        For a change that was confirmed or held back, the first scan that read it determines the time. For an incident,
        the call that switched the feature off is preferred to the one that switched it on again.
        """
        first = _first_read(event) or self.at
        since = min(self.before, first - (self.at - self.before)) - SETTLING
        resources = tuple(each.resource for each in event.differences)
        off = event.kind is EventKind.INCIDENT
        return _Asked(event.check, resources, since, first + READING, _words(event), off=off, on=_is_on(event))

    def _who(self, asked: "_Asked") -> Actor | None:
        """Return the best match. The search ends at a call that names a resource that changed."""
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
    """The search for the author of a change; `off` prefers a call that switched a feature off, `on` excludes it."""

    check: str
    resources: tuple[str, ...]
    since: datetime
    until: datetime
    words: str = ""
    off: bool = False
    on: bool = False

    def admits(self, call: ApiCall) -> int:
        """Return the score of `ApiCall.fits`; 0 if the call is outside the time, has no actor, or is excluded."""
        inside = self.since <= call.at <= self.until and call.actor is not None and not (self.on and call.off)
        return call.fits(self.check, self.resources, self.words) if inside else 0

    def later(self) -> Unnamed:
        """Return the change, to search for its author in a later run."""
        return Unnamed(self.check, "", self.resources[:MOST_RESOURCES], self.since, self.until)

    def best(self, calls: Iterable[ApiCall]) -> Actor | None:
        """Return the actor of the newest of the calls that explain the change best."""
        fitting = [call for call in calls if self.admits(call)]
        best = max(fitting, key=lambda call: (self.admits(call), self.off and call.off, call.at), default=None)
        return best.actor if best else None


def deleter(table: str, calls: Iterable[ApiCall], history: History) -> Actor | None:
    """Return the actor who deleted the table; None if no event and no call in the history shows it."""
    deleting = ("dynamodb.amazonaws.com", "DeleteTable")

    def newest(found: Iterable[ApiCall]) -> Actor | None:
        done = [
            call for call in found if (call.source, call.name) == deleting and table in call.names and not call.refused
        ]
        return max(done, key=lambda call: call.at).actor if done else None

    return newest(calls) or newest(history.calls(*deleting))


def _is_on(event: Event) -> bool:
    """Return True if the check passes now on all resources that changed: nobody switched the feature off."""
    passes = all(each.after is None or each.after.status is Status.PASS for each in event.differences)
    return event.kind in {EventKind.RECOVERED, EventKind.EASED} and passes


def _first_read(event: Event) -> datetime | None:
    """Return the time when the new statuses were first read; None if no kept resource has a new status."""
    moved = (
        each.after.since
        for each in event.differences
        if each.after and (each.before.status if each.before else None) is not each.after.status
    )
    return min(moved, default=None)


def _words(event: Event) -> str:
    """Return the watched values of the change as JSON. They contain names, for example of alarms."""
    sides = [side.watched for each in event.differences for side in (each.before, each.after) if side]
    return json.dumps(sides, default=str)
