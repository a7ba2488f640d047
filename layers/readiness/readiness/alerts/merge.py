"""Merge a new message into the one that waits while the topic has no confirmed subscription. Pure."""

import json

from msgspec.structs import replace

from readiness.alerts.chat import is_notification, joined
from readiness.model import Message, Severity

MOST_BYTES = 256_000
"""SNS takes 262,144 bytes for all bodies of a message together; the rest is for the JSON around them."""

LONGEST_ESCAPE = 12
"""Bytes that JSON in ASCII makes of one character, at most."""


def merged(first: Message, later: Message) -> Message:
    """Return one message in place of two: the first's id and subject, the bodies one after the other.

    Machines get `{"merged": [document, ...]}`. What no longer fits is left out, from the end. A text message to a phone
    has room for the first only.
    """
    protocols = first.bodies.keys() | later.bodies.keys()
    room = MOST_BYTES // len(protocols)
    bodies = {protocol: _joined(first, later, protocol, room) for protocol in sorted(protocols - {"sms"})}
    phone = {"sms": first.bodies["sms"]} if "sms" in first.bodies else {}
    return replace(first, bodies=bodies | phone, attributes=_attributes(first, later))


def _joined(first: Message, later: Message, protocol: str, room: int) -> str:
    texts = [message.bodies.get(protocol, message.bodies["default"]) for message in (first, later)]
    return _documents(texts, room) or _text(texts, room)


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
    while len(json.dumps(json.dumps({"merged": merged}))) > room and len(merged) > 1:
        del merged[-1]
    return json.dumps({"merged": merged})


def _text(texts: list[str], room: int) -> str:
    """Return the texts one after the other, cut at the maximum size."""
    text = "\n\n".join(texts)
    while (excess := len(json.dumps(text)) - room) > 0:
        text = text[: -max(1, excess // LONGEST_ESCAPE)]
    return text


def _attributes(first: Message, later: Message) -> dict[str, str | tuple[str, ...]]:
    """Return the attributes of the first message, with the worse severity and the rules of both."""
    attributes = {**later.attributes, **first.attributes}
    severities = [each for message in (first, later) if isinstance(each := message.attributes.get("severity"), str)]
    if severities:
        attributes["severity"] = max(severities, key=lambda severity: Severity(severity).rank)
    rules = [rule for message in (first, later) for rule in message.attributes.get("rules", ())]
    return {**attributes, "rules": tuple(dict.fromkeys(rules))} if rules else attributes
