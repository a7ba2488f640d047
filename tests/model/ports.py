"""A run of the product's own code against ports that answer from a list, and stop it where the list ends.

A run is deterministic, so the answers it got say all about it: to take one step is to run it again with one more.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from readiness.alerts.deliver import deliver
from readiness.alerts.topic import Refused
from readiness.model import Message, Reason, Severity, Status
from readiness.run import TableRun
from readiness.state.drift import CheckResult, CheckState, DecisionContext, Event, FlapDamping, ResourceResult, decide
from readiness.state.store import WriteConflict
from readiness.state.table_id import UNKNOWN, known
from tests.model.state import RESOURCES, TABLE, Answer

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NEVER = timedelta()

# Time stands still in the order's model: every look counts, nothing is held back.
GATE = FlapDamping(apart=NEVER, unsettled=1_000, gathered=1_000, blind_looks=2)

RUSHED = "rushed"
"""What a look ends in that had no time."""

Call = tuple[Any, ...]


class Stopped(BaseException):
    """The run has made a call that nobody has answered yet."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class AnswerLostError(Exception):
    """A call may have been carried out, and its answer did not arrive."""


RAISED = {
    "WriteConflict": WriteConflict(),
    "Refused": Refused("Throttled", invalid=False),
    "Unanswered": Refused("ReadTimeoutError", invalid=False, answered=False),
    "Fails": AnswerLostError(),
}


class Remembered(NamedTuple):
    """What a run read at its start, and what people have said."""

    version: int
    memory: str
    waived: bool
    paused: bool
    judge: str
    table_id: str = UNKNOWN


class Seeing(NamedTuple):
    """What a run saw, and how new that is. A run that had no time saw nothing, the table's id included."""

    read: tuple[tuple[str, bool, int] | None, ...]
    table_id: str | None = TABLE


class Change(NamedTuple):
    """What a run wants committed."""

    memory: str
    body: str
    seen: tuple[tuple[bool, int] | None, ...]
    paused: bool
    waived: bool
    table_id: str = TABLE

    @property
    def change(self) -> "Change":
        """The plan of a run holds the change; here it is all that there is of it."""
        return self


class Entry(NamedTuple):
    """A message in the outbox, as the product's code wants it."""

    version: int
    body: str
    table_id: str = TABLE

    @property
    def message(self) -> Message:
        return Message(f"{TABLE}/{self.version}", "subject", {"default": self.body}, {})


class Ports:
    """As much of a `TableRun` as `commit` needs, and all ports of one run: its store, its scan and its topic.

    `table_id` is what it takes the table for, once it delivers.
    """

    def __init__(self, answers: tuple[Answer, ...], table_id: str = UNKNOWN) -> None:
        self._answers = iter(answers)
        self.table_id = table_id
        self.timely = True
        self.store = self.run = self

    def ask(self, *call: Any) -> Any:
        """One call: its answer, if there is one yet."""
        kind, value = next(self._answers, ("stop", ""))
        if kind == "stop":
            raise Stopped(call)
        if kind == "raise":
            raise RAISED[value]
        return value

    def read(self) -> Remembered:
        remembered: Remembered = self.ask("read")
        return remembered

    def look(self, _remembered: Remembered) -> Seeing:
        first = self.ask("look", 0)
        if first == RUSHED:
            self.timely = False
            return Seeing((None,) * len(RESOURCES), table_id=None)
        return Seeing((first, *(self.ask("look", number) for number in range(1, len(RESOURCES)))))

    def in_time(self) -> bool:
        return self.timely

    def rescan(self) -> tuple[Remembered, Seeing]:
        remembered = self.read()
        return remembered, self.look(remembered)

    def plan(self, remembered: Remembered, seeing: Seeing) -> Change:
        return judged(remembered, seeing)

    def tidy(self, *_committed: object) -> None:
        """The parameter and old rows are not modelled here; whole runs have both."""

    def commit(self, before: Remembered, change: Change, /) -> None:
        self.ask("commit", before, change)

    def head(self) -> Entry | None:
        entry: Entry | None = self.ask("head")
        return entry

    def claim(self, entry: Entry, until: datetime, now: datetime) -> bool:
        claimed: bool = self.ask("claim", entry.version, until > now)
        return claimed

    def release(self, entry: Entry) -> None:
        self.ask("release", entry.version)

    def discard(self, entry: Entry, table_id: str) -> bool:
        discarded: bool = self.ask("discard", entry.version, table_id)
        return discarded

    def delete(self, entry: Entry) -> None:
        self.ask("delete", entry.version)

    def pending(self) -> int:
        return 0

    def publish(self, message: Message) -> None:
        self.ask("publish", int(message.id.rpartition("/")[2]), message.bodies["default"])

    def has_subscribers(self) -> bool:
        return True


def judged(remembered: Remembered, seeing: Seeing) -> Change:
    """The product's decision, as the model's change."""
    memory = CheckState.from_item(json.loads(remembered.memory)) if remembered.memory else None
    read = {each[0]: each for each in seeing.read if each}
    observation = CheckResult(
        {name: ResourceResult(Status.FAIL if failing else Status.PASS) for name, failing, _ in read.values()},
        {name: (Reason.ACCESS_DENIED, None) for name in RESOURCES if name not in read},
    )
    context = DecisionContext(
        "check",
        Severity.CRITICAL,
        remembered.judge,
        waived=lambda name: remembered.waived and name == "b",
        paused=remembered.paused,
        remind_after=NEVER,
        gate=GATE,
    )
    after, events = decide(memory, observation, context, NOW)
    told = [_told(event) for event in events if not event.silent and (event.differences or event.dark)]
    seen = tuple(each[1:] if each else None for each in seeing.read)
    body = json.dumps(told) if told else ""
    item = json.dumps(after.to_item(), sort_keys=True)
    table_id = known(seeing.table_id, remembered.table_id)
    return Change(item, body, seen, paused=remembered.paused, waived=remembered.waived, table_id=table_id)


def _told(event: Event) -> list[Any]:
    differences = [
        [each.resource, each.before.status if each.before else "PASS", each.after.status if each.after else "PASS"]
        for each in event.differences
    ]
    return [event.kind, differences, list(event.dark or ())]


class Program:
    """What a run does, in two phases that share nothing: the product's code. Shortcuts replace one of them."""

    ports: Callable[..., Ports] = Ports

    def settle(self, ports: Ports) -> str:
        """Which table it takes this for, in the end."""
        outcome = TableRun.commit(cast("Any", ports), *cast("Any", ports.rescan()))
        assert outcome.plan is not None
        return outcome.plan.change.table_id

    def deliver(self, ports: Ports) -> None:
        deliver(ports, ports, ports.table_id, until=NOW + timedelta(seconds=90), clock=lambda: NOW)

    def next_call(self, phase: str, answers: tuple[Answer, ...], table_id: str) -> Call:
        """The call that a run makes after these answers; `over` where the phase is, with what the next is to know."""
        ports = type(self).ports(answers, table_id)
        try:
            if phase == "settle":
                return ("over", self.settle(ports))
            self.deliver(ports)
        except Stopped as stopped:
            return stopped.call
        except AnswerLostError:
            return ("fails",)
        return ("over",)
