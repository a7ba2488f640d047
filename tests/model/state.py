"""The whole world of the model at one instant: the account, the table, the topic, the runs, and what was promised."""

from typing import Any, NamedTuple

from readiness.state.table_id import UNKNOWN

RESOURCES = ("a", "b")
TABLE = "T"

Answer = tuple[str, Any]
"""`("ok", value)`, or `("raise", exception's name)`: what a call of a run was answered."""


class Account(NamedTuple):
    """What is out there. `moves` counts how often each resource has changed."""

    failing: tuple[bool, ...] = (False, False)
    moves: tuple[int, ...] = (0, 0)
    readable: bool = True
    waived: bool = False
    paused: bool = False
    judge: str = "1"


class Waiting(NamedTuple):
    """A message in the outbox. `owner` has leased it; `short` leases end before their owners do."""

    version: int
    body: str
    table_id: str = TABLE
    owner: int | None = None
    short: bool = False


class Run(NamedTuple):
    """One invocation: the answers to its calls so far. `ended` is how: done, killed, or failed.

    `table_id` is what it delivers under.
    """

    answers: tuple[Answer, ...] = ()
    phase: str = "settle"
    table_id: str = UNKNOWN
    ended: str = ""


class Promise(NamedTuple):
    """What the outside saw: how new the newest committed look was, what was recorded, what people would have heard."""

    seen: tuple[int, ...] = (0, 0)
    recorded: tuple[int, ...] = ()
    heard: tuple[str, ...] = ("PASS", "PASS")
    crashed: bool = False
    broken: str = ""


class State(NamedTuple):
    """`memory` is the item's JSON, of the table of `table_id`. `topic` is what SNS took, in its order.

    `bus` are the messages whose events were put on the event bus, and whether they reached it.

    `budget` is how much may still go wrong.
    """

    account: Account = Account()
    version: int = 0
    memory: str = ""
    table_id: str = UNKNOWN
    outbox: tuple[Waiting, ...] = ()
    topic: tuple[tuple[int, str], ...] = ()
    runs: tuple[Run, ...] = ()
    promise: Promise = Promise()
    budget: tuple[tuple[str, int], ...] = ()
    tokens: tuple[tuple[int, int], ...] = ()
    ticket: int = 0
    bus: frozenset[tuple[int, bool]] = frozenset()

    def left(self, what: str) -> int:
        """How often that may still happen."""
        return dict(self.budget).get(what, 0)

    def spent(self, what: str) -> "State":
        """It happened once."""
        return self._replace(budget=tuple((name, left - (name == what)) for name, left in self.budget))

    def break_promise(self, how: str) -> "State":
        """The first thing that went wrong is what is reported."""
        return self if self.promise.broken else self._replace(promise=self.promise._replace(broken=how))

    def with_run(self, number: int, run: Run) -> "State":
        """That run has moved on."""
        return self._replace(runs=(*self.runs[:number], run, *self.runs[number + 1 :]))
