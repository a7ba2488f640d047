"""A table billed by request takes a sale's traffic without anybody having guessed it beforehand.

With provisioned capacity a guess that is too low throttles carts and checkouts, and one that is too high is paid
for every hour. On-demand can throttle too: a partition takes 3,000 reads and 1,000 writes a second, a table more than
double its former peak only after half an hour, and nobody more than a configured maximum.
"""

from datetime import timedelta
from math import ceil
from typing import Any

from readiness.checklist import BillingException
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.dynamodb.peaks import Maxima, Peaks
from readiness.facts.dynamodb.scalable_targets import ScalableTargets
from readiness.facts.dynamodb.table import NO_MAXIMUM, TableDescription
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.rules.shared.novel import novel
from readiness.rules.shared.remedying import of_each
from readiness.rules.shared.transition import Transition, continued

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

ROOM = 1.5
"""So many times the highest minute: within one there are higher seconds."""

SETTLED = frozenset({"ACTIVE", "UPDATING", "DELETING", "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVING", "ARCHIVED"})
"""An update is judged by what is being updated, and adding an index takes hours; the others are other checks'."""


class Billing(Transition):
    """How the table was found while it was not on-demand: PROVISIONED, or UPDATING, when a switch may be under way."""

    stored_as = "Billing"


class TableChange(Transition):
    """A table that was being created."""

    stored_as = "TableChange"


@rule.check(fix="aws dynamodb update-table --table-name {table} --billing-mode PAY_PER_REQUEST --region {region}")
def mode(description: TableDescription, checklist: Checklist, now: Now, before: Billing | None) -> Verdict:
    """It is in on-demand mode, or the checklist has an exception that has not expired."""
    seen = _seen(description)
    if description.billing_mode == ON_DEMAND:
        return passed("the table is billed by request", **seen)
    if description.billing_mode != "PROVISIONED":
        return novel("dynamodb:DescribeTable", "BillingMode", description.billing_mode)
    if checklist.billing_exception is not None:
        return _excepted(checklist.billing_exception, now, seen)
    # One that was steadily provisioned stays failed while it is updated: the update need not be the switch.
    steady = before is not None and before.state == "PROVISIONED"
    state = "UPDATING" if description.status == "UPDATING" and not steady else "PROVISIONED"
    billing = continued(Billing, before, state, now)
    if state == "UPDATING" and not billing.overdue(now, SWITCH_LIMIT):
        return warned("capacity is still provisioned while the table is being updated", carry=billing, **seen)
    return failed("capacity is provisioned", carry=billing, **seen)


@rule.check(
    severity=Severity.MEDIUM,
    version=2,
    fix="aws dynamodb describe-table --table-name {table} --region {region} --query Table.TableStatus",
)
def settled(description: TableDescription, now: Now, before: TableChange | None) -> Verdict:
    """The table is not being created for longer than an hour, and its replication is authorized."""
    status = description.status
    seen = {"evidence": {"TableStatus": status}}
    if status == "CREATING":
        change = continued(TableChange, before, status, now)
        judge = failed if change.overdue(now, CREATION_LIMIT) else warned
        return judge(f"the table is {status} since {change.since:%Y-%m-%d %H:%M} UTC", carry=change, **seen)
    if status == "REPLICATION_NOT_AUTHORIZED":
        return failed("the table may no longer replicate", **seen)
    if status not in SETTLED:
        return novel("dynamodb:DescribeTable", "TableStatus", status)
    return passed("no change is under way" if status == "ACTIVE" else f"other checks judge what is {status}", **seen)


DEREGISTER = (
    "aws application-autoscaling deregister-scalable-target --service-namespace dynamodb"
    " --resource-id {ResourceId} --scalable-dimension {ScalableDimension} --region {region}"
)


@rule.check(severity=Severity.LOW, required=False, fix=DEREGISTER)
def autoscaling(description: TableDescription, scaling: ScalableTargets) -> Verdict:
    """On-demand capacity has no scaling targets left over that would act on it after a switch back."""
    if description.billing_mode != ON_DEMAND:
        return not_applicable("provisioned capacity may well be scaled")
    if not scaling.targets:
        return passed("no scaling target is left over")
    targets = [dict(zip(("ResourceId", "ScalableDimension"), each.split(" "), strict=True)) for each in scaling.targets]
    return warned(
        f"left over scaling targets: {', '.join(scaling.targets)}",
        evidence={**targets[0], "ScalableTargets": list(scaling.targets)},
        watched={"ScalableTargets": list(scaling.targets)},
        remedy=of_each(DEREGISTER, targets),
    )


@rule.check(
    severity=Severity.MEDIUM,
    required=False,
    fix="aws dynamodb update-table --table-name {table} --region {region}"
    " --on-demand-throughput MaxReadRequestUnits={EnoughReads},MaxWriteRequestUnits={EnoughWrites}",
)
def maximum(maxima: Maxima, peaks: Peaks) -> Verdict:
    """A maximum that is set leaves room above what was consumed in the highest minute of 15 days."""
    sides = (("reads", maxima.reads, peaks.reads), ("writes", maxima.writes, peaks.writes))
    tight = [
        f"at most {most} {what} a second are allowed, and {peak:.1f} were consumed"
        for what, most, peak in sides
        if most is not None and most < ROOM * peak
    ]
    watched = {"MaxReadRequestUnits": maxima.reads, "MaxWriteRequestUnits": maxima.writes}
    enough = {
        "EnoughReads": _enough(maxima.reads, peaks.reads),
        "EnoughWrites": _enough(maxima.writes, peaks.writes),
    }
    seen: dict[str, Any] = {"evidence": {**watched, **enough}, "watched": watched}
    if tight:
        return warned("; ".join(tight), **seen)
    return passed("the maximum leaves room above the highest load of 15 days", **seen)


def _enough(most: int | None, peak: float) -> int:
    return NO_MAXIMUM if most is None else max(most, ceil(ROOM * peak))


def _seen(description: TableDescription) -> dict[str, Any]:
    configured = {
        "BillingMode": description.billing_mode,
        "MaxReadRequestUnits": description.max_reads,
        "MaxWriteRequestUnits": description.max_writes,
    }
    last = description.last_on_demand
    moment = {"LastUpdateToPayPerRequestDateTime": last.isoformat()} if last else {}
    return {"evidence": configured | moment, "watched": configured}


def _excepted(exception: BillingException, now: Now, seen: dict[str, Any]) -> Verdict:
    """The exception holds to the end of its last day, in UTC."""
    if now.at.date() <= exception.until:
        said = f"approved by {exception.approved_by} until {exception.until}: {exception.reason}"
        return warned(f"capacity is provisioned, {said}", **seen)
    return failed(f"capacity is provisioned, and the exception ended on {exception.until}", **seen)
