"""A snapshot as a JSON file, which can be evaluated again without AWS.

`schema` and `version` name the format of the file, `release` the version of Readiness that wrote it.

Each fact has the stored name of its type. An answer that is not a value is `absent`, `gone` or `unavailable`.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from readiness import __version__
from readiness.aws.answer import Lacking, lacking
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.collect import needed
from readiness.engine.each import Each
from readiness.engine.fact import source_of
from readiness.engine.snapshot import ROOT, Answer, Place, Snapshot
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Given, Gone, Unavailable, Unsaved, stored_name
from readiness.rules import ASKED

SCHEMA = "readiness.snapshot"
VERSION = 1

LONGEST = 500
"""The number of characters of an error that are shown."""

LACKING = "(could not be read)"
"""The name that holds the fields that an answer lacked, and the reasons."""

Json = Any


class SnapshotError(Exception):
    """The file cannot be used. The text is one line for people."""


class Saved(Struct, frozen=True):
    """The contents of a snapshot file: the arguments of `save`."""

    snapshot: Snapshot
    settings: Settings
    aws: Aws
    at: datetime


def save(snapshot: Snapshot, settings: Settings, path: Path) -> None:
    """Write all facts, and nothing of the session that fetched them. OSError: the file cannot be written."""
    document = {
        "schema": SCHEMA,
        "version": VERSION,
        "release": __version__,
        "settings": msgspec.to_builtins(settings),
        "at": msgspec.to_builtins(snapshot.answer(Now, ROOT).at),
        "aws": _value(snapshot.answer(Aws, ROOT)),
        "facts": [
            {
                "type": stored_name(kind),
                "place": _place(place),
                "answer": encoded(answer),
                **_dated(snapshot, kind, place),
            }
            for kind, answers in snapshot.answers.items()
            for place, answer in answers.items()
        ],
        "carried": [
            {
                "type": stored_name(kind),
                "place": _place(home),
                "resources": {key: _value(of) for key, of in carried.items()},
            }
            for kind, homes in snapshot.carried.items()
            for home, carried in homes.items()
        ],
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")


def load(path: Path) -> Saved:
    """Read a file that `save` wrote. SnapshotError: it is not a snapshot, or a newer release wrote it."""
    document = _document(path)
    try:
        carried: dict[type, dict[Place, dict[str, Any]]] = {}
        for entry in document["carried"]:
            kind = _type(entry["type"])
            values = {resource: _valued(kind, of) for resource, of in entry["resources"].items()}
            carried.setdefault(kind, {})[_placed(entry["place"])] = values
        snapshot = Snapshot(carried=carried)
        for fact in document["facts"]:
            kind, place = _type(fact["type"]), _placed(fact["place"])
            snapshot.answers.setdefault(kind, {})[place] = _answered(kind, fact["answer"])
            if "asOf" in fact:
                snapshot.as_of.setdefault(kind, {})[place] = msgspec.convert(fact["asOf"], datetime)
        return Saved(
            snapshot,
            msgspec.convert(document["settings"], Settings),
            _valued(Aws, document["aws"]),
            msgspec.convert(document["at"], datetime),
        )
    except (AttributeError, ImportError, KeyError, RecursionError, TypeError, ValueError) as error:
        msg = f"{path}: not in the snapshot format of this release ({_brief(error)})"
        raise SnapshotError(msg) from None


def _dated(snapshot: Snapshot, kind: type, place: Place) -> Mapping[str, datetime]:
    """Return the time of the oldest answer of an earlier run that the fact rests on, if there is one."""
    at = snapshot.as_of.get(kind, {}).get(place)
    return {"asOf": at} if at else {}


def _brief(error: Exception) -> str:
    """Return the text of an error, of limited length and without control characters of the file."""
    return ascii(str(error)[:LONGEST])[1:-1]


def _document(path: Path) -> Mapping[str, Json]:
    try:
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise SnapshotError(msg) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = None
    version = document.get("version") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    if not isinstance(document, dict) or not isinstance(version, int):
        msg = f"{path}: not a snapshot of Readiness"
        raise SnapshotError(msg)
    if version > VERSION:
        msg = f"{path}: written by a newer release (version {version}, this release reads up to {VERSION})"
        raise SnapshotError(msg)
    return document


def encoded(answer: Answer) -> Json:
    """Return an answer as the file has it: a mapping with `value`, `each`, `absent`, `gone` or `unavailable`."""
    match answer:
        case None:
            return {"absent": True}
        case Gone():
            return {"gone": str(answer)}
        case Unavailable():
            return {"unavailable": _value(answer)}
        case Each():
            elements = {key: encoded(element) for key, element in answer.answers().items()}
            return {"each": elements, "unlisted": _value(answer.unlisted) if answer.unlisted else None}
        case _:
            return {"value": _value(answer)}


def _answered(kind: type, answer: Json) -> Answer:
    match answer:
        case {"absent": True}:
            return None
        case {"gone": message}:
            return Gone(message)
        case {"unavailable": why}:
            return _valued(Unavailable, why)
        case {"each": elements, "unlisted": why}:
            unlisted = _valued(Unavailable, why) if why else None
            return Each({key: _answered(kind, element) for key, element in elements.items()}, unlisted)
        case _:
            return _valued(kind, answer["value"])


def _value(value: Any) -> Json:
    if isinstance(value, Aws):
        return {name: getattr(value, name) for name in ("account", "region", "partition", "who")}
    if unread := lacking(value):
        said = {name: str(why) if isinstance(why, Gone) else _value(why) for name, why in unread.items()}
        return _fields(value) | {LACKING: said}
    if isinstance(value, Struct) and any(lacking(getattr(value, name)) for name in value.__struct_fields__):
        return _fields(value)
    return msgspec.to_builtins(value, enc_hook=_unsaved)


def _unsaved(value: object) -> None:
    """Leave out values that a fact keeps only for facts derived from it."""
    if not isinstance(value, Unsaved):
        msg = f"{type(value).__name__} cannot be saved"
        raise TypeError(msg)


def _fields(value: Any) -> dict[str, Json]:
    return {name: _value(getattr(value, name)) for name in value.__struct_fields__ if name not in lacking(value)}


def _valued(kind: type, value: Json) -> Any:
    if kind is Aws:
        return Aws(**value)
    if isinstance(value, dict) and (LACKING in value or any(map(_lacks, value.values()))):
        hints = get_type_hints(kind)
        unread = {
            name: Lacking(Gone(why) if isinstance(why, str) else _valued(Unavailable, why))
            for name, why in value.get(LACKING, {}).items()
        }
        return kind(**{name: _valued(hints[name], of) for name, of in value.items() if name != LACKING}, **unread)
    return msgspec.convert(value, kind)


def _lacks(value: Json) -> bool:
    return isinstance(value, dict) and LACKING in value


def _place(place: Place) -> Json:
    return sorted([stored_name(axis), key] for axis, key in place)


def _placed(pairs: list[list[str]]) -> Place:
    return frozenset((_type(axis), key) for axis, key in pairs)


def _type(name: str) -> type:
    """Return the type of a fact by its stored name. ValueError: there is none; a file can name no other types.

    The first release wrote the name with its module: `readiness.facts.recovery:Recovery`.
    """
    kind = _kinds().get(name.rpartition(":")[2])
    if kind is None:
        msg = f"{name} is not a fact of Readiness"
        raise ValueError(msg)
    return kind


@cache
def _kinds() -> Mapping[str, type]:
    """Return the types of all facts that rules need, by stored name."""
    checks = [check for rule in ASKED for check in rule.checks]
    facts = needed(checks)
    asking = [check.needs for check in checks]
    asking += [source_of(fact).needs for fact in facts if not issubclass(fact, Given)]
    carried = {need.kind for needs in asking for need in needs.values() if issubclass(need.kind, Carry)}
    return {stored_name(kind): kind for kind in {*facts, *carried}}
