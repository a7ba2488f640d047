"""Parse a record given as FIELD=VALUE. All errors are reported at once, one per line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import msgspec

from readiness.aws.time import minute
from readiness.cli.exits import Usage
from readiness.cli.start import nearest
from readiness.cli.words import LONGEST
from readiness.facts.recorded.attested import RECORDS, Record

PLAIN = {"`int`": "a whole number", "`float`": "a number", "`str`": "text"}


class Wrong(Exception):
    """An error in one field."""


def record(rule: str, typed: Sequence[str], now: datetime) -> Record:
    """Return the record of the rule. Usage: a field is missing, unknown, given twice, or has a wrong value."""
    kind = RECORDS[rule]
    hints = get_type_hints(kind, include_extras=True)
    problems = []
    values: dict[str, Any] = {}
    for each in typed:
        name, equals, value = each.partition("=")
        try:
            values[name] = _value(name, value, hints, values, now) if equals else _no_field(each)
        except Wrong as wrong:
            values.setdefault(name, None)
            problems.append(str(wrong))
    problems += [f"{name}: is missing" for name in _required(kind) if name not in values]
    if problems:
        raise Usage("\n".join(problems))
    return kind(**values)


def _value(name: str, text: str, hints: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> Any:
    if name not in hints:
        msg = f"{name}: unknown field{nearest(name, list(hints))}"
        raise Wrong(msg)
    if name in values:
        msg = f"{name}: is given twice"
        raise Wrong(msg)
    if len(text) > LONGEST:
        msg = f"{name}: found {len(text)} characters, expected {LONGEST} at most"
        raise Wrong(msg)
    if datetime in get_args(hints[name]):
        return _past(name, text, now)
    try:
        return msgspec.convert(text, hints[name], strict=False)
    except msgspec.ValidationError as error:
        msg = f"{name}: found {text!r}, expected {_expected(hints[name], str(error))}"
        raise Wrong(msg) from None


def _no_field(text: str) -> Any:
    msg = f"found {text!r}, expected FIELD=VALUE"
    raise Wrong(msg)


def _past(name: str, text: str, now: datetime) -> datetime:
    """Parse a time in the past; UTC if it has no time zone."""
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        msg = f"{name}: found {text!r}, expected a time in UTC such as 2026-11-24T18:30"
        raise Wrong(msg) from None
    if at > now:
        msg = f"{name}: {minute(at)} is in the future, expected a time in the past"
        raise Wrong(msg)
    return at


def _expected(hint: Any, error: str) -> str:
    """Return what a field expects, from msgspec's error message."""
    words = get_args(hint)
    if words and all(isinstance(word, str) for word in words):
        return " or ".join(words)
    said = error.removeprefix("Expected ").partition(", got")[0]
    for name, plain in PLAIN.items():
        said = said.replace(name, plain)
    return said


def _required(kind: type[Record]) -> Iterator[str]:
    return (field.name for field in msgspec.structs.fields(kind) if field.required)


def shown(rule: str) -> str:
    """Return the fields of the rule's record as FIELD=...; those in brackets are optional."""
    kind = RECORDS[rule]
    required = set(_required(kind))
    names = [f"{field.name}=..." for field in msgspec.structs.fields(kind)]
    return " ".join(name if name.removesuffix("=...") in required else f"[{name}]" for name in names)
