"""The authors of withdrawals, from the history of annotations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from readiness.state.announce import LONGEST_NAME, Note, NoteKind, digest_of_word, name_of
from readiness.state.people import Announced, Word
from readiness.state.store import Store, read
from readiness.state.store.words import HISTORY

MOST_READ = 12
"""The number of withdrawals of a run whose history is read. Each is a query. A message lists no more of them."""

LATEST = 5
LATEST_OF_LONG = 25
"""The number of former records that are read, the newest first. Records with a long name share a prefix."""

SHORTENED = LONGEST_NAME - 3
"""Bytes of the shortest name that can be a shortened one, which is cut at a character."""

YEAR = "2"
"""How each time begins. The history of a waiver of one resource has the name of the resource there."""


def name_withdrawals(notes: Sequence[Note], announced: Mapping[str, Announced], store: Store) -> tuple[Note, ...]:
    """Return the notes, with the authors of withdrawals. DynamoDB, one query for each. StoreUnavailable."""
    gone = [note for note in notes if note.kind is NoteKind.WITHDRAWN][:MOST_READ]
    return tuple(
        replace(note, by=_author(note.rows[0], announced[note.rows[0]], store)) if note in gone else note
        for note in notes
    )


def _author(name: str, announced: Announced, store: Store) -> str:
    """Return who withdrew the annotation, as its history names the author; empty if it was deleted without one.

    The record that was announced, or one that replaced it, must be the newest in the history.
    """
    former = [(place, row) for place, row in _former(name, store) if name_of(place) == name]
    if not any(_digest(place, row) == announced.digest for place, row in former):
        return ""
    _, newest = former[0]
    return str(newest.get("endedBy", "")) if newest.get("ended") == "withdrawn" else ""


def _digest(place: str, row: Mapping[str, Any]) -> str:
    """Return the digest of a former annotation; empty for a row that is none."""
    word = read(place, row)
    try:
        return digest_of_word(word) if isinstance(word, Word) else ""
    except OverflowError:  # a time outside the range of datetime in UTC
        return ""


def _former(name: str, store: Store) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield former records with their sort key before they moved, the newest first."""
    prefix, limit = f"{HISTORY}#{name}#{YEAR}", LATEST
    if len(name.encode()) >= SHORTENED:
        prefix, limit = f"{HISTORY}#{name.rpartition('#')[0]}", LATEST_OF_LONG
    for row in store.rows.query(prefix, limit, newest=True):
        yield store.rows.sort_key_of(row).removeprefix(f"{HISTORY}#").removesuffix(f"#{row.get('at')}"), row
