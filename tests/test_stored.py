"""What releases have stored under the name of a class is found and read, however classes and modules are named now."""

from datetime import timedelta

import pytest

from readiness.engine.fact import Source
from readiness.engine.snapshot import ROOT
from readiness.model import Carry, stored_name
from readiness.state.kept import KeptAnswers
from readiness.state.past import carried
from readiness.state.store import KeptFact
from tests.golden.stored import (
    AT,
    CHECKS,
    RESOURCE,
    carries,
    empty_places,
    kept_kinds,
    pack_answer,
    pack_carry,
    sources,
    stored,
)

STORED = stored()
KEEPING = {stored_name(source.identity): source for source in sources() if source.keeps}


def read_carries() -> dict[str, Carry]:
    """Return what a run reads of the carries in the file, each at a resource of its own, by stored name."""
    remembered = {ROOT: {name: {RESOURCE: packed_carry} for name, packed_carry in STORED.carried.items()}}
    read = carried(CHECKS, remembered)
    return {stored_name(kind): by_place[ROOT][RESOURCE] for kind, by_place in read.items()}


def test_every_class_that_is_stored_has_an_entry_and_no_name_is_lost() -> None:
    """A class without an entry gets one by `python -m tests.golden.stored`; a name in the file is in tables too."""
    assert STORED.carried.keys() == carries().keys()
    assert STORED.kept.keys() == kept_kinds().keys()
    assert len(STORED.carried) >= 17
    assert len(STORED.kept) >= 10


def test_every_entry_has_all_fields_filled() -> None:
    assert list(empty_places({"carried": STORED.carried, "kept": STORED.kept})) == []


def test_every_carry_is_read_and_packs_to_the_same_json() -> None:
    packed = {name: pack_carry(carry) for name, carry in read_carries().items()}
    assert {name: {"kind": each["kind"], "of": each["of"]} for name, each in packed.items()} == STORED.carried


@pytest.mark.parametrize("name", sorted(STORED.kept))
def test_every_kept_answer_is_read_and_packs_to_the_same_json(name: str) -> None:
    source: Source = KEEPING[name]
    assert source.keeps is not None
    fact = KeptFact(type=name, place="", at=AT, table_id="", answer=STORED.kept[name], revision="1")
    found = KeptAnswers([fact], AT + source.keeps.age - timedelta(minutes=1)).find(source, ROOT, "1")
    assert found is not None, "it would be fetched again"
    assert isinstance(found.answer, source.identity)
    assert pack_answer(found.answer) == STORED.kept[name]
