"""The history of a table: changes and records of people, newest first, as text and as JSON.

The JSON's schema is `readiness.history/1`. Fields may be added to it, never removed or given another meaning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import fill
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from readiness import __version__
from readiness.alerts.words import watched
from readiness.aws.arn import short
from readiness.aws.time import minute
from readiness.facts.recorded import attested
from readiness.printable import line
from readiness.state.people import Acknowledgement, Attestation, Manifest, Owner, Pause, Signoff, Waiver, Word
from readiness.state.store import read
from readiness.state.store.damage import MORE
from readiness.state.store.words import HISTORY
from readiness.state.table_id import another

SCHEMA = "readiness.history/1"
WIDTH = 80
INDENT = "    "

WITHDRAWN = "WITHDRAWN"
STATES_OWN = frozenset({"CANARY", "CHECKS", "FACT", "MIRROR"})
"""Kinds of items under STATE that no person recorded."""

Row = Mapping[str, Any]


class Ended(Struct, frozen=True):
    """The early end of a record: `how` is `withdrawn`, or `replaced` by another record."""

    how: str
    by: str
    at: datetime


class HistoryEntry(Struct, frozen=True):
    """A change or a record of a person. `kind` is that of the change or record, or WITHDRAWN.

    `about` is a check or a rule; it is empty for the table itself. `by` is null if it is not known. `void`: it is about
    a former table of this name. `silent`: no message was sent, such as under a waiver. `details` has all stored fields.
    """

    at: datetime
    kind: str
    about: str
    by: str | None
    text: str
    details: Mapping[str, Any]
    void: bool = False
    silent: bool = False
    ended: Ended | None = None


class HistorySubject(Struct, frozen=True):
    """The table of a history."""

    table: str
    table_id: str
    account: str
    region: str


class TableHistory(HistorySubject, frozen=True):
    """The history of one table. `illegible` are the keys of items that are not in the format of Readiness."""

    entries: tuple[HistoryEntry, ...]
    illegible: tuple[str, ...]


def table_history(subject: HistorySubject, rows: Mapping[str, Row], since: datetime, about: str = "") -> TableHistory:
    """Return the history since that time. `about` is a rule or a check, empty for all; `rows` are items by sort key."""
    entries: list[HistoryEntry] = []
    illegible = []
    for key, row in rows.items():
        try:
            told = [each for each in _entries(key, row, subject.table_id) if each.at >= since]
            told = [each for each in told if about in ("", each.about, each.about.partition("/")[0])]
            for each in told:
                list(_entry_lines(each))
            entries += told
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
            illegible.append(key)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return TableHistory(**asdict(subject), entries=tuple(entries), illegible=tuple(sorted(illegible)))


def as_json(tables: Sequence[TableHistory]) -> str:
    """Return indented JSON, without a newline at its end."""
    document = {"schema": SCHEMA, "version": __version__, "tables": tables}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_text(tables: Sequence[TableHistory]) -> str:
    """Return text of 80 columns, without a newline at its end."""
    return "\n\n".join("\n".join(_lines(table)) for table in tables)


def _lines(table: TableHistory) -> Iterator[str]:
    yield f"{table.table}  account {table.account}, {table.region}"
    for entry in table.entries:
        yield ""
        yield from _entry_lines(entry)
    if not table.entries:
        yield "\nNo entries."
    for key in table.illegible:
        yield f"\nItem {key} is not in the format of Readiness."


def _entry_lines(entry: HistoryEntry) -> Iterator[str]:
    yield "  ".join(filter(None, [minute(entry.at), entry.kind, entry.about]))
    for text in (entry.text, f"by {entry.by}" if entry.by else "", _remarks(entry)):
        if text:
            yield fill(
                line(text),
                WIDTH,
                initial_indent=INDENT,
                subsequent_indent=INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )


def _remarks(entry: HistoryEntry) -> str:
    ended = f"{entry.ended.how} on {minute(entry.ended.at)} by {entry.ended.by}" if entry.ended else ""
    void = "void (another table of this name)" if entry.void else ""
    return "; ".join(filter(None, ["no message sent" if entry.silent else "", ended, void]))


def _entries(key: str, row: Row, table_id: str) -> Iterator[HistoryEntry]:
    void = another(row.get("tableId"), table_id)
    if key.startswith("ATTEMPT#") and key.endswith(f"#{MORE}"):
        return
    if key.startswith(("DRIFT#", "ATTEMPT#")):
        at = datetime.fromisoformat(row["at"])
        for drift in row.get("drifts", [row]):
            yield _drift(at, drift, void=void)
        return
    former = key.startswith(f"{HISTORY}#")
    place = key.removeprefix(f"{HISTORY}#")
    if not former and place.split("#")[1] in STATES_OWN:
        return
    word = read(place, row)
    yield from _word(word, row, void=void and not isinstance(word, Owner))


def _drift(at: datetime, drift: Row, *, void: bool) -> HistoryEntry:
    actor = drift.get("actor")
    details = {name: drift.get(name) for name in ("before", "after", "actor")}
    after = drift.get("after") or {}
    text = _called(after) if drift["kind"] in CALLS else "; ".join(_moves(drift.get("before") or {}, after))
    who = actor.get("who") if actor else None
    return HistoryEntry(at, drift["kind"], drift["check"], who, text, details, void, drift.get("silent", False))


def _called(call: Row) -> str:
    """Return the text of a call that AWS denied, or whose change was reverted before a run saw it."""
    times = (
        f", {call['count']} times until {minute(datetime.fromisoformat(call['lastAt']))}" if call["count"] > 1 else ""
    )
    refused = f", denied: {call['errorCode']}" if "errorCode" in call else ""
    off = ", which disabled it" if "switchedOff" in call else ""
    of = ", ".join(call["names"])
    return f"{call['eventName']}{f' of {of}' if of else ''}{times}{off}{refused}"


def _moves(before: Row, after: Row) -> Iterator[str]:
    if "incident" in before:
        yield f"{before['incident']}, then {after['incident']}"
        return
    for resource in sorted({*before, *after}):
        was, now = _side(before.get(resource)), _side(after.get(resource))
        yield f"{short(resource)}: {was} -> {now}" if was != now else f"{short(resource)}: {now}"


def _side(side: Any) -> str:
    """Return the status and watched values of one side; no state means that the resource passes or does not exist."""
    if not isinstance(side, Mapping):
        return "PASS or not present" if side is None else str(side)
    values = watched(side.get("watched") or {})
    return f"{side['status']} ({values})" if values else str(side["status"])


def _word(word: Word, row: Row, *, void: bool) -> Iterator[HistoryEntry]:
    kind, text = SAID[type(word)]
    about = next((str(part) for part in word.about), "")
    details = {name: value for name, value in msgspec.to_builtins(word).items() if name not in {"by", "at", "table_id"}}
    ended = Ended(row["ended"], row["endedBy"], datetime.fromisoformat(row["endedAt"])) if "endedBy" in row else None
    yield HistoryEntry(word.at, kind, about, word.by, text(word), details, void, ended=ended)
    if ended and ended.how == "withdrawn":
        back = f"{kind.lower()} of {minute(word.at)} withdrawn"
        yield HistoryEntry(ended.at, WITHDRAWN, about, ended.by, back, details, void)


def _waived(waiver: Waiver) -> str:
    of = f"on {waiver.resource} " if waiver.resource else ""
    return f"{of}until {minute(waiver.until)}: {waiver.reason}"


def _attested(word: Attestation) -> str:
    record = attested.read(word.rule, word.evidence)
    fields = msgspec.to_builtins(record).items() if record else ()
    evidence = ", ".join(f"{name}={value}" for name, value in fields if value != "") or word.evidence
    return f"until {minute(word.until)}: {evidence}"


CALLS = frozenset({"ATTEMPT", "CALL"})
"""Kinds of records of API calls; all others are of results."""

SAID: Mapping[type[Word], tuple[str, Callable[[Any], str]]] = {
    Owner: ("OWNER", lambda word: f"owner {word.owner}" if word.owner else "owner removed"),
    Waiver: ("WAIVER", _waived),
    Acknowledgement: ("ACKNOWLEDGED", lambda word: word.note),
    Pause: ("PAUSE", lambda word: f"until {minute(word.until)}: {word.reason}"),
    Attestation: ("ATTESTED", _attested),
    Manifest: ("MANIFEST", lambda _word: "manifest of the application's repository recorded"),
    Signoff: ("SIGNED", lambda word: f"complete checklist signed off; valid until {minute(word.until)}"),
}
"""The kind and the text of each type of record."""
