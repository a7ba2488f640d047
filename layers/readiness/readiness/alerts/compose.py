"""From the news of a run to the one message about it, and the two messages that no run makes."""

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
"""How Amazon Q subscribes to a topic; other web hooks of the topic then get what it gets."""


def compose(news: News) -> Message | None:
    """Make the run's single message; None where there is nothing to tell."""
    if not (news.aloud or news.retired) and news.trouble is None and news.first is None:
        return None
    words, more = phrase.headline(news)
    subject = phrase.subject(phrase.label(news), news.place.table, words, more)
    severity, kind = _severity(news), _kind(news)
    return _message(news, subject, text.body(news), _attributes(news, kind, severity))


def test_message(place: Whereabouts, at: datetime, rules: tuple[str, ...]) -> Message:
    """What `readiness alert --test` sends: it goes the way of a real one, and says that it is none.

    Its severity is CRITICAL and it names all rules, so that it reaches whoever a real one could.
    """
    news = News(place, 0, at, rules)
    subject = phrase.subject("TEST", place.table, "a test of the alert route, nothing is wrong")
    said = "TEST: nothing is wrong. Somebody asked whether alerts arrive; this one did."
    rows = (
        f"  sent      {instant(at, place.time_zone)}\n"
        "  with      readiness alert --test\n"
        "  do        nothing; tell whoever asked that it came"
    )
    body = f"{said}\n{text.where(place)}\n\n{rows}\n\n{text.links(place)}\n"
    return _message(news, subject, body, _attributes(news, "TEST", Severity.CRITICAL))


def safe_message(message: Message) -> Message:
    """In place of one that SNS refused as invalid: the same id, nothing taken over but words of ours."""
    identity = ascii_line(message.id)
    said = (
        "A message of Readiness about a change was refused by SNS as invalid, and this stands in its place.\n"
        "Run `readiness check` on the table, or look at its dashboard, to see what changed.\n"
        f"Message {identity}\n"
    )
    subject = "[HIGH] Readiness: a message was refused by SNS, look at the checklist"
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
    """For filter policies. What concerns the whole table names every rule: no filter on a rule may hide it."""
    whole = news.trouble is not None or news.first is not None or not news.aloud
    rules = news.rules if whole else tuple(sorted({told.rule for told in news.aloud}))
    named: dict[str, str | tuple[str, ...]] = {"rules": rules} if rules else {}
    return {"severity": str(severity), "table": news.place.table, "kind": str(kind)} | named


def _severity(news: News) -> Severity:
    """The worst of all that is told, good news included: who heard of the failure hears of its end.

    What is merely judged anew, and does not fail, is no reason to wake anybody, and neither is what ends in a week.
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
