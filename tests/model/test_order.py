"""Every order of a few runs, some changes and some bad luck keeps the promises; every shortcut breaks one."""

from collections.abc import Callable

import pytest

from tests.model import shortcuts
from tests.model.machine import Machine, Scene
from tests.model.scenes import TRIED, UNSEEN

Record = Callable[[str, object], None]


@pytest.mark.parametrize("scene", TRIED, ids=lambda scene: scene.name)
def test_no_order_of_events_breaks_a_promise(scene: Scene, record_property: Record) -> None:
    explored = Machine().explore(scene)

    assert explored.broken == ""
    record_property("model states of runs", explored.states)


CHANGES = Scene("two runs see two changes")
KILL = Scene("a run is killed", kills=1)
BACK = "an observation went back"
TWICE = "published twice without a crash"
LOST = "not all that is recorded was delivered, in order"


@pytest.mark.parametrize(
    ("machine", "scene", "broken"),
    [
        pytest.param(shortcuts.LoserComparesAgain, CHANGES, BACK, id="the loser compares again without looking again"),
        pytest.param(shortcuts.OrderedByTicket, CHANGES, BACK, id="ordering by a ticket taken first"),
        pytest.param(shortcuts.UnchangedWritesNothing, CHANGES, BACK, id="an unchanged run writes nothing"),
        pytest.param(shortcuts.NoLease, CHANGES, TWICE, id="no lease"),
        pytest.param(shortcuts.ShortLease, CHANGES, TWICE, id="a lease shorter than a run"),
        pytest.param(shortcuts.DeleteBeforePublish, KILL, LOST, id="delete before publish"),
        pytest.param(shortcuts.TwoCalls, KILL, LOST, id="state and outbox in two calls"),
        pytest.param(shortcuts.UnknownDiscards, UNSEEN, LOST, id="an unknown table's messages count as another's"),
        pytest.param(
            shortcuts.AnyEntry, CHANGES, "told in another order than recorded", id="any entry instead of the head"
        ),
        pytest.param(
            shortcuts.TokenOfVersion,
            CHANGES,
            "two runs believe that they won|a run ends in an error",
            id="a transaction token derived from the version",
        ),
    ],
)
def test_a_shortcut_is_caught(machine: type[Machine], scene: Scene, broken: str) -> None:
    assert machine().explore(scene).broken in broken.split("|")
