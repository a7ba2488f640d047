"""Flap damping: a failure is told at once, an improvement when the check is calm. docs/protocol.md section 2."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from readiness.state.drift.memory import CheckState


class FlapDamping(Struct, frozen=True):
    """The limits of docs/protocol.md section 2.

    After `unsettled` messages within a `day`, good news waits until the check is steady for `steady`. Each further
    message doubles that time, up to `longest`. From message number `gathered` on, all events except CRITICAL failures
    wait until `steady` after the last message. A scan less than `apart` after the last counted one does not count, and
    a status is agreed after that time. `blind_looks`: blind scans in a row before blindness is told. `along`: how early
    a reminder can join that of another check. `kept`: the number of times, keys and incidents that are remembered.
    """

    apart: timedelta = timedelta(seconds=50)
    day: timedelta = timedelta(hours=24)
    unsettled: int = 3
    gathered: int = 8
    steady: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=6)
    blind_looks: int = 3
    along: timedelta = timedelta(hours=1)
    kept: int = 16

    def counts(self, before: datetime | None, now: datetime) -> bool:
        """Return True if a scan counts: it is not too shortly after the last counted one, which was at `before`."""
        return before is None or now - before >= self.apart

    def spoken(self, memory: CheckState, now: datetime) -> tuple[datetime, ...]:
        """Return the times of the check's messages within the last day."""
        return tuple(at for at in memory.tells if now - at < self.day)[-self.kept :]

    def gathering(self, memory: CheckState, now: datetime) -> bool:
        """Return True while the check has so many messages that its events are gathered into one message."""
        spoken = self.spoken(memory, now)
        return len(spoken) >= self.gathered - 1 and now - spoken[-1] < self.steady

    def calm(self, memory: CheckState, good: Iterable[str], now: datetime) -> bool:
        """Return True if good news can be told.

        `good` are the keys of `waiting` for which this scan has good news.
        """
        excess = len(self.spoken(memory, now)) - self.unsettled
        if excess < 0:
            return True
        needed = min(self.steady * 2**excess, self.longest)
        if memory.steady_since is None or now - memory.steady_since >= needed:
            return True
        return any(now - memory.waiting.get(each, now) >= self.longest for each in good)
