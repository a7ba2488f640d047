"""The event bus in the model of the order: events are put before a message is published, and never hold it up."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from readiness.alerts.deliver import deliver
from readiness.alerts.topic import Refused
from readiness.model import Message
from tests.model.machine import Machine, Scene
from tests.model.ports import NOW, Ports, Program
from tests.model.state import State

UNTIL = NOW + timedelta(seconds=90)

Topic = tuple[tuple[int, str], ...]


class BusPorts(Ports):
    """The ports of one run, and its bus."""

    def put(self, message: Message) -> int:
        refused: int = self.ask("put", int(message.id.rpartition("/")[2]))
        return refused


class PutsEvents(Program):
    """The product's delivery, with a bus."""

    ports = BusPorts

    def deliver(self, ports: Any) -> None:
        deliver(ports, ports, ports.table_id, until=UNTIL, clock=lambda: NOW, bus=ports)


class WithBus(Machine):
    """A bus that refuses events or does not answer, as often as the scene says; with `down`, always."""

    program: Program = PutsEvents()

    def __init__(self, failures: int = 0, *, down: bool = False) -> None:
        super().__init__()
        self.failures = failures
        self.down = down

    def begun(self, scene: Scene) -> State:
        state = super().begun(scene)
        return state._replace(budget=(*state.budget, ("bus", self.failures)))

    def run_moves(self, state: State, number: int) -> Iterator[State]:
        yield from super().run_moves(state, number)
        run = state.runs[number]
        call = self.next_call(run.phase, run.answers, run.table_id)
        if call[0] == "put" and state.left("bus"):
            for reached in (True, False):  # it did not answer, or it refused
                yield self._answered(put(state.spent("bus"), call[1], reached=reached), ("ok", 1), number)

    def put(self, state: State, _number: int, version: int) -> tuple[State, int]:
        return put(state, version, reached=not self.down), int(self.down)

    def publish(self, state: State, number: int, version: int, body: str) -> tuple[State, Any]:
        if version not in {each for each, _ in state.bus}:
            state = state.break_promise("told before its events were put")
        return super().publish(state, number, version, body)

    def quiet(self, state: State) -> State:
        after = super().quiet(state)
        lost = {version for version, _ in after.topic} - {version for version, reached in after.bus if reached}
        failed = self.failures - after.left("bus")
        if len(lost) > failed and not self.down:
            return after.break_promise("events that the bus never refused did not reach it")
        return after


def put(state: State, version: int, *, reached: bool) -> State:
    return state._replace(bus=state.bus | {(version, reached)})


class WaitsForBus(Program):
    """A message waits until the bus has accepted its events."""

    ports = BusPorts

    def deliver(self, ports: Any) -> None:
        while (entry := ports.head()) is not None and ports.claim(entry, UNTIL, NOW):
            if ports.put(entry.message):
                ports.release(entry)
                break
            ports.publish(entry.message)
            ports.delete(entry)


class Waiting(WithBus):
    program = WaitsForBus()


class PutsAfterwards(Program):
    """The events of a message are put once it is sent and deleted."""

    ports = BusPorts

    def deliver(self, ports: Any) -> None:
        while (entry := ports.head()) is not None and ports.claim(entry, UNTIL, NOW):
            with suppress(Refused):
                ports.publish(entry.message)
            ports.delete(entry)
            ports.put(entry.message)


class Afterwards(WithBus):
    """Only what reaches the bus in the end is asked for."""

    program = PutsAfterwards()

    def publish(self, state: State, number: int, version: int, body: str) -> tuple[State, Any]:
        return Machine.publish(self, state, number, version, body)


def endings(machine: Machine, scene: Scene) -> set[Topic]:
    """What SNS has taken in the end, after each order of events."""
    start = machine.begun(scene)
    known, frontier, topics = {start}, [start], set()
    while frontier:
        state = frontier.pop()
        steps = {*machine.steps(state, both=scene.both)}
        if not steps:
            topics.add(machine.quiet(state).topic)
        frontier += steps - known
        known |= steps
    return topics
