"""The announcement of annotations. An annotation takes effect in the run whose message tells of it. Pure.

Annotations are not signed, because people write them. What was announced is kept in the memory, which is signed.
docs/protocol.md section 8.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.checklist import LimitSettings
from readiness.state.people import (
    Acknowledgement,
    Announced,
    Attestation,
    Manifest,
    Owner,
    Pause,
    Signoff,
    Waiver,
    Word,
)
from readiness.state.store import Remembered, sort_key_of
from readiness.state.store.damage import MOST_REFUSED, movable
from readiness.state.store.rows import shortened
from readiness.state.store.signing import is_signed_kind

MOST = 200
"""The number of annotations that can be in force. The newest further ones have no effect."""

ENDS_SOON = timedelta(minutes=30)

LONGEST_NAME = 120
"""Bytes of a name in the memory. All names share one item of 400 KB."""

BEYOND, LATER, ILLEGIBLE = "(beyond)", "(later)", "(illegible)"
"""Names in the memory of what was told of annotations without effect."""

COUNT = re.compile("[0-9]{1,9}")
"""A number in the memory. Somebody can have written another text there before the memory was signed."""

KINDS = (Pause, Waiver, Acknowledgement, Signoff, Attestation, Manifest, Owner)
"""The kinds of annotations in the order in which they are announced: first those that suppress alerts."""

W = TypeVar("W", bound=Word)


class NoteKind(StrEnum):
    """The kinds of notes about annotations. Annotations of the last three kinds have no effect."""

    RECORDED = "RECORDED"
    CHANGED = "CHANGED"
    ENDS = "ENDS"
    WITHDRAWN = "WITHDRAWN"
    TOO_MANY = "TOO_MANY"
    LATER_RELEASE = "LATER_RELEASE"
    ILLEGIBLE = "ILLEGIBLE"


class Note(Struct, frozen=True):
    """One note about an annotation, or about several that have no effect.

    `word` is the annotation, unless it is withdrawn or cannot be read. `until` is when it ends: earlier than its own
    `until` if that is too far ahead. `rows` are sort keys, long ones cut, at most 10; `count` is the number of all.
    `by` is the author of a withdrawal: empty if the history does not name one, None if it was not read.
    """

    kind: NoteKind
    rows: tuple[str, ...]
    word: Word | None = None
    until: datetime | None = None
    count: int = 1
    by: str | None = None

    @property
    def about(self) -> str:
        """Return the kind of the annotation, such as PAUSE."""
        return self.rows[0].split("#")[1] if self.rows and "#" in self.rows[0] else ""


class Announcement(Struct, frozen=True):
    """The annotations that one run uses, and its notes about them.

    `remembered` is the memory with the annotations that have effect, and the `words` to store. `fresh` are the names of
    the annotations that this run announces.
    """

    remembered: Remembered
    notes: tuple[Note, ...] = ()
    fresh: frozenset[str] = frozenset()


def announce(state: Remembered, now: datetime, limits: LimitSettings) -> Announcement:
    """Return the annotations that have effect in a run at that time, and the notes of the run.

    If the former release wrote the memory, its annotations are in force already, and count as announced.
    """
    before = {name: replace(each, at=min(each.at, now)) for name, each in state.words.items()}
    stored = {name_of(sort_key_of(word)): word for word in _words(state)}
    in_force = {name: word for name, word in stored.items() if not _is_over(word, now)}
    words, beyond = _announced(before, in_force, now)
    fresh = frozenset(name for name, each in words.items() if each != before.get(name))
    words, ending = _ending(words, in_force, now, limits)
    notes = [
        *(() if _is_taken_over(state) else _recorded(before, in_force, words, fresh, limits)),
        *ending,
        *_ended(before, stored, in_force),
        *_withdrawn(state, before, stored),
        *_beyond(before, beyond),
        *_later(state, before),
        *_illegible(state, before),
    ]
    words |= _without_effect(state, before, beyond, now)
    return Announcement(
        replace(_effective(state, in_force, words, limits), words=words),
        tuple(sorted(notes, key=_order)),
        frozenset() if _is_taken_over(state) else fresh,
    )


def announced_before(state: Remembered, now: datetime, limits: LimitSettings) -> Remembered:
    """Return the memory with the annotations that earlier runs announced, for messages that announce none."""
    announcement = announce(state, now, limits)
    words = {name: each for name, each in announcement.remembered.words.items() if name not in announcement.fresh}
    in_force = {name_of(sort_key_of(word)): word for word in _words(state) if not _is_over(word, now)}
    return _effective(state, in_force, words, limits)


def name_of(sort_key: str) -> str:
    """Return the name of an annotation in the memory: its sort key, shortened if it is long."""
    return shortened(sort_key, LONGEST_NAME, 16)


def announced_at(state: Remembered, word: Word) -> datetime | None:
    """Return when the annotation was announced; None if it has not been, or is over."""
    announced = state.words.get(name_of(sort_key_of(word)))
    return announced.at if announced else None


def _words(state: Remembered) -> Iterator[Word]:
    """Yield all annotations of the table."""
    yield from (*state.owners, *state.waivers, *state.acks, *state.attestations)
    yield from (word for word in (state.pause, state.manifest, state.signoff) if word)


def _is_over(word: Word, now: datetime) -> bool:
    return isinstance(word, Pause | Waiver | Attestation | Signoff) and word.until <= now


def _is_taken_over(state: Remembered) -> bool:
    """Return True if a release that did not announce annotations wrote the memory."""
    return state.version > 0 and not state.checks_version and not state.damaged


def digest_of_word(word: Word) -> str:
    """Return a digest of all attributes of the annotation.

    It has 128 bits: whoever finds two annotations with one digest could have one announced, and put the other in force.
    """
    values = {name: getattr(word, name) for name in word.__struct_fields__}
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=_text).encode()).hexdigest()[:32]


def _text(value: object) -> str:
    return iso(value) if isinstance(value, datetime) else repr(value)


def _announced(
    before: Mapping[str, Announced], in_force: Mapping[str, Word], now: datetime
) -> tuple[dict[str, Announced], list[str]]:
    """Return the announcements of the annotations that can be in force, and the names of the others."""
    words = {name: Announced(digest=digest_of_word(word), at=now) for name, word in in_force.items()}
    words |= _unchanged(before, words)
    names = sorted(words, key=lambda name: (words[name].at, in_force[name].at, name))
    return {name: words[name] for name in names[:MOST]}, names[MOST:]


def _unchanged(before: Mapping[str, Announced], now: Mapping[str, Announced]) -> dict[str, Announced]:
    """Return the earlier announcements of what is still the same."""
    return {name: before[name] for name, each in now.items() if name in before and before[name].digest == each.digest}


def _end(word: Word, announced: Announced, limits: LimitSettings) -> datetime | None:
    """Return when the annotation ends; None if it does not."""
    match word:
        case Pause():
            return min(word.until, announced.at + limits.pause)
        case Waiver():
            return min(word.until, announced.at + limits.waiver)
        case Attestation() | Signoff():
            return word.until
        case _:
            return None


def _ending(
    words: dict[str, Announced], in_force: Mapping[str, Word], now: datetime, limits: LimitSettings
) -> tuple[dict[str, Announced], list[Note]]:
    """Return the announcements and a note if the pause ends soon. A pause has one note, a short one has none."""
    for name, announced in words.items():
        pause = in_force[name]
        if not isinstance(pause, Pause) or announced.ends:
            continue
        end = _end(pause, announced, limits)
        if end and now < end <= now + ENDS_SOON and end - announced.at > ENDS_SOON:
            return {**words, name: replace(announced, ends=True)}, [Note(NoteKind.ENDS, (name,), pause, end)]
    return words, []


def _recorded(
    before: Mapping[str, Announced],
    in_force: Mapping[str, Word],
    words: Mapping[str, Announced],
    fresh: frozenset[str],
    limits: LimitSettings,
) -> Iterator[Note]:
    for name in fresh:
        kind = NoteKind.CHANGED if name in before else NoteKind.RECORDED
        yield Note(kind, (name,), in_force[name], _end(in_force[name], words[name], limits))


def _ended(before: Mapping[str, Announced], stored: Mapping[str, Word], in_force: Mapping[str, Word]) -> Iterator[Note]:
    """Yield a note for each announced annotation that was changed so that it is over, instead of withdrawn."""
    for name, word in stored.items():
        if name in before and name not in in_force and digest_of_word(word) != before[name].digest:
            yield Note(NoteKind.CHANGED, (name,), word, getattr(word, "until", None))


def _withdrawn(state: Remembered, before: Mapping[str, Announced], stored: Mapping[str, Word]) -> Iterator[Note]:
    """Yield a note for each announced annotation that is gone. One that is over or unreadable is not gone."""
    here = {*stored, *map(name_of, (*state.later, *state.refused)), BEYOND, LATER, ILLEGIBLE}
    yield from (Note(NoteKind.WITHDRAWN, (name,)) for name in before if name not in here)


def _beyond(before: Mapping[str, Announced], beyond: Sequence[str]) -> Iterator[Note]:
    if len(beyond) > _count(before, BEYOND):
        yield _several(NoteKind.TOO_MANY, beyond, len(beyond))


def _later(state: Remembered, before: Mapping[str, Announced]) -> Iterator[Note]:
    told = before.get(LATER)
    if state.later and (told is None or told.digest != _digest_of(state.later)):
        yield _several(NoteKind.LATER_RELEASE, sorted(state.later), len(state.later))


def _illegible(state: Remembered, before: Mapping[str, Announced]) -> Iterator[Note]:
    """Yield a note about the rows that this run moves, unless an earlier run has counted them."""
    here, moved = _unreadable(state)
    more = len(here) - _count(before, ILLEGIBLE)
    if more > 0:
        yield _several(NoteKind.ILLEGIBLE, moved or here, more)


def _unreadable(state: Remembered) -> tuple[list[str], list[str]]:
    """Return the rows in place of annotations that cannot be read, and those of them that this run moves."""
    refused, moved = list(state.refused), movable(state.refused)
    return [key for key in refused if not is_signed_kind(key)], [key for key in moved if not is_signed_kind(key)]


def _several(kind: NoteKind, rows: Sequence[str], count: int) -> Note:
    return Note(kind, tuple(map(name_of, rows[:MOST_REFUSED])), count=count)


def _without_effect(
    state: Remembered, before: Mapping[str, Announced], beyond: Sequence[str], now: datetime
) -> dict[str, Announced]:
    """Return what was told of annotations without effect, as the next run needs it."""
    here, moved = _unreadable(state)
    told = {
        BEYOND: str(len(beyond)) if beyond else "",
        LATER: _digest_of(state.later) if state.later else "",
        ILLEGIBLE: str(len(here) - len(moved)) if here[len(moved) :] else "",
    }
    fresh = {name: Announced(digest=digest, at=now) for name, digest in told.items() if digest}
    return fresh | _unchanged(before, fresh)


def _count(before: Mapping[str, Announced], name: str) -> int:
    count = before[name].digest if name in before else ""
    return int(count) if COUNT.fullmatch(count) else 0


def _digest_of(rows: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(sorted(rows)).encode()).hexdigest()[:16]


def _effective(
    state: Remembered, in_force: Mapping[str, Word], words: Mapping[str, Announced], limits: LimitSettings
) -> Remembered:
    """Return the memory with the annotations that were announced, and those that are over, which have no effect."""

    def effective(word: W) -> W | None:
        name = name_of(sort_key_of(word))
        announced = words.get(name)
        if name in in_force and announced is None:
            return None
        return word if announced is None else _limited(word, announced, limits)

    def all_of(said: Sequence[W]) -> tuple[W, ...]:
        return tuple(each for each in map(effective, said) if each)

    return replace(
        state,
        owners=all_of(state.owners),
        waivers=all_of(state.waivers),
        acks=all_of(state.acks),
        attestations=all_of(state.attestations),
        pause=effective(state.pause) if state.pause else None,
        manifest=effective(state.manifest) if state.manifest else None,
        signoff=effective(state.signoff) if state.signoff else None,
    )


def _limited(word: W, announced: Announced, limits: LimitSettings) -> W:
    """Return the annotation as it has effect. The time in its row is not proof, that of the announcement is."""
    match word:
        case Pause() | Waiver():
            return replace(word, until=_end(word, announced, limits))
        case Acknowledgement():
            return replace(word, at=min(word.at, announced.at))
        case _:
            return word


def _order(note: Note) -> tuple[int, int, str]:
    kinds = [kind.kind for kind in KINDS]
    rank = kinds.index(note.about) if note.about in kinds else len(kinds)
    several = note.kind in {NoteKind.TOO_MANY, NoteKind.LATER_RELEASE, NoteKind.ILLEGIBLE}
    return len(kinds) if several else rank, tuple(NoteKind).index(note.kind), note.rows[0]
