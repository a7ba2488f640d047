"""A message in the outbox, and its row."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from readiness.aws.time import iso
from readiness.model import Message
from readiness.state.people import Instant
from readiness.state.store.head import Version
from readiness.state.store.rows import WriteCondition
from readiness.state.store.wire import Item, decode_item

PREFIX = "OUTBOX#"
DIGITS = 12

LONGEST = timedelta(seconds=900)
"""The maximum duration of a Lambda invocation."""

LEASE = timedelta(seconds=30)
"""The time for which a lease lasts longer than its invocation, so that the owner of an expired lease has ended."""

MOST_ATTEMPTS = 10_000


class OutboxEntry(Struct, frozen=True):
    """A message in the outbox. `attempts` is the number of times it was claimed.

    `place` is the part of the sort key that orders the messages: the version that first wrote a message to this row.
    `version` is the one that wrote this message: a later one if messages were merged.
    """

    place: str
    version: int
    table_id: str
    message: Message
    attempts: int = 0
    leased_by: str | None = None
    lease_until: datetime | None = None

    @property
    def id(self) -> str:
        """Return the id of the message: `<tableId>/<version>`."""
        return self.message.id

    @property
    def sort_key(self) -> str:
        """Return the sort key. Sort keys have the order of the versions."""
        return PREFIX + self.place


class DamagedEntry(Struct, frozen=True):
    """A row of the outbox, as it was read, that the monitor did not write or that can't be decoded."""

    sort_key: str
    item: Item


class _Message(Struct, frozen=True):
    id: str
    subject: str
    bodies: Mapping[str, str]
    attributes: Mapping[str, str | tuple[str, ...]]
    further: tuple[str, ...] = ()


class _Row(Struct, frozen=True, rename="camel"):
    version: Version
    table_id: str
    message: _Message


class _Lease(Struct, frozen=True, rename="camel"):
    leased_by: str
    lease_until: Instant


class _Attempts(Struct, frozen=True):
    attempts: Annotated[int, Meta(ge=0, le=MOST_ATTEMPTS)]


def message_id(table_id: str, version: int) -> str:
    """Return the id of the message of a commit. Readers of a duplicate recognize it by this id."""
    return f"{table_id}/{version}"


def place_of(version: int) -> str:
    """Return the place in the outbox of the message that this version writes."""
    return f"{version:0{DIGITS}}"


def values_of(message: Message, version: int) -> dict[str, Any]:
    """Return the row of a message that is not claimed yet."""
    whole = {
        "id": message.id,
        "subject": message.subject,
        "bodies": message.bodies,
        "attributes": message.attributes,
        **({"further": message.further} if message.further else {}),
    }
    return {"version": version, "message": whole, "attempts": 0}


def entry_of(sort_key: str, item: Item, *, trusted: bool) -> OutboxEntry | DamagedEntry:
    """Return the entry in an encoded row. The lease is not signed: one that cannot be decoded is ignored."""
    row = decode_item(item)
    content = _converted(row, _Row) if trusted else None
    if content is None:
        return DamagedEntry(sort_key, item)
    lease, attempts = _converted(row, _Lease), _converted(row, _Attempts)
    said = content.message
    return OutboxEntry(
        place=sort_key.removeprefix(PREFIX),
        version=content.version,
        table_id=content.table_id,
        message=Message(said.id, said.subject, said.bodies, said.attributes, said.further),
        attempts=attempts.attempts if attempts else 0,
        leased_by=lease.leased_by if lease else None,
        lease_until=lease.lease_until if lease else None,
    )


def unchanged(entry: OutboxEntry) -> WriteCondition:
    """Return the condition that the row still holds that message: it is neither sent nor merged into another."""
    values = {"version": entry.version, "table": entry.table_id}
    return WriteCondition("#version = :version AND #tableId = :table", values)


def held(entry: OutboxEntry, by: str) -> WriteCondition:
    """Return the condition that the row still holds that message, and that run `by` holds its lease."""
    return WriteCondition(f"{unchanged(entry).expression} AND #leasedBy = :me", {**unchanged(entry).values, "me": by})


def claimable(entry: OutboxEntry, now: datetime, by: str | None = None) -> WriteCondition:
    """Return the condition that the row still holds that message, and that no other run than `by` holds a valid lease.

    A message that was sent can't come back.
    """
    free = free_for(now, by)
    return WriteCondition(
        f"{unchanged(entry).expression} AND {free.expression}", {**unchanged(entry).values, **free.values}
    )


def free_for(now: datetime, by: str | None = None) -> WriteCondition:
    """Return the condition that no other run than `by` holds a valid lease of a row.

    A lease that is not a time, or lasts longer than any invocation, was written by no run.
    """
    mine, me = (" OR #leasedBy = :me", {"me": by}) if by else ("", {})
    return WriteCondition(
        "(attribute_not_exists(#leasedBy) OR attribute_not_exists(#leaseUntil)"
        f" OR NOT attribute_type(#leaseUntil, :text) OR #leaseUntil < :now OR #leaseUntil > :farthest{mine})",
        {"now": iso(now), "farthest": iso(now + LONGEST + LEASE), "text": "S", **me},
    )


def _converted(row: Mapping[str, Any], kind: Callable[..., Any]) -> Any:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError:
        return None
