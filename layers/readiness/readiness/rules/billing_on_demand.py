"""On-demand capacity serves the traffic of a sale without a forecast.

With provisioned capacity, a forecast that is too low throttles carts and checkouts, and one that is too high is paid
for every hour. An on-demand table can be throttled too: a partition serves at most 3,000 read and 1,000 write request
units per second, traffic above double the previous peak can be throttled for 30 minutes, and requests above a
configured maximum throughput are throttled.
"""

from datetime import timedelta
from math import ceil
from typing import Any

from readiness.checklist import BillingException
from readiness.engine.control import config, nist, prowler, security_hub, well_architected
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, recovered, warned
from readiness.facts.dynamodb.consumption import Maxima, Peaks, ScalableTargets
from readiness.facts.dynamodb.table import NO_MAXIMUM, TableDescription
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.rules.shared.novel import novel
from readiness.rules.shared.remedying import of_each
from readiness.rules.shared.transitional_state import TransitionalState, continued

rule = Rule(
    "1.1",
    "Billing mode",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
    change_events_of=(TableDescription,),
)

ON_DEMAND = "PAY_PER_REQUEST"
SWITCH_LIMIT = timedelta(minutes=15)
CREATION_LIMIT = timedelta(minutes=60)

PROVISIONED = "billing mode is PROVISIONED, expected PAY_PER_REQUEST"
SWITCHED = "billing mode was changed to PROVISIONED"

ROOM = 1.5
"""Minimum ratio of the maximum to the peak minute: the peak second within that minute is higher."""

SETTLED = frozenset({"ACTIVE", "UPDATING", "DELETING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVING", "ARCHIVED"})
"""Statuses that this check passes: an update is judged by its parts (adding an index takes hours), others by other
checks."""


class Billing(TransitionalState):
    """State of a table that is not on-demand: PROVISIONED, or UPDATING while a switch may be in progress."""

    stored_as = "Billing"


class TableChange(TransitionalState):
    """State of a table whose creation is in progress."""

    stored_as = "TableChange"


@rule.check(
    decide=(
        "Decide if the costs of on-demand capacity fit the traffic. A table can be switched to on-demand four"
        " times in 24 hours. An exception with an end is billing_exception of the checklist."
    ),
    fix="aws dynamodb update-table --table-name {table} --billing-mode PAY_PER_REQUEST --region {region}",
    controls=(
        *security_hub("DynamoDB.1"),
        *config("dynamodb-autoscaling-enabled"),
        *well_architected("REL07"),
        *nist("CP-10", "CP-2(2)", "CP-6(2)", "SC-36", "SC-5(2)", "SI-13(5)"),
        *prowler("dynamodb_table_autoscaling_enabled"),
    ),
)
def mode(description: TableDescription, checklist: Checklist, now: Now, before: Billing | None) -> Verdict:
    """Is the billing mode on-demand (PAY_PER_REQUEST), or does the checklist hold an exception that has not expired?

    Requests above the provisioned capacity are throttled, and unused capacity is billed.
    """
    configured = {
        "BillingMode": description.billing_mode,
        "MaxReadRequestUnits": description.max_reads,
        "MaxWriteRequestUnits": description.max_writes,
    }
    last = description.last_on_demand
    moment = {"LastUpdateToPayPerRequestDateTime": last.isoformat()} if last else {}
    seen: dict[str, Any] = {"evidence": configured | moment, "watched": configured}
    if description.billing_mode == ON_DEMAND:
        return recovered("billing mode is PAY_PER_REQUEST", **seen)
    if description.billing_mode != "PROVISIONED":
        return novel("dynamodb:DescribeTable", "BillingMode", description.billing_mode)
    if checklist.billing_exception is not None:
        return _excepted(checklist.billing_exception, now, seen)
    # A table that was PROVISIONED before stays FAIL while it is UPDATING: the update may be something else.
    steady = before is not None and before.state == "PROVISIONED"
    state = "UPDATING" if description.status == "UPDATING" and not steady else "PROVISIONED"
    billing = continued(Billing, before, state, now)
    if state == "UPDATING" and not billing.overdue(now, SWITCH_LIMIT):
        return warned(f"{PROVISIONED} (the table is being updated)", carry=billing, **seen)
    return failed(PROVISIONED, subject=SWITCHED, carry=billing, **seen)


