"""The JSON body of an alert, in the schema `readiness.alert/1`. Fields may be added to it, never removed."""

import json
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from msgspec.structs import asdict

from readiness.alerts.alert import Alert, AlertEntry
from readiness.alerts.note import note_text
from readiness.alerts.note_rows import reason, until
from readiness.alerts.phrase import statuses
from readiness.alerts.words import console
from readiness.changes.actor import Actor
from readiness.model import Omission
from readiness.printable import clip
from readiness.state.announce import Note
from readiness.state.drift import Difference, Ending, Known
from readiness.state.people import Acknowledgement

SCHEMA = "readiness.alert/1"

# The message has this body once per protocol, and is stored in one item of the outbox (DynamoDB: at most 400 KB).
BYTES = 24_000
FULLNESS = ((20, 10), (20, 3), (20, 1), (10, 1), (5, 1), (1, 1), (0, 0))
LONGEST = 500
NOTES = 5
"""The number of notes that are always in the document."""

MOST_FURTHER = 60_000
"""Characters of the changes that the document has no room for, which are stored once."""


def document(alert: Alert, head: Mapping[str, str]) -> str:
    """Return the JSON with as many events, and resources of each, as fit into `BYTES`.

    `head` has the alert's subject, kind and severity.
    """
    texts = (_text(alert, head, *limits) for limits in FULLNESS)
    return next(text for text in texts if len(text) <= BYTES or text.endswith('"events":[]}'))


def further(alert: Alert, shown: int) -> tuple[str, ...]:
    """Return the changes after the first `shown`, as JSON, as many as fit into `MOST_FURTHER`. For the event bus."""
    changes = (
        {"message": _id(alert), "number": number, "change": _event(entry, 1)}
        for number, entry in enumerate(alert.reported)
        if number >= shown
    )
    return further_within(json.dumps(each, default=str, separators=(",", ":")) for each in changes)


def further_within(changes: Iterable[str]) -> tuple[str, ...]:
    """Return the first of these texts, as many as fit into `MOST_FURTHER` together."""
    changes = tuple(changes)
    sizes = accumulate(map(len, changes))
    return tuple(each for each, size in zip(changes, sizes, strict=True) if size <= MOST_FURTHER)


def _id(alert: Alert) -> str:
    return f"{alert.place.table_id}/{alert.version}"


def _text(alert: Alert, head: Mapping[str, str], events: int, differences: int) -> str:
    place, reported = alert.place, alert.reported
    notes = max(events, NOTES)
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": _id(alert),
            "at": alert.at.isoformat(),
            **head,
            "table": place.table,
            "table_id": place.table_id,
            "account": place.account,
            "region": place.region,
            "console": console(place),
            "dashboard": place.dashboard or None,
            "runbook": place.runbook or None,
            "items": None if alert.first is None else {str(status): number for status, number in alert.first.items()},
            **({"items_not_recorded": alert.unrecorded} if alert.unrecorded else {}),
            "trouble": _trouble(alert),
            "retired": list(alert.retired),
            "notes": [_note(each) for each in alert.notes[:notes]],
            "more_notes": max(0, len(alert.notes) - notes),
            "more_events": max(0, len(reported) - events),
            "events": [_event(entry, differences) for entry in reported[:events]],
        },
        default=str,
        separators=(",", ":"),
    )


def _note(note: Note) -> dict[str, Any]:
    recorded, end = until(note)
    return {
        "what": note.kind,
        "records": list(note.rows),
        "count": note.count,
        "text": note_text(note),
        "by": clip(note.word.by if note.word else note.by or "", LONGEST) or None,
        "at": note.word and note.word.at.isoformat(),
        "reason": clip(reason(note), LONGEST) or None,
        "until": end and end.isoformat(),
        "until_recorded": recorded and recorded.isoformat(),
    }


def _trouble(alert: Alert) -> dict[str, Any] | None:
    trouble = alert.trouble
    if trouble is None:
        return None
    return {
        "what": trouble.kind,
        "table_id_before": trouble.before or None,
        "detail": clip(trouble.detail, LONGEST) or None,
        "actor": _actor(trouble.actor),
    }


def _event(entry: AlertEntry, differences: int) -> dict[str, Any]:
    event = entry.event
    return {
        "check": event.check,
        "rule": entry.rule,
        "item": entry.item,
        "title": entry.title,
        "kind": event.kind,
        "severity": event.severity,
        "at": event.at.isoformat(),
        "owner": entry.owner,
        "actor": _actor(entry.actor),
        "taken": entry.acknowledgement and _acknowledgement(entry.acknowledgement),
        "earlier_actor": _actor(entry.earlier),
        "message": clip(entry.message, LONGEST) or None,
        "question": clip(entry.question, LONGEST),
        "why": clip(entry.why, LONGEST),
        "remediation": entry.remedy or None,
        "note": event.note or None,
        "waiver": event.ending and _waiver(event.ending),
        "incident": event.incident and asdict(event.incident),
        "missed": [asdict(each) for each in event.missed[:differences]],
        "more_missed": max(0, len(event.missed) - differences) + event.more_missed,
        "unread": [
            {"resource": resource, "reason": reason, "permission": permission}
            for resource, (reason, permission) in sorted(entry.unread.items())[:differences]
        ],
        "more_unread": max(0, len(entry.unread) - differences),
        "differences": [_difference(each, entry) for each in entry.differences[:differences]],
        "more_differences": max(0, len(entry.differences) - differences),
    }


def _acknowledgement(acknowledgement: Acknowledgement) -> dict[str, str | None]:
    at = acknowledgement.at.isoformat()
    return {"by": acknowledgement.by, "at": at, "note": acknowledgement.note or None}


def _waiver(ending: Ending) -> dict[str, str | None]:
    return {
        "by": ending.by,
        "reason": clip(ending.reason, LONGEST),
        "until": ending.until.isoformat(),
        "resource": ending.resource,
    }


def _difference(difference: Difference, entry: AlertEntry) -> dict[str, Any]:
    before, after = statuses(difference)
    return {
        "resource": difference.resource,
        "status_before": before,
        "status_after": None if entry.is_gone(difference) else after,
        "message": clip(entry.messages.get(difference.resource, ""), LONGEST) or None,
        "before": _known(difference.before),
        "after": _known(difference.after),
    }


def _known(known: Known | None) -> dict[str, Any] | None:
    if known is None:
        return None
    reason = {"reason": Omission.NOT_RECORDED} if known.unrecorded else {}
    return {"status": known.status, **reason, "watched": dict(known.watched), "since": known.since.isoformat()}


def _actor(actor: Actor | None) -> dict[str, Any] | None:
    if actor is None:
        return None
    return {
        "who": clip(actor.who, LONGEST),
        "from": clip(actor.where, LONGEST) or None,
        "with": clip(actor.tool, LONGEST) or None,
        "call": actor.call or None,
        "at": actor.at or None,
        "event": actor.event or None,
    }
