"""What an expression of the source puts together: the texts that are known, and gaps where something else stands.

An expression may come out in several ways, where a name has several values; each is a tuple of parts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

NAME = r"[A-Z][A-Z0-9_]{1,30}"
IN_ANY_CASE = r"[A-Za-z][A-Za-z0-9_]{1,30}"

MARK = "#"
"""What stands behind the prefix of a key."""

CAPITALS = re.compile(rf"({NAME}){MARK}")
LOWER_OR_MIXED = re.compile(rf"({IN_ANY_CASE}){MARK}(\{{[^}}]*\}}|%[sd]|$)?")

MOST = 16
"""So many ways are followed."""

Parts = tuple[str | None, ...]
Ways = Sequence[Parts]
Constants = Mapping[str, frozenset[str]]
"""The texts that a name stands for."""

ITSELF = frozenset({"self", "cls", "this"})
"""How a class calls itself."""

UNKNOWN: Ways = ((None,),)


@dataclass
class Scan:
    """The prefixes that a source makes keys of, and the lines of expressions of which it can't be told."""

    prefixes: set[str] = field(default_factory=set)
    unresolved: set[int] = field(default_factory=set)

    def see(self, ways: Ways, line: int) -> None:
        """Take an expression into account."""
        for parts in map(_merged, ways):
            first, *rest = parts or [""]
            if first is not None:
                self.prefixes |= _begun(first, composed=bool(rest))
            elif rest and str(rest[0]).startswith(MARK):
                self.unresolved.add(line)


def one_after_another(pieces: Iterable[Ways]) -> Ways:
    """Put together: every way of one with every way of the next."""
    ways = product(*pieces)
    return [tuple(part for parts in way for part in parts) for way, _ in zip(ways, range(MOST), strict=False)]


def joined(separator: Ways, pieces: Sequence[Ways]) -> Ways:
    """Put together with something between each and the next."""
    between = [piece for each in pieces for piece in (separator, each)]
    return one_after_another(between[1:])


def is_constant(name: str) -> bool:
    """Whether it is written as names of constants, enumerations and classes are, not as those of variables."""
    return name[:1].isupper()


def member(name: str) -> str:
    """Where the constants hold what a member of a class, an object or an enumeration stands for."""
    return f".{name}"


def member_of(owner: str, name: str, constants: Sequence[Constants]) -> Ways:
    """What a member stands for. Of an owner that is no constant, `item.type`, it may be anything.

    What is not known as a member may be a constant of a module, as in `keys.ORDER`.
    """
    if owner in ITSELF:
        return named(member(name), *constants[:1])
    if not (is_constant(owner) or is_constant(name)):
        return UNKNOWN
    return named(member(name) if any(member(name) in each for each in constants) else name, *constants)


def named(name: str, *constants: Constants) -> Ways:
    """What a name stands for, in the first of the places that know it."""
    found: frozenset[str] = next((each[name] for each in constants if name in each), frozenset())
    return [(value,) for value in sorted(found)] or UNKNOWN


def _merged(parts: Parts) -> list[str | None]:
    """Texts that stand side by side are one, and so are gaps."""
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
    """The prefix that a key begins with: in other letters than capitals only where it is seen that more follows."""
    if capitals := CAPITALS.match(text):
        return {capitals[1]}
    mixed = LOWER_OR_MIXED.match(text)
    return {mixed[1]} if mixed and (composed or mixed[2] is not None) else set()
