"""The calls that a run makes for itself, times every class of faults, and what must hold of its messages and its log.

A run reads and writes its rows, keeps the TableId in a parameter, looks up authors, asks for the state of its own alarm
and publishes. In each cell one of these operations fails for a whole run in which PITR was disabled, and works again in
the runs after it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel
from botocore.session import Session
from moto import mock_aws
from moto.core.models import botocore_stubber

from readiness.alerts.pager import ALARMS, EVENTS
from readiness.model import Reason
from readiness.report.permissions import OWN_OPERATIONS
from readiness.run import Outcome
from tests.faults.exceptions import BESIDES, ELSEWHERE, LINES, TWICE, UNREAD
from tests.faults.faults import FAULTS, Fault
from tests.faults.matrix import logged
from tests.faults.player import without_waiting
from tests.run.paged import Paged
from tests.run.world import TABLE_RULES, World, new_environment

RULES = tuple(rule for rule in TABLE_RULES if rule.id == "pitr-enabled")

CARRIED_OUT = frozenset({"read timeout", "malformed body", "members of other types"})
"""The faults of calls that AWS has carried out: only the answer is lost."""

TOLD = frozenset({"REGRESSED", "WATCHING"})
"""The kinds of messages that the change is told with; the second one by a first run."""

DIRECT = "INCIDENT"
"""The kind of the message that is published without the outbox, where a run cannot use its rows."""

ROWS = frozenset({"Query", "TransactWriteItems"})
"""The operations without which a run can record nothing."""

WAITING = frozenset({"DeleteItem", "Publish", "UpdateItem"})
"""The operations without which a message stays in the outbox."""

PAGERS = {"PublishBatch": ALARMS, "PutEvents": EVENTS}
"""The operations that open and close the incidents of a pager, and the kind of the pager."""

LATER_RUNS = 4
"""The lease of a run that ended without an answer of SNS is over before the last of them."""


@dataclass(frozen=True)
class OwnCell:
    """An operation, and a fault of it."""

    service: str
    operation: str
    fault: Fault

    @property
    def name(self) -> str:
        return f"{self.service} {self.operation}, {self.fault.name}"


def own_cells() -> Iterator[OwnCell]:
    """Each operation that a run makes for itself with each fault of a response."""
    session = Session()
    for service, operations in sorted(OWN_OPERATIONS.items()):
        for operation in sorted(operations - ELSEWHERE.keys()):
            model = session.get_service_model(service).operation_model(operation)
            yield from (OwnCell(service, operation, each) for each in FAULTS if each.send and each.fits(model))


@dataclass
class Ran:
    """The result of a cell."""

    world: World
    outcome: Outcome
    lines: list[Any]
    now: list[dict[str, Any]]
    later: list[dict[str, Any]]
    hits: int

    @property
    def kinds(self) -> list[str]:
        return [message["kind"] for message in self.now]


@dataclass
class Failing:
    """One operation of one client that fails while `on`."""

    cell: OwnCell
    on: bool = False
    hits: int = 0
    attempts: Counter[int] = field(default_factory=Counter)

    def install(self, client: Any) -> None:
        self.model: OperationModel = client.meta.service_model.operation_model(self.cell.operation)
        client.meta.events.unregister("before-send", botocore_stubber)
        client.meta.events.register("before-call", self._begun)
        client.meta.events.register("before-send", self._sent)

    def _begun(self, **_event: object) -> None:
        self.attempts.clear()

    def _sent(self, event_name: str, request: Any, **event: object) -> AWSResponse | None:
        if not self.on or not event_name.endswith(f".{self.cell.operation}"):
            return self._asked(event_name, request, event)
        self.hits += 1
        attempt = self.attempts[0]
        self.attempts[0] += 1
        if self.cell.fault.name in CARRIED_OUT:
            self._asked(event_name, request, event)
        assert self.cell.fault.send
        return self.cell.fault.send(self.model, attempt) or self._asked(event_name, request, event)

    def _asked(self, event_name: str, request: Any, event: Any) -> AWSResponse | None:
        found: AWSResponse | None = botocore_stubber(event_name, request, **event)
        return found


@contextmanager
def ran(cell: OwnCell) -> Iterator[Ran]:
    """Run a cell on an account of its own."""
    with mock_aws(), without_waiting(), pytest.MonkeyPatch.context() as patch:
        new_environment(patch)
        world = World()
        world.subscribe()
        if cell.operation in PAGERS:
            Paged(world, PAGERS[cell.operation])
        failing = Failing(cell)
        failing.install(world.account.client(cell.service))
        first = cell.service == "ssm"
        if not first:
            world.run(RULES)
            world.heard()
        world.recovery(on=False)
        unwritable = [cell.operation == "DescribeAlarms"]  # only a run that cannot write asks for its alarm
        if any(unwritable):
            world.account.refuse_while(unwritable, "dynamodb", "TransactWriteItems", "AccessDeniedException")
        failing.on = True
        with logged() as lines:
            outcome = world.run(RULES, alarm="persist")
        failing.on = False
        unwritable.clear()
        now = world.heard()
        for _ in range(LATER_RUNS):
            world.run(RULES, alarm="persist")
        yield Ran(world, outcome, lines, now, world.heard(), failing.hits)


def wrong(cell: OwnCell) -> Iterator[str]:
    """Yield the deviations: a change that is not told, or told twice, or a failure without a trace."""
    with ran(cell) as result:
        harmless = not cell.fault.reasons and not cell.fault.gone
        if not result.hits:
            yield "was not called"
        yield from _untold(cell, result)
        yield from _unwell(cell, result, harmless=harmless or (cell.operation, cell.fault.name) in UNREAD)
        yield from _of_operation(cell, result, harmless=harmless)


def _untold(cell: OwnCell, result: Ran) -> Iterator[str]:
    """Whatever failed, the change is told, and once where it is known to be told."""
    told = [message["id"] for message in (*result.now, *result.later) if message["kind"] in TOLD]
    if len(set(told)) != 1:
        yield f"the change is told as {told}"
    if len(told) > 1 and (cell.operation, cell.fault.name) not in TWICE:
        yield f"the change is told {len(told)} times"
    if left := result.world.rows("OUTBOX#"):
        yield f"{len(left)} messages are left"


def _unwell(cell: OwnCell, result: Ran, *, harmless: bool) -> Iterator[str]:
    """One warning for each call that failed, which names the operation; none where nothing failed."""
    lines = [line for line in result.lines if line.getMessage() not in BESIDES.get(cell.operation, ())]
    named = {vars(line).get("operation") for line in lines}
    texts = [line.getMessage() for line in lines]
    if harmless:
        if lines:
            yield f"the log has {texts}"
        return
    if not lines or {line.levelname for line in lines} != {"WARNING"}:
        yield f"the log has {texts}"
    if named - {cell.operation}:
        yield f"the log names {named}"
    if len(set(texts)) != len(texts) and (cell.operation, cell.fault.name) not in LINES:
        yield f"the log repeats {texts}"


def _of_operation(cell: OwnCell, result: Ran, *, harmless: bool) -> Iterator[str]:
    """A run that cannot use its rows says so at once and directly; all others commit."""
    unrecorded = result.outcome.unrecorded
    key = cell.service == "ssm" and not cell.fault.gone and (cell.operation, cell.fault.name) not in UNREAD
    rows = cell.operation in ROWS or key
    if cell.operation == "DescribeAlarms":
        if result.kinds != [DIRECT]:
            yield f"{result.kinds} was told of a run that could not be recorded"
    elif bool(unrecorded) != (rows and not harmless):
        yield f"the run is unrecorded because of {unrecorded}"
    elif unrecorded and Reason.THROTTLED in cell.fault.reasons:
        if result.now:
            yield f"{result.kinds} was told, which the alarm on PersistFailed does where DynamoDB throttles"
    elif unrecorded and result.kinds != [DIRECT]:
        yield f"{result.kinds} was told of a run that could not be recorded"
    if cell.operation in WAITING and not harmless and not result.outcome.pending:
        yield "no message waits"
    if cell.operation == "LookupEvents" and not harmless and result.now[0]["events"][0]["actor"]:
        yield "an author is told"
