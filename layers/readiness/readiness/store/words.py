"""What a person says is written down, and what was said before is never overwritten: it moves to the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from readiness.people import Pause, Word
from readiness.store.change import ABSENT
from readiness.store.remembered import STATE, written
from readiness.store.rows import Condition, Rows, Write, joined
from readiness.store.wire import instant

PAUSE = joined(STATE, Pause.kind)


def sort_key_of(word: Word) -> str:
    """Where a word is kept."""
    about = (instant(part) if isinstance(part, datetime) else part for part in word.about)
    return joined(STATE, word.kind, *about)


def say(rows: Rows, word: Word) -> None:
    """Write a word down. Lost: somebody else said something of the same meanwhile. StoreUnavailable."""
    sort_key = sort_key_of(word)
    former = rows.get(sort_key)
    item = rows.item(sort_key, word.table_id, written(word))
    if former is None:
        rows.transact([rows.put(item, ABSENT)])
        return
    rows.transact([rows.put(item, _still(former)), _history(rows, former, {"endedBy": word.by, "endedAt": word.at})])


def withdraw(rows: Rows, sort_key: str, by: str, at: datetime) -> dict[str, Any] | None:
    """Take a word back: its row, or None where nothing was said. Lost: another was said meanwhile. StoreUnavailable."""
    former = rows.get(sort_key)
    if former is None:
        return None
    rows.transact([rows.drop(sort_key, _still(former)), _history(rows, former, {"endedBy": by, "endedAt": at})])
    return former


def _still(former: Mapping[str, Any]) -> Condition:
    return Condition("#at = :at", {"at": former["at"]})


def _history(rows: Rows, former: Mapping[str, Any], ended: Mapping[str, Any]) -> Write:
    sort_key = joined("HISTORY", rows.sort_key_of(former), former["at"])
    return rows.put(rows.item(sort_key, former["tableId"], {**former, **ended}), ABSENT)
