"""Parse a record given as FIELD=VALUE. All errors are reported at once, one per line."""

from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args, get_type_hints

import msgspec

from readiness.aws.time import minute
from readiness.cli.arguments import LONGEST_TEXT
from readiness.cli.exits import Usage
from readiness.cli.names import nearest
from readiness.cli.times import earlier
from readiness.facts.recorded.attested import RECORDS, Record

PLAIN = {"`int`": "a whole number", "`float`": "a number", "`str`": "text"}


def record(rule: str, typed: Sequence[str], now: datetime) -> Record:
    """Return the record of the rule. Usage: a field is missing, unknown, given twice, or has a wrong value."""
    kind = RECORDS[rule]
    hints = get_type_hints(kind, include_extras=True)
    problems = []
    values: dict[str, Any] = {}
    for each in typed:
        name = each.partition("=")[0]
        try:
            values[name] = _value(each, hints, values, now)
        except ArgumentTypeError as error:
            values.setdefault(name, None)
            problems.append(str(error))
    problems += [f"{name}: is missing" for name in _required(kind) if name not in values]
    if problems:
        raise Usage("\n".join(problems))
    return kind(**values)


def _value(typed: str, hints: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> Any:
    """Return the value of FIELD=VALUE. `values` are those of the fields before it."""
    name, equals, text = typed.partition("=")
    if not equals:
        raise ArgumentTypeError(f"found {typed!r}, expected FIELD=VALUE")
    if name not in hints:
        raise ArgumentTypeError(f"{name}: unknown field{nearest(name, list(hints))}")
    if name in values:
        raise ArgumentTypeError(f"{name}: is given twice")
    if len(text) > LONGEST_TEXT:
        raise ArgumentTypeError(f"{name}: found {len(text)} characters, expected {LONGEST_TEXT} at most")
    if datetime in get_args(hints[name]):
        return _past(name, text, now)
    try:
        return msgspec.convert(text, hints[name], strict=False)
    except msgspec.ValidationError as error:
        raise ArgumentTypeError(f"{name}: found {text!r}, expected {_expected(hints[name], str(error))}") from None


def _past(name: str, text: str, now: datetime) -> datetime:
    try:
        at = earlier(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{name}: {error}") from None
    if at > now:
        raise ArgumentTypeError(f"{name}: {minute(at)} is in the future, expected a time in the past")
    return at


def _expected(hint: Any, error: str) -> str:
    """Return what a field expects, from msgspec's error message."""
    words = get_args(hint)
    if words and all(isinstance(word, str) for word in words):
        return " or ".join(words)
    expected = error.removeprefix("Expected ").partition(", got")[0]
    for name, plain in PLAIN.items():
        expected = expected.replace(name, plain)
    return expected


def _required(kind: type[Record]) -> Iterator[str]:
    return (field.name for field in msgspec.structs.fields(kind) if field.required)


def shown(rule: str) -> str:
    """Return the fields of the rule's record as FIELD=...; those in brackets are optional."""
    kind = RECORDS[rule]
    required = set(_required(kind))
    names = [f"{field.name}=..." for field in msgspec.structs.fields(kind)]
    return " ".join(name if name.removesuffix("=...") in required else f"[{name}]" for name in names)
