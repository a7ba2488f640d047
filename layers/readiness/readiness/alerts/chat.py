"""The custom notification that Amazon Q Developer in chat applications shows in Slack and Teams.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html. Slack and Teams have different Markdown, so
the only markup is a code block, which both support. There is no `threadId`: a reply in an old thread is easily missed.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from readiness.alerts.alert import Alert, AlertEntry
from readiness.alerts.note import note_text
from readiness.alerts.note_rows import reason as reason_of
from readiness.alerts.page import REMEDIABLE
from readiness.alerts.phrase import standing, statuses, summary
from readiness.alerts.rejudged import REJUDGED
from readiness.alerts.rows import because, unbroken, where
from readiness.alerts.several import entry_label
from readiness.alerts.trouble import IMPACT
from readiness.alerts.words import console, instant
from readiness.printable import clip, line
from readiness.state.drift import EventKind

VERSION, SOURCE = "1.0", "custom"

EVENTS = 8
PLACES = 3
WORDS = 180
LINE = 400
TEXT = 2900
"""Characters of a description. Slack accepts 3,000 in one section; the difference is for `MORE`."""
MORE = "... and more, see the dashboard"
KEYWORDS = 10

HARMLESS = str.maketrans({"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "`": "'"})
"""Slack reads `<!channel>` anywhere as a mention of everybody, and backticks end a code block."""


def notification(alert: Alert, head: Mapping[str, str]) -> str:
    """Return the notification as JSON. `head` has the alert's subject, kind and severity."""
    place = alert.place
    links = (("Runbook", place.runbook), ("Dashboard", place.dashboard), ("Console", console(place)))
    rules = dict.fromkeys(entry.rule for entry in alert.reported)
    description = _fitting((_harmless(each) for each in _lines(alert, head["kind"]) if each), "\n")
    content = {
        "description": description + _command(alert, TEXT - len(description)),
        "nextSteps": [f"{name}: {line(address)}".translate(HARMLESS) for name, address in links if address],
        "keywords": [head["severity"], place.table, *rules][:KEYWORDS],
    }
    about = {
        "eventType": head["kind"],
        "additionalContext": {"severity": head["severity"], "table": place.table},
    }
    return _json(_notification(f"{place.table_id}/{alert.version}", head["subject"], content, about))


def plain(identity: str, subject: str, text: str) -> str:
    """Return a notification that consists of this text only, as JSON."""
    return _json(_notification(identity, subject, {"description": text}, {}))


def is_notification(document: object) -> bool:
    """Return True for a notification, False for a document of `machine`."""
    return isinstance(document, dict) and document.get("source") == SOURCE and "content" in document


def joined(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return the first notification with the texts of the others after its own, as many as fit."""
    first = documents[0]
    text = _fitting((document["content"]["description"] for document in documents), "\n\n")
    return _json({**first, "content": {**first["content"], "description": text}})


def _notification(identity: str, subject: str, content: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    title = subject.translate(HARMLESS)
    return {
        "version": VERSION,
        "source": SOURCE,
        "id": identity,
        "content": {"textType": "client-markdown", "title": title, **content},
        "metadata": {"summary": title, **about},
    }


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _fitting(texts: Iterable[str], between: str) -> str:
    """Join as many whole texts as fit into `TEXT` characters."""
    fitting, *others = texts
    for text in others:
        longer = f"{fitting}{between}{text}"
        if len(longer) > TEXT:
            return fitting if fitting.endswith(MORE) else f"{fitting}{between}{MORE}"
        fitting = longer
    return fitting


def _harmless(text: str) -> str:
    return clip(line(text), LINE).translate(HARMLESS)


def _lines(alert: Alert, kind: str) -> Iterator[str]:
    yield where(alert.place)
    if kind == "TEST":
        yield "This is a test of the alert route. There is nothing to fix."
    if alert.trouble:
        yield f"Cause: {alert.trouble.detail}" if alert.trouble.detail else ""
        yield IMPACT[alert.trouble.kind]
    if alert.first is not None:
        yield f"Monitoring of this table has started. Items: {standing(alert)}."
        missing = ", ".join(dict.fromkeys(entry.item for entry in alert.missing))
        yield f"Not recorded: {missing}. The email message has the commands." if missing else ""
    events = _events(alert)
    if kind == EventKind.REJUDGED and events:
        yield REJUDGED
    for entry in events[:EVENTS]:
        yield f"\N{BULLET} {entry_label(entry)}: {clip(summary(entry), WORDS)}"
        yield "; ".join(filter(None, _details(entry, alert)))
    if len(events) > EVENTS:
        yield f"... and {len(events) - EVENTS} more"
    for note in alert.notes[:EVENTS]:
        yield f"\N{BULLET} NOTE: {note_text(note)}"
        yield f"reason: {clip(reason_of(note), WORDS)}" if reason_of(note) else ""
    if len(alert.notes) > EVENTS:
        yield f"... and {len(alert.notes) - EVENTS} more notes"
    if alert.retired:
        yield f"No longer evaluated: {', '.join(alert.retired)}"


def _events(alert: Alert) -> tuple[AlertEntry, ...]:
    return alert.failing if alert.first is not None else alert.reported


def _details(entry: AlertEntry, alert: Alert) -> Iterator[str]:
    """Yield the item, what could not be read, the change, since when, the actor, the owner and the acknowledgement."""
    yield f"{entry.item} {entry.title}"
    for why in sorted({because(*reason) for reason in entry.unread.values()})[:PLACES]:
        yield f"cannot be read: {why}"
    only = entry.differences[0] if len(entry.differences) == 1 and alert.first is None else None
    if only and not entry.is_gone(only) and len(set(statuses(only))) > 1:
        yield " \N{RIGHTWARDS ARROW} ".join(statuses(only))
    if entry.event.kind is EventKind.REJUDGED and alert.first is None:
        yield "re-evaluated"
    if entry.since:
        yield f"since {instant(entry.since, alert.place.time_zone)}"
    if entry.actor:
        yield f"by {entry.actor.who}"
    if ending := entry.event.ending:
        yield f"waived by {ending.by} until {instant(ending.until, alert.place.time_zone)}"
    yield f"owner {entry.owner or 'none'}"
    if entry.acknowledgement:
        yield f"acknowledged by {entry.acknowledgement.by}"


def _command(alert: Alert, room: int) -> str:
    """Return the first remediation that fits. A command is never cut, because half a command must not be pasted."""
    remedies = (entry.remedy for entry in _events(alert) if entry.event.kind in REMEDIABLE and entry.remedy)
    for remedy in remedies:
        block = f"\nRemediation:\n```\n{unbroken(remedy)}\n```"
        if len(block) <= room and remedy.translate(HARMLESS) == remedy:
            return block
    return ""
