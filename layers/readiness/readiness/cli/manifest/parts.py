"""The values of a string expression in source code: known texts, and None for parts that are not known.

An expression has several values if a name has several; each value is a tuple of parts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from readiness.cli.exits import Usage

NAME = r"[A-Z][A-Z0-9_]{1,30}"
IN_ANY_CASE = r"[A-Za-z][A-Za-z0-9_]{1,30}"

MARK = "#"
"""The character after the prefix of a key."""

CAPITALS = re.compile(rf"({NAME}){MARK}")
LOWER_OR_MIXED = re.compile(rf"({IN_ANY_CASE}){MARK}(\{{[^}}]*\}}|%[sd]|$)?")

MOST = 16
"""The number of values of an expression that are considered."""

Parts = tuple[str | None, ...]
Ways = Sequence[Parts]
Constants = Mapping[str, frozenset[str]]
"""The values of constants by name."""

ITSELF = frozenset({"self", "cls", "this"})
"""The names by which code refers to its own class or object."""

UNKNOWN: Ways = ((None,),)


@dataclass
class SourceScan:
    """The key prefixes of a source file, and the lines of expressions whose prefix cannot be resolved."""

    prefixes: set[str] = field(default_factory=set)
    unresolved: set[int] = field(default_factory=set)

    def see(self, ways: Ways, line: int) -> None:
        """Add the values of an expression."""
        for parts in map(_merged, ways):
            first, *rest = parts or [""]
            if first is not None:
                self.prefixes |= _begun(first, composed=bool(rest))
            elif rest and str(rest[0]).startswith(MARK):
                self.unresolved.add(line)


def one_after_another(pieces: Iterable[Ways]) -> Ways:
    """Concatenate: every value of each piece with every value of the next."""
    ways = product(*pieces)
    return [tuple(part for parts in way for part in parts) for way, _ in zip(ways, range(MOST), strict=False)]


def joined(separator: Ways, pieces: Sequence[Ways]) -> Ways:
    """Concatenate the pieces with a separator."""
    between = [piece for each in pieces for piece in (separator, each)]
    return one_after_another(between[1:])


def is_constant(name: str) -> bool:
    """Return True if the name is written like a constant, an enumeration or a class, not like a variable."""
    return name[:1].isupper()


def member(name: str) -> str:
    """Return the key under which constants have the members of classes, objects and enumerations."""
    return f".{name}"


def member_of(owner: str, name: str, constants: Sequence[Constants]) -> Ways:
    """Return the values of a member. If its owner is not a constant, such as in `item.type`, they are not known.

    A name that is not a known member may be a constant of a module, such as in `keys.ORDER`.
    """
    if owner in ITSELF:
        return named(member(name), *constants[:1])
    if not (is_constant(owner) or is_constant(name)):
        return UNKNOWN
    return named(member(name) if any(member(name) in each for each in constants) else name, *constants)


def named(name: str, *constants: Constants) -> Ways:
    """Return the values of a name from the first constants that have it."""
    found: frozenset[str] = next((each[name] for each in constants if name in each), frozenset())
    return [(value,) for value in sorted(found)] or UNKNOWN


def too_deep(path: str) -> Usage:
    """Return the error for a file with an expression that Python's stack cannot hold."""
    return Usage(f"{path}: cannot be read: expressions are nested too deeply")


def _merged(parts: Parts) -> list[str | None]:
    """Join adjacent texts, and adjacent unknown parts."""
    merged: list[str | None] = []
    for part in parts:
        if part == "":
            continue
        if merged and part is None and merged[-1] is None:
            continue
        if merged and part is not None and merged[-1] is not None:
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _begun(text: str, *, composed: bool) -> set[str]:
    """Return the prefix at the start of a key; with lower case letters only if more of the key follows it."""
    if capitals := CAPITALS.match(text):
        return {capitals[1]}
    mixed = LOWER_OR_MIXED.match(text)
    return {mixed[1]} if mixed and (composed or mixed[2] is not None) else set()
