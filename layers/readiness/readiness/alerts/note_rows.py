"""The notes about annotations in the text of an alert: a block for each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from textwrap import fill

from readiness.alerts.note import note_text
from readiness.alerts.rows import LONGEST, WIDTH, row, sentence
from readiness.alerts.words import counted, instant
from readiness.printable import clip, line, printable
from readiness.state.announce import Note, NoteKind
from readiness.state.people import Acknowledgement, Attestation, Pause, Signoff, Waiver, Word

LINES, BESIDE = 26, 10
"""Lines of all notes, of an alert that has nothing else and of one that has."""


def notes(said: Sequence[Note], zone: str, *, beside: bool) -> list[str]:
    """Return one part of the text for each note. `beside`: the alert has more than notes.

    The first line of an alert that has one note alone is the note.
    """
    opened = beside or len(said) > 1
    parts = ["\n".join([*([_opening(note)] if opened else []), *_rows(note, zone)]) for note in said[:LINES]]
    ends = accumulate(part.count("\n") + 2 for part in parts)
    room = BESIDE if beside else LINES
    parts = [part for number, (part, end) in enumerate(zip(parts, ends, strict=True)) if end <= room or not number]
    if more := said[len(parts) :]:
        rest = ", ".join(name.removeprefix("STATE#") for note in more for name in note.rows)
        parts.append(fill(f"... and {counted(len(more), 'more note')}: {clip(line(rest), LONGEST)}", WIDTH))
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
    return sentence(f"NOTE: {clip(note_text(note), LONGEST)}")


def _rows(note: Note, zone: str) -> Iterator[str]:
    """Yield the rows of a note: the reason, when it was recorded, when it ends, and what that means."""
    word = note.word
    if word is None:
        yield from _rows_of(note)
        return
    if isinstance(word, Waiver) and word.resource is not None:
        yield row("Resource", printable(word.resource))
    if text := reason(note):
        yield row("Reason", printable(text))
    recorded, end = until(note)
    if note.kind is not NoteKind.ENDS:
        yield row("Record", f"of {instant(word.at, zone)}, which names {printable(word.by)} as its author")
    if recorded and end:
        yield row("Cut", f"{instant(recorded, 'UTC')} -> {instant(end, zone)}, the latest that the checklist allows")
    elif end:
        yield row("Until", instant(end, zone))
    if impact := _impact(word):
        yield row("Impact", impact)


def _rows_of(note: Note) -> Iterator[str]:
    """Yield the rows of a note about annotations that are gone or have no effect."""
    match note.kind:
        case NoteKind.WITHDRAWN:
            yield row("Impact", f"it has no effect any more{_how_to_know(note)}")
            return
        case NoteKind.ILLEGIBLE:
            yield row("Impact", "they were moved to REFUSED#; record them again if they are yours")
        case NoteKind.LATER_RELEASE:
            yield row("Impact", "they are kept, and take effect when that release runs again")
        case _:
            yield row("Impact", "the newest are without effect; withdraw others with the command that wrote them")
    for number, name in enumerate(note.rows):
        yield row("" if number else "Records", printable(name))
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
