"""The authors of withdrawals, from the history of annotations."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec import ValidationError, convert
from msgspec.structs import replace

from readiness.aws.time import later, utc
from readiness.state.announce import LONGEST_NAME, Note, NoteKind, digest_of_word, name_of
from readiness.state.people import Announced, Instant, Word
from readiness.state.store import Store, read
from readiness.state.store.words import HISTORY

MOST_READ = 12
"""The number of withdrawals of a run whose history is read. Each is a query. A message lists no more of them."""

LATEST = 5
LATEST_OF_LONG = 25
"""The number of former records that are read, the newest first. Records with a long name share a prefix."""

SHORTENED = LONGEST_NAME - 3
"""Bytes of the shortest name that can be a shortened one, which is cut at a character."""

SKEW = timedelta(minutes=5)
"""The time by which the clock of who withdraws an annotation can be behind that of the run that announced it."""

YEAR = "2"
"""The beginning of each time. The history of a waiver of one resource has the name of the resource there."""


def name_withdrawals(notes: Sequence[Note], announced: Mapping[str, Announced], store: Store) -> tuple[Note, ...]:
    """Return the notes, with the authors of withdrawals. DynamoDB, one query for each. StoreUnavailable."""
    gone = [note for note in notes if note.kind is NoteKind.WITHDRAWN][:MOST_READ]
    return tuple(
        replace(note, by=_author(note.rows[0], announced[note.rows[0]], store)) if note in gone else note
        for note in notes
    )


def _author(name: str, announced: Announced, store: Store) -> str:
    """Return who withdrew the annotation, as its history names the author; empty if it was deleted without one.

    The record that was announced, or one that replaced it, must be the one that ended last. It must have ended after
    its announcement: one that was withdrawn before, and put back, ends without an author.
    """
    endings = sorted(_endings(name, store), key=lambda each: (each.at, each.began))
    since = utc(announced.at)
    if not any(each.digest == announced.digest and later(each.at, SKEW) >= since for each in endings):
        return ""
    newest = endings[-1].row
    return str(newest.get("endedBy", "")) if newest.get("ended") == "withdrawn" else ""


class _Ending(NamedTuple):
    """The end of an annotation that began at `began`, with the digest of its content and its row in the history."""

    at: datetime
    began: datetime
    digest: str
    row: Mapping[str, Any]


def _endings(name: str, store: Store) -> Iterator[_Ending]:
    """Yield how former annotations of that name ended, without rows that are none."""
    prefix, limit = f"{HISTORY}#{name}#{YEAR}", LATEST
    if len(name.encode()) >= SHORTENED:
        prefix, limit = f"{HISTORY}#{name.rpartition('#')[0]}", LATEST_OF_LONG
    for row in store.rows.query(prefix, limit, newest=True):
        place = store.rows.sort_key_of(row).removeprefix(f"{HISTORY}#").rpartition(f"#{row.get('at')}")[0]
        word = read(place, row)
        if not isinstance(word, Word) or name_of(place) != name:
            continue
        try:
            yield _Ending(utc(convert(row.get("endedAt"), Instant)), utc(word.at), digest_of_word(word), row)
        except ValidationError:
            continue
