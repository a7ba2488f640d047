"""The notes about annotations in the text of an alert: a block for each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from textwrap import fill

from readiness.alerts.note import safe, sentence
from readiness.alerts.rows import LONGEST, WIDTH, row
from readiness.alerts.words import counted, instant
from readiness.state.announce import Note, NoteKind
from readiness.state.people import Acknowledgement, Attestation, Pause, Signoff, Waiver, Word

NOTES = 12
ROOM = 8_000
"""Characters of all notes. The changes have the rest of the text."""


def notes(said: Sequence[Note], zone: str, *, alone: bool) -> list[str]:
    """Return one part of the text for each note. `alone`: the first line of the alert is the note."""
    parts = ["\n".join([*([] if alone else [_opening(note)]), *_rows(note, zone)]) for note in said[:NOTES]]
    ends = accumulate(len(part) for part in parts)
    parts = [part for part, end in zip(parts, ends, strict=True) if end <= ROOM]
    if more := said[len(parts) :]:
        rest = ", ".join(name.removeprefix("STATE#") for note in more for name in note.rows)
        parts.append(fill(f"... and {counted(len(more), 'more note')}: {safe(rest, LONGEST)}", WIDTH))
    return [part for part in parts if part]


def until(note: Note) -> tuple[datetime | None, datetime | None]:
    """Return the end that was recorded, if the annotation ends earlier, and the end."""
    recorded = note.word.until if isinstance(note.word, Pause | Waiver | Attestation | Signoff) else None
    return (recorded if recorded != note.until else None), note.until


def reason(note: Note) -> str:
    """Return the reason that the author gave; empty if there is none."""
    match note.word:
        case Pause() | Waiver():
            return note.word.reason
        case Acknowledgement():
            return note.word.note
        case _:
            return ""


def _opening(note: Note) -> str:
    return fill(f"* NOTE: {safe(sentence(note), LONGEST)}", WIDTH, break_long_words=False, break_on_hyphens=False)


def _rows(note: Note, zone: str) -> Iterator[str]:
    """Yield the rows of a note: the reason, when it was recorded, when it ends, and what that means."""
    word = note.word
    if word is None:
        yield from _rows_of(note)
        return
    if isinstance(word, Waiver) and word.resource is not None:
        yield row("resource", safe(word.resource, LONGEST))
    if text := reason(note):
        yield row("reason", safe(text, LONGEST))
    recorded, end = until(note)
    if note.kind is not NoteKind.ENDS:
        yield row("record", f"of {instant(word.at, zone)}, which names {safe(word.by)} as its author")
    if recorded and end:
        yield row("cut", f"{instant(recorded, 'UTC')} -> {instant(end, zone)}, the latest that the checklist allows")
    elif end:
        yield row("until", instant(end, zone))
    if impact := _impact(word):
        yield row("impact", impact)


def _rows_of(note: Note) -> Iterator[str]:
    """Yield the rows of a note about annotations that are gone or have no effect."""
    match note.kind:
        case NoteKind.WITHDRAWN:
            yield row("impact", f"it has no effect any more{_how_to_know(note)}")
            return
        case NoteKind.ILLEGIBLE:
            yield row("impact", "they were moved to REFUSED#; record them again if they are yours")
        case NoteKind.LATER_RELEASE:
            yield row("impact", "they are kept, and take effect when that release runs again")
        case _:
            yield row("impact", "the newest are without effect; withdraw others with the command that wrote them")
    for number, name in enumerate(note.rows):
        yield row("" if number else "records", safe(name))
    if note.count > len(note.rows):
        yield row("", f"... and {note.count - len(note.rows)} more")


def _how_to_know(note: Note) -> str:
    """Return what is known of the author of a withdrawal besides the name."""
    if note.by is None:
        return "; `readiness history` shows who withdrew it"
    return "" if note.by else "; no `readiness` command withdrew it"


def _impact(word: Word) -> str:
    match word:
        case Pause():
            return "changes are reported when the pause ends; `readiness resume` ends it now"
        case Waiver():
            return "failures of the check are not reported until it ends; `readiness waive --withdraw` ends it now"
        case _:
            return ""
