"""PITR of a table, and its replicas in other Regions with theirs.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-MultiAccount.html: a replica may be in
another account, which is not readable from here.
"""

from datetime import datetime

from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.arn import account_of
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import STRONG, Table, TableDescription, described
from readiness.model import Fact, Reason, Unavailable, Unreadable

DEFAULT_WINDOW_DAYS = 35


class Recovery(Partial):
    """PITR of a table: its status, window in days, and restorable times; both times are None while disabled."""

    enabled: bool
    window_days: int
    earliest: datetime | None
    latest: datetime | None


@fact("dynamodb:DescribeContinuousBackups", events=("dynamodb:UpdateContinuousBackups",))
def recovery(aws: Aws, table: Table) -> Recovery:
    """Return PITR of the table. ContinuousBackupsStatus is not read: it is ENABLED for every table."""
    return recovery_of(aws, table)


def recovery_of(aws: Aws, table: Table) -> Recovery:
    """Return PITR of any table, in its own Region. Raise Gone where the table does not exist."""
    with existing(f"the table {table.name}"):
        answered = aws.client("dynamodb", table.region).describe_continuous_backups(TableName=table.name)
    answer = Answer(answered, "dynamodb:DescribeContinuousBackups").part("ContinuousBackupsDescription")
    description = answer.part("PointInTimeRecoveryDescription")
    return Recovery(
        enabled=deferred(lambda: _enabled(description)),
        window_days=deferred(lambda: description.get("RecoveryPeriodInDays", int, DEFAULT_WINDOW_DAYS)),
        earliest=deferred(lambda: description.get("EarliestRestorableDateTime", datetime)),
        latest=deferred(lambda: description.get("LatestRestorableDateTime", datetime)),
    )


def _enabled(description: Answer) -> bool:
    """Raise Unreadable where the status is neither ENABLED nor DISABLED."""
    status = description.need("PointInTimeRecoveryStatus", str)
    if status not in {"ENABLED", "DISABLED"}:
        detail = f"PointInTimeRecoveryStatus is {status}"
        raise Unreadable({}, Unavailable(Reason.SDK_TOO_OLD, description.permission, detail))
    return status == "ENABLED"


class Replica(Fact):
    """A replica, from DescribeTable of the table. Its key is its ARN."""

    arn: str
    account: str
    region: str
    status: str | None


@fact()
def replicas(table: Table, description: TableDescription) -> Each[Replica]:
    """List the replicas without the table itself. One without an ARN is assumed to be in this account."""
    found: dict[str, Replica] = {}
    for each in description.replicas:
        arn = each.arn or replica_arn(table, each.region)
        if arn != table.arn:
            found[arn] = Replica(arn, account_of(arn), each.region, each.status)
    return Each(found)


def replica_arn(table: Table, region: str) -> str:
    """Return the ARN of a replica in the table's account: all replicas have the table's name."""
    return table.arn.replace(f":{table.region}:", f":{region}:", 1)


class ReplicaTable(Partial):
    """Protection of a replica; one with multi-Region strong consistency cannot be disassociated."""

    deletion_protected: bool
    disassociation_protected: bool


@fact("dynamodb:DescribeTable", resources={"dynamodb:DescribeTable": ("{replica}",)})
def replica_table(aws: Aws, table: Table, replica: Replica) -> ReplicaTable | None:
    """Return None if the replica is in another account."""
    own = _own(table, replica)
    if own is None:
        return None
    description = described(aws, own)
    return ReplicaTable(
        deletion_protected=deferred(lambda: description.deletion_protected),
        disassociation_protected=deferred(
            lambda: description.disassociation_protected or description.consistency == STRONG
        ),
    )


class ReplicaRecovery(Partial):
    """PITR of a replica, which is its own."""

    enabled: bool


@fact("dynamodb:DescribeContinuousBackups", resources={"dynamodb:DescribeContinuousBackups": ("{replica}",)})
def replica_recovery(aws: Aws, table: Table, replica: Replica) -> ReplicaRecovery | None:
    """Return None if the replica is in another account."""
    own = _own(table, replica)
    if own is None:
        return None
    recovery = recovery_of(aws, own)
    return ReplicaRecovery(deferred(lambda: recovery.enabled))


def _own(table: Table, replica: Replica) -> Table | None:
    return Table(table.name, replica.arn, table.account, replica.region) if replica.account == table.account else None
