"""A note about an annotation in a few words: who recorded what, and until when."""

import re

from readiness.alerts.words import counted
from readiness.aws.arn import short
from readiness.aws.time import minute
from readiness.printable import printable
from readiness.state.announce import MOST, Note, NoteKind
from readiness.state.people import Acknowledgement, Attestation, Owner, Pause, Signoff, Waiver, Word

NAMES = {
    "PAUSE": "pause of alerts",
    "WAIVER": "waiver",
    "ACK": "acknowledgement",
    "SIGNOFF": "sign-off",
    "ATTESTATION": "attestation",
    "MANIFEST": "manifest",
    "OWNER": "owner",
}


def note_text(note: Note) -> str:
    """Return the note in a few words."""
    word = note.word
    match note.kind:
        case NoteKind.TOO_MANY:
            return f"{counted(note.count, 'record')} of people without effect: {MOST} are in force, the maximum"
        case NoteKind.LATER_RELEASE:
            return f"{counted(note.count, 'record')} of people without effect: a later release wrote them"
        case NoteKind.ILLEGIBLE:
            return f"{counted(note.count, 'record')} of people without effect: not in the format of Readiness"
        case NoteKind.ENDS if note.until:
            return f"the pause of alerts ends at {minute(note.until)}"
        case _:
            pass
    return _gone(note) if word is None else f"{author(word.by)} {_did(note, word)}"


def author(by: str) -> str:
    """Return the name of the user, role or session at the end of an ARN; other text as it is."""
    return printable(re.split("[:/]", by)[-1] if by.startswith("arn:") else by)


def _gone(note: Note) -> str:
    """Return the sentence about an annotation that is gone."""
    if note.by:
        return f"{author(note.by)} withdrew {_named(note)}"
    return f"{_named(note)} was {'withdrawn' if note.by is None else 'deleted by an unknown principal'}"


def _named(note: Note) -> str:
    """Return the annotation as its sort key names it."""
    subject = " ".join(note.rows[0].split("#")[2:])
    name = f"the {NAMES.get(note.about, 'record')}"
    return printable(f"{name} of {subject}" if subject else name)


def _did(note: Note, word: Word) -> str:
    """Return what the author did."""
    end = f" until {minute(note.until)}" if note.until else ""
    changed = note.kind is NoteKind.CHANGED
    match word:
        case Pause():
            did = f"{'changed the pause of' if changed else 'paused'} alerts{end}"
        case Waiver():
            of = word.check if word.resource is None else f"{word.check} on {short(word.resource)}"
            did = f"{'changed the waiver of' if changed else 'waived'} {printable(of)}{end}"
        case Acknowledgement():
            did = f"acknowledged {printable(word.check)}"
        case Owner():
            did = f"recorded {printable(word.owner)} as owner of {printable(word.rule)}"
        case Attestation():
            did = f"attested {printable(word.rule)}{end}"
        case Signoff():
            did = f"signed off the checklist{end}"
        case _:
            did = f"recorded the {NAMES.get(word.kind, 'record')}"
    return did
