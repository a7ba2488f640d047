"""Condition operators: how they compare values of a policy with values of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network

from msgspec import Struct

from readiness.iam.match import ANY, matches

Truth = bool | None
"""None: not known."""

Compare = Callable[[str, str], Truth]

ARN_FIELDS = 6

SEGMENT = "\0"
"""In a pattern: any run of characters without a colon."""

RUNS = frozenset({ANY, SEGMENT})


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return False if one is False, else None if one is not known."""
    found = list(truths)
    return False if False in found else None if None in found else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return True if one is True, else None if one is not known."""
    found = list(truths)
    return True if True in found else None if None in found else False


def _folded(wanted: str, value: str) -> Truth:
    return wanted.lower() == value.lower()


def arn_like(wanted: str, value: str) -> Truth:
    """Compare field by field: a wildcard ends at a colon, except in the last. Fewer fields are not documented."""
    if wanted == ANY:
        return True
    patterns, fields = wanted.split(":", ARN_FIELDS - 1), value.split(":", ARN_FIELDS - 1)
    if len(patterns) != ARN_FIELDS:
        return None if matches(wanted, value) else False
    return len(fields) == ARN_FIELDS and all(map(matches, patterns, fields))


def _bool(wanted: str, value: str) -> Truth:
    return wanted.lower() == value.lower() if wanted.lower() in {"true", "false"} else None


def _address(wanted: str, value: str) -> Truth:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return None


def _by(read: Callable[[str], float], compares: Callable[[float, float], bool]) -> Compare:
    def compare(wanted: str, value: str) -> Truth:
        try:
            return compares(read(value), read(wanted))
        except (ValueError, OverflowError):
            return None

    return compare


def _instant(text: str) -> float:
    """Return seconds since 1970, the other documented form of a date."""
    if text.isdecimal() and len(text) > len("2026"):
        return float(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}

EXACT: Mapping[str, Compare] = {
    "arnequals": arn_like,
    "arnlike": arn_like,
    "binaryequals": operator.eq,
    "bool": _bool,
    "ipaddress": _address,
    "stringequals": operator.eq,
    "stringequalsignorecase": _folded,
    "stringlike": matches,
    **{f"numeric{name}": _by(float, order) for name, order in ORDERS.items()},
    **{f"date{name}": _by(_instant, order) for name, order in ORDERS.items()},
}
"""Operators by name in lower case, without negation."""

WITH_WILDCARDS = frozenset({"arnequals", "arnlike", "stringlike"})
NEGATABLE = WITH_WILDCARDS | {"dateequals", "ipaddress", "numericequals", "stringequals", "stringequalsignorecase"}


class Fit(Struct, frozen=True):
    """The result for values that match a pattern: some of them match (`possibly`), or all of them (`surely`)."""

    possibly: bool
    surely: bool


def chosen(name: str, wanted: str, pattern: str) -> Fit:
    """Return how the value of a policy compares with values that match a pattern, which may contain `SEGMENT`."""
    if not name.startswith(("arn", "string")):
        return Fit(possibly=True, surely=False)
    if name.startswith("arn"):
        fields = wanted.split(":", ARN_FIELDS - 1)
        within = ":".join([*(field.replace(ANY, SEGMENT) for field in fields[:-1]), fields[-1]])
        return Fit(overlap(within, pattern), surely="?" not in wanted and arn_like(wanted, pattern) is True)
    if name == "stringlike":
        return Fit(overlap(wanted, pattern), surely="?" not in wanted and matches(wanted, pattern))
    folded = (wanted.lower(), pattern.lower()) if name.endswith("ignorecase") else (wanted, pattern)
    return Fit(_fits(*folded), surely=wanted == pattern)


def _fits(text: str, pattern: str) -> bool:
    parts = (".*" if each == ANY else "[^:]*" if each == SEGMENT else re.escape(each) for each in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


@lru_cache(maxsize=4096)
def overlap(one: str, other: str) -> bool:
    """Return True where a text can match both patterns."""
    reached = {(0, 0)}
    seen = set(reached)
    while reached:
        at, of = reached.pop()
        if at == len(one) and of == len(other):
            return True
        for step in _steps(one[at : at + 1], other[of : of + 1]):
            following = at + step[0], of + step[1]
            if following not in seen:
                seen.add(following)
                reached.add(following)
    return False


def _steps(one: str, other: str) -> list[tuple[int, int]]:
    """Return the steps by which both patterns can advance: a run consumes a character of the other, or ends."""
    steps = [(1, 0)] if one in RUNS else []
    steps += [(0, 1)] if other in RUNS else []
    if one in RUNS and _takes(one, other):
        steps.append((0, 1))
    if other in RUNS and _takes(other, one):
        steps.append((1, 0))
    if one not in RUNS and other not in RUNS and one and other and (one == other or "?" in {one, other}):
        steps.append((1, 1))
    return steps


def _takes(run: str, character: str) -> bool:
    return bool(character) and character not in RUNS and not (run == SEGMENT and character == ":")
