"""Tables that the checklist names, and their descriptions from DescribeTable."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from readiness.aws import client
from readiness.aws.answer import Answer, Partial, deferred, lacking
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.model import Fact, Gone, Unavailable

T = TypeVar("T")

NO_MAXIMUM = -1
DELETING = "DELETING"

EVENTUAL, STRONG = "EVENTUAL", "STRONG"
"""MultiRegionConsistency of a global table: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html."""


class Table(Fact):
    """A monitored table: the axis of every check. Its key is its ARN."""

    name: str
    arn: str
    account: str
    region: str


@fact()
def tables(aws: Aws, settings: Settings) -> Each[Table]:
    """Return the tables of the checklist in this account and Region, existing or not."""
    prefix = f"arn:{aws.partition}:dynamodb:{aws.region}:{aws.account}:table/"
    names = [table.name for table in settings.tables]
    return Each({prefix + name: Table(name, prefix + name, aws.account, aws.region) for name in names})


class Encryption(Struct, frozen=True):
    """Encryption with a KMS key of the account: Status and SSEType, each None where AWS left it out."""

    status: str | None
    kind: str | None
    key_arn: str | None
    inaccessible_since: datetime | None


class ReplicaDescription(Struct, frozen=True):
    """A replica of a global table, from DescribeTable. `key` is the KMS key that was set for it, if any.

    `arn` and `status` are None where AWS left them out.
    """

    region: str
    arn: str | None
    status: str | None
    inaccessible_since: datetime | None
    key: str | None


class TableDescription(Partial):
    """DescribeTable of a table. `encryption` is None with an AWS owned key.

    `max_reads` and `max_writes` are request units per second, None: not set; `warm_reads` and `warm_writes` are the
    warm throughput. `last_on_demand` is LastUpdateToPayPerRequestDateTime, which stays after a switch back. `keys` are
    the key attributes of the table and of each index, such as `PK, SK` and `by-mail: mail`. `stream_arn` is
    LatestStreamArn; None: the table never had a stream. `archive` is the backup of an archived table. `replicas`,
    `consistency` (MultiRegionConsistency) and `disassociation_protected` describe a global table.
    """

    table_id: str
    created: datetime
    status: str
    billing_mode: str
    last_on_demand: datetime | None
    max_reads: int | None
    max_writes: int | None
    deletion_protected: bool
    encryption: Encryption | None
    indexes: tuple[str, ...]
    vector_indexes: tuple[str, ...]
    keys: tuple[str, ...]
    table_class: str
    warm_reads: int | None
    warm_writes: int | None
    stream_arn: str | None
    archive: str | None
    replicas: tuple[ReplicaDescription, ...]
    consistency: str
    disassociation_protected: bool


@fact("dynamodb:DescribeTable", events=("dynamodb:UpdateTable", "dynamodb:DeleteTable"), witnesses=Table)
def table_description(aws: Aws, table: Table) -> TableDescription:
    """Read the table. BillingModeSummary is absent if it was never on-demand, SSEDescription with an AWS owned key."""
    return described(aws, table)


def described(aws: Aws, table: Table) -> TableDescription:
    """Return DescribeTable of any table, in its own Region. Raise Gone where the table does not exist.

    While a table is being deleted, AWS leaves most members out. Such a field raises Gone when it is read.
    """
    with existing(table):
        answered = aws.client("dynamodb", table.region).describe_table(TableName=table.name)
    answer = Answer(answered, "dynamodb:DescribeTable").part("Table")
    told = _Told(table, answer)
    return TableDescription(
        table_id=told.of("TableId", lambda: answer.need("TableId", str)),
        created=told.of("CreationDateTime", lambda: answer.need("CreationDateTime", datetime)),
        status=deferred(lambda: answer.need("TableStatus", str)),
        billing_mode=told.of("BillingModeSummary", lambda: _billing_mode(answer)),
        last_on_demand=told.of("BillingModeSummary", lambda: _last_on_demand(answer)),
        max_reads=told.of("OnDemandThroughput", lambda: _maximum(answer, "MaxReadRequestUnits")),
        max_writes=told.of("OnDemandThroughput", lambda: _maximum(answer, "MaxWriteRequestUnits")),
        deletion_protected=deferred(lambda: answer.get("DeletionProtectionEnabled", bool, default=False)),
        encryption=told.of("SSEDescription", lambda: _encryption(answer)),
        indexes=told.of("GlobalSecondaryIndexes", lambda: _names(answer, "GlobalSecondaryIndexes")),
        vector_indexes=told.of("VectorIndexes", lambda: _names(answer, "VectorIndexes")),
        keys=told.of("KeySchema", lambda: _all_keys(answer)),
        table_class=told.of("TableClassSummary", lambda: _table_class(answer)),
        warm_reads=told.of("WarmThroughput", lambda: _warm(answer, "ReadUnitsPerSecond")),
        warm_writes=told.of("WarmThroughput", lambda: _warm(answer, "WriteUnitsPerSecond")),
        archive=deferred(lambda: _archive(answer)),
        replicas=told.of("Replicas", lambda: tuple(map(_replica, answer.parts_or_empty("Replicas")))),
        consistency=deferred(lambda: answer.get("MultiRegionConsistency", str, EVENTUAL)),
        disassociation_protected=deferred(lambda: answer.get("DisassociationProtectionEnabled", bool, default=True)),
        stream_arn=told.of("LatestStreamArn", lambda: _stream(answer)),
    )


class _Told(Struct, frozen=True):
    """Reads members of a table that may be in deletion."""

    table: Table
    answer: Answer

    def of(self, member: str, read: Callable[[], T]) -> T:
        """Return the value; a field that raises Gone where the table is being deleted and the member is absent."""

        def reading() -> T:
            if not self.answer.has(member) and self.answer.get("TableStatus", object) == DELETING:
                msg = f"the table {self.table.name} is being deleted: DescribeTable does not return its {member}"
                raise Gone(msg)
            return read()

        return deferred(reading)


class TableIndex(Fact):
    """A global secondary index of the table. Its key is its ARN."""

    name: str
    arn: str


@fact()
def table_indexes(table: Table, description: TableDescription) -> Each[TableIndex]:
    """Return all indexes, including those that are being created."""
    arns = {f"{table.arn}/index/{name}": name for name in description.indexes}
    return Each({arn: TableIndex(name, arn) for arn, name in arns.items()})


def status_of(description: TableDescription | Unavailable | Gone) -> str | None:
    """Return the table status; None where it could not be read."""
    if not isinstance(description, TableDescription) or "status" in lacking(description):
        return None
    return description.status


def existing(table: Table) -> AbstractContextManager[None]:
    """Raise Gone for every error code with which calls report a table that does not exist."""
    return client.existing(f"the table {table.name}")


def _billing_mode(table: Answer) -> str:
    """Return the billing mode.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html
    """
    billing = table.part_or_none("BillingModeSummary")
    return billing.need("BillingMode", str) if billing else "PROVISIONED"


def _last_on_demand(table: Answer) -> datetime | None:
    billing = table.part_or_none("BillingModeSummary")
    return billing.get("LastUpdateToPayPerRequestDateTime", datetime) if billing else None


def _maximum(table: Answer, name: str) -> int | None:
    maxima = table.part_or_none("OnDemandThroughput")
    maximum = maxima.get(name, int) if maxima else None
    return None if maximum == NO_MAXIMUM else maximum


def _warm(table: Answer, name: str) -> int | None:
    warm = table.part_or_none("WarmThroughput")
    return warm.get(name, int) if warm else None


def _stream(table: Answer) -> str | None:
    stream = table.part_or_none("StreamSpecification")
    return table.bound(
        "LatestStreamArn", str, here=stream is not None and stream.get("StreamEnabled", bool, default=False)
    )


def _table_class(table: Answer) -> str:
    summary = table.part_or_none("TableClassSummary")
    return summary.get("TableClass", str, "STANDARD") if summary else "STANDARD"


def _names(table: Answer, kind: str) -> tuple[str, ...]:
    return tuple(sorted(index.need("IndexName", str) for index in table.parts_or_empty(kind)))


def _all_keys(table: Answer) -> tuple[str, ...]:
    return (_keys(table), *sorted(map(_keys_of_index, table.parts_or_empty("GlobalSecondaryIndexes"))))


def _keys(described: Answer) -> str:
    return ", ".join(key.need("AttributeName", str) for key in described.parts("KeySchema"))


def _keys_of_index(index: Answer) -> str:
    return f"{index.need('IndexName', str)}: {_keys(index)}"


def _encryption(table: Answer) -> Encryption | None:
    description = table.part_or_none("SSEDescription")
    if description is None:
        return None
    return Encryption(
        status=description.get("Status", str),
        kind=description.get("SSEType", str),
        key_arn=description.get("KMSMasterKeyArn", str),
        inaccessible_since=description.get("InaccessibleEncryptionDateTime", datetime),
    )


def _archive(table: Answer) -> str | None:
    summary = table.part_or_none("ArchivalSummary")
    return summary.get("ArchivalBackupArn", str) if summary else None


def _replica(replica: Answer) -> ReplicaDescription:
    return ReplicaDescription(
        region=replica.need("RegionName", str),
        arn=replica.get("ReplicaArn", str),
        status=replica.get("ReplicaStatus", str),
        inaccessible_since=replica.get("ReplicaInaccessibleDateTime", datetime),
        key=replica.get("KMSMasterKeyId", str),
    )


def is_of_deletion(message: str, table: str) -> bool:
    """Return True if a finding fails only because the table is being deleted."""
    return message.startswith(f"the table {table} is being deleted: ")
