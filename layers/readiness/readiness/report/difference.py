"""The differences of two snapshots or two recorded runs, as text: results by check and resource, then facts. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from readiness.aws.arn import short
from readiness.engine.evaluate import TableEvaluation, explained
from readiness.engine.snapshot import Place, Snapshot, name_of
from readiness.model import Finding, Given, Status, Unavailable, stored_name
from readiness.printable import line, printable
from readiness.report.snapshot_file import encoded

Json = Any

QUIET = frozenset({Status.PASS, Status.NOT_APPLICABLE})
"""Statuses whose messages alone are no difference: some of them name the time of the last restore point."""

WIDTH = 8
COLUMNS = 80

MOST = 10
"""The number of differences of one fact that are shown."""

MISSING = "not present"

READ_AT = ("as_of",)
"""The field with the time at which a fact was read, which is no difference."""


class FindingChange(Struct, frozen=True):
    """A check on a resource whose finding differs; None: there is no finding."""

    item: str
    check: str
    resource: str
    before: Finding | None
    after: Finding | None


class FactChange(Struct, frozen=True):
    """The differences of one fact at one place, as the path of a field with the value before and after."""

    fact: str
    place: str
    fields: tuple[tuple[str, str, str], ...]


def findings_changed(before: TableEvaluation, after: TableEvaluation) -> Iterator[FindingChange]:
    """Yield the checks and resources with another status, other watched values or, unless it passes, message."""
    old, new = _findings(before), _findings(after)
    for key in [*old, *(key for key in new if key not in old)]:
        item, check, resource = key
        was, now = old.get(key), new.get(key)
        if _compared(was) != _compared(now):
            yield FindingChange(item, check, resource, was, now)


def facts_changed(before: Snapshot, after: Snapshot) -> Iterator[FactChange]:
    """Yield the facts that differ, without those that a collection is given, such as the time."""
    old, new = _facts(before), _facts(after)
    for key in sorted({*old, *new}):
        fields = tuple(_fields(old.get(key, MISSING), new.get(key, MISSING)))
        if fields:
            yield FactChange(*key, fields)


def finding_lines(changes: Iterable[FindingChange]) -> Iterator[str]:
    """Yield the lines of changed findings."""
    for change in changes:
        yield ""
        yield f"{change.item}  {change.check}  {short(change.resource)}"
        yield from (f"  {side}  {_finding(of)}" for side, of in (("A", change.before), ("B", change.after)))


def fact_lines(changes: Iterable[FactChange]) -> Iterator[str]:
    """Yield the lines of changed facts."""
    for change in changes:
        yield ""
        yield "  ".join(filter(None, [change.fact, short(change.place)]))
        for path, was, now in islice(change.fields, MOST):
            yield from _change(line(path), printable(was), printable(now))
        if len(change.fields) > MOST:
            yield f"  and {len(change.fields) - MOST} more"


def _findings(evaluation: TableEvaluation) -> Mapping[tuple[str, str, str], Finding]:
    return {
        (asked.check.rule.item, asked.check.id, finding.resource): finding
        for asked in evaluation.asked
        for finding in asked.findings
    }


def _compared(finding: Finding | None) -> Json:
    if finding is None:
        return None
    message = "" if finding.status in QUIET else finding.message
    return finding.status, message, msgspec.to_builtins(finding.watched, str_keys=True)


def _finding(finding: Finding | None) -> str:
    if finding is None:
        return MISSING
    word = finding.severity if finding.status is Status.FAIL else finding.status
    shown = "N/A" if finding.status is Status.NOT_APPLICABLE else word
    return f"{shown:{WIDTH}}  {line(finding.message)}"


def _facts(snapshot: Snapshot) -> Mapping[tuple[str, str], Json]:
    return {
        (stored_name(kind), _placed(place)): encoded(answer)
        for kind, answers in snapshot.answers.items()
        if not issubclass(kind, Given)
        for place, answer in answers.items()
    }


def _placed(place: Place) -> str:
    return name_of(place) if place else ""


def _fields(before: Json, after: Json) -> Iterator[tuple[str, str, str]]:
    """Yield the path and the values of each difference of two answers."""
    for kind in ("value", "each"):
        if all(isinstance(answer, dict) and kind in answer for answer in (before, after)):
            yield from _differences(before[kind], after[kind], ())
            if before.get("unlisted") != after.get("unlisted"):
                yield "complete", _text(before.get("unlisted") is None), _text(after.get("unlisted") is None)
            return
    if before != after:
        yield "", _answer(before), _answer(after)


def _differences(before: Json, after: Json, path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    if before == after or path[-1:] == READ_AT or _same_set(before, after):
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield ".".join(path), _text(before), _text(after)
        return
    for key in [*before, *(key for key in after if key not in before)]:
        where = (*path, short(key))
        if key in before and key in after:
            yield from _differences(before[key], after[key], where)
        else:
            yield ".".join(where), *((MISSING, "present") if key in after else ("present", MISSING))


def _same_set(before: Json, after: Json) -> bool:
    """Return True if two lists have the same elements. A snapshot has sets as lists, in any order."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return False
    old, new = (sorted(json.dumps(each, sort_keys=True) for each in side) for side in (before, after))
    return old == new


def _answer(answer: Json) -> str:
    match answer:
        case {"unavailable": why}:
            return explained(msgspec.convert(why, Unavailable))
        case {"gone": message}:
            return str(message)
        case {"absent": True}:
            return "none"
        case str():
            return answer
        case _:
            return "present"


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _change(path: str, before: str, after: str) -> Iterator[str]:
    """Yield a change in one line, or in one for each side if it does not fit."""
    named = f"  {path}: " if path else "  "
    whole = f"{named}{before} -> {after}"
    if len(whole) <= COLUMNS:
        yield whole
        return
    if path:
        yield f"  {path}"
    yield from (f"    A  {before}", f"    B  {after}")