@rule.check(
    decide=(
        "Only AWS ends the creation of a table. If replication is not authorized, the owner of the KMS key or"
        " of the table's policy has to allow it."
    ),
    severity=Severity.MEDIUM,
    version=2,
    fix="aws dynamodb describe-table --table-name {table} --region {region} --query Table.TableStatus",
)
def settled(description: TableDescription, now: Now, before: TableChange | None) -> Verdict:
    """Is the table created within 60 minutes, and is its replication authorized?"""
    status = description.status
    seen = {"evidence": {"TableStatus": status}}
    if status == "CREATING":
        change = continued(TableChange, before, status, now)
        return change.verdict(now, CREATION_LIMIT, f"table status is {status}", **seen)
    if status == "REPLICATION_NOT_AUTHORIZED":
        return failed(f"table status is {status}: DynamoDB may not replicate it", **seen)
    if status not in SETTLED:
        return novel("dynamodb:DescribeTable", "TableStatus", status)
    return passed(f"table status is {status}", **seen)


DEREGISTER = (
    "aws application-autoscaling deregister-scalable-target --service-namespace dynamodb"
    " --resource-id {ResourceId} --scalable-dimension {ScalableDimension} --region {region}"
)


@rule.check(
    decide="Decide if the table will be provisioned again. If not, remove the targets.",
    severity=Severity.LOW,
    required=False,
    fix=DEREGISTER,
)
def autoscaling(description: TableDescription, scaling: ScalableTargets) -> Verdict:
    """Are the Application Auto Scaling targets of an on-demand table removed?"""
    if description.billing_mode != ON_DEMAND:
        return not_applicable("billing mode is PROVISIONED, which auto scaling may adjust")
    if not scaling.targets:
        return passed("no scalable targets")
    targets = [dict(zip(("ResourceId", "ScalableDimension"), each.split(" "), strict=True)) for each in scaling.targets]
    return warned(
        f"scalable targets are registered for an on-demand table: {', '.join(scaling.targets)}",
        evidence={**targets[0], "ScalableTargets": list(scaling.targets)},
        watched={"ScalableTargets": list(scaling.targets)},
        remedy=of_each(DEREGISTER, targets),
    )


@rule.check(
    decide=(
        "Decide which load may be throttled to limit costs. The command sets 1.5 times the peak of the last 15 days."
    ),
    severity=Severity.MEDIUM,
    required=False,
    fix="aws dynamodb update-table --table-name {table} --region {region}"
    " --on-demand-throughput MaxReadRequestUnits={EnoughReads},MaxWriteRequestUnits={EnoughWrites}",
)
def maximum(maxima: Maxima, peaks: Peaks) -> Verdict:
    """Does a configured maximum throughput leave a margin above the peak of the last 15 days?"""
    sides = (("MaxReadRequestUnits", maxima.reads, peaks.reads), ("MaxWriteRequestUnits", maxima.writes, peaks.writes))
    tight = [
        f"{name} is {most}, expected at least {ceil(ROOM * peak)} (peak {peak:.1f} per second)"
        for name, most, peak in sides
        if most is not None and most < ROOM * peak
    ]
    watched = {"MaxReadRequestUnits": maxima.reads, "MaxWriteRequestUnits": maxima.writes}
    enough = {"EnoughReads": _enough(maxima.reads, peaks.reads), "EnoughWrites": _enough(maxima.writes, peaks.writes)}
    seen: dict[str, Any] = {"evidence": {**watched, **enough}, "watched": watched}
    if tight:
        return warned("; ".join(tight), **seen)
    return passed("the maximum throughput is above the peak of the last 15 days", **seen)


def _enough(most: int | None, peak: float) -> int:
    return NO_MAXIMUM if most is None else max(most, ceil(ROOM * peak))


def _excepted(exception: BillingException, now: Now, seen: dict[str, Any]) -> Verdict:
    """Return the verdict on a PROVISIONED table with an exception, which is valid to the end of its last day, UTC."""
    if now.at.date() <= exception.until:
        approval = f"approved by {exception.approved_by} until {exception.until}: {exception.reason}"
        return warned(f"billing mode is PROVISIONED, {approval}", subject=SWITCHED, **seen)
    return failed(f"{PROVISIONED}; the exception ended on {exception.until}", subject=SWITCHED, **seen)
