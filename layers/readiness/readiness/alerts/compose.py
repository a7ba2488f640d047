"""Compose the alert of a run, the test message, and the message that replaces one that SNS rejects."""

import json
from collections.abc import Mapping
from datetime import datetime

from readiness.alerts import chat, machine, phrase, text
from readiness.alerts.news import News, Whereabouts
from readiness.alerts.words import ascii_line, instant
from readiness.model import Message, Severity
from readiness.state.drift import Kind

MACHINES = ("http", "https", "lambda", "sqs")
CHAT = "https"
"""The protocol by which Amazon Q subscribes to a topic; other HTTPS endpoints of the topic get the same body."""


def compose(news: News) -> Message | None:
    """Return the message of a run; None if there is nothing to report."""
    if not (news.aloud or news.retired) and news.trouble is None and news.first is None:
        return None
    words, more = phrase.headline(news)
    subject = phrase.subject(phrase.label(news), news.place.table, words, more)
    severity, kind = _severity(news), _kind(news)
    return _message(news, subject, text.body(news), _attributes(news, kind, severity))


def test_message(place: Whereabouts, at: datetime, rules: tuple[str, ...]) -> Message:
    """Return the message of `readiness alert --test`, which takes the route of an alert.

    Its severity is CRITICAL and it names all rules, so that it passes every filter policy that an alert can pass.
    """
    news = News(place, 0, at, rules)
    subject = phrase.subject("TEST", place.table, "test of the alert route, no action needed")
    said = "TEST: this is a test of the alert route. There is nothing to fix."
    rows = (
        f"  sent      {instant(at, place.time_zone)}\n"
        "  command   readiness alert --test\n"
        "  action    none; confirm to the sender that the message arrived"
    )
    body = f"{said}\n{text.where(place)}\n\n{rows}\n\n{text.links(place)}\n"
    return _message(news, subject, body, _attributes(news, "TEST", Severity.CRITICAL))


def safe_message(message: Message) -> Message:
    """Return the replacement of a message that SNS rejected as invalid: its id, and fixed text only."""
    identity = ascii_line(message.id)
    said = (
        "Amazon SNS rejected an alert of Readiness as invalid. This message replaces it.\n"
        "Run `readiness check` on the table, or open its dashboard, to see what changed.\n"
        f"Message {identity}\n"
    )
    subject = "[HIGH] Readiness: SNS rejected an alert, run `readiness check`"
    chatting = {CHAT: chat.plain(identity, subject, said)} if _is_for_chat(message) else {}
    return Message(
        message.id,
        subject,
        {"default": said, **chatting},
        {"severity": Severity.HIGH.value, "kind": "REPLACED_MESSAGE"},
    )


def _is_for_chat(message: Message) -> bool:
    try:
        return chat.is_notification(json.loads(message.bodies.get(CHAT, "")))
    except ValueError:
        return False


def _message(news: News, subject: str, body: str, attributes: Mapping[str, str | tuple[str, ...]]) -> Message:
    head = {"subject": subject, "kind": str(attributes["kind"]), "severity": str(attributes["severity"])}
    bodies = {"default": body, "sms": subject} | dict.fromkeys(MACHINES, machine.document(news, head))
    if news.place.chat:
        bodies |= {CHAT: chat.notification(news, head)}
    return Message(f"{news.place.table_id}/{news.version}", subject, bodies, attributes)


def _attributes(news: News, kind: str, severity: str) -> dict[str, str | tuple[str, ...]]:
    """Return the attributes for filter policies. An alert about the whole table names every rule, so it passes all."""
    whole = news.trouble is not None or news.first is not None or not news.aloud
    rules = news.rules if whole else tuple(sorted({told.rule for told in news.aloud}))
    named: dict[str, str | tuple[str, ...]] = {"rules": rules} if rules else {}
    return {"severity": str(severity), "table": news.place.table, "kind": str(kind)} | named


def _severity(news: News) -> Severity:
    """Return the worst severity of all changes, recoveries included, so that they reach whoever the failure reached.

    Re-evaluated results that do not fail, and waivers that end soon, do not count.
    """
    if news.trouble:
        return news.trouble.what.severity
    moved = tuple(told for told in news.aloud if told.pages or told.event.kind not in {Kind.REJUDGED, Kind.WAIVER_ENDS})
    return phrase.worst(news.failing if news.first is not None else moved)


def _kind(news: News) -> str:
    if news.trouble:
        return Kind.INCIDENT
    if news.first is not None:
        return "WATCHING"
    return news.aloud[0].event.kind if news.aloud else Kind.REJUDGED
