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

from readiness.model import Reason
from readiness.report.permissions import OWN_OPERATIONS
from readiness.run import Outcome
from tests.faults.exceptions import ELSEWHERE
from tests.faults.faults import FAULTS, Fault
from tests.faults.matrix import logged
from tests.faults.player import without_waiting
from tests.run.world import TABLE_RULES, World, new_environment

RULES = tuple(rule for rule in TABLE_RULES if rule.id == "pitr-enabled")

CARRIED_OUT = frozenset({"read timeout", "malformed body", "members of other types"})
"""The faults of calls that AWS has carried out: only the answer is lost."""

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
    """What came of a cell."""

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
