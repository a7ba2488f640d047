"""The store of one table: read, commit, and the outbox. docs/protocol.md section 4."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

import msgspec
from msgspec import Struct, structs

from readiness.aws.client import Aws
from readiness.aws.time import iso
from readiness.checklist import TableSettings
from readiness.model import Message, Reason, Unavailable
from readiness.state.store import housekeeping
from readiness.state.store.change import (
    ATTEMPT,
    ITEM,
    ROLLBACK,
    ROLLBACKS_LIVE,
    Change,
    Commit,
    DriftRecord,
    attempts,
    day_of,
)
from readiness.state.store.damage import RefusedBefore, refused_before, set_aside
from readiness.state.store.entry import (
    LEASE,
    LONGEST,
    PREFIX,
    DamagedEntry,
    OutboxEntry,
    claimable,
    entry_of,
    free_for,
    held,
    unchanged,
    values_of,
)
from readiness.state.store.errors import StoreUnavailable, WriteConflict
from readiness.state.store.head import CHECKS, STATE
from readiness.state.store.kept_rows import ended_values
from readiness.state.store.mirror import MIRROR, Mirror, mirror_values
from readiness.state.store.parameter import Parameters
from readiness.state.store.reading import is_later, remembered
from readiness.state.store.remembered import KeptFactsEnded, Remembered
from readiness.state.store.rows import Rows, WriteCondition, joined, unmoved
from readiness.state.store.signing import MAC, UNSIGNED, Signer, is_signed_kind
from readiness.state.store.wire import Item, encode_item, size
from readiness.state.table_id import UNKNOWN

Trusted = Callable[[str, Item], bool]

LEASING = "SET #leasedBy = :me, #leaseUntil = :until, #attempts = :attempts"

MOST_UNSIGNED = 100
"""The number of messages of a release that did not sign that are believed."""

MOST_TOGETHER = 25
"""The number of damaged messages that are replaced together."""


class Store(Struct, frozen=True):
    """The memory of one table. `writer` identifies this invocation, as the owner of its leases.

    `parameters` holds the key with which the monitor signs and verifies its rows. Without it, which is enough for
    reports, rows are believed as they are, and nothing but annotations can be written.

    Each method raises StoreUnavailable if the table or a parameter can't be read or written.
    """

    rows: Rows
    writer: str
    parameters: Parameters | None = None

    def read(self) -> Remembered:
        """Return everything under `STATE`, read with one consistent query.

        Rows that the monitor did not write are read a second time, with the key: a query is no snapshot, and another
        execution environment may just have made the key.
        """
        state = self._read()
        return self._read(again=True) if state.damaged or state.refused else state

    def commit(self, before: Remembered, change: Change) -> None:
        """Write the change over the memory that was read, in one transaction. WriteConflict: scan again."""
        refused = refused_before(self.rows) if before.refused else RefusedBefore()
        signer = self._signer()
        if before.unsigned:
            self._sign_waiting(before, signer)
        self.rows.transact(Commit(self.rows, before, change, self.writer, signer.sign, refused).writes())

    def attempted(self, table_id: str, refused: Mapping[str, tuple[datetime, DriftRecord]]) -> None:
        """Record calls that were refused, by event id. WriteConflict: another run writes the same rows."""
        if not refused:
            return
        days = {day_of(at) for at, _ in refused.values()}
        kept = {day: self.rows.count(joined(ATTEMPT, day)) for day in days}
        self.rows.transact(attempts(self.rows, table_id, refused, kept))

    def end_facts(self, ended: KeptFactsEnded, table_id: str) -> None:
        """Record change events that end kept answers, for this run and all others. WriteConflict."""
        row = self.rows.item(ended.sort_key, table_id, ended_values(ended))
        self.rows.transact([self.rows.put(self._signer().sign(row))])

    def name(self, drift: str, actor: Mapping[str, Any]) -> bool:
        """Write the author to a drift record. Return False if it has one already, or the record does not exist."""
        nobody = WriteCondition("attribute_exists(#pk) AND attribute_not_exists(#actor)")
        return self.rows.update(drift, "SET #actor = :actor", {"actor": actor}, nobody)

    def head(self) -> OutboxEntry | DamagedEntry | None:
        """Return the first message of the outbox; None if the outbox is empty.

        A row that the monitor did not write is read a second time, with the key.
        """
        first = next(iter(self._entries(limit=1)), None)
        return next(iter(self._entries(limit=1, again=True)), None) if isinstance(first, DamagedEntry) else first

    def damaged_entries(self) -> list[DamagedEntry]:
        """Return the damaged rows that stand together at the beginning of the outbox, at most 25."""
        entries = self._entries(limit=MOST_TOGETHER, again=True)
        return list(takewhile(lambda each: isinstance(each, DamagedEntry), entries))  # type: ignore[arg-type]  # of these

    def claim(self, entry: OutboxEntry, until: datetime, now: datetime) -> bool:
        """Lease the message. Return False if it is gone, changed, or another run holds a valid lease."""
        values = {"me": self.writer, "until": until, "attempts": entry.attempts + 1}
        return self.rows.update(entry.sort_key, LEASING, values, claimable(entry, now, self.writer))

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

    def replace(
        self, damaged: Sequence[DamagedEntry], message: Message, state: Remembered, *, until: datetime, now: datetime
    ) -> bool:
        """Replace damaged rows by one message in the place of the first, if the state is still the one given.

        The rows are leased first: a run with a former key may be sending them. Return False if it was not done.
        """
        leased = [each for each in damaged if self._leased(each, until, now)]
        if leased != list(damaged):
            return False
        mine = [(each, self._mine(each)) for each in damaged]
        first, condition = mine[0]
        table_id = state.table_id or UNKNOWN
        row = self.rows.item(first.sort_key, table_id, values_of(message, state.version))
        refused = {each.sort_key: each.item for each in damaged}
        writes = [
            self.rows.check(STATE, WriteCondition("#version = :version", {"version": state.version})),
            self.rows.put(self._signer().sign(row), condition),
            *(self.rows.drop(each.sort_key, held) for each, held in mine[1:]),
            *set_aside(self.rows, refused, table_id, now, refused_before(self.rows)),
        ]
        try:
            self.rows.transact(writes)
        except WriteConflict:
            return False
        return True

    def delete(self, entry: OutboxEntry) -> None:
        """Delete a message that was sent. Has no effect if it is gone already."""
        self.rows.delete(entry.sort_key, unchanged(entry))

    def _signer(self) -> Signer:
        """Return the signer with the key of the table, which is made if there is none. StoreUnavailable."""
        if self.parameters is None:
            raise StoreUnavailable(Unavailable(Reason.NOT_HERE, None, "this process does not read the signing key"))
        return Signer(self.parameters.make_key())

    def _read(self, *, again: bool = False) -> Remembered:
        items = {self.rows.place_of(item): item for item in self.rows.items(STATE)}
        signed = [item for key, item in items.items() if is_signed_kind(key)]
        trusted = self._trusted(signed, lambda: items.get(STATE, {}), again=again)
        # Other rows do not count: one that no run takes over, which anybody can write, would keep the table unsigned.
        memory = [(key, items[key]) for key in (STATE, CHECKS) if key in items]
        unsigned = any(MAC not in item and trusted(key, item) for key, item in memory)
        return structs.replace(remembered(items, trusted), unsigned=unsigned)

    def _sign_waiting(self, before: Remembered, signer: Signer) -> None:
        """Sign the messages that wait from a release that did not sign, before the head is signed.

        From then on an unsigned message is damage. Runs that deliver with a former release are not disturbed: a
        signature does not touch a lease, and a message that is gone stays so.
        """
        for item in self.rows.items(PREFIX, MOST_UNSIGNED):
            entry = entry_of(self.rows.place_of(item), item, trusted=MAC not in item)
            if isinstance(entry, OutboxEntry) and entry.version <= before.version:
                values = {MAC: signer.mac(item)}
                self.rows.update(entry.sort_key, "SET #mac = :mac", values, unmoved(_unleased(item)))

    def _head(self) -> Item:
        """Return the head; empty if there is none. Its sort key is the first of those that begin with it."""
        return next(self.rows.items(STATE, 1), {})

    def _trusted(self, signed: Sequence[Item], head: Callable[[], Item], *, again: bool) -> "Trusted":
        """Return the test of a row: it has the signature of the key, or no release has signed the head yet.

        `signed` are the rows of the kinds that are signed. Only the parameters that these need are read, and the head.
        """
        parameters = self.parameters
        if parameters is None:
            return lambda _key, _item: True
        key = parameters.key(fresh=again) if any(MAC in item for item in signed) else None
        unsigned = any(MAC not in item for item in signed)
        registered = parameters.read() if unsigned else None
        expected = unsigned and (bool(registered and registered.signed) or MAC in head())

        def trusted(sort_key: str, item: Item) -> bool:
            if not is_signed_kind(sort_key):
                return True
            if MAC not in item:
                return not (expected or is_later(item))  # a later release signs its rows
            return key is not None and Signer(key).verifies(item)

        return trusted

    def _entries(self, *, limit: int, again: bool = False) -> Iterator[OutboxEntry | DamagedEntry]:
        items = list(self.rows.items(PREFIX, limit))
        trusted = self._trusted(items, self._head, again=again)
        for item in items:
            sort_key = self.rows.place_of(item)
            yield entry_of(sort_key, item, trusted=trusted(sort_key, item))

    def _leased(self, entry: DamagedEntry, until: datetime, now: datetime) -> bool:
        if _too_large(entry):
            return True
        there, free = unmoved(_unleased(entry.item)), free_for(now, self.writer)
        condition = WriteCondition(f"{there.expression} AND {free.expression}", free.values, there.read)
        return self.rows.update(entry.sort_key, LEASING, {"me": self.writer, "until": until, "attempts": 1}, condition)

    def _mine(self, entry: DamagedEntry) -> WriteCondition:
        there = unmoved(_unleased(entry.item))
        if _too_large(entry):
            return there
        return WriteCondition(f"{there.expression} AND #leasedBy = :me", {"me": self.writer}, there.read)

    def pending(self) -> int:
        """Return the number of messages in the outbox."""
        return self.rows.count(PREFIX)

    def claim_mirror(self, pager: str, until: datetime, now: datetime) -> bool:
        """Lease the row of a pager, which is created if there is none. Return False if another run holds a lease."""
        values = {"me": self.writer, "until": until}
        return self.rows.update(
            MIRROR + pager, "SET #leasedBy = :me, #leaseUntil = :until", values, free_for(now, self.writer)
        )

    def write_mirror(self, pager: str, mirror: Mirror, until: datetime | None) -> bool:
        """Replace the row of a pager that this run leases. Return False if the lease is lost, or without an answer.

        `until` is the end of the lease; None releases it.
        """
        row = self.rows.item(MIRROR + pager, mirror.table_id, mirror_values(mirror))
        lease = {} if until is None else encode_item({"leasedBy": self.writer, "leaseUntil": until})
        try:
            self.rows.transact([self.rows.put({**self._signer().sign(row), **lease}, self._leasing)])
        except WriteConflict:
            return False
        return True

    def release_mirror(self, pager: str) -> None:
        """Release the lease of a pager's row. Has no effect if this run holds none."""
        self.rows.update(MIRROR + pager, "REMOVE #leasedBy, #leaseUntil", {}, self._leasing)

    def delete_mirror(self, pager: str) -> bool:
        """Delete the row of a pager that this run leases. Return False if the lease is lost."""
        return self.rows.delete(MIRROR + pager, self._leasing)

    @property
    def _leasing(self) -> WriteCondition:
        return WriteCondition("#leasedBy = :me", {"me": self.writer})

    def reported_after_rollback(self, release: str) -> Mapping[str, tuple[str, ...]]:
        """Return the digests of the failures that were last reported of a release that was rolled back to, by check.

        Empty without a row that the monitor wrote, or while its alert is not sent.
        """
        place = joined(ROLLBACK, release)
        row = next(self.rows.query(place, limit=1), {})
        try:
            failures = msgspec.convert(row.get("failures", {}), dict[str, tuple[str, ...]])
        except msgspec.ValidationError:
            return {}
        ours = row.get("SK") == place and row.get("digest") == self._signed(release, failures)
        return failures if ours and row.get("sent") is True else {}

    def claim_rollback(
        self, release: str, failures: Mapping[str, Sequence[str]], *, until: datetime, now: datetime
    ) -> bool:
        """Return True if this run must report a set of failures of a release that was rolled back to.

        False: they were reported already, or a run that has not ended reports them. `failures` are digests, by check.
        """
        expires = int((now + ROLLBACKS_LIVE).timestamp())
        digest = self._signed(release, failures)
        values = {"digest": digest, "failures": failures, "sent": False, "until": until, "expires": expires}
        known = WriteCondition(
            "attribute_not_exists(#digest) OR NOT #digest = :digest"
            " OR (#sent = :sent AND (#leaseUntil < :now OR #leaseUntil > :farthest))",
            {"now": iso(now), "farthest": iso(now + LONGEST + LEASE)},
        )
        expression = (
            "SET #digest = :digest, #failures = :failures, #sent = :sent, #leaseUntil = :until, #expires = :expires"
        )
        return self.rows.update(joined(ROLLBACK, release), expression, values, known)

    def rollback_reported(self, release: str, failures: Mapping[str, Sequence[str]]) -> None:
        """Record that these failures were reported."""
        same = WriteCondition("#digest = :digest", {"digest": self._signed(release, failures)})
        self.rows.update(joined(ROLLBACK, release), "SET #sent = :sent", {"sent": True}, same)

    def _signed(self, release: str, failures: Mapping[str, Sequence[str]]) -> str:
        """Return the digest of failures as only the monitor can write it: otherwise it could be claimed by others."""
        whole = {check: list(each) for check, each in failures.items()}
        return self._signer().mac(encode_item({ROLLBACK: release, "failures": whole}))

    def rules(self) -> Iterator[dict[str, Any]]:
        """Return the rows of the checklist's items, each as last written."""
        return self.rows.query("RULE#")

    def trim(self, now: datetime) -> int:
        """Delete up to 25 expired rows, for a table whose TTL does not work. Return their number."""
        return housekeeping.trim(self.rows, now)


def _too_large(entry: DamagedEntry) -> bool:
    """Return True if a lease may not fit into the row. No run can be sending it: a message of SNS is smaller."""
    return size(entry.item) > ITEM


def _unleased(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in UNSIGNED - {MAC}}


def store_of(aws: Aws, table: TableSettings, writer: str, *, signs: bool = False, kms_key: str = "") -> Store:
    """Return the store of one table. `writer` names the invocation that holds its leases.

    `signs`: the store reads the signing key, verifies rows and can commit runs. `kms_key` encrypts a new signing key.
    """
    rows = Rows(
        aws.client("dynamodb"),
        account=aws.account,
        region=aws.region,
        table=table.name,
        partition_key=table.partition_key,
        sort_key=table.sort_key,
        ttl_attribute=table.ttl_attribute,
    )
    return Store(rows, writer, parameters_of(aws, table.name, kms_key) if signs else None)


def parameters_of(aws: Aws, table: str, kms_key: str = "") -> Parameters:
    """Return the parameters of one table in SSM. `kms_key` encrypts a new signing key."""
    return Parameters(aws.client("ssm"), aws.account, aws.region, table, kms_key)
