"""Tables that the checklist names, and their descriptions from DescribeTable."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from readiness.aws.answer import Answer, Partial, deferred, lacking
from readiness.aws.arn import part_of, region_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws, existing
from readiness.checklist import Settings
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.model import Fact, Gone, Unavailable

T = TypeVar("T")

NO_MAXIMUM = -1
LAST_ON_DEMAND = "LastUpdateToPayPerRequestDateTime"
DELETING = "DELETING"
DESCRIBE = "dynamodb:DescribeTable"

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
    """A replica of a global table. `arn` and `status` are None where AWS left them out, `key` if not set."""

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


@fact(DESCRIBE, events=("dynamodb:UpdateTable", "dynamodb:DeleteTable"), witnesses=Table)
def table_description(aws: Aws, table: Table) -> TableDescription:
    """Read the table. BillingModeSummary is absent if it was never on-demand, SSEDescription with an AWS owned key."""
    return described(aws, table)


def describe(aws: Aws, arn: str) -> Answer:
    """Return the answer of DescribeTable to a table in its own Region, which the facts of a collection share."""
    client = aws.client("dynamodb", region_of(arn))
    answered = shared((DESCRIBE, arn), lambda: client.describe_table(TableName=part_of(arn, 1)))
    return Answer(answered, DESCRIBE).part("Table")


def described(aws: Aws, table: Table) -> TableDescription:
    """Return DescribeTable of any table; in deletion, AWS leaves out members, whose fields raise Gone."""
    with existing(f"the table {table.name}"):
        answer = describe(aws, table.arn)
    part = answer.part_or_empty

    def told(member: str, read: Callable[[], T]) -> T:
        def reading() -> T:
            if not answer.has(member) and answer.get("TableStatus", object) == DELETING:
                msg = f"the table {table.name} is being deleted: DescribeTable does not return its {member}"
                raise Gone(msg)
            return read()

        return deferred(reading)

    return TableDescription(
        table_id=told("TableId", lambda: answer.need("TableId", str)),
        created=told("CreationDateTime", lambda: answer.need("CreationDateTime", datetime)),
        status=deferred(lambda: answer.need("TableStatus", str)),
        billing_mode=told("BillingModeSummary", lambda: _billing_mode(answer)),
        last_on_demand=told("BillingModeSummary", lambda: part("BillingModeSummary").get(LAST_ON_DEMAND, datetime)),
        max_reads=told("OnDemandThroughput", lambda: _maximum(answer, "MaxReadRequestUnits")),
        max_writes=told("OnDemandThroughput", lambda: _maximum(answer, "MaxWriteRequestUnits")),
        deletion_protected=deferred(lambda: answer.get("DeletionProtectionEnabled", bool, default=False)),
        encryption=told("SSEDescription", lambda: _encryption(answer)),
        indexes=told("GlobalSecondaryIndexes", lambda: _names(answer, "GlobalSecondaryIndexes")),
        vector_indexes=told("VectorIndexes", lambda: _names(answer, "VectorIndexes")),
        keys=told("KeySchema", lambda: (_keys(answer), *_keys_of_indexes(answer))),
        table_class=told("TableClassSummary", lambda: part("TableClassSummary").get("TableClass", str, "STANDARD")),
        warm_reads=told("WarmThroughput", lambda: part("WarmThroughput").get("ReadUnitsPerSecond", int)),
        warm_writes=told("WarmThroughput", lambda: part("WarmThroughput").get("WriteUnitsPerSecond", int)),
        archive=deferred(lambda: part("ArchivalSummary").get("ArchivalBackupArn", str)),
        replicas=told("Replicas", lambda: tuple(map(_replica, answer.parts_or_empty("Replicas")))),
        consistency=deferred(lambda: answer.get("MultiRegionConsistency", str, EVENTUAL)),
        disassociation_protected=deferred(lambda: answer.get("DisassociationProtectionEnabled", bool, default=True)),
        stream_arn=told(
            "LatestStreamArn",
            lambda: answer.bound(
                "LatestStreamArn", str, here=part("StreamSpecification").get("StreamEnabled", bool, default=False)
            ),
        ),
    )


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


def _billing_mode(table: Answer) -> str:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html."""
    billing = table.part_or_none("BillingModeSummary")
    return billing.need("BillingMode", str) if billing else "PROVISIONED"


def _maximum(table: Answer, name: str) -> int | None:
    maximum = table.part_or_empty("OnDemandThroughput").get(name, int)
    return None if maximum == NO_MAXIMUM else maximum


def _names(table: Answer, kind: str) -> tuple[str, ...]:
    return tuple(sorted(index.need("IndexName", str) for index in table.parts_or_empty(kind)))


def _keys_of_indexes(table: Answer) -> list[str]:
    indexes = table.parts_or_empty("GlobalSecondaryIndexes")
    return sorted(f"{index.need('IndexName', str)}: {_keys(index)}" for index in indexes)


def _keys(described: Answer) -> str:
    return ", ".join(key.need("AttributeName", str) for key in described.parts("KeySchema"))


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
