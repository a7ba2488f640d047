"""The order of a run on one table: look until a commit wins, then deliver what waits. PROTOCOL.md section 4.

Facts read after version v was read are newer than every fact in v, and a commit over v succeeds only while v is the
latest. That is the whole ordering: no clocks, no tickets.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from msgspec.structs import replace

from readiness.alerts import Refused, safe_message
from readiness.alerts.chat import is_notification, joined
from readiness.model import Message, Severity
from readiness.state.store import Lost
from readiness.state.table_id import another

RELOOKS = 3

MOST_BYTES = 256_000
"""SNS takes 262,144 bytes for all bodies of a message together; the rest is for the JSON around them."""

LONGEST_ESCAPE = 12
"""Bytes that JSON in ASCII makes of one character, at most."""

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
E = TypeVar("E", bound="Waiting")


class Waiting(Protocol):
    """A message in the outbox."""

    @property
    def table_id(self) -> str:
        """The table that the message is about."""

    @property
    def message(self) -> Message:
        """The whole of it."""


class Ledger(Protocol[R, C_contra]):
    """What is remembered of one table: one method is one call."""

    def read(self) -> R:
        """Everything under STATE, consistently."""

    def commit(self, before: R, change: C_contra, /) -> None:
        """Write it if nothing was committed since `before` was read. Lost: something was, or it can't be known."""


class Outbox(Protocol[E]):
    """The messages that wait, in the order of the versions: one method is one call."""

    def head(self) -> E | None:
        """The first of them, read consistently."""

    def claim(self, entry: E, until: datetime, now: datetime) -> bool:
        """Lease it; False where it is gone, or another run holds a lease that has not ended."""

    def release(self, entry: E) -> None:
        """Give the lease back."""

    def discard(self, entry: E, table_id: str) -> bool:
        """Drop what is leased, if the head of the memory is of that table; False where it is not, or is not known."""

    def delete(self, entry: E) -> None:
        """It is sent."""

    def pending(self) -> int:
        """How many wait."""


class Voice(Protocol):
    """The topic: one method is one call."""

    def publish(self, message: Message) -> None:
        """Refused: SNS did not take it."""

    def has_subscribers(self) -> bool:
        """Whether anybody is confirmed to listen; unreadable counts as yes."""


@dataclass(frozen=True)
class Attempt(Generic[R, S]):
    """What was remembered, and what was seen after it had been read."""

    remembered: R
    seen: S


@dataclass(frozen=True)
class Settled(Generic[R, C]):
    """How it ended: the change, what it was decided over, and whether it is committed."""

    remembered: R
    change: C
    won: bool


def settle(
    ledger: Ledger[R, C],
    look: Callable[[R], S],
    decide: Callable[[R, S], C],
    *,
    first: Attempt[R, S] | None = None,
    in_time: Callable[[], bool] = lambda: True,
) -> Settled[R, C]:
    """Read, look, decide, commit; who lost looks again, from the start, while there is time.

    `first` is a look already made: where several tables share one, all are read before it, and each is settled alone.
    """
    attempt = first or _look(ledger, look)
    relooks = RELOOKS
    while True:
        change = decide(attempt.remembered, attempt.seen)
        try:
            ledger.commit(attempt.remembered, change)
        except Lost:
            if relooks == 0 or not in_time():
                return Settled(attempt.remembered, change, won=False)
        else:
            return Settled(attempt.remembered, change, won=True)
        relooks -= 1
        attempt = _look(ledger, look)


def deliver(
    outbox: Outbox[E],
    voice: Voice,
    table_id: str,
    *,
    until: datetime,
    clock: Callable[[], datetime],
) -> int:
    """Send what waits, in order, until nothing does or a living run holds the head. How many are left.

    `table_id` is what this run takes the table for. What another table has left, as a restore brings it back, is
    discarded where the memory bears this run's id, and left where it does not; what is of nobody knows which table is
    sent by whoever comes. Who sends or discards a message has claimed it, and who leaves it after an answer gives the
    lease back.

    `until` is the end of this invocation and 30 seconds more: a lease that has ended proves its owner dead. A message
    that SNS refuses as invalid is replaced, so that it can't block the rest. While nobody listens nothing is claimed
    to be sent.
    """
    listened = False
    while (entry := outbox.head()) is not None:
        former = another(entry.table_id, table_id)
        listened = listened or (not former and voice.has_subscribers())
        if not (former or listened) or not outbox.claim(entry, until, clock()):
            return outbox.pending()
        if not (_discarded(outbox, entry, table_id) if former else _sent(outbox, voice, entry)):
            return outbox.pending()
    return 0


def merged(first: Message, later: Message) -> Message:
    """One message in place of two, while nobody listens: the first's id and subject, the bodies one after the other.

    Machines get `{"merged": [document, ...]}`. What no longer fits is left out, from the end; a text message to a phone
    has room for the first only.
    """
    protocols = first.bodies.keys() | later.bodies.keys()
    room = MOST_BYTES // len(protocols)
    bodies = {protocol: _joined(first, later, protocol, room) for protocol in sorted(protocols - {"sms"})}
    phone = {"sms": first.bodies["sms"]} if "sms" in first.bodies else {}
    return replace(first, bodies=bodies | phone, attributes=_attributes(first, later))


def _look(ledger: Ledger[R, C], look: Callable[[R], S]) -> Attempt[R, S]:
    remembered = ledger.read()
    return Attempt(remembered, look(remembered))


def _discarded(outbox: Outbox[E], entry: E, table_id: str) -> bool:
    """Drop a claimed message of another table; what is left is free again."""
    done = outbox.discard(entry, table_id)
    if not done:
        outbox.release(entry)
    return done


def _sent(outbox: Outbox[E], voice: Voice, entry: E) -> bool:
    """Publish a claimed message and drop it; what SNS has refused is free again."""
    try:
        _publish(voice, entry.message)
    except Refused as refused:
        if refused.answered:
            outbox.release(entry)
        return False
    outbox.delete(entry)
    return True


def _publish(voice: Voice, message: Message) -> None:
    """Refused: SNS takes neither the message nor one that is valid for sure."""
    try:
        voice.publish(message)
    except Refused as refused:
        if not refused.invalid:
            raise
        voice.publish(safe_message(message))


def _joined(first: Message, later: Message, protocol: str, room: int) -> str:
    texts = [message.bodies.get(protocol, message.bodies["default"]) for message in (first, later)]
    return _documents(texts, room) or _text(texts, room)


def _documents(texts: list[str], room: int) -> str | None:
    """The documents as one, the latest that fit; None where one is none."""
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
    """The texts, one after the other, cut where the room ends."""
    text = "\n\n".join(texts)
    while (excess := len(json.dumps(text)) - room) > 0:
        text = text[: -max(1, excess // LONGEST_ESCAPE)]
    return text


def _attributes(first: Message, later: Message) -> dict[str, str | tuple[str, ...]]:
    """The first's, but for the worse severity and the rules of both."""
    attributes = {**later.attributes, **first.attributes}
    severities = [each for message in (first, later) if isinstance(each := message.attributes.get("severity"), str)]
    if severities:
        attributes["severity"] = max(severities, key=lambda severity: Severity(severity).rank)
    rules = [rule for message in (first, later) for rule in message.attributes.get("rules", ())]
    return {**attributes, "rules": tuple(dict.fromkeys(rules))} if rules else attributes
