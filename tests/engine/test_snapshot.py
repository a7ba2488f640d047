"""What askers are shown: all that is below the place where they stand, and nothing of another."""

import pytest

from readiness.engine.each import Each
from readiness.engine.rule import Verdict, passed
from readiness.engine.snapshot import ROOT, Place, Snapshot
from tests.engine.shops import Account, Bicycle, Courier, Drawer, Shop, Till, look, rule_of

TILLS = {"tills of north": ("n-1", "n-2"), "tills of south": ("s-1",)}


def counted(shop: Shop, drawers: Each[Drawer], bicycles: Each[Bicycle]) -> Verdict:
    """All is counted."""
    return passed(f"{shop.name}: {len(drawers)} and {len(bicycles)}")


def at(*pairs: tuple[type, str]) -> Place:
    return frozenset(pairs)


@pytest.fixture
def snapshot() -> Snapshot:
    return look(rule_of(counted), Account(shops=("north", "south"), answers=TILLS))


def test_each_asker_is_shown_what_is_below_its_own_shop(snapshot: Snapshot) -> None:
    north, south = at((Shop, "north")), at((Shop, "south"))
    shown = [list(snapshot.each(Drawer, place).answers()) for place in (north, south, north, ROOT)]
    assert shown == [["n-1", "n-2"], ["s-1"], ["n-1", "n-2"], ["n-1", "n-2", "s-1"]]


def test_the_one_below_which_there_is_no_other_goes_by_its_own_name(snapshot: Snapshot) -> None:
    till = at((Shop, "north"), (Till, "n-1"))
    assert list(snapshot.each(Drawer, till).answers()) == ["n-1"]
    assert list(snapshot.each(Drawer, till | at((Courier, "ann"))).answers()) == ["ann n-1"]


def test_what_no_shop_decides_is_gathered_once_for_all_that_ask_in_a_row(snapshot: Snapshot) -> None:
    tills = [at((Shop, "north"), (Till, "n-1")), at((Shop, "north"), (Till, "n-2")), at((Shop, "south"), (Till, "s-1"))]
    first, *others = [snapshot.each(Bicycle, till) for till in tills]
    assert list(first.answers()) == ["ann", "bob"]
    assert all(other is first for other in others)
