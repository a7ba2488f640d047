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
    """What is remembered of one table. `writer` names this very invocation: who bears the name holds its leases.

    Every method raises StoreUnavailable where the table can't be read or written.
    """

    rows: Rows
    writer: str

    def read(self) -> Remembered:
        """Everything under `STATE`, in one consistent query."""
        return remembered({self.rows.sort_key_of(row): row for row in self.rows.query(STATE)})

    def commit(self, before: Remembered, change: Change) -> None:
        """Write the change over what was read, all of it or nothing. WriteConflict: look again."""
        self.rows.transact(Commit(self.rows, before, change, self.writer).writes())

    def attempted(self, table_id: str, refused: Mapping[str, tuple[datetime, DriftRecord]]) -> None:
        """Keep calls that were refused, by the ids of their events. WriteConflict: another run is writing the same."""
        if refused:
            self.rows.transact(attempts(self.rows, table_id, refused))

    def name(self, drift: str, actor: Mapping[str, Any]) -> bool:
        """Say in a drift's record who did it; False where that is said, or the record is gone."""
        nobody = WriteCondition("attribute_exists(#pk) AND attribute_not_exists(#actor)")
        return self.rows.update(drift, "SET #actor = :actor", {"actor": actor}, nobody)

    def head(self) -> OutboxEntry | None:
        """The first message of the outbox."""
        return next(map(entry_of, self.rows.query(PREFIX, limit=1)), None)

    def claim(self, entry: OutboxEntry, until: datetime, now: datetime) -> bool:
        """Lease the message; False where it is gone, changed, or leased by another run that may live."""
        lease = "SET #leasedBy = :me, #leaseUntil = :until ADD #attempts :one"
        values = {"me": self.writer, "until": until, "one": 1}
        return self.rows.update(entry.sort_key, lease, values, claimable(entry, now, self.writer))

    def release(self, entry: OutboxEntry) -> None:
        """Give the lease back. Nothing happens where this run holds none."""
        self.rows.update(entry.sort_key, "REMOVE #leasedBy, #leaseUntil", {}, held(entry, self.writer))

    def discard(self, entry: OutboxEntry, table_id: str) -> bool:
        """Drop a message that this run holds, if what is remembered is of the table of that `TableId`; else False."""
        ours = WriteCondition("#tableId = :table", {"table": table_id})
        try:
            self.rows.transact([self.rows.check(STATE, ours), self.rows.drop(entry.sort_key, held(entry, self.writer))])
        except WriteConflict:
            return False
        return True

    def delete(self, entry: OutboxEntry) -> None:
        """The message is sent. Nothing happens where it is gone already."""
        self.rows.delete(entry.sort_key, unchanged(entry))

    def pending(self) -> int:
        """How many messages wait."""
        return self.rows.count(PREFIX)

    def rules(self) -> Iterator[dict[str, Any]]:
        """The items of the checklist, each as the last run that changed it wrote it."""
        return self.rows.query("RULE#")

    def trim(self, now: datetime) -> int:
        """For a table whose TTL does not work: delete up to 25 runs and drifts that are past their time. How many."""
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
