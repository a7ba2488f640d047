"""The mirror of what was told at a pager. docs/protocol.md section 3.

An incident is open exactly while a failure is told. What was sent is kept in a row of the table, and each run sends
what differs, so that no message has to be followed: a run that is killed, or that the pager does not answer, leaves
the difference for the next run.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from readiness.state.store.mirror import Mirror, MirrorEntry

I = TypeVar("I")  # noqa: E741  an incident
S_contra = TypeVar("S_contra", contravariant=True)
R = TypeVar("R")

AGAIN = timedelta(minutes=10)
"""The time after which an event is sent once more. No event arrives later than that: the template limits retries."""

SWEEP = timedelta(days=1)
"""The interval at which all incidents are sent again."""

ROUNDS = 4
"""The number of times that one run compares and sends."""


class View(Struct, Generic[I], frozen=True):
    """The incidents that should be open, by key, and the row as it was read; None: it cannot be believed.

    `version` is the version of the stored state.
    """

    wanted: Mapping[str, I]
    mirror: Mirror | None
    version: int = 0


class Sending(Struct, frozen=True):
    """The events that one run sends, and the row before and after it.

    `first` are the keys whose state changes, `again` those that are sent once more. All others are sent by a sweep.
    """

    before: Mirror
    keys: Collection[str]
    first: Collection[str]
    again: Collection[str]
    sweeps: bool

    def after(self, accepted: Collection[str], now: datetime) -> Mirror:
        """Return the row after the pager accepted events of these keys."""
        entries = dict(self.before.keys)
        for key in accepted:
            entry = entries.get(key)
            if entry is not None and key in self.first:
                entries[key] = replace(entry, sent_at=now)
            elif entry is not None and key in self.again:
                entries[key] = replace(entry, unsure=False)
        kept = {key: each for key, each in entries.items() if each.open or each.unsure}
        swept = now if self.sweeps and set(self.keys) <= set(accepted) else self.before.swept_at
        return replace(self.before, keys=kept, swept_at=swept)


class Place(Protocol[R]):
    """The row of the mirror, and the memory of the table. Each method is one call."""

    def claim(self, until: datetime, now: datetime) -> bool:
        """Lease the row. Return False if another run holds a lease that has not expired."""

    def read(self) -> View[R] | None:
        """Read the memory and the row consistently; None if the memory cannot be believed."""

    def write(self, mirror: Mirror, *, release: bool) -> bool:
        """Replace the leased row. Return False if the lease is lost."""

    def release(self) -> None:
        """Release the lease."""


class Pager(Protocol[S_contra]):
    """A pager."""

    def send(self, events: Mapping[str, S_contra | None]) -> Collection[str]:
        """Open these incidents, or close them where there is none. Return the keys that were accepted."""


def sending_of(view: View[I], keys: Collection[str], now: datetime) -> Sending:
    """Return the events to send. `keys` are all keys of this release.

    An incident whose state changed is sent at once, and once more after 10 minutes. All incidents are sent once a day,
    and twice if the row cannot be believed.
    """
    former = view.mirror or Mirror()
    everything = {*keys, *view.wanted, *former.keys}
    sweeps = former.swept_at is None or not timedelta() <= now - former.swept_at < SWEEP
    if view.mirror is None:
        first = everything
    else:
        first = {key for key in everything if _differs(former.keys.get(key), wanted=key in view.wanted, now=now)}
    again = {key for key, each in former.keys.items() if key not in first and _is_due(each, now)}
    entries = {**former.keys, **{key: MirrorEntry(key in view.wanted, unsure=True) for key in first}}
    sent = everything if sweeps else first | again
    return Sending(replace(former, keys=entries, version=view.version), sorted(sent), first, again, sweeps)


def _differs(entry: MirrorEntry | None, *, wanted: bool, now: datetime) -> bool:
    if entry is None:
        return wanted
    never_sent = entry.unsure and (entry.sent_at is None or entry.sent_at > now)
    return entry.open is not wanted or never_sent


def _is_due(entry: MirrorEntry, now: datetime) -> bool:
    return entry.unsure and entry.sent_at is not None and now - entry.sent_at >= AGAIN


def mirror(  # noqa: PLR0913  independent parts of a run
    place: Place[I],
    pager: Pager[I],
    view: View[I],
    keys: Collection[str],
    *,
    until: datetime,
    clock: Callable[[], datetime],
    changed: bool,
    in_time: Callable[[], bool] = lambda: True,
) -> int:
    """Send what differs between `view` and the pager. Return the number of events that were not accepted.

    `changed`: this run changed what should be open, so the row is read even if it does not differ from the one that
    was read before. Nothing is called if nothing differs. What is sent follows from the memory that is read after the
    row was leased. After the lease is released, memory and row are compared once more: a run that found the row leased
    has left its difference to this one.
    """
    for _ in range(ROUNDS):
        if not (changed or sending_of(view, keys, clock()).keys) or not in_time():
            break
        changed = False
        if not place.claim(until, clock()):
            break
        leased = place.read()
        if leased is None:
            place.release()
            break
        refused = _send(place, pager, leased, keys, clock)
        read = None if refused else place.read()
        if read is None:
            return refused
        view = read
    return 0


def _send(place: Place[I], pager: Pager[I], view: View[I], keys: Collection[str], clock: Callable[[], datetime]) -> int:
    """Send what differs under the lease, and release it. Return the number of events that were not accepted.

    The row names what is sent before it is sent: a run that is killed then leaves nothing at the pager that no run
    knows of.
    """
    sending = sending_of(view, keys, clock())
    if not sending.keys:
        place.release()
        return 0
    if sending.first and not place.write(sending.before, release=False):
        return len(sending.keys)
    accepted = pager.send({key: view.wanted.get(key) for key in sending.keys})
    place.write(sending.after(accepted, clock()), release=True)
    return len(set(sending.keys) - set(accepted))
