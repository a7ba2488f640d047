"""The tables that the checklist names, and what DescribeTable says of one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from readiness.aws import Aws, unavailable
from readiness.checklist import Settings
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.instant import utc, utc_or_none
from readiness.model import Gone

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import (
        KeySchemaElementTypeDef,
        OnDemandThroughputTypeDef,
        SSEDescriptionTypeDef,
    )

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
class TableDescription:
    """What DescribeTable says. `encryption` is None under the key that AWS owns.

    `max_reads` and `max_writes` are request units a second, None where no maximum is set; `warm_reads` and
    `warm_writes` those that it can take at once. `last_on_demand` is when the table was last switched to on-demand: it
    stays after a switch back. `keys` are the key attributes of the table and of each index, as in `PK, SK` and
    `by-mail: mail`.
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


@fact("dynamodb:DescribeTable", witnesses=Table)
def table_description(aws: Aws, table: Table) -> TableDescription:
    """A table that was never on-demand has no BillingModeSummary; one on the key that AWS owns no SSEDescription."""
    return described(aws, table)


def described(aws: Aws, table: Table) -> TableDescription:
    """What DescribeTable says of any table. Gone: it does not exist."""
    with existing(table):
        answer = aws.client("dynamodb").describe_table(TableName=table.name)["Table"]
    billing = answer.get("BillingModeSummary")
    maxima = answer.get("OnDemandThroughput", {})
    encryption = answer.get("SSEDescription")
    warm = answer.get("WarmThroughput", {})
    indexes = answer.get("GlobalSecondaryIndexes", [])
    return TableDescription(
        table_id=answer["TableId"],
        created=utc(answer["CreationDateTime"]),
        status=answer["TableStatus"],
        billing_mode=billing["BillingMode"] if billing else "PROVISIONED",
        last_on_demand=utc_or_none(billing.get("LastUpdateToPayPerRequestDateTime")) if billing else None,
        max_reads=_maximum(maxima, "MaxReadRequestUnits"),
        max_writes=_maximum(maxima, "MaxWriteRequestUnits"),
        deletion_protected=answer.get("DeletionProtectionEnabled", False),
        encryption=_encryption(encryption) if encryption else None,
        indexes=tuple(sorted(index["IndexName"] for index in indexes)),
        keys=(
            _keys(answer.get("KeySchema", [])),
            *sorted(f"{index['IndexName']}: {_keys(index.get('KeySchema', []))}" for index in indexes),
        ),
        table_class=answer.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        warm_reads=warm.get("ReadUnitsPerSecond"),
        warm_writes=warm.get("WriteUnitsPerSecond"),
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


def _maximum(maxima: "OnDemandThroughputTypeDef", name: str) -> int | None:
    maximum = maxima.get(name)
    return maximum if isinstance(maximum, int) and maximum != NO_MAXIMUM else None


def _keys(schema: Sequence["KeySchemaElementTypeDef"]) -> str:
    return ", ".join(key["AttributeName"] for key in schema)


def _encryption(description: "SSEDescriptionTypeDef") -> Encryption:
    return Encryption(
        status=description["Status"],
        kind=description.get("SSEType"),
        key_arn=description.get("KMSMasterKeyArn"),
        inaccessible_since=utc_or_none(description.get("InaccessibleEncryptionDateTime")),
    )
