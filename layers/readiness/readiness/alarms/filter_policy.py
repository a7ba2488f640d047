"""SNS filter policies, matched with a message that is only partly known.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
"""

import ipaddress
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

Sure = Literal["yes", "maybe", "no"]

ABSENT: Any = object()
"""A placeholder for a value: the message has no such property."""

OR = "$or"
RESERVED = frozenset(
    {"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}
)

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


class OneOf(tuple[str, ...]):
    """A placeholder for a value: one of these strings."""

    __slots__ = ()


class DisplayName:
    """A placeholder for a value: the display name of a Region, such as "EU (Ireland)", never its code."""


class Partly(dict[str, Any]):
    """An object that may have other properties with unknown values."""

    __slots__ = ()


def lets_through(policy: Mapping[str, Any], message: Mapping[str, Any]) -> Sure:
    """Return if every property of the policy matches. The `message` may hold placeholders for values."""
    return every(_property(name, wanted, message) for name, wanted in policy.items())


def _property(name: str, wanted: Any, message: Mapping[str, Any]) -> Sure:
    if name == OR and _is_or(wanted):
        return some(lets_through(each, message) for each in wanted)
    if name not in message and isinstance(message, Partly):
        return "maybe"
    value = message.get(name, ABSENT)
    if isinstance(wanted, Mapping):
        if isinstance(value, Mapping):
            return lets_through(wanted, value)
        return _below_nothing(wanted) if value is ABSENT else "maybe"
    if not isinstance(wanted, list):
        return "maybe"
    values = value if isinstance(value, OneOf) else (value,)
    return _agreed(some(_alternative(each, one) for each in wanted) for one in values)


def _is_or(wanted: Any) -> bool:
    """True for a valid `$or`; SNS otherwise treats it as a property name."""
    return (
        isinstance(wanted, list)
        and len(wanted) > 1
        and all(isinstance(each, Mapping) and each and RESERVED.isdisjoint(each) for each in wanted)
    )


def _below_nothing(wanted: Mapping[str, Any]) -> Sure:
    """Return the match with an absent object; AWS does not document if `exists: false` matches below it."""
    return "maybe" if all(isinstance(each, list) and {"exists": False} in each for each in wanted.values()) else "no"


def _alternative(wanted: Any, value: Any) -> Sure:
    """Return if one of the policy's values for a property matches."""
    match value:
        case DisplayName():
            return _of_display_name(wanted)
        case list() | tuple():
            return _of_list(wanted, value)
        case _:
            return _of_value(wanted, value)


def _of_value(wanted: Any, value: Any) -> Sure:
    if isinstance(wanted, Mapping):
        if len(wanted) != 1:
            return "maybe"
        [(name, operand)] = wanted.items()
        return _operated(name, operand, value)
    return "yes" if type(wanted) is type(value) and wanted == value else "no"


def _operated(name: str, operand: Any, value: Any) -> Sure:
    if name == "exists":
        return "maybe" if not isinstance(operand, bool) else "yes" if operand is (value is not ABSENT) else "no"
    if name not in OPERATORS:
        return "maybe"
    if value is ABSENT:
        return "no"
    found = OPERATORS[name](operand, value)
    return "maybe" if found is None else "yes" if found else "no"


def _of_list(wanted: Any, values: Iterable[Any]) -> Sure:
    """Return if any element matches. For `anything-but`, AWS's pages differ on any or all, so all must agree."""
    found = [_of_value(wanted, each) for each in values] or [_of_value(wanted, ABSENT)]
    if isinstance(wanted, Mapping) and "anything-but" in wanted:
        return _agreed(found)
    return some(found)


def _of_display_name(wanted: Any) -> Sure:
    """Match a display name, which begins with a capital letter and ends with a parenthesis."""
    if not isinstance(wanted, Mapping):
        return "maybe" if _may_be_display_name(wanted) else "no"
    if len(wanted) != 1:
        return "maybe"
    [(name, operand)] = wanted.items()
    if name == "exists":
        return _operated(name, operand, "there")
    if name == "anything-but":
        refused = operand if isinstance(operand, list) else [operand]
        texts = all(isinstance(each, str) for each in refused)
        return "yes" if texts and not any(map(_may_be_display_name, refused)) else "maybe"
    possible = {
        "cidr": False,
        "equals-ignore-case": _may_be_display_name(operand),
        "numeric": False,
        "prefix": isinstance(operand, str) and operand[:1].isupper(),
        "suffix": _may_be_display_name(operand),
    }
    return "maybe" if possible.get(name, True) else "no"


def _may_be_display_name(text: Any) -> bool:
    return isinstance(text, str) and text.endswith(")")


def anything_but(operand: Any, value: Any) -> bool | None:
    """Return if the value differs from the operand: values, prefixes or suffixes; None for another operand."""
    if isinstance(operand, Mapping):
        if len(operand) != 1:
            return None
        [(name, below)] = operand.items()
        wanted = below if isinstance(below, list) else [below]
        if name not in {"prefix", "suffix", "equals-ignore-case"}:
            return None
        found = [OPERATORS[name](each, value) for each in wanted]
        return None if None in found else not any(found)
    refused = operand if isinstance(operand, list) else [operand]
    return not any(_of_value(each, value) == "yes" for each in refused)


def _of_texts(matches: Callable[[str, str], bool]) -> Callable[[Any, Any], bool | None]:
    def operator(operand: Any, value: Any) -> bool | None:
        return isinstance(value, str) and matches(operand, value) if isinstance(operand, str) else None

    return operator


def _in_network(operand: Any, value: Any) -> bool | None:
    try:
        network = ipaddress.ip_network(operand if isinstance(operand, str) else "", strict=False)
    except ValueError:
        return None
    try:
        return isinstance(value, str) and ipaddress.ip_address(value) in network
    except ValueError:
        return False


def _in_range(operand: Any, value: Any) -> bool | None:
    """Compare with pairs of an operator and a number, such as `[">", 0, "<=", 5]`."""
    if not isinstance(operand, list) or len(operand) % 2:
        return None
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    if not all(isinstance(how, str) and how in COMPARISONS and _is_number(number) for how, number in pairs):
        return None
    return _is_number(value) and all(COMPARISONS[how](value, number) for how, number in pairs)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


OPERATORS: Mapping[str, Callable[[Any, Any], bool | None]] = {
    "anything-but": anything_but,
    "cidr": _in_network,
    "equals-ignore-case": _of_texts(lambda operand, value: operand.lower() == value.lower()),
    "numeric": _in_range,
    "prefix": _of_texts(lambda operand, value: value.startswith(operand)),
    "suffix": _of_texts(lambda operand, value: value.endswith(operand)),
}
"""Each returns if a value matches, None for an operand that AWS does not document."""


def every(found: Iterable[Sure]) -> Sure:
    """Return if all match."""
    known = set(found)
    return "no" if "no" in known else "maybe" if "maybe" in known else "yes"


def some(found: Iterable[Sure]) -> Sure:
    """Return if one matches."""
    known = set(found)
    return "yes" if "yes" in known else "maybe" if "maybe" in known else "no"


def _agreed(found: Iterable[Sure]) -> Sure:
    """Return the common result, "maybe" where results differ."""
    known = set(found)
    return known.pop() if len(known) == 1 else "maybe"
