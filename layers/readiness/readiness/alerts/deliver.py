"""Deliver the outbox in order, under leases."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from readiness.alerts.compose import safe_message
from readiness.alerts.topic import Refused
from readiness.model import Message
from readiness.state.store import DamagedEntry
from readiness.state.table_id import another

E = TypeVar("E", bound="Waiting")


MOST_REPLACED = 3
"""The number of times that one run replaces damaged messages. Who damages them faster is left to later runs."""


class Waiting(Protocol):
    """A message in the outbox."""

    @property
    def table_id(self) -> str:
        """The TableId of the table that the message is about."""

    @property
    def message(self) -> Message:
        """The whole message."""


class Outbox(Protocol[E]):
    """The waiting messages, in the order of their versions. Each method is one call."""

    def head(self) -> E | DamagedEntry | None:
        """Return the first message, read consistently."""

    def claim(self, entry: E, until: datetime, now: datetime) -> bool:
        """Lease the message. Return False if it is gone, or another run holds a lease that has not expired."""

    def release(self, entry: E) -> None:
        """Release the lease."""

    def discard(self, entry: E, table_id: str) -> bool:
        """Delete a leased message if the stored state is of that table. False: it is not, or that is not known."""

    def delete(self, entry: E) -> None:
        """Delete a message that is sent."""

    def pending(self) -> int:
        """Return the number of messages that wait."""


class Publisher(Protocol):
    """The topic. Each method is one call."""

    def publish(self, message: Message) -> None:
        """Publish the message. Refused: SNS did not take it."""

    def has_subscribers(self) -> bool:
        """Return True where a subscription is confirmed, or where that can't be read."""


class Bus(Protocol):
    """The event bus. It raises no exception."""

    def put(self, message: Message) -> int:
        """Put an event for each change that the message reports. Return the number that the bus did not accept."""


class DeliveryResult(msgspec.Struct):
    """The result of a delivery: ids of sent messages, errors of SNS, and the number of messages that still wait.

    `replaced` is the number of times that damaged messages were replaced. `undeleted` is the id of a message that was
    sent and is still in the outbox, so that a later run sends it again. `events_refused` is the number of events that
    the event bus did not accept.
    """

    sent: list[str] = msgspec.field(default_factory=list)
    refusals: list[Refused] = msgspec.field(default_factory=list)
    pending: int = 0
    replaced: int = 0
    undeleted: str = ""
    events_refused: int = 0

    def result(self, message_id: str) -> str:
        """Return the result of one message: `sent`, `sent, not deleted`, `refused` or `waiting`."""
        if message_id == self.undeleted:
            return "sent, not deleted"
        if message_id in self.sent:
            return "sent"
        return "refused" if self.refusals else "waiting"


def deliver(  # noqa: PLR0913  independent parts of a run
    outbox: Outbox[E],
    publisher: Publisher,
    table_id: str,
    *,
    until: datetime,
    clock: Callable[[], datetime],
    replace: Callable[[], bool] = lambda: False,
    delivery: DeliveryResult | None = None,
    bus: Bus | None = None,
) -> DeliveryResult:
    """Send the waiting messages in order, until none is left or another run holds the lease of the first.

    `table_id` is the TableId that this run uses. Messages of another table, such as a restore brings back, are
    discarded if the stored state has this TableId, and kept otherwise. Messages of an unknown table are sent by any
    run. A run leases a message before it sends or discards it. If the message stays, it releases the lease, except
    where SNS did not answer.

    `until` is 30 seconds after the end of this invocation, so the owner of an expired lease has ended. A message that
    SNS rejects as invalid is replaced, so that it does not block the others. Without a confirmed subscription, no
    message is leased for sending. A damaged row at the beginning of the outbox is not sent: `replace` replaces it, and
    those that stand next to it, by one message, or returns False and leaves them to a later run.

    Before a message is published, its changes are put on the event bus, if there is one. The message is published
    whatever the bus returns.

    `delivery` has the result so far if a call raises an exception.
    """
    delivery = delivery or DeliveryResult()
    subscribed = False
    while (entry := outbox.head()) is not None:
        if isinstance(entry, DamagedEntry):
            if delivery.replaced == MOST_REPLACED or not replace():
                break
            delivery.replaced += 1
            continue
        former = another(entry.table_id, table_id)
        subscribed = subscribed or (not former and publisher.has_subscribers())
        if not (former or subscribed) or not outbox.claim(entry, until, clock()):
            break
        if bus is not None and not former:
            delivery.events_refused += bus.put(entry.message)
        if not (_discarded(outbox, entry, table_id) if former else _sent(outbox, publisher, entry, delivery)):
            break
    else:
        delivery.pending = 0
        return delivery
    delivery.pending = outbox.pending()
    return delivery


def _discarded(outbox: Outbox[E], entry: E, table_id: str) -> bool:
    """Delete a leased message of another table, or release its lease. Return True if it was deleted."""
    done = outbox.discard(entry, table_id)
    if not done:
        outbox.release(entry)
    return done


def _sent(outbox: Outbox[E], publisher: Publisher, entry: E, delivery: DeliveryResult) -> bool:
    """Publish a leased message and delete it. Return False if SNS did not accept it."""
    try:
        _publish(publisher, entry.message, delivery)
    except Refused as refused:
        delivery.refusals.append(refused)
        if refused.answered:
            outbox.release(entry)
        return False
    delivery.sent.append(entry.message.id)
    delivery.undeleted = entry.message.id
    outbox.delete(entry)
    delivery.undeleted = ""
    return True


def _publish(publisher: Publisher, message: Message, delivery: DeliveryResult) -> None:
    """Publish the message, or a safe one in its place if it is invalid. Refused: SNS accepts neither."""
    try:
        publisher.publish(message)
    except Refused as refused:
        if not refused.invalid:
            raise
        delivery.refusals.append(refused)
        publisher.publish(safe_message(message))
