"""Replicas of a global table in other Regions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-MultiAccount.html: a replica may be in
another account, which is not readable from here.
"""

from readiness.aws.answer import Partial, deferred
from readiness.aws.arn import account_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.recovery import recovery_of
from readiness.facts.dynamodb.table import STRONG, Table, TableDescription, described
from readiness.model import Fact


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
    """Deletion protection of a replica, which is its own, and protection against disassociation.

    A replica with multi-Region strong consistency cannot be disassociated.
    """

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
