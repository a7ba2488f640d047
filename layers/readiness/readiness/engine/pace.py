"""The spreading over runs of the calls of a service that AWS limits to few per second.

Only answers that later runs reuse can be spread: those of facts with `keeps`. A run reads them for whole elements, such
as a function with all that is read of it, so that an element is known after one run.
"""

import threading
import time
from collections.abc import Callable
from math import ceil

from msgspec import Struct

from readiness.engine.fact import axes_of
from readiness.engine.snapshot import Place

RATES = {"lambda": 15.0}
"""The calls per second that AWS allows an account, by service, if an account has enough elements to exceed them.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
"""

OWN_RATE = frozenset({"GetPolicy"})
"""Operations with a rate of their own, which is the same; all others of the service have one together."""

BURST = 2.0
"""Seconds. As many calls as the rate allows in this time may be made at once: few elements wait for nothing."""

AFTERWARDS = 8.0
"""Seconds before the deadline of a collection that are left for the facts that depend on the spread answers."""


class Pace(Struct, frozen=True):
    """The limit of one run: `seconds` for the calls of each service in RATES.

    `turn` returns for people when the run with that number reads an element: 1 is the next run.
    """

    seconds: float
    turn: Callable[[int], str]


class Turns:
    """The elements of one service that this run reads, and the time that it has for them."""

    def __init__(self, pace: Pace, rate: float, types: frozenset[type], deadline: float) -> None:
        """`types` are the types of the answers of an element. The time begins now; `deadline` is that of all calls."""
        self.types = types
        self._pace = pace
        seconds = min(pace.seconds, max(0.0, deadline - time.monotonic() - AFTERWARDS))
        self._until = time.monotonic() + seconds
        self._calls = seconds * rate
        self._admitted: set[str] = set()
        self._waiting: dict[str, int] = {}

    @property
    def over(self) -> bool:
        """Return True if no call may begin any more."""
        return time.monotonic() > self._until

    def admits(self, place: Place, *, whole: bool) -> bool:
        """Return True if this run reads the answer at the place. `whole`: all other answers of the element too."""
        element = element_of(place)
        if element in self._admitted:
            return True
        cost = len(self.types) if whole else 1
        if self._calls < cost or element in self._waiting:
            self._waiting.setdefault(element, len(self._waiting) + 1)
            return False
        self._calls -= cost
        if whole:
            self._admitted.add(element)
        return True

    def turn(self, place: Place) -> str:
        """Return for people when the answer at the place is read: in the order in which the elements wait."""
        return self._pace.turn(ceil(self._waiting.get(element_of(place), 1) / max(1, len(self._admitted))))


class CallRate:
    """A limit of calls per second, for the calls of all threads together."""

    def __init__(self, rate: float) -> None:
        """`rate` is in calls per second."""
        self._gap = 1 / rate
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, operation: str) -> None:
        """Wait until the operation may be called."""
        limit = operation if operation in OWN_RATE else ""
        with self._lock:
            now = time.monotonic()
            self._next[limit] = max(self._next.get(limit, 0.0), now - BURST) + self._gap
            delay = self._next[limit] - now
        if delay > 0:
            time.sleep(delay)


def element_of(place: Place) -> str:
    """Return the key of the element that an answer belongs to: that of the outermost axis below the table's."""
    below = [(len(axes_of(axis)), key) for axis, key in place if len(axes_of(axis)) > 1]
    return min(below, default=(0, ""))[1]


def is_element(place: Place) -> bool:
    """Return True if the place is that of an element, not one below it."""
    return len(place) == len({"the table", "the element"})
