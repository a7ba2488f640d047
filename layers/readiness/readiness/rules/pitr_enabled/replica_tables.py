"""What becomes of a global table, as its own status and those of its replicas tell. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html says what a replica without
authority becomes, https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ReplicaDescription.html what one
becomes whose key or Region is out of reach.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from readiness.engine.rule import failed, not_applicable, passed, warned
from readiness.facts.dynamodb.replicas import Replica, replica_arn
from readiness.facts.dynamodb.table import STRONG, ReplicaDescription, Table, TableDescription
from readiness.model import Gone, Reason, Remedy, Unavailable, Unreadable, Verdict

PERMISSION = "dynamodb:DescribeTable"
NO_KEY, NO_AUTHORITY = "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "REPLICATION_NOT_AUTHORIZED"
CUT_OFF = frozenset({NO_KEY, NO_AUTHORITY, "REGION_DISABLED"})
ENDED = frozenset({"CREATION_FAILED", "ARCHIVING", "ARCHIVED"})
MOVING = frozenset({"CREATING", "UPDATING", "DELETING"})

LEFT_WITH = {False: timedelta(hours=20), True: timedelta(days=7)}
"""By whether the replicas agree strongly: so long may one be cut off."""

SHOW = (
    "aws dynamodb describe-table --table-name {table} --region {Region}"
    " --query 'Table.[TableStatus,SSEDescription,Replicas]'"
)
ENABLE_KEY = "aws kms enable-key --key-id {KMSMasterKeyId} --region {Region}"

# The Deny of the service's role in the replica's policy is to be taken out of what is printed, and the rest put back.
SHOW_POLICY = (
    "aws dynamodb get-resource-policy --resource-arn {ReplicaArn} --region {Region} --query Policy --output text"
)
ENABLE_REGION = "aws account enable-region --region-name {Region}"
PROTECT = "aws dynamodb update-table --table-name {table} --disassociation-protection-enabled --region {Region}"


def replicating(table: Table, description: TableDescription) -> Iterator[Verdict]:
    """A verdict on the table and on each of its replicas. Unreadable, at the end: one has a status that means nothing.

    The first of what is said is about the table itself.
    """
    yield _own(table, description)
    unread = {}
    for each in description.replicas:
        arn = each.arn or replica_arn(table, each.region)
        if arn == table.arn:
            continue
        verdict = _of(each, arn, strong=description.consistency == STRONG)
        if verdict:
            yield verdict
        else:
            unread[arn] = _unread(each)
    if unread:
        raise Unreadable(unread)


def shown(replica: Replica) -> dict[str, Any]:
    """By what a replica is known, as evidence."""
    return {"ReplicaArn": replica.arn, "Region": replica.region}


def not_read(replica: Replica, why: Gone | None) -> Verdict:
    """Of another account nothing can be read. While one is made or removed it need not be there; else it has to be."""
    if why is None:
        message = f"the replica in {replica.region} is of account {replica.account}"
        return not_applicable(message, evidence=shown(replica))
    judge = not_applicable if replica.status in MOVING else failed
    return judge(f"there is no table in {replica.region}: the replica is {replica.status}", evidence=shown(replica))


def _own(table: Table, description: TableDescription) -> Verdict:
    status, strong = description.status, description.consistency == STRONG
    protected = {"DisassociationProtectionEnabled": description.disassociation_protected or strong}
    evidence = {"TableStatus": status, "Region": table.region, "ReplicaArn": table.arn, **protected}
    seen: dict[str, Any] = {"evidence": evidence, "watched": protected}
    if status in CUT_OFF:
        ends = _ends(_own_since(table, description), strong=strong)
        remedy = Remedy(SHOW_POLICY if status == NO_AUTHORITY else SHOW)
        return failed(f"the table here is {status}: {ends}", remedy=remedy, **seen)
    if status in ENDED:
        return failed(f"the table here is {status}", **seen)
    if not protected["DisassociationProtectionEnabled"]:
        message = "disassociation protection is off: one call makes the table here one of its own"
        return warned(message, remedy=Remedy(PROTECT), **seen)
    return passed("the table here may replicate", **seen)


def _own_since(table: Table, description: TableDescription) -> datetime | None:
    """Where the table is told among its replicas, as that says; of a key out of reach the table itself says it too."""
    own = [each.inaccessible_since for each in description.replicas if each.region == table.region]
    of_key = description.encryption.inaccessible_since if description.encryption else None
    return next(filter(None, own), of_key if description.status == NO_KEY else None)


def _of(replica: ReplicaDescription, arn: str, *, strong: bool) -> Verdict | None:
    """None: the status is absent, or one that no release of this time knows."""
    status = replica.status
    since = replica.inaccessible_since
    evidence = {
        "ReplicaArn": arn,
        "Region": replica.region,
        "ReplicaStatus": status,
        "ReplicaInaccessibleDateTime": since.isoformat() if since else None,
        "KMSMasterKeyId": replica.key,
    }
    said = f"the replica in {replica.region} is {status}"
    if status == "ACTIVE":
        return passed(said, evidence=evidence, resource=arn)
    if status in MOVING:
        removed = ": somebody removes it" if status == "DELETING" else ""
        return warned(f"{said}{removed}", evidence=evidence, resource=arn)
    if status in ENDED:
        return failed(said, evidence=evidence, resource=arn)
    if status in CUT_OFF:
        ends = _ends(since, strong=strong)
        return failed(f"{said}: {ends}", evidence=evidence, resource=arn, remedy=_mending(replica))
    return None


def _ends(since: datetime | None, *, strong: bool) -> str:
    """What the cut-off one becomes, and when."""
    becomes = "can never be reached again" if strong else "becomes a table of its own for good"
    left = "7 days" if strong else "20 hours"
    if since is None:
        return f"it {becomes} {left} after that began"
    return f"it {becomes} on {since + LEFT_WITH[strong]:%Y-%m-%d %H:%M} UTC, {left} after {since:%Y-%m-%d %H:%M} UTC"


def _mending(replica: ReplicaDescription) -> Remedy:
    if replica.status == NO_AUTHORITY:
        return Remedy(SHOW_POLICY)
    if replica.status == "REGION_DISABLED":
        return Remedy(ENABLE_REGION)
    return Remedy(ENABLE_KEY if replica.key else SHOW)


def _unread(replica: ReplicaDescription) -> Unavailable:
    if replica.status is None:
        return Unavailable(Reason.INCOMPLETE_ANSWER, PERMISSION, "Table.Replicas[].ReplicaStatus")
    return Unavailable(Reason.SDK_TOO_OLD, PERMISSION, f"ReplicaStatus is {replica.status}")
