"""With an event bus, messages are sent as without, and each change reaches a bus that answers."""

from collections.abc import Callable

import pytest

from tests.model.bus import Afterwards, Waiting, WithBus, endings
from tests.model.machine import Machine, Scene

Record = Callable[[str, object], None]

KILL = Scene("two runs, a kill", flips=1, kills=1)
SCENES = (
    pytest.param(KILL, id=KILL.name),
    pytest.param(Scene("", kills=1), id="two changes, a kill", marks=pytest.mark.slow),
    pytest.param(Scene("", flips=1, losses=1, refusals=1), id="SNS refuses, a call is lost", marks=pytest.mark.slow),
)


@pytest.mark.parametrize("scene", SCENES)
def test_a_bus_that_fails_breaks_no_promise(scene: Scene, record_property: Record) -> None:
    explored = WithBus(failures=2).explore(scene)

    assert explored.broken == ""
    record_property("model states of a bus", explored.states)


def test_a_bus_that_is_always_down_breaks_no_promise() -> None:
    assert WithBus(down=True).explore(KILL).broken == ""


@pytest.mark.parametrize("bus", [WithBus(), WithBus(failures=1), WithBus(down=True)], ids=["well", "fails", "down"])
def test_exactly_what_is_sent_without_a_bus_is_sent_with_one(bus: WithBus) -> None:
    scene = Scene("one change, a kill, a refusal", flips=1, kills=1, refusals=1)
    assert endings(bus, scene) == endings(Machine(), scene)


def test_a_message_that_waits_for_the_bus_is_caught() -> None:
    assert Waiting(down=True).explore(KILL).broken == "a message was never delivered"


def test_events_that_are_put_after_a_message_is_deleted_are_caught() -> None:
    assert Afterwards().explore(KILL).broken == "events that the bus never refused did not reach it"
