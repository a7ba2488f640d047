"""Bad news at once, good news must prove itself. docs/protocol.md section 2."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from readiness.state.drift.memory import CheckState


class FlapDamping(Struct, frozen=True):
    """The protocol's numbers.

    After `unsettled` messages within a `day` good news needs calm for `steady`, doubled by each more, up to `longest`.
    From the message `gathered` on, all but the worst news waits until `steady` after the last. A look less than `apart`
    after another does not count, and a status needs that long to be agreed. `along`: how early a reminder may ride
    along with another's. `kept`: how many times and keys are remembered.
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

    def spoken(self, memory: CheckState, now: datetime) -> tuple[datetime, ...]:
        """When the check spoke within the last day."""
        return tuple(at for at in memory.tells if now - at < self.day)[-self.kept :]

    def gathering(self, memory: CheckState, now: datetime) -> bool:
        """The check speaks so often that it has to wait until all it has to say is one message."""
        spoken = self.spoken(memory, now)
        return len(spoken) >= self.gathered - 1 and now - spoken[-1] < self.steady

    def calm(self, memory: CheckState, good: Iterable[str], now: datetime) -> bool:
        """Good news may be told. `good` is what this look has of it, by the keys of `waiting`."""
        excess = len(self.spoken(memory, now)) - self.unsettled
        if excess < 0:
            return True
        needed = min(self.steady * 2**excess, self.longest)
        if memory.steady_since is None or now - memory.steady_since >= needed:
            return True
        return any(now - memory.waiting.get(each, now) >= self.longest for each in good)
