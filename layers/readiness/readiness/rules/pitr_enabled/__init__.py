"""PITR restores the table to any second of the recovery window, for example to just before a bad deploy.

Without PITR, the newest backup is the only restore point, and every later write is lost. Disabling PITR and enabling it
again loses as much: the window starts anew, its length returns to 35 days, and the status is ENABLED as before. IAM has
no condition key that separates disabling PITR from enabling it: both need `dynamodb:UpdateContinuousBackups`.

Each replica of a global table has its own PITR and protection settings, which are read in each Region of this account.
A replica in another account cannot be read from here, and the legacy version 2017.11.29 does not list its replicas.

The principals that can disable PITR are computed from the policies of the account's roles and users, and from the
table's resource-based policy. Root always can and is not listed. Service control policies are not visible here and may
deny more. A Deny with a condition is not counted. The role of an IAM Identity Center permission set changes only with
the permission set.

Indirect access is one step away: editing the policies of a principal that can, passing or assuming a role that can,
changing the code or configuration of a function in this Region that runs as such a role, or changing the table's
resource-based policy.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from readiness.aws.arn import resource_of
from readiness.aws.time import minute
from readiness.engine.control import Condition, config, nist, prowler, security_hub, well_architected
from readiness.engine.rule import (
    Rule,
    Severity,
    Verdict,
    failed,
    not_applicable,
    not_recorded,
    passed,
    recovered,
    remedy_of,
    warned,
)
from readiness.facts.backup.newest import NewestBackup
from readiness.facts.dynamodb.recovery import Recovery, Replica, ReplicaRecovery, ReplicaTable
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.pitr_admins import UPDATE_PITR, PitrAdmins
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Access
from readiness.iam.holders import Holder
from readiness.iam.match import matches
from readiness.model import Call, Carry, Gone, Incident, Remedy, Unavailable, Unreadable
from readiness.rules.pitr_enabled.replica_tables import (
    NO_AUTHORITY,
    PROTECT,
    SHOW,
    not_read,
    protect,
    replicating,
    shown,
)
from readiness.rules.shared.few import few
from readiness.rules.shared.remedying import enable_recovery

rule = Rule(
    "1.4",
    "PITR",
    Severity.CRITICAL,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
)

TOLERANCE = timedelta(minutes=10)
LAGGING = timedelta(minutes=15)
STUCK = timedelta(hours=24)
REVIEWED_WITHIN = timedelta(days=180)
SHOWN = 50
NAMED = 10
PROTECTION_DEMANDED = Condition('deletion_protection is "fail"', lambda table: table.deletion_protection == "fail")
NOBODY = "no principal except root can disable PITR"
WHO = "name who answers for it"
OFF = "PITR was disabled"


# DynamoDB keeps a system backup of a table with PITR for 35 days; the name is free once the table is deleted.
RESTORE = (
    "aws dynamodb wait table-not-exists --table-name {table} --region {region}"
    " && aws dynamodb restore-table-from-backup --target-table-name {table} --region {region} --backup-arn"
    ' "$(aws dynamodb list-backups --table-name {table} --backup-type ALL --region {region}'
    " --query 'sort_by(BackupSummaries,&BackupCreationDateTime)[-1].BackupArn' --output text)\""
)


# A unique name: a policy of the same name would replace the Deny of another action.
DENY = (
    "aws iam put-{Kind}-policy --{Kind}-name {Name} --policy-name recovery-stays-on-$(date +%s)"
    ' --policy-document \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"\'{Action}\'",'
    '"Resource":"\'{Resource}\'"}}]}}\''
)
HOW = {
    Access.DIRECT: "can disable PITR",
    Access.CONDITIONAL: "can disable PITR under a condition",
    Access.BOUNDED: "can disable PITR without its permissions boundary",
    Access.INDIRECT: "can gain permission to disable PITR",
}
LIST = (
    "printf '%s\\n' {AllowedTogglers}  # review these entries and put them into the checklist in place of the old ones"
)


class RecoveryStart(Carry):
    """Earliest restorable time at the last run that saw PITR enabled, and the time of that run."""

    stored_as = "RecoveryStart"
    moves = True

    earliest: datetime
    seen: datetime


@rule.check(
    fix=enable_recovery(),
    change_events_of=(Recovery,),
    controls=(
        *security_hub("DynamoDB.2"),
        *config("dynamodb-pitr-enabled"),
        *well_architected("REL09"),
        *nist("CP-10", "CP-6(2)", "CP-9", "SC-5(2)", "SI-12", "SI-13(5)"),
        *prowler("dynamodb_tables_pitr_enabled"),
    ),
)
def on(
    recovery: Recovery, now: Now, before: RecoveryStart | None, newest: NewestBackup | Unavailable | Gone | None
) -> Verdict:
    """Is PITR enabled, and did it stay enabled since the last run?

    Items that are overwritten or deleted from now on cannot be restored.
    """
    if not recovery.enabled:
        evidence = {"PointInTimeRecoveryStatus": "DISABLED"}
        was = f"enabled, restorable from {minute(before.earliest)} on" if before else ""
        lost = f"Restore points from before {minute(now.at)} are lost." if before else ""
        impact = tuple(filter(None, (lost, _newest(newest))))
        backup = {"TableName": "{table}", "BackupName": f"after-pitr-{now.at:%Y%m%d}"}
        keep = Remedy(steps=(Call("dynamodb", "CreateBackup", backup),))
        more: dict[str, Any] = {"impact": impact, "was": was, "after": keep}
        return failed("PITR is disabled", subject=OFF, carry=before, evidence=evidence, **more)
    start = RecoveryStart(recovery.earliest, now.at) if recovery.earliest else before
    evidence = {"PointInTimeRecoveryStatus": "ENABLED"}
    seen: dict[str, Any] = {"evidence": evidence, "impact": _filling(recovery, now)}
    return recovered("PITR is enabled", carry=start, incident=_reset(recovery, now, before), **seen)


def _newest(backup: NewestBackup | Unavailable | Gone | None) -> str:
    """Return the newest other backup; empty if none is known."""
    return f"Newest other backup: {minute(backup.created)} ({backup.kind})." if isinstance(backup, NewestBackup) else ""


def _filling(recovery: Recovery, now: Now) -> tuple[str, ...]:
    """Return since when the table can be restored, if the recovery window is not full."""
    if recovery.earliest is None:
        return ()
    full = recovery.earliest + timedelta(days=recovery.window_days)
    begins = f"The table can be restored to times from {minute(recovery.earliest)} on"
    return (f"{begins}; the window is full on {full:%Y-%m-%d}.",) if full > now.at + TOLERANCE else ()


@rule.check(severity=Severity.HIGH, fix=enable_recovery())
def window(recovery: Recovery, checklist: Checklist) -> Verdict:
    """Is the recovery window as long as the checklist demands?

    The table cannot be restored to a time before the recovery window.
    """
    if not recovery.enabled:
        return not_applicable("PITR is disabled")
    days = {"RecoveryPeriodInDays": recovery.window_days}
    message = f"recovery window is {recovery.window_days} days"
    if recovery.window_days >= checklist.pitr.window_days:
        return recovered(message, evidence=days, watched=days)
    subject = f"recovery window was changed to {recovery.window_days} days"
    return failed(f"{message}, expected {checklist.pitr.window_days}", subject=subject, evidence=days, watched=days)


@rule.check(decide="Nothing to do: the recovery window fills by itself.", severity=Severity.MEDIUM)
def filled(recovery: Recovery, checklist: Checklist, now: Now) -> Verdict:
    """Has PITR been enabled for as many days as the checklist demands before cutover?"""
    if not recovery.enabled:
        return not_applicable("PITR is disabled")
    since = recovery.earliest or now.at
    evidence = {"EarliestRestorableDateTime": since.isoformat()}
    message = f"earliest restorable time is {minute(since)}"
    if now.at - since >= timedelta(days=checklist.pitr.days_before_cutover):
        return passed(message, evidence=evidence)
    return warned(f"{message}, expected at least {checklist.pitr.days_before_cutover} days ago", evidence=evidence)


@rule.check(
    decide="Nothing to do for PITR: AWS catches up by itself. A backup bridges the time until then.",
    severity=Severity.HIGH,
    fix="aws dynamodb create-backup --table-name {table} --backup-name while-recovery-lags --region {region}",
    change_events_of=(),
)
def fresh(recovery: Recovery, now: Now) -> Verdict:
    """Is the latest restorable time at most 15 minutes ago?

    Changes after the latest restorable time cannot be restored.
    """
    if not recovery.enabled:
        return not_applicable("PITR is disabled")
    if recovery.latest is None:
        return warned("PITR has no latest restorable time yet")
    lag = now.at - recovery.latest
    evidence = {"LatestRestorableDateTime": recovery.latest.isoformat()}
    message = f"latest restorable time is {minute(recovery.latest)}"
    if lag <= LAGGING:
        return passed(message, evidence=evidence)
    judge = failed if lag > STUCK else warned
    subject = f"latest restorable time stopped at {minute(recovery.latest)}"
    return judge(f"{message}, expected at most 15 minutes ago", subject=subject, evidence=evidence)


@rule.check(
    severity=Severity.HIGH,
    fix=protect("DeletionProtectionEnabled", "{region}"),
    controls=(
        *security_hub("DynamoDB.6", only_if=PROTECTION_DEMANDED),
        *config("dynamodb-table-deletion-protection-enabled", only_if=PROTECTION_DEMANDED),
        *nist("CA-9(1)", "CM-2", "CM-2(2)", "CM-3", "SC-5(2)"),
        *prowler("dynamodb_table_deletion_protection_enabled", only_if=PROTECTION_DEMANDED),
    ),
)
def deletion_protection(description: TableDescription, checklist: Checklist) -> Verdict:
    """Is deletion protection enabled?

    One DeleteTable call deletes the table with all its items.
    """
    seen = {"DeletionProtectionEnabled": description.deletion_protected}
    if description.deletion_protected:
        return recovered("deletion protection is enabled", evidence=seen, watched=seen)
    judge = failed if checklist.deletion_protection == "fail" else warned
    subject = "deletion protection was disabled"
    return judge("deletion protection is disabled", subject=subject, evidence=seen, watched=seen)


@rule.check(
    decide="Decide if the table may be deleted. A deletion in progress cannot be stopped.",
    fix=RESTORE,
    change_events_of=(TableDescription,),
)
def kept(table: Table, description: TableDescription, recovery: Recovery | Unavailable | Gone) -> Verdict:
    """Is no deletion of the table in progress?

    All items are removed, and every request to the table fails.
    """
    evidence = {"TableStatus": description.status}
    if description.status == "DELETING":
        return failed("the table is being deleted", evidence=evidence, impact=_left(table, recovery))
    return passed("the table is not being deleted", evidence=evidence)


def _left(table: Table, recovery: Recovery | Unavailable | Gone) -> tuple[str, ...]:
    """Return what DynamoDB keeps of the table, if PITR can be read during its deletion.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    """
    if not isinstance(recovery, Recovery):
        return ()
    try:
        enabled = recovery.enabled
    except Unreadable:
        return ()
    if enabled:
        return (f"PITR was enabled: DynamoDB keeps a backup named {table.name}$DeletedTableBackup for 35 days.",)
    return ("PITR was disabled: DynamoDB keeps no backup of the deleted table.",)


@rule.check(fix=enable_recovery("{Region}"), change_events_of=())
def replica_recovery(replica: Replica, recovery: ReplicaRecovery | Gone | None) -> Verdict:
    """Is PITR enabled on the replica in each other Region?

    The replica cannot be restored to an earlier time in its own Region.
    """
    if recovery is None or isinstance(recovery, Gone):
        return not_read(replica, recovery)
    seen: dict[str, Any] = {"evidence": shown(replica), "watched": {"PointInTimeRecovery": recovery.enabled}}
    where = f"on the replica in {replica.region}"
    if recovery.enabled:
        return passed(f"PITR is enabled {where}", subject=f"PITR is enabled again {where}", **seen)
    judge = warned if replica.status == "CREATING" else failed
    return judge(f"PITR is disabled {where}", subject=f"{OFF} {where}", **seen)


@rule.check(severity=Severity.HIGH, fix=protect("DeletionProtectionEnabled"), change_events_of=())
def replica_protection(replica: Replica, found: ReplicaTable | Gone | None, checklist: Checklist) -> Verdict:
    """Are deletion protection and disassociation protection enabled on the replica in each other Region?

    One call deletes the replica, or removes it from the global table.
    """
    if found is None or isinstance(found, Gone):
        return not_read(replica, found)
    protected = {
        "DeletionProtectionEnabled": found.deletion_protected,
        "DisassociationProtectionEnabled": found.disassociation_protected,
    }
    seen: dict[str, Any] = {"evidence": shown(replica) | protected, "watched": protected}
    where = f"on the replica in {replica.region}"
    if not found.deletion_protected:
        judge = failed if checklist.deletion_protection == "fail" else warned
        subject = f"deletion protection was disabled {where}"
        return judge(f"deletion protection is disabled {where}", subject=subject, **seen)
    if not found.disassociation_protected:
        return warned(f"disassociation protection is disabled {where}", remedy=remedy_of(PROTECT), **seen)
    return passed(f"deletion protection and disassociation protection are enabled {where}", **seen)


@rule.check(
    decide=(
        "Find out why the replica cannot replicate: its KMS key, its policy or its Region. DynamoDB removes "
        "it from the global table after the time that the finding names."
    ),
    fix=SHOW,
)
def replication(table: Table, description: TableDescription) -> Iterator[Verdict]:
    """Can each replica in another Region replicate?

    Changes do not reach the replica. If that lasts, DynamoDB turns the replica into a table of its own.
    """
    if not description.replicas and description.status != NO_AUTHORITY:
        yield not_applicable("no replicas in other Regions")
        return
    yield from replicating(table, description)


@rule.check(
    decide=(
        "Decide if the principal may disable PITR. If it may, add it to pitr.allowed_togglers of the "
        "checklist. If not, the command denies the action that was found."
    ),
    severity=Severity.HIGH,
    confirm=2,
    version=2,
    fix=DENY,
    change_events_of=(Principal, ResourcePolicy),
)
def togglers(admins: PitrAdmins, checklist: Checklist) -> Iterator[Verdict]:
    """Can only the principals listed in the checklist disable PITR?

    These principals can disable PITR, which deletes all restore points.
    """
    if not checklist.pitr.allowed_togglers:
        yield not_applicable("no pitr.allowed_togglers in the checklist")
        return
    allowed = [entry.principal for entry in checklist.pitr.allowed_togglers]
    outside = _foremost(
        holder for holder in admins.holders if not any(matches(pattern, holder.arn) for pattern in allowed)
    )
    if admins.whole and not outside:
        yield passed("no principal outside pitr.allowed_togglers can disable PITR")
    if admins.whole and len(outside) > SHOWN:
        shown = _shown(outside)
        yield _judge(outside)(
            f"outside pitr.allowed_togglers, {_counted(outside)}",
            subject=f"{len(outside)} principals outside pitr.allowed_togglers can disable PITR",
            evidence=_way(outside[0]) | shown["evidence"],
            watched=shown["watched"],
        )
    for holder in outside[:SHOWN]:
        access, can = {"Access": str(holder.access)}, f"{_name(holder)} {HOW[holder.access]}"
        detour = "" if holder.action == UPDATE_PITR else f" ({holder.action} on {holder.resource})"
        yield _judge([holder])(
            f"{can}{detour}, expected only pitr.allowed_togglers",
            subject=can,
            resource=holder.arn,
            evidence=_way(holder) | access,
            watched=access,
        )
    admins.certain()


@rule.check(
    decide=(
        "Decide for each principal if it may disable PITR, and who answers for it. The command prints the "
        "lines for the checklist."
    ),
    severity=Severity.HIGH,
    confirm=2,
    version=2,
    fix=LIST,
    change_events_of=(Principal, ResourcePolicy),
)
def togglers_reviewed(admins: PitrAdmins, checklist: Checklist, now: Now) -> Verdict:
    """Are the principals that can disable PITR listed in the checklist, each reviewed within 180 days?

    Nobody has confirmed who can disable PITR and delete all restore points.
    """
    day = now.at.date()
    if not checklist.pitr.allowed_togglers:
        return _unlisted(admins, day)
    stale = [entry for entry in checklist.pitr.allowed_togglers if day - entry.reviewed_on > REVIEWED_WITHIN]
    if not stale:
        return passed("the list of principals that can disable PITR is reviewed")
    if admins.whole and not admins.holders:
        return passed(NOBODY)
    entries = [f"{each.principal} (owner {each.owner}, {each.reviewed_on})" for each in stale]
    return warned(
        f"principals that can disable PITR were not reviewed within 180 days: {few(entries, NAMED, '; ', '; and ')}",
        evidence={"AllowedTogglers": _lines(((each.principal, each.owner) for each in stale[:NAMED]), day)},
    )


def _unlisted(admins: PitrAdmins, day: date) -> Verdict:
    """Return one finding for all holders: without a list, no single holder is wrong.

    A `*` in a path would be a wildcard in the list, so it is replaced.
    """
    holders = _foremost(admins.holders)
    if not holders:
        admins.certain()
        return passed(NOBODY)
    shown = _shown(holders)
    lines = _lines(((holder.arn.replace("*", "?"), WHO) for holder in holders[:NAMED]), day)
    message = f"{_counted(holders)}; pitr.allowed_togglers of the checklist is not set"
    return not_recorded(message, evidence=shown["evidence"] | {"AllowedTogglers": lines}, watched=shown["watched"])


def _lines(entries: Iterable[tuple[str, str]], day: date) -> str:
    """Return checklist lines for pairs of principal and owner; TOML strings are written as JSON strings."""
    return "\n".join(
        "[[tables.pitr.allowed_togglers]]\n"
        f"principal = {json.dumps(principal)}\nowner = {json.dumps(owner)}\nreviewed_on = {day}"
        for principal, owner in entries
    )


def _foremost(holders: Iterable[Holder]) -> list[Holder]:
    """Return the holders with direct access first: there may be more than can be shown."""
    return sorted(holders, key=lambda holder: (holder.access is not Access.DIRECT, holder.arn))


def _judge(outside: Sequence[Holder]) -> Callable[..., Verdict]:
    """Return `failed` where a holder has direct access; conditional and indirect access give WARN."""
    return failed if any(holder.access is Access.DIRECT for holder in outside) else warned


def _way(holder: Holder) -> dict[str, Any]:
    """Return the holder and its action as evidence.

    Quotes and backslashes in the resource are replaced: they would end the JSON string in the remedy.
    """
    kind, *_, name = _name(holder).split("/")
    return {
        "PrincipalArn": holder.arn,
        "Kind": kind,
        "Name": name,
        "Action": holder.action,
        "Resource": re.sub(r'["\\]', "?", holder.resource),
    }


def _counted(holders: Sequence[Holder]) -> str:
    direct = sum(holder.access is Access.DIRECT for holder in holders)
    names = few([_name(holder) for holder in holders], NAMED)
    return f"{len(holders)} principals can disable PITR, {direct} of them directly: {names}"


def _shown(holders: Sequence[Holder]) -> dict[str, Any]:
    """Return evidence and watched values. Only holders with direct access are watched: others change often."""
    direct = [_name(holder) for holder in holders if holder.access is Access.DIRECT]
    return {
        "evidence": {"Principals": [_name(holder) for holder in holders[:NAMED]], "Count": len(holders)},
        "watched": {"Direct": direct[:SHOWN], "Count": len(direct)},
    }


def _name(holder: Holder) -> str:
    """Return the resource part of the ARN, such as `role/deploy`."""
    return resource_of(holder.arn)


def _reset(recovery: Recovery, now: Now, before: RecoveryStart | None) -> Incident | None:
    """Return an incident where the earliest restorable time moved by more than time and window length explain."""
    if before is None or recovery.earliest is None:
        return None
    lost = recovery.earliest - before.earliest
    rolled = recovery.earliest <= now.at - timedelta(days=recovery.window_days) + TOLERANCE
    if rolled or lost <= now.at - before.seen + TOLERANCE:
        return None
    days = lost / timedelta(days=1)
    return Incident(
        key=f"reset {recovery.earliest:%Y-%m-%dT%H:%M:%SZ}",
        before=f"earliest restorable time was {minute(before.earliest)}",
        after=f"PITR was disabled and enabled again: the {days:.0f} days before {minute(recovery.earliest)} are lost",
    )
