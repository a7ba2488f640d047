"""One whole message that waits in the outbox, and its row."""

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
    """A message in the outbox: `attempts` is how often it was claimed.

    `place` is the version that first put a message there, and `version` the one that wrote this: a later one where
    messages were merged.
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
        """The message's own: `<tableId>/<version>`."""
        return self.message.id

    @property
    def sort_key(self) -> str:
        """Its key: text sorts as the versions do."""
        return sort_key_at(self.place)


def message_id(table_id: str, version: int) -> str:
    """What the message of a commit is known by, to us and to who hears it twice."""
    return f"{table_id}/{version}"


def sort_key_at(place: int) -> str:
    """The sort key of the message at that place in the line."""
    return f"{PREFIX}{place:0{DIGITS}}"


def values_of(message: Message, place: int, version: int) -> dict[str, Any]:
    """The row of a message that nobody claimed yet."""
    whole = {
        "id": message.id,
        "subject": message.subject,
        "bodies": message.bodies,
        "attributes": message.attributes,
    }
    return {"place": place, "version": version, "message": whole, "attempts": 0}


def entry_of(row: Mapping[str, Any]) -> OutboxEntry:
    """The entry that a row holds."""
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
    """The row still holds that very message: it is neither sent nor merged into another."""
    values = {"version": entry.version, "table": entry.table_id}
    return WriteCondition("#version = :version AND #tableId = :table", values)


def held(entry: OutboxEntry, by: str) -> WriteCondition:
    """It still holds that message, and that run has the lease on it."""
    return WriteCondition(f"{unchanged(entry).expression} AND #leasedBy = :me", {**unchanged(entry).values, "me": by})


def claimable(entry: OutboxEntry, now: datetime, by: str | None = None) -> WriteCondition:
    """It still holds that message, so a sent one can't come back, and no living run but `by` has a lease on it."""
    free = "attribute_not_exists(#leasedBy) OR #leaseUntil < :now"
    mine, me = (" OR #leasedBy = :me", {"me": by}) if by else ("", {})
    return WriteCondition(
        f"{unchanged(entry).expression} AND ({free}{mine})",
        {**unchanged(entry).values, "now": iso(now), **me},
    )
