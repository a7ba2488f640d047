"""The body that Amazon Q Developer in chat applications shows in Slack and Teams: a custom notification.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html. Each platform reads its own Markdown, so none
is used but a block of code, which both know. There is no `threadId`: what is told in an old thread is told to nobody.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from readiness.alerts.news import News, Told
from readiness.alerts.phrase import happened, said
from readiness.alerts.rows import because
from readiness.alerts.text import CHANGING, MENDABLE, REMAINS, severity, where
from readiness.alerts.words import clip, console, instant, line
from readiness.model import Status
from readiness.state.drift import Kind

VERSION, SOURCE = "1.0", "custom"

EVENTS = 8
PLACES = 3
WORDS = 180
LINE = 400
TEXT = 2900
"""Characters of a description, and some are left for `MORE`: Slack takes 3,000 in one section."""
MORE = "... and more, which the dashboard shows"
KEYWORDS = 10

HARMLESS = str.maketrans({"<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "`": "'"})
"""Slack reads `<!channel>` as a call to everybody, wherever it stands, and backticks end a block of code."""


def notification(news: News, head: Mapping[str, str]) -> str:
    """The whole JSON. `head` is what the message is called: its subject, kind and severity."""
    place = news.place
    links = (("Runbook", place.runbook), ("Dashboard", place.dashboard), ("Console", console(place)))
    rules = dict.fromkeys(told.rule for told in news.aloud)
    content = {
        "description": _description(news, head["kind"]),
        "nextSteps": [f"{name}: {address}" for name, address in links if address],
        "keywords": [head["severity"], place.table, *rules][:KEYWORDS],
    }
    about = {
        "eventType": head["kind"],
        "additionalContext": {"severity": head["severity"], "table": place.table},
    }
    return _json(_notification(f"{place.table_id}/{news.version}", head["subject"], content, about))


def plain(identity: str, subject: str, text: str) -> str:
    """A notification of these words and nothing else."""
    return _json(_notification(identity, subject, {"description": text}, {}))


def is_notification(document: object) -> bool:
    """Whether it is one of these rather than a document for machines."""
    return isinstance(document, dict) and document.get("source") == SOURCE and "content" in document


def joined(documents: Sequence[Mapping[str, Any]]) -> str:
    """One in place of several: the first, and after its text that of the others, as far as there is room."""
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


def _description(news: News, kind: str) -> str:
    text = _fitting((_harmless(each) for each in _lines(news, kind) if each), "\n")
    return text + _command(news, TEXT - len(text))


def _fitting(texts: Iterable[str], between: str) -> str:
    """As many of them as there is room for, each whole."""
    fitting, *others = texts
    for text in others:
        longer = f"{fitting}{between}{text}"
        if len(longer) > TEXT:
            return fitting if fitting.endswith(MORE) else f"{fitting}{between}{MORE}"
        fitting = longer
    return fitting


def _harmless(text: str) -> str:
    return clip(line(text), LINE).translate(HARMLESS)


def _lines(news: News, kind: str) -> Iterator[str]:
    yield where(news.place)
    if kind == "TEST":
        yield "Somebody asked whether alerts arrive, and this one did. There is nothing to do."
    if news.trouble:
        yield f"Cause: {news.trouble.detail}" if news.trouble.detail else ""
        yield REMAINS[news.trouble.what]
    if news.first is not None:
        items = news.first
        standing = ", ".join(f"{items[status]} {status}" for status in Status if items.get(status))
        yield f"This table is watched from now on. Its items today: {standing}."
        missing = ", ".join(dict.fromkeys(told.item for told in news.missing))
        yield f"Not recorded yet: {missing}. The message by e-mail has the commands." if missing else ""
    events = _events(news)
    if kind == Kind.REJUDGED and events:
        yield "Not the account, but what it is judged by changed."
    for told in events[:EVENTS]:
        yield f"\N{BULLET} {severity(told)}: {clip(happened(told), WORDS)}"
        yield "; ".join(filter(None, _details(told, news)))
    if len(events) > EVENTS:
        yield f"... and {len(events) - EVENTS} more"
    if news.retired:
        yield f"Asked no more: {', '.join(news.retired)}"


def _events(news: News) -> tuple[Told, ...]:
    return news.failing if news.first is not None else news.aloud


def _details(told: Told, news: News) -> Iterator[str]:
    """Which item it is, what can't be seen of it, how it moved, since when, by whom, whose it is, and who is on it."""
    yield f"{told.item} {told.title}"
    for why in sorted({because(*reason) for reason in told.unread.values()})[:PLACES]:
        yield f"unread: {why}"
    only = told.differences[0] if len(told.differences) == 1 and news.first is None else None
    if only and not told.is_gone(only) and len(set(said(only))) > 1:
        yield " \N{RIGHTWARDS ARROW} ".join(said(only))
    if told.event.kind is Kind.REJUDGED and news.first is None:
        yield "judged anew"
    if since := min((each.after.since for each in told.differences if each.after), default=None):
        yield f"since {instant(since, news.place.time_zone)}"
    if told.actor and told.event.kind in CHANGING:
        yield f"by {told.actor.who}"
    if ending := told.event.ending:
        yield f"waived by {ending.by} until {instant(ending.until, news.place.time_zone)}"
    yield f"owner {told.owner or 'nobody yet'}"
    if told.taken:
        yield f"taken by {told.taken.by}"


def _command(news: News, room: int) -> str:
    """The first command that puts something right, whole or not at all: half of one must not be pasted."""
    remedies = (told.remedy for told in _events(news) if told.event.kind in MENDABLE and told.remedy)
    for remedy in remedies:
        block = f"\nTo put it right:\n```\n{' '.join(remedy.splitlines())}\n```"
        if len(block) <= room and remedy.translate(HARMLESS) == remedy:
            return block
    return ""
