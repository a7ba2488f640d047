"""A value of everything that is stored under a stored name, with every field filled: `stored.json` holds them.

The file shows what deployed tables hold, so an entry is never rewritten. `python -m tests.golden.stored` adds an entry
for each class that has none. A class that gets a further field gets it in the file by hand, so that the diff shows it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from readiness.engine.collect import needed
from readiness.engine.evaluate import CheckFindings
from readiness.engine.fact import Need, Source, source_of
from readiness.engine.rule import Check
from readiness.model import Carry, Finding, Given, Severity, Status, stored_name
from readiness.rules import ASKED
from readiness.state.past import Json, handed_over, packed

FILE = Path(__file__).parent / "stored.json"
CHECKS: list[Check] = [check for rule in ASKED for check in rule.checks]
AT = datetime(2026, 11, 24, 3, 12, 2, 500_000, tzinfo=UTC)
RESOURCE = "a resource"


@dataclass(frozen=True)
class Stored:
    """The entries of the file, by stored name: carries of checks, and answers of facts that are kept."""

    carried: dict[str, Json]
    kept: dict[str, Any]


def stored() -> Stored:
    """Return the entries of the file."""
    return msgspec.json.decode(FILE.read_bytes(), type=Stored)


def sources() -> list[Source]:
    """Return the sources of all facts that the checks need."""
    return [source_of(kind) for kind in needed(CHECKS) if not issubclass(kind, Given)]


def carries() -> dict[str, type[Carry]]:
    """Return the classes that a check or a fact asks of the previous run, by stored name."""
    asking: list[Mapping[str, Need]] = [*(check.needs for check in CHECKS), *(source.needs for source in sources())]
    kinds = [need.kind for needs in asking for need in needs.values()]
    return {stored_name(kind): kind for kind in kinds if issubclass(kind, Carry)}


def kept_kinds() -> dict[str, type]:
    """Return the classes whose answers later runs reuse, by stored name."""
    return {stored_name(source.identity): source.identity for source in sources() if source.keeps}


def pack_carry(value: Carry) -> Json:
    """Return the carry as a run stores it, as JSON."""
    finding = Finding("rule", "check", RESOURCE, Status.PASS, "a message", Severity.LOW, carry=value)
    return dict(_as_json(handed_over(CheckFindings(CHECKS[0], (finding,), complete=True))[RESOURCE]))


def pack_answer(answer: Any) -> Any:
    """Return the answer of a fact as a run stores it, as JSON."""
    return _as_json(packed(answer))


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def example(kind: type) -> Any:
    """Return a value of the class in which nothing is empty and nothing is None."""
    return msgspec.convert(_example(inspect.type_info(kind)), kind)


def _example(kind: inspect.Type) -> Any:  # noqa: PLR0911  one line per type
    match kind:
        case inspect.DataclassType() | inspect.StructType():
            return {field.encode_name: _example(field.type) for field in kind.fields}
        case inspect.UnionType():
            return _example(next(each for each in kind.types if not isinstance(each, inspect.NoneType)))
        case inspect.DictType():
            return {_example(kind.key_type): _example(kind.value_type)}
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return [_example(kind.item_type)]
        case inspect.TupleType():
            return [_example(each) for each in kind.item_types]
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.LiteralType():
            return kind.values[0]
        case _:
            return SCALARS[type(kind)]


SCALARS: dict[type[inspect.Type], Any] = {
    inspect.StrType: "text",
    inspect.BoolType: True,
    inspect.IntType: 3,
    inspect.FloatType: 2.5,
    inspect.DateTimeType: AT.isoformat(),
    inspect.DateType: AT.date().isoformat(),
}


def empty_places(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places in a packed value that hold nothing: an empty text, collection or None."""
    if value in (None, "", [], {}):
        yield place
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from empty_places(each, f"{place}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from empty_places(each, f"{place}[]")


def main() -> int:
    """Add an entry for each class that has none; return 0."""
    old = stored() if FILE.exists() else Stored({}, {})
    new = Stored(
        carried={name: pack_carry(example(kind)) for name, kind in carries().items()} | old.carried,
        kept={name: pack_answer(example(kind)) for name, kind in kept_kinds().items()} | old.kept,
    )
    FILE.write_text(json.dumps(msgspec.to_builtins(new), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
