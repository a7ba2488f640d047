"""Compose the alert of a run, the test message, and the message that replaces one that SNS rejects."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from readiness.alerts import chat, machine, phrase, text
from readiness.alerts.alert import Alert, AlertContext
from readiness.alerts.merge import owners_within
from readiness.alerts.rows import closing, links
from readiness.alerts.words import ascii_line, clock
from readiness.model import Message, Severity
from readiness.state.drift import EventKind

MACHINES = ("http", "https", "lambda", "sqs")
CHAT = "https"
"""The protocol by which Amazon Q subscribes to a topic; other HTTPS endpoints of the topic get the same body."""
PLAIN = re.compile(r"[\w.@/:+ -]+", re.ASCII)
"""Values of attributes that SNS cannot reject."""


def compose(alert: Alert) -> Message | None:
    """Return the message of a run; None if there is nothing to report."""
    if not (alert.reported or alert.retired or alert.notes) and alert.trouble is None and alert.first is None:
        return None
    words, more = phrase.headline(alert)
    subject = phrase.subject(phrase.label(alert), alert.place.table, words, more)
    severity, kind = _severity(alert), _kind(alert)
    return _message(alert, subject, text.body(alert), _attributes(alert, kind, severity))


def test_message(place: AlertContext, at: datetime, rules: tuple[str, ...], owners: tuple[str, ...]) -> Message:
    """Return the message of `readiness alert --test`, which takes the route of an alert.

    Its severity is CRITICAL and it names all rules and owners, so that it passes every filter policy that an alert can
    pass, except one on the kind.
    """
    alert = Alert(place, 0, at, rules, owners=owners)
    subject = phrase.subject("TEST", place.table, "test of the alert route, no action needed")
    sent = f"sent by `readiness alert --test` at {clock(at, place.time_zone)}"
    body = "\n\n".join(
        [
            f"This is a test of the alert route for {place.table}. There is nothing to fix.\n{sent}",
            "Confirm to the sender that the message arrived.",
            "\n".join(links(place)),
            "\n".join(closing(place, (), at)),
        ]
    )
    return _message(alert, subject, f"{body}\n", _attributes(alert, "TEST", Severity.CRITICAL))


def safe_message(message: Message) -> Message:
    """Return the replacement of a message that SNS rejected as invalid: its id, and fixed text only.

    Subscriptions that filter by severity, rule or owner get it too: of these attributes it has what cannot be invalid.
    """
    identity = ascii_line(message.id)
    critical = message.attributes.get("severity") == Severity.CRITICAL
    severity = Severity.CRITICAL if critical else Severity.HIGH
    plain = (
        "Amazon SNS rejected an alert of Readiness as invalid. This message replaces it.\n"
        "Run `readiness check` on the table, or open its dashboard, to see what changed.\n"
        f"Message {identity}\n"
    )
    subject = f"[{severity}] Readiness: SNS rejected an alert, run `readiness check`"
    chat_body = {CHAT: chat.plain(identity, subject, plain)} if _is_for_chat(message) else {}
    return Message(
        message.id,
        subject,
        {"default": plain, **chat_body},
        {"severity": str(severity), "kind": "REPLACED_MESSAGE", **_plain(message.attributes)},
    )


def _plain(attributes: Mapping[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the rules and owners of a rejected message that consist of plain characters only."""
    lists = {name: attributes.get(name, ()) for name in ("rules", "owners")}
    found = {name: tuple(filter(PLAIN.fullmatch, each)) for name, each in lists.items() if isinstance(each, tuple)}
    return {name: each for name, each in found.items() if each}


def _is_for_chat(message: Message) -> bool:
    try:
        return chat.is_notification(json.loads(message.bodies.get(CHAT, "")))
    except ValueError:
        return False


def _message(alert: Alert, subject: str, body: str, attributes: Mapping[str, str | tuple[str, ...]]) -> Message:
    head = {"subject": subject, "kind": str(attributes["kind"]), "severity": str(attributes["severity"])}
    document = machine.document(alert, head)
    bodies = {"default": body, "sms": subject} | dict.fromkeys(MACHINES, document)
    if alert.place.chat:
        bodies |= {CHAT: chat.notification(alert, head)}
    further = machine.further(alert, len(json.loads(document)["events"]))
    return Message(f"{alert.place.table_id}/{alert.version}", subject, bodies, attributes, further)


def _attributes(alert: Alert, kind: str, severity: str) -> dict[str, str | tuple[str, ...]]:
    """Return the attributes for filter policies.

    An alert with something that concerns the whole table names every rule and every owner, so that it passes each
    filter on them.
    """
    of_table = bool(alert.trouble or alert.notes or alert.retired) or alert.first is not None
    whole = of_table or not alert.reported
    rules = alert.rules if whole else tuple(sorted({entry.rule for entry in alert.reported}))
    owners = {*alert.owners} if whole else {entry.owner for entry in alert.reported if entry.owner}
    lists = {"rules": rules, "owners": owners_within(owners)}
    named: dict[str, str | tuple[str, ...]] = {name: each for name, each in lists.items() if each}
    return {"severity": str(severity), "table": alert.place.table, "kind": str(kind)} | named


def _severity(alert: Alert) -> Severity:
    """Return the worst severity of all changes, recoveries included, so that they reach whoever the failure reached.

    Re-evaluated results that do not fail, and waivers that end soon, do not count.
    """
    if alert.trouble:
        return alert.trouble.kind.severity
    if alert.first is not None:
        return phrase.worst(alert.failing)
    unchanged = {EventKind.REJUDGED, EventKind.WAIVER_ENDS}
    return phrase.worst([each for each in alert.reported if each.pages or each.event.kind not in unchanged])


def _kind(alert: Alert) -> str:
    if alert.trouble:
        return EventKind.INCIDENT
    if alert.first is not None:
        return "WATCHING"
    if alert.reported:
        return alert.reported[0].event.kind
    return EventKind.NOTE if alert.notes else EventKind.REJUDGED
