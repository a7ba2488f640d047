"""The rows under `STATE` as a run reads them: which are believed, and the memory that they hold."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import msgspec

from readiness.aws.time import utc
from readiness.state.drift import CheckState
from readiness.state.people import (
    WORDS,
    Acknowledgement,
    Attestation,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store.head import (
    CHECKS,
    STATE,
    EmittedItems,
    Head,
    Json,
    Memory,
    as_stored,
    former_counted_at,
    legible,
)
from readiness.state.store.kept_rows import ENDED, FACT, ended_by, facts_of
from readiness.state.store.mirror import MIRROR, mirror_of
from readiness.state.store.remembered import CANARY_LIVES, Canary, Remembered, sort_key_of
from readiness.state.store.rows import SCHEMA
from readiness.state.store.wire import Item, decode_item
from readiness.state.table_id import is_known

Row = Mapping[str, Any]
T = TypeVar("T")

KINDS: Mapping[str, type] = {
    "CANARY": Canary,
    **{word.kind: word for word in WORDS},
}


def remembered(
    items: Mapping[str, Item], trusted: Callable[[str, Item], bool] = lambda _key, _item: True
) -> Remembered:
    """Return the memory in the encoded rows under `STATE`, which are given by sort key.

    `trusted` returns False for a row that the monitor did not write.
    """
    rows = {key: decode_item(item) for key, item in items.items() if trusted(key, item)}
    later = tuple(key for key, row in rows.items() if not _is_own(key) and _schema(row) > SCHEMA)
    said = {key: read(key, row) for key, row in rows.items() if not _is_own(key) and key not in later}
    said = {key: _placed(key, each) if each else None for key, each in said.items()}
    illegible = [key for key, each in said.items() if each is None]
    kept_rows = {key: tuple(facts_of(key, rows.get(key, {}))) for key in items if _is_kept(key)}
    words = Remembered(
        schema=_schema(rows.get(STATE, {})),
        owners=_all(Owner, said.values()),
        waivers=_all(Waiver, said.values()),
        acks=_all(Acknowledgement, said.values()),
        pause=_one(Pause, said.values()),
        attestations=_all(Attestation, said.values()),
        manifest=_one(Manifest, said.values()),
        signoff=_one(Signoff, said.values()),
        canaries=_all(Canary, said.values()),
        facts=tuple(chain.from_iterable(kept_rows.values())),
        kept_rows=kept_rows,
        ended=tuple(ended_by(key, rows.get(key)) for key in items if key.startswith(ENDED)),
        mirrors={
            key.removeprefix(MIRROR): mirror_of(item) if key in rows else None
            for key, item in items.items()
            if key.startswith(MIRROR)
        },
        refused={key: items[key] for key in illegible},
        later=later,
    )
    return words if words.is_newer else _with_memory(words, items, rows)


def read(sort_key: str, row: Row) -> Any:
    """Return the value of a row under `STATE`; None if it has another form, for example after an edit in the console.

    For a former annotation in the history, `sort_key` is its key before it was replaced.
    """
    kind = KINDS.get(sort_key.partition("#")[2].partition("#")[0])
    return _converted({**row, "table_id": row.get("tableId")}, kind) if kind else None


def _placed(sort_key: str, said: Any) -> Any:
    """Return the value; None if it is an annotation under another sort key than its own, where it could hide.

    None also if a time is outside the range of Python's datetime in UTC.
    """
    try:
        for moment in (value for value in msgspec.structs.astuple(said) if isinstance(value, datetime)):
            utc(moment + CANARY_LIVES if isinstance(said, Canary) else moment)
        return None if isinstance(said, Word) and sort_key_of(said) != sort_key else said
    except OverflowError:
        return None


def _with_memory(words: Remembered, items: Mapping[str, Item], rows: Mapping[str, Row]) -> Remembered:
    """Return the same with the head and the memory of the checks, or with these rows among the refused ones."""
    head = _converted(rows[STATE], Head) if STATE in rows else None
    if head is None:
        return _damaged(words, items, (STATE, CHECKS)) if STATE in items else words
    memory, decoded = _memory(head, rows) or (None, {})
    state = msgspec.structs.replace(
        words,
        version=head.version,
        table_id=head.table_id,
        seen=is_known(head.table_id) if head.seen is None else head.seen,
        verified_at=head.verified_at,
        counted_at=head.counted_at or (former_counted_at(memory.checks) if memory else None),
        writer=head.writer,
        release=head.release,
        judged_by=head.judged_by,
        interval=head.interval_minutes,
        topic=head.topic,
        emitted=EmittedItems(head.emitted, head.emitted_values, head.emitted_changes),
    )
    if memory is None:
        return _damaged(state, items, (CHECKS,))
    return msgspec.structs.replace(
        state,
        checks_version=head.checks_version or 0,
        stored=as_stored(memory) if head.checks_version else {},
        checks={check: item for check, (item, _) in decoded.items()},
        decoded=decoded,
        signs=memory.signs,
        calls=memory.calls,
        unnamed=memory.unnamed,
        words=memory.words,
    )


def _memory(head: Head, rows: Mapping[str, Row]) -> tuple[Memory, Mapping[str, tuple[Json, CheckState]]] | None:
    """Return the memory of the checks, and each of them decoded.

    None if it is missing, of another version than the head names, or illegible. In schema 1 it is part of the head.
    """
    row = rows[STATE] if head.checks_version is None else rows.get(CHECKS, {})
    if row.get("version") != (head.checks_version or head.version):
        return None
    memory = _converted(row, Memory)
    if memory is None:
        return None
    decoded = legible(memory, head.moving)
    return None if decoded is None else (memory, decoded)


def _damaged(state: Remembered, items: Mapping[str, Item], lost: Iterable[str]) -> Remembered:
    refused = {key: items[key] for key in lost if key in items}
    return msgspec.structs.replace(state, damaged=True, seen=False, refused={**refused, **state.refused})


def _is_kept(sort_key: str) -> bool:
    """Return True for a row of kept answers."""
    return sort_key.startswith(FACT) and not sort_key.startswith(ENDED)


def _is_own(sort_key: str) -> bool:
    """Return True if only the monitor writes the row."""
    return sort_key in {STATE, CHECKS} or sort_key.startswith((FACT, MIRROR))


def is_later(item: Item) -> bool:
    """Return True if a later release wrote the encoded row."""
    return _schema(decode_item(item)) > SCHEMA


def _schema(row: Row) -> int:
    """Return the schema of a row. Another value than a number is no form of any release."""
    schema = row.get("schema", SCHEMA)
    return schema if isinstance(schema, int) and not isinstance(schema, bool) else 0


def _converted(row: Row, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError:
        return None


def _all(kind: type[T], said: Iterable[object]) -> tuple[T, ...]:
    return tuple(each for each in said if isinstance(each, kind))


def _one(kind: type[T], said: Iterable[object]) -> T | None:
    return next(iter(_all(kind, said)), None)
