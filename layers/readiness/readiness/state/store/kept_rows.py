"""The rows `STATE#FACT#`: answers that later runs can reuse, and the change events that end them.

A row holds the answers of one type as compressed JSON. The answers of a type with many places are spread over several
rows by the name of the place, so that one answer that is read again does not rewrite all of them.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from readiness.state.people import Instant
from readiness.state.store.head import STATE
from readiness.state.store.remembered import EndingCall, KeptFact, KeptFactsEnded

FACT = f"{STATE}#FACT#"
ENDED = f"{FACT}!"
"""The beginning of the sort key of change events. Former releases ignore rows with it."""

FEW = 32
"""The number of answers of a type that share one row."""

SHARDS = 8
"""The number of rows of a type with more answers. All rows of a run have to fit into one transaction."""

# Bytes. DynamoDB's limit is 400 KB per item.
COMPRESSED = 350_000
INFLATED = 20_000_000

Row = Mapping[str, Any]
T = TypeVar("T")


class _Answer(Struct, frozen=True, omit_defaults=True):
    place: str
    at: Instant
    answer: Any
    revision: str = ""


class _Row(Struct, frozen=True):
    """`answers` are compressed JSON. Releases before 0.2 wrote a list."""

    type: str
    answers: bytes | tuple[_Answer, ...]


class _FormerRow(Struct, frozen=True):
    """One answer. In schema 1 each had a row."""

    type: str
    place: str
    at: Instant
    answer: Any


class _EndedRow(Struct, frozen=True):
    calls: tuple[EndingCall, ...]


def rows_of(facts: Iterable[KeptFact]) -> dict[str, list[KeptFact]]:
    """Return the answers by the sort key of their row."""
    by_type: dict[str, list[KeptFact]] = {}
    for fact in facts:
        by_type.setdefault(fact.type, []).append(fact)
    rows: dict[str, list[KeptFact]] = {}
    for name, kept in sorted(by_type.items()):
        for fact in kept:
            shard = f"!{zlib.crc32(fact.place.encode()) % SHARDS + 1}" if len(kept) > FEW else ""
            rows.setdefault(f"{FACT}{name}{shard}", []).append(fact)
    return rows


def values_of(facts: Sequence[KeptFact]) -> dict[str, Any]:
    """Return the attributes of a row with these answers of one type, without the largest if not all fit into it."""
    answers = [
        msgspec.json.encode(_Answer(fact.place, fact.at, fact.answer, fact.revision))
        for fact in sorted(facts, key=lambda fact: fact.at, reverse=True)
    ]
    while True:
        inflated = b"[" + b",".join(answers) + b"]"
        compressed = zlib.compress(inflated)
        if len(compressed) <= COMPRESSED and len(inflated) <= INFLATED:
            return {"type": facts[0].type, "answers": compressed}
        answers = _smaller(answers)


def _smaller(answers: list[bytes]) -> list[bytes]:
    """Return the answers without the largest, which take at least a quarter of the bytes; of equal ones the last."""
    left = sorted(answers, key=len)
    room = sum(map(len, answers)) * 3 // 4
    while left and sum(map(len, left)) > room:
        left.pop()
    return left


def facts_of(sort_key: str, row: Row) -> Iterator[KeptFact]:
    """Yield the answers of a decoded row; none if it has another form."""
    table_id = row.get("tableId")
    kept = _converted(row, _Row)
    if not table_id:
        return
    if kept is None:
        former = _converted(row, _FormerRow)
        if former:
            yield KeptFact(type=former.type, place=former.place, at=former.at, table_id=table_id, answer=former.answer)
    elif sort_key.partition("!")[0] == f"{FACT}{kept.type}":
        for each in _inflated(kept.answers) if isinstance(kept.answers, bytes) else kept.answers:
            yield KeptFact(
                type=kept.type,
                place=each.place,
                at=each.at,
                table_id=table_id,
                answer=each.answer,
                revision=each.revision,
            )


def ended_by(sort_key: str, row: Row | None) -> KeptFactsEnded:
    """Return the change events of a decoded row. One that cannot be believed ends all answers."""
    said = _converted(row, _EndedRow) if row is not None else None
    return KeptFactsEnded(sort_key, said.calls if said else None)


def ended_values(ended: KeptFactsEnded) -> dict[str, Any]:
    """Return the attributes of the row."""
    return {"calls": msgspec.to_builtins(ended.calls)}


def _inflated(compressed: bytes) -> tuple[_Answer, ...]:
    try:
        inflated = zlib.decompressobj().decompress(compressed, INFLATED)
        return msgspec.json.decode(inflated, type=tuple[_Answer, ...])
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError):
        return ()


def _converted(row: Row, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError:
        return None
