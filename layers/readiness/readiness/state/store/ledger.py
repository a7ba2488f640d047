"""The store of one table: read, commit, and the outbox. docs/protocol.md section 4."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from readiness.aws.client import Aws
from readiness.checklist import TableSettings
from readiness.state.store import housekeeping
from readiness.state.store.change import Change, Commit, DriftRecord, attempts
from readiness.state.store.entry import PREFIX, OutboxEntry, claimable, entry_of, held, unchanged
from readiness.state.store.errors import WriteConflict
from readiness.state.store.remembered import STATE, Remembered, remembered
from readiness.state.store.rows import Rows, WriteCondition


class Store(Struct, frozen=True):
    """The memory of one table. `writer` identifies this invocation, as the owner of its leases.

    Each method raises StoreUnavailable if the table can't be read or written.
    """

    rows: Rows
    writer: str

    def read(self) -> Remembered:
        """Return everything under `STATE`, read with one consistent query."""
        return remembered({self.rows.sort_key_of(row): row for row in self.rows.query(STATE)})

    def commit(self, before: Remembered, change: Change) -> None:
        """Write the change over the memory that was read, in one transaction. WriteConflict: scan again."""
        self.rows.transact(Commit(self.rows, before, change, self.writer).writes())

    def attempted(self, table_id: str, refused: Mapping[str, tuple[datetime, DriftRecord]]) -> None:
        """Record calls that were refused, by event id. WriteConflict: another run writes the same rows."""
        if refused:
            self.rows.transact(attempts(self.rows, table_id, refused))

    def name(self, drift: str, actor: Mapping[str, Any]) -> bool:
        """Write the author to a drift record. Return False if it has one already, or the record does not exist."""
        nobody = WriteCondition("attribute_exists(#pk) AND attribute_not_exists(#actor)")
        return self.rows.update(drift, "SET #actor = :actor", {"actor": actor}, nobody)

    def head(self) -> OutboxEntry | None:
        """Return the first message of the outbox; None if the outbox is empty."""
        return next(map(entry_of, self.rows.query(PREFIX, limit=1)), None)

    def claim(self, entry: OutboxEntry, until: datetime, now: datetime) -> bool:
        """Lease the message. Return False if it is gone, changed, or another run holds a valid lease."""
        lease = "SET #leasedBy = :me, #leaseUntil = :until ADD #attempts :one"
        values = {"me": self.writer, "until": until, "one": 1}
        return self.rows.update(entry.sort_key, lease, values, claimable(entry, now, self.writer))

    def release(self, entry: OutboxEntry) -> None:
        """Release the lease. Has no effect if this run holds none."""
        self.rows.update(entry.sort_key, "REMOVE #leasedBy, #leaseUntil", {}, held(entry, self.writer))

    def discard(self, entry: OutboxEntry, table_id: str) -> bool:
        """Delete a message that this run leases, if the memory is of the table with that `TableId`.

        Return False if one of these conditions does not hold.
        """
        ours = WriteCondition("#tableId = :table", {"table": table_id})
        try:
            self.rows.transact([self.rows.check(STATE, ours), self.rows.drop(entry.sort_key, held(entry, self.writer))])
        except WriteConflict:
            return False
        return True

    def delete(self, entry: OutboxEntry) -> None:
        """Delete a message that was sent. Has no effect if it is gone already."""
        self.rows.delete(entry.sort_key, unchanged(entry))

    def pending(self) -> int:
        """Return the number of messages in the outbox."""
        return self.rows.count(PREFIX)

    def rules(self) -> Iterator[dict[str, Any]]:
        """Return the rows of the checklist's items, each as last written."""
        return self.rows.query("RULE#")

    def trim(self, now: datetime) -> int:
        """Delete up to 25 expired run and drift rows, for a table whose TTL does not work. Return their number."""
        return housekeeping.trim(self.rows, now)


def store_of(aws: Aws, table: TableSettings, writer: str) -> Store:
    """Return the store of one table. `writer` names the invocation that holds its leases."""
    rows = Rows(
        aws.client("dynamodb"),
        account=aws.account,
        region=aws.region,
        table=table.name,
        partition_key=table.partition_key,
        sort_key=table.sort_key,
        ttl_attribute=table.ttl_attribute,
    )
    return Store(rows, writer)
