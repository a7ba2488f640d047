"""Merge a new message into the one that waits while the topic has no confirmed subscription. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from readiness.alerts.chat import is_notification, joined
from readiness.alerts.machine import further_within
from readiness.model import Message, Severity
from readiness.state.drift import EventKind

MOST_BYTES = 256_000
"""SNS takes 262,144 bytes for all bodies of a message together; the rest is for the JSON around them."""

MOST_OWNERS = 3_000
"""Bytes of the owners in the attributes of a message."""

QUIET = frozenset({EventKind.STILL, EventKind.NOTE})
"""The kinds of messages that report no change."""

LONGEST_ESCAPE = 12
"""Bytes that JSON in ASCII makes of one character, at most."""


MORE = "\n\nFurther messages did not fit. Run `readiness check` to see what fails now.\n"


def merged(first: Message, later: Message) -> Message:
    """Return one message in place of two: the first's id and subject, the bodies one after the other.

    Machines get `{"merged": [document, ...]}`. Of what no longer fits, the least severe and latest is left out, and
    counted as `more_messages`. A text ends by saying so, and begins with a later message that is CRITICAL or HIGH. A
    text message to a phone has room for the first only.
    """
    protocols = first.bodies.keys() | later.bodies.keys()
    room = MOST_BYTES // len(protocols)
    bodies = {protocol: _joined(first, later, protocol, room) for protocol in sorted(protocols - {"sms"})}
    phone = {"sms": first.bodies["sms"]} if "sms" in first.bodies else {}
    further = further_within((*first.further, *later.further))
    return replace(first, bodies=bodies | phone, attributes=_attributes(first, later), further=further)


def _joined(first: Message, later: Message, protocol: str, room: int) -> str:
    texts = [message.bodies.get(protocol, message.bodies["default"]) for message in (first, later)]
    return _documents(texts, room) or _text(texts, room, later_first=_is_severe(later))


def _documents(texts: list[str], room: int) -> str | None:
    """Return as many JSON documents as fit, in one; None if one of the texts is not a JSON object."""
    try:
        documents = [json.loads(text) for text in texts]
    except ValueError:
        return None
    if not all(isinstance(document, dict) for document in documents):
        return None
    if all(map(is_notification, documents)):
        return joined(documents)
    merged = [each for document in documents for each in document.get("merged", [document])]
    more = sum(document.get("more_messages", 0) for document in documents)
    while len(json.dumps(text := _merged(merged, more))) > room and len(merged) > 1:
        del merged[min(range(1, len(merged)), key=lambda number: (_rank(merged[number].get("severity")), -number))]
        more += 1
    return text


def _merged(documents: list[dict[str, Any]], more: int) -> str:
    return json.dumps({"merged": documents, **({"more_messages": more} if more else {})})


def _text(texts: list[str], room: int, *, later_first: bool) -> str:
    """Return the texts one after the other; if they are too long, cut, with a last line that says so."""
    text = "\n\n".join(texts)
    if len(json.dumps(text)) <= room:
        return text
    text = "\n\n".join(reversed(texts) if later_first else texts)
    while (excess := len(json.dumps(text + MORE)) - room) > 0:
        text = text[: -max(1, excess // LONGEST_ESCAPE)]
    return text + MORE


def _is_severe(message: Message) -> bool:
    return _rank(message.attributes.get("severity")) >= Severity.HIGH.rank


def _rank(severity: object) -> int:
    """Return the rank of a severity; a lower one for anything else."""
    return Severity(severity).rank if isinstance(severity, str) and severity in set(Severity) else -1


def _attributes(first: Message, later: Message) -> dict[str, str | tuple[str, ...]]:
    """Return the attributes of the worse message, of the first if both are equal, with the rules and owners of both.

    The kind is that of a change if one of the messages reports one, so that it passes filters that reject reminders and
    notes.
    """
    worse = _rank(later.attributes.get("severity")) > _rank(first.attributes.get("severity"))
    attributes = {**first.attributes, **later.attributes} if worse else {**later.attributes, **first.attributes}
    rules, owners = (
        tuple(dict.fromkeys(each for message in (first, later) for each in message.attributes.get(name, ())))
        for name in ("rules", "owners")
    )
    kinds = [each["kind"] for each in (attributes, first.attributes, later.attributes) if "kind" in each]
    kind = next((each for each in kinds if each not in QUIET), next(iter(kinds), ""))
    found = {"kind": kind, "rules": rules, "owners": owners_within(owners)}
    return {**attributes, **{name: each for name, each in found.items() if each}}


def owners_within(owners: Iterable[str]) -> tuple[str, ...]:
    """Return the owners for an attribute of a message, in order, without the longest if they are too long together.

    SNS counts attributes to the size of a message. Whoever can write the table can record an owner of any length.
    """
    kept: list[str] = []
    for owner in sorted(owners, key=len):
        if len(json.dumps([*kept, owner])) > MOST_OWNERS:
            break
        kept.append(owner)
    return tuple(sorted(kept))
