"""Verdicts on the replication of a global table, from the table status and the replica statuses. Pure.

Replicas without authorization:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html. Replicas with an
inaccessible key or a disabled Region:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ReplicaDescription.html.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from readiness.aws.time import minute
from readiness.engine.rule import failed, not_applicable, passed, remedy_of, warned
from readiness.facts.dynamodb.recovery import Replica, replica_arn
from readiness.facts.dynamodb.table import STRONG, ReplicaDescription, Table, TableDescription
from readiness.model import Call, Gone, Reason, Remedy, Unavailable, Unreadable, Verdict

NO_KEY, NO_AUTHORITY = "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "REPLICATION_NOT_AUTHORIZED"
CUT_OFF = frozenset({NO_KEY, NO_AUTHORITY, "REGION_DISABLED"})
ENDED = frozenset({"CREATION_FAILED", "ARCHIVING", "ARCHIVED"})
MOVING = frozenset({"CREATING", "UPDATING", "DELETING"})

LEFT_WITH = {False: timedelta(hours=20), True: timedelta(days=7)}
"""Time until an inaccessible replica is removed, by whether the global table has multi-Region strong consistency."""

SHOW = (
    "aws dynamodb describe-table --table-name {table} --region {Region}"
    " --query 'Table.[TableStatus,SSEDescription,Replicas]'"
)
ENABLE_KEY = "aws kms enable-key --key-id {KMSMasterKeyId} --region {Region}"

# Remove the Deny on DynamoDB's service-linked role from the printed policy and put the rest back.
SHOW_POLICY = (
    "aws dynamodb get-resource-policy --resource-arn {ReplicaArn} --region {Region} --query Policy --output text"
)
ENABLE_REGION = "aws account enable-region --region-name {Region}"
MENDING = {NO_AUTHORITY: SHOW_POLICY, "REGION_DISABLED": ENABLE_REGION}


def protect(setting: str, region: str = "{Region}") -> Call:
    """Return the call that enables a protection of the table in a Region."""
    return Call("dynamodb", "UpdateTable", {"TableName": "{table}", setting: True}, region)


PROTECT = protect("DisassociationProtectionEnabled")


def replicating(table: Table, description: TableDescription) -> Iterator[Verdict]:
    """Yield a verdict on the table, then one on each replica.

    Raise Unreadable at the end where a replica has a status that is absent or not known.
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
            absent = each.status is None
            reason = Reason.INCOMPLETE_ANSWER if absent else Reason.SDK_TOO_OLD
            detail = "Table.Replicas[].ReplicaStatus" if absent else f"ReplicaStatus is {each.status}"
            unread[arn] = Unavailable(reason, "dynamodb:DescribeTable", detail)
    if unread:
        raise Unreadable(unread)


def shown(replica: Replica) -> dict[str, Any]:
    """Return the evidence that identifies a replica."""
    return {"ReplicaArn": replica.arn, "Region": replica.region}


def not_read(replica: Replica, why: Gone | None) -> Verdict:
    """Return the verdict on a replica that cannot be read.

    A replica in another account is not read. While a replica is created or removed it need not exist; otherwise it
    must.
    """
    if why is None:
        message = f"the replica in {replica.region} is in another account ({replica.account}), which is not read"
        return not_applicable(message, evidence=shown(replica))
    judge = not_applicable if replica.status in MOVING else failed
    status = replica.status or "unknown"
    message = f"the table does not exist in {replica.region}: replica status is {status}"
    return judge(message, evidence=shown(replica))


def _own(table: Table, description: TableDescription) -> Verdict:
    status, strong = description.status, description.consistency == STRONG
    protected = {"DisassociationProtectionEnabled": description.disassociation_protected or strong}
    evidence = {"TableStatus": status, "Region": table.region, "ReplicaArn": table.arn, **protected}
    seen: dict[str, Any] = {"evidence": evidence, "watched": protected}
    message, subject = f"table status in {table.region} is {status}", f"table status in {table.region} became {status}"
    if status in CUT_OFF:
        # Since when: from the table's entry among the replicas or, for a key, from the table itself.
        own = [each.inaccessible_since for each in description.replicas if each.region == table.region]
        of_key = description.encryption.inaccessible_since if description.encryption else None
        since = next(filter(None, own), of_key if status == NO_KEY else None)
        remedy = Remedy(SHOW_POLICY if status == NO_AUTHORITY else SHOW)
        return failed(f"{message}: {_ends(since, strong=strong)}", subject=subject, remedy=remedy, **seen)
    if status in ENDED:
        return failed(message, subject=subject, **seen)
    if not protected["DisassociationProtectionEnabled"]:
        message = "disassociation protection is disabled: one API call can remove the table from the global table"
        return warned(message, remedy=remedy_of(PROTECT), **seen)
    return passed(f"the table in {table.region} can replicate", **seen)


def _of(replica: ReplicaDescription, arn: str, *, strong: bool) -> Verdict | None:
    """Return the verdict on a replica; None where its status is absent or not known."""
    status = replica.status
    since = replica.inaccessible_since
    evidence = {
        "ReplicaArn": arn,
        "Region": replica.region,
        "ReplicaStatus": status,
        "ReplicaInaccessibleDateTime": since.isoformat() if since else None,
        "KMSMasterKeyId": replica.key,
    }
    message = f"replica status in {replica.region} is {status}"
    subject = f"replica status in {replica.region} became {status}"
    if status == "ACTIVE":
        return passed(message, evidence=evidence, resource=arn)
    if status in MOVING:
        removed = ": the replica is being removed" if status == "DELETING" else ""
        return warned(f"{message}{removed}", evidence=evidence, resource=arn)
    if status in ENDED:
        return failed(message, subject=subject, evidence=evidence, resource=arn)
    if status in CUT_OFF:
        return failed(
            f"{message}: {_ends(since, strong=strong)}",
            subject=subject,
            evidence=evidence,
            resource=arn,
            remedy=Remedy(MENDING.get(status, ENABLE_KEY if replica.key else SHOW)),
        )
    return None


def _ends(since: datetime | None, *, strong: bool) -> str:
    """Return when DynamoDB removes an inaccessible replica from the global table."""
    removed = "becomes permanently inaccessible" if strong else "is permanently removed from the global table"
    left = "7 days" if strong else "20 hours"
    if since is None:
        return f"it {removed} {left} after it became inaccessible"
    return f"it {removed} at {minute(since + LEFT_WITH[strong])}, {left} after {minute(since)}"
