"""The JSON body of an alert, in the schema `readiness.alert/1`. Fields may be added to it, never removed."""

import json
from collections.abc import Mapping
from typing import Any

from readiness.alerts.news import Alert, AlertEntry
from readiness.alerts.phrase import said
from readiness.alerts.words import clip, console
from readiness.changes.actor import Actor
from readiness.model import Incident, Omission
from readiness.state.drift import Difference, Ending, Known

SCHEMA = "readiness.alert/1"

# The message has this body once per protocol, and is stored in one item of the outbox (DynamoDB: at most 400 KB).
BYTES = 24_000
FULLNESS = ((20, 10), (20, 3), (20, 1), (10, 1), (5, 1), (1, 1), (0, 0))
LONGEST = 500


def document(alert: Alert, head: Mapping[str, str]) -> str:
    """Return the JSON with as many events, and resources of each, as fit into `BYTES`.

    `head` has the alert's subject, kind and severity.
    """
    texts = (_text(alert, head, *limits) for limits in FULLNESS)
    return next(text for text in texts if len(text) <= BYTES or text.endswith('"events":[]}'))


def _text(alert: Alert, head: Mapping[str, str], events: int, differences: int) -> str:
    place, aloud = alert.place, alert.aloud
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": f"{place.table_id}/{alert.version}",
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
            "more_events": max(0, len(aloud) - events),
            "events": [_event(told, differences) for told in aloud[:events]],
        },
        default=str,
        separators=(",", ":"),
    )


def _trouble(alert: Alert) -> dict[str, Any] | None:
    trouble = alert.trouble
    if trouble is None:
        return None
    return {
        "what": trouble.what,
        "table_id_before": trouble.before or None,
        "detail": clip(trouble.detail, LONGEST) or None,
        "actor": _actor(trouble.actor),
    }


def _event(told: AlertEntry, differences: int) -> dict[str, Any]:
    event = told.event
    incident = event.incident
    return {
        "check": event.check,
        "rule": told.rule,
        "item": told.item,
        "title": told.title,
        "kind": event.kind,
        "severity": event.severity,
        "at": event.at.isoformat(),
        "owner": told.owner,
        "actor": _actor(told.actor),
        "taken": told.taken and {"by": told.taken.by, "at": told.taken.at.isoformat(), "note": told.taken.note or None},
        "earlier_actor": _actor(told.earlier),
        "message": clip(told.message, LONGEST) or None,
        "question": clip(told.question, LONGEST),
        "why": clip(told.why, LONGEST),
        "remediation": told.remedy or None,
        "note": event.note or None,
        "waiver": event.ending and _waiver(event.ending),
        "incident": incident and _incident(incident),
        "missed": [_incident(each) for each in event.missed[:differences]],
        "more_missed": max(0, len(event.missed) - differences) + event.more_missed,
        "unread": [
            {"resource": resource, "reason": reason, "permission": permission}
            for resource, (reason, permission) in sorted(told.unread.items())[:differences]
        ],
        "more_unread": max(0, len(told.unread) - differences),
        "differences": [_difference(each, told) for each in told.differences[:differences]],
        "more_differences": max(0, len(told.differences) - differences),
    }


def _waiver(ending: Ending) -> dict[str, str | None]:
    return {
        "by": ending.by,
        "reason": clip(ending.reason, LONGEST),
        "until": ending.until.isoformat(),
        "resource": ending.resource,
    }


def _incident(incident: Incident) -> dict[str, str]:
    return {"key": incident.key, "before": incident.before, "after": incident.after}


def _difference(difference: Difference, told: AlertEntry) -> dict[str, Any]:
    before, after = said(difference)
    return {
        "resource": difference.resource,
        "status_before": before,
        "status_after": None if told.is_gone(difference) else after,
        "message": clip(told.messages.get(difference.resource, ""), LONGEST) or None,
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
