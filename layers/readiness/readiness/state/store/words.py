"""Writing and withdrawal of annotations. A former annotation is not overwritten: it moves to the history.

An annotation is written on the condition that the stored one is the one that its author was shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, ValidationError, convert

from readiness.aws.time import iso
from readiness.state.people import WORDS, Word
from readiness.state.store.change import ABSENT, EVIDENCE, FORMER_LIVES, ITEM
from readiness.state.store.errors import WriteConflict
from readiness.state.store.head import STATE
from readiness.state.store.remembered import sort_key_of, written
from readiness.state.store.rows import Rows, Write, WriteCondition, joined
from readiness.state.store.wire import compact, encode, encode_item, size

HISTORY = "HISTORY"
TRIES = 3

SCHEMA = 1
"""The form of annotations. The releases that do not sign rows read them too, after a purge that keeps them."""

KINDS = frozenset(kind.kind for kind in WORDS)
FIELDS = frozenset(name for kind in WORDS for name in kind.__struct_fields__)

Row = Mapping[str, Any]


class ConcurrentUpdate(WriteConflict):
    """Another person wrote the same annotation in the meantime. That one stays."""

    def __init__(self, by: str, at: datetime) -> None:
        """`by` is the author of the other annotation, `at` its time."""
        super().__init__(f"{by} at {at}")
        self.by = by
        self.at = at


class Speaker(Struct, frozen=True):
    """The author of an annotation, and its time."""

    by: str
    at: datetime


def is_said(sort_key: str) -> bool:
    """Return True for the row of an annotation, or of a former one in the history."""
    first, _, rest = sort_key.partition("#")
    return first == HISTORY or (first == STATE and rest.partition("#")[0] in KINDS)


def say(rows: Rows, word: Word, former: Row | None = None, on: Sequence[Write] = ()) -> None:
    """Write an annotation over the `former` one that its author was shown. `on` are further conditions.

    ConcurrentUpdate: another author was faster. WriteConflict: one of the conditions does not hold. StoreUnavailable.
    """
    sort_key, speaker = sort_key_of(word), Speaker(word.by, word.at)
    item = rows.item(sort_key, word.table_id, written(word), schema=SCHEMA)
    writes = [rows.put(item, ABSENT if former is None else _still(former)), *on]
    place = ""
    if former is not None:
        place = _place_in_history(rows, former, speaker)
        writes.append(_history(rows, place, former, speaker, "replaced"))
    _speak(rows, writes, sort_key, place, speaker)


def withdraw(rows: Rows, former: Row, speaker: Speaker) -> None:
    """Delete the annotation that the author was shown. Its record in the history stays.

    ConcurrentUpdate, WriteConflict, StoreUnavailable.
    """
    sort_key, place = rows.sort_key_of(former), _place_in_history(rows, former, speaker)
    writes = [rows.drop(sort_key, _still(former)), _history(rows, place, former, speaker, "withdrawn")]
    _speak(rows, writes, sort_key, place, speaker)


def _speak(rows: Rows, writes: Sequence[Write], sort_key: str, place: str, speaker: Speaker) -> None:
    """Write the transaction. If only the response was lost and the write was made, return without an error."""
    for _ in range(TRIES):
        try:
            rows.transact(writes)
        except WriteConflict as conflict:
            winner = _winner(rows, sort_key, place)
            if winner == speaker:
                return
            if winner is not None:
                raise ConcurrentUpdate(winner.by, winner.at) from conflict
        else:
            return
    raise WriteConflict


def _winner(rows: Rows, sort_key: str, place: str) -> Speaker | None:
    """Return the author of the write that came first; None if there is none, or the row does not name its author.

    `place` is the sort key in the history of the annotation that its author was shown; empty if there was none.
    """
    row = rows.get(place or sort_key) or {}
    try:
        return convert(
            {"by": row.get("endedBy" if place else "by"), "at": row.get("endedAt" if place else "at")}, Speaker
        )
    except ValidationError:
        return None


def _still(former: Row) -> WriteCondition:
    return WriteCondition("#at = :at", {"at": former["at"]})


def _place_in_history(rows: Rows, former: Row, speaker: Speaker) -> str:
    """Return a free sort key in the history for an annotation that is about to end.

    The usual one is taken if somebody has put back an annotation that had ended, or has written the history.
    """
    place = (HISTORY, rows.sort_key_of(former), former["at"])
    return joined(*place) if rows.get(joined(*place)) is None else joined(*place, iso(speaker.at))


def _history(rows: Rows, place: str, former: Row, speaker: Speaker, ended: str) -> Write:
    how = {"ended": ended, "endedBy": speaker.by, "endedAt": speaker.at}
    ends = speaker.at + FORMER_LIVES
    kept = {**_bounded(former), **how}
    return rows.put(rows.item(place, former["tableId"], kept, ends), ABSENT)


def _bounded(former: Row) -> Row:
    """Return the attributes to keep of a former annotation, with room for those that the history adds.

    Of a row that is nearly as large as an item can be, which no command writes, only the annotation itself, shortened.
    """
    kept = {name: value for name, value in former.items() if _is_storable(value)}
    if size(encode_item(kept)) <= ITEM:
        return kept
    return {name: compact(value, EVIDENCE) for name, value in kept.items() if name in FIELDS}


def _is_storable(value: Any) -> bool:
    """Return False for a binary value, which no command writes."""
    try:
        encode(value)
    except TypeError:
        return False
    return True
