"""The tables that the checklist names, and what DescribeTable says of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from readiness.answer import Answer, Partial, deferred
from readiness.aws import Aws, unavailable
from readiness.checklist import Settings
from readiness.each import Each
from readiness.fact import fact
from readiness.model import Gone

NO_MAXIMUM = -1


@dataclass(frozen=True)
class Table:
    """A table that is watched: the axis on which every check stands. Its key is its ARN."""

    name: str
    arn: str
    account: str
    region: str


@fact()
def tables(aws: Aws, settings: Settings) -> Each[Table]:
    """Those of the checklist, in this account and Region, whether they exist or not."""
    prefix = f"arn:{aws.partition}:dynamodb:{aws.region}:{aws.account}:table/"
    names = [table.name for table in settings.tables]
    return Each({prefix + name: Table(name, prefix + name, aws.account, aws.region) for name in names})


@dataclass(frozen=True)
class Encryption:
    """How the table is encrypted with a key of the account. `kind` is AWS's SSEType."""

    status: str
    kind: str | None
    key_arn: str | None
    inaccessible_since: datetime | None


@dataclass(frozen=True)
class TableDescription(Partial):
    """What DescribeTable says. `encryption` is None under the key that AWS owns.

    `max_reads` and `max_writes` are request units a second, None where no maximum is set; `warm_reads` and
    `warm_writes` those that it can take at once. `last_on_demand` is when the table was last switched to on-demand: it
    stays after a switch back. `keys` are the key attributes of the table and of each index, as in `PK, SK` and
    `by-mail: mail`. `stream_arn` is the stream that it writes to, or wrote to last; None: it never had one.
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
    keys: tuple[str, ...]
    table_class: str
    warm_reads: int | None
    warm_writes: int | None
    stream_arn: str | None


@fact("dynamodb:DescribeTable", witnesses=Table)
def table_description(aws: Aws, table: Table) -> TableDescription:
    """A table that was never on-demand has no BillingModeSummary; one on the key that AWS owns no SSEDescription."""
    return described(aws, table)


def described(aws: Aws, table: Table) -> TableDescription:
    """What DescribeTable says of any table. Gone: it does not exist."""
    with existing(table):
        answered = aws.client("dynamodb").describe_table(TableName=table.name)
    answer = Answer(answered, "dynamodb:DescribeTable").part("Table")
    billing = answer.part_or_none("BillingModeSummary")
    encryption = answer.part_or_none("SSEDescription")
    indexes = answer.parts_or_empty("GlobalSecondaryIndexes")
    return TableDescription(
        table_id=deferred(lambda: answer.need("TableId", str)),
        created=deferred(lambda: answer.need("CreationDateTime", datetime)),
        status=deferred(lambda: answer.need("TableStatus", str)),
        billing_mode=deferred(lambda: billing.need("BillingMode", str) if billing else "PROVISIONED"),
        last_on_demand=billing.get("LastUpdateToPayPerRequestDateTime", datetime) if billing else None,
        max_reads=_maximum(answer, "MaxReadRequestUnits"),
        max_writes=_maximum(answer, "MaxWriteRequestUnits"),
        deletion_protected=answer.get("DeletionProtectionEnabled", bool, default=False),
        encryption=deferred(lambda: _encryption(encryption) if encryption else None),
        indexes=deferred(lambda: tuple(sorted(index.need("IndexName", str) for index in indexes))),
        keys=deferred(lambda: (_keys(answer), *sorted(map(_keys_of_index, indexes)))),
        table_class=_table_class(answer),
        warm_reads=_warm(answer, "ReadUnitsPerSecond"),
        warm_writes=_warm(answer, "WriteUnitsPerSecond"),
        stream_arn=deferred(lambda: _stream(answer)),
    )


@dataclass(frozen=True)
class TableIndex:
    """A global secondary index of the table. Its key is its ARN."""

    name: str
    arn: str


@fact()
def table_indexes(table: Table, description: TableDescription) -> Each[TableIndex]:
    """All of them, those too that are being created."""
    arns = {f"{table.arn}/index/{name}": name for name in description.indexes}
    return Each({arn: TableIndex(name, arn) for arn, name in arns.items()})


@contextmanager
def existing(table: Table) -> Iterator[None]:
    """Make `Gone` of every spelling that the calls about a table have for one that does not exist."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if isinstance(unavailable(error, None), Gone):
            msg = f"the table {table.name} does not exist"
            raise Gone(msg) from None
        raise


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


def _keys(described: Answer) -> str:
    return ", ".join(key.need("AttributeName", str) for key in described.parts("KeySchema"))


def _keys_of_index(index: Answer) -> str:
    return f"{index.need('IndexName', str)}: {_keys(index)}"


def _encryption(description: Answer) -> Encryption:
    return Encryption(
        status=description.need("Status", str),
        kind=description.get("SSEType", str),
        key_arn=description.get("KMSMasterKeyArn", str),
        inaccessible_since=description.get("InaccessibleEncryptionDateTime", datetime),
    )
