"""A message in the outbox, and its row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from readiness.aws.time import iso
from readiness.model import Message
from readiness.state.store.rows import WriteCondition

PREFIX = "OUTBOX#"
DIGITS = 12


class OutboxEntry(Struct, frozen=True):
    """A message in the outbox. `attempts` is the number of times it was claimed.

    `place` is the version that first wrote a message to this row. `version` is the one that wrote this message: a later
    one if messages were merged.
    """

    place: int
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
        return sort_key_at(self.place)


def message_id(table_id: str, version: int) -> str:
    """Return the id of the message of a commit. Readers of a duplicate recognize it by this id."""
    return f"{table_id}/{version}"


def sort_key_at(place: int) -> str:
    """Return the sort key of the message at that place in the outbox."""
    return f"{PREFIX}{place:0{DIGITS}}"


def values_of(message: Message, place: int, version: int) -> dict[str, Any]:
    """Return the row of a message that is not claimed yet."""
    whole = {
        "id": message.id,
        "subject": message.subject,
        "bodies": message.bodies,
        "attributes": message.attributes,
    }
    return {"place": place, "version": version, "message": whole, "attempts": 0}


def entry_of(row: Mapping[str, Any]) -> OutboxEntry:
    """Return the entry in a row."""
    whole = row["message"]
    attributes = {name: tuple(each) if isinstance(each, list) else each for name, each in whole["attributes"].items()}
    return OutboxEntry(
        place=row["place"],
        version=row["version"],
        table_id=row["tableId"],
        message=Message(whole["id"], whole["subject"], whole["bodies"], attributes),
        attempts=row["attempts"],
        leased_by=row.get("leasedBy"),
        lease_until=datetime.fromisoformat(row["leaseUntil"]) if "leaseUntil" in row else None,
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
    free = "attribute_not_exists(#leasedBy) OR #leaseUntil < :now"
    mine, me = (" OR #leasedBy = :me", {"me": by}) if by else ("", {})
    return WriteCondition(
        f"{unchanged(entry).expression} AND ({free}{mine})",
        {**unchanged(entry).values, "now": iso(now), **me},
    )
