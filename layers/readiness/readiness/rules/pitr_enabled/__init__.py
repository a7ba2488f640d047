"""A bad deploy that overwrites items can be undone to any second of the window.

Without it the newest on-demand backup is the only way back, and every write since then is lost. Switching it off and on
again loses as much: the window starts anew, its length falls back to 35 days, and the table says ENABLED as before.
Whoever may switch it on may switch it off, for IAM knows no condition that tells the two apart.

Each replica of a global table has recovery and protection of its own: they are read in each Region of this account. Of
a replica that is of another account nothing can be read from here, and the legacy version 2017.11.29 tells of none.

Who may is computed from the policies of the account's roles and users, and from the table's own. Root always may, and
is not among them. Policies of the organization can't be seen here and may forbid more; a Deny under a condition is not
counted on. A role of IAM Identity Center is changed by its permission set alone.

Indirect is one step: to edit the policies of a principal, to pass or assume a role that may, to change the code or the
configuration of a function of this Region that runs as one, or to write the table's own policy.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.replicas import Replica, ReplicaRecovery, ReplicaTable
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.togglers import TOGGLE, Togglers
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Access
from readiness.iam.holders import Holder
from readiness.iam.match import matches
from readiness.model import Carry, Gone, Incident, Remedy
from readiness.rules.pitr_enabled.replica_tables import NO_AUTHORITY, PROTECT, SHOW, not_read, replicating, shown

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
NOBODY = "nobody but root may switch recovery off"
WHO = "name who answers for it"

ENABLE = (
    "aws dynamodb update-continuous-backups --table-name {table} --region {region}"
    " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={window_days}"
)

# Of a table that had recovery on AWS keeps a backup of its own for 35 days; the name is free once it is gone.
RESTORE = (
    "aws dynamodb wait table-not-exists --table-name {table} --region {region}"
    " && aws dynamodb restore-table-from-backup --target-table-name {table} --region {region} --backup-arn"
    ' "$(aws dynamodb list-backups --table-name {table} --backup-type ALL --region {region}'
    " --query 'sort_by(BackupSummaries,&BackupCreationDateTime)[-1].BackupArn' --output text)\""
)

ENABLE_REPLICA = ENABLE.replace("{region}", "{Region}")
PROTECT_REPLICA = "aws dynamodb update-table --table-name {table} --deletion-protection-enabled --region {Region}"

# A policy of the same name would be replaced, and with it the Deny of another way to the same end.
DENY = (
    "aws iam put-{Kind}-policy --{Kind}-name {Name} --policy-name recovery-stays-on-$(date +%s)"
    ' --policy-document \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"\'{Action}\'",'
    '"Resource":"\'{Resource}\'"}}]}}\''
)
LIST = "printf '%s\\n' {AllowedTogglers}  # after a review, into functions/monitor/checklist.toml in place of theirs"


class RecoveryStart(Carry):
    """The earliest instant that could be restored when recovery was last seen on, and when that was."""

    stored_as = "RecoveryStart"

    earliest: datetime
    seen: datetime


@rule.check(fix=ENABLE)
def on(recovery: Recovery, now: Now, before: RecoveryStart | None) -> Verdict:
    """It is on, and was not off between this look and the last."""
    if not recovery.enabled:
        return failed("point-in-time recovery is off", carry=before, **_seen(recovery))
    start = RecoveryStart(recovery.earliest, now.at) if recovery.earliest else before
    reset = _reset(recovery, now, before)
    return passed("point-in-time recovery is on", carry=start, incident=reset, **_seen(recovery))


@rule.check(severity=Severity.HIGH, fix=ENABLE)
def window(recovery: Recovery, checklist: Checklist) -> Verdict:
    """It reaches back as far as the checklist wants."""
    if not recovery.enabled:
        return not_applicable("a recovery that is off reaches nowhere")
    judge = passed if recovery.window_days >= checklist.pitr.window_days else failed
    days = {"RecoveryPeriodInDays": recovery.window_days}
    return judge(f"recovery reaches back {recovery.window_days} days", evidence=days, watched=days)


@rule.check(severity=Severity.MEDIUM)
def filled(recovery: Recovery, checklist: Checklist, now: Now) -> Verdict:
    """It has been on for as many days as the checklist demands before cutover."""
    if not recovery.enabled:
        return not_applicable("a recovery that is off fills no window")
    since = recovery.earliest or now.at
    judge = passed if now.at - since >= timedelta(days=checklist.pitr.days_before_cutover) else warned
    evidence = {"EarliestRestorableDateTime": since.isoformat()}
    return judge(f"the table can be restored to any second since {since:%Y-%m-%d %H:%M} UTC", evidence=evidence)


@rule.check(
    severity=Severity.HIGH,
    fix="aws dynamodb create-backup --table-name {table} --backup-name while-recovery-lags --region {region}",
    change_events_of=(),
)
def fresh(recovery: Recovery, now: Now) -> Verdict:
    """It has all but the last minutes."""
    if not recovery.enabled:
        return not_applicable("a recovery that is off has nothing")
    if recovery.latest is None:
        return warned("recovery has nothing to restore yet")
    lag = now.at - recovery.latest
    judge = failed if lag > STUCK else warned if lag > LAGGING else passed
    evidence = {"LatestRestorableDateTime": recovery.latest.isoformat()}
    return judge(f"the table can be restored up to {recovery.latest:%Y-%m-%d %H:%M} UTC", evidence=evidence)


@rule.check(
    severity=Severity.HIGH,
    fix="aws dynamodb update-table --table-name {table} --deletion-protection-enabled --region {region}",
)
def deletion_protection(description: TableDescription, checklist: Checklist) -> Verdict:
    """The table can't be deleted by mistake."""
    seen = {"DeletionProtectionEnabled": description.deletion_protected}
    if description.deletion_protected:
        return passed("deletion protection is on", evidence=seen, watched=seen)
    judge = failed if checklist.deletion_protection == "fail" else warned
    return judge("deletion protection is off", evidence=seen, watched=seen)


@rule.check(fix=RESTORE)
def kept(description: TableDescription) -> Verdict:
    """The table is not being deleted."""
    evidence = {"TableStatus": description.status}
    if description.status == "DELETING":
        return failed("the table is being deleted", evidence=evidence)
    return passed("the table is not being deleted", evidence=evidence)


@rule.check(fix=ENABLE_REPLICA, change_events_of=())
def replica_recovery(replica: Replica, recovery: ReplicaRecovery | Gone | None) -> Verdict:
    """It is on in each other Region to which the table is replicated."""
    if recovery is None or isinstance(recovery, Gone):
        return not_read(replica, recovery)
    seen: dict[str, Any] = {"evidence": shown(replica), "watched": {"PointInTimeRecovery": recovery.enabled}}
    if recovery.enabled:
        return passed(f"point-in-time recovery is on in {replica.region}", **seen)
    judge = warned if replica.status == "CREATING" else failed
    return judge(f"point-in-time recovery is off in {replica.region}", **seen)


@rule.check(severity=Severity.HIGH, fix=PROTECT_REPLICA, change_events_of=())
def replica_protection(replica: Replica, found: ReplicaTable | Gone | None, checklist: Checklist) -> Verdict:
    """No replica in another Region can be deleted, or parted from the others, by mistake."""
    if found is None or isinstance(found, Gone):
        return not_read(replica, found)
    protected = {
        "DeletionProtectionEnabled": found.deletion_protected,
        "DisassociationProtectionEnabled": found.disassociation_protected,
    }
    seen: dict[str, Any] = {"evidence": shown(replica) | protected, "watched": protected}
    if not found.deletion_protected:
        judge = failed if checklist.deletion_protection == "fail" else warned
        return judge(f"deletion protection is off in {replica.region}", **seen)
    if not found.disassociation_protected:
        return warned(f"disassociation protection is off in {replica.region}", remedy=Remedy(PROTECT), **seen)
    return passed(f"the replica in {replica.region} is protected", **seen)


@rule.check(fix=SHOW)
def replication(table: Table, description: TableDescription) -> Iterator[Verdict]:
    """Where the table is replicated to other Regions, each replica can go on."""
    if not description.replicas and description.status != NO_AUTHORITY:
        yield not_applicable("the table is not replicated")
        return
    yield from replicating(table, description)


@rule.check(severity=Severity.HIGH, confirm=2, version=2, fix=DENY, change_events_of=(Principal, ResourcePolicy))
def togglers(togglers: Togglers, checklist: Checklist) -> Iterator[Verdict]:
    """None but those on the checklist's list may switch it off."""
    if not checklist.pitr.allowed_togglers:
        yield not_applicable("nobody has listed who may switch recovery off")
        return
    outside = _foremost(holder for holder in togglers.holders if not _allowed(holder, checklist))
    if togglers.whole and not 0 < len(outside) <= SHOWN:
        yield _altogether(outside)
    for holder in outside[:SHOWN]:
        access = {"Access": str(holder.access)}
        yield _judge([holder])(
            f"it is not on the list and may switch recovery off {holder.access}{_detour(holder)}",
            resource=holder.arn,
            evidence=_way(holder) | access,
            watched=access,
        )
    togglers.certain()


@rule.check(severity=Severity.HIGH, confirm=2, version=2, fix=LIST, change_events_of=(Principal, ResourcePolicy))
def togglers_reviewed(togglers: Togglers, checklist: Checklist, now: Now) -> Verdict:
    """Who may switch it off is listed in the checklist, each entry reviewed within 180 days."""
    day = now.at.date()
    if not checklist.pitr.allowed_togglers:
        return _unlisted(togglers, day)
    stale = [entry for entry in checklist.pitr.allowed_togglers if day - entry.reviewed_on > REVIEWED_WITHIN]
    if not stale:
        return passed("the list of who may switch recovery off is reviewed")
    if togglers.whole and not togglers.holders:
        return passed(f"{NOBODY}, whatever the list says")
    said = "; ".join(f"{each.principal} (owner {each.owner}, {each.reviewed_on})" for each in stale[:NAMED])
    more = f"; and {len(stale) - NAMED} more" if len(stale) > NAMED else ""
    return warned(
        f"who may switch recovery off was not reviewed for 180 days: {said}{more}",
        evidence={"AllowedTogglers": _lines(((each.principal, each.owner) for each in stale[:NAMED]), day)},
    )


def _detour(holder: Holder) -> str:
    """By what else, where it is not by the action itself."""
    return "" if holder.action == TOGGLE else f": {holder.action} on {holder.resource}"


def _unlisted(togglers: Togglers, day: date) -> Verdict:
    """One finding, however many may: as long as nobody has said who should, none of them is wrong.

    A path may hold a `*`, which would stand for more in the list.
    """
    holders = _foremost(togglers.holders)
    if not holders:
        togglers.certain()
        return passed(NOBODY)
    shown = _shown(holders)
    lines = _lines(((holder.arn.replace("*", "?"), WHO) for holder in holders[:NAMED]), day)
    return not_recorded(
        f"{_counted(holders)}; pitr.allowed_togglers of the checklist does not say who should",
        evidence=shown["evidence"] | {"AllowedTogglers": lines},
        watched=shown["watched"],
    )


def _lines(entries: Iterable[tuple[str, str]], day: date) -> str:
    """What stands in a checklist for principals and their owners: the texts of TOML are those of JSON."""
    return "\n".join(
        "[[tables.pitr.allowed_togglers]]\n"
        f"principal = {json.dumps(principal)}\nowner = {json.dumps(owner)}\nreviewed_on = {day}"
        for principal, owner in entries
    )


def _altogether(outside: Sequence[Holder]) -> Verdict:
    if not outside:
        return passed("nobody outside the list may switch recovery off")
    shown = _shown(outside)
    return _judge(outside)(
        f"outside the list, {_counted(outside)}",
        evidence=_way(outside[0]) | shown["evidence"],
        watched=shown["watched"],
    )


def _allowed(holder: Holder, checklist: Checklist) -> bool:
    return any(matches(entry.principal, holder.arn) for entry in checklist.pitr.allowed_togglers)


def _foremost(holders: Iterable[Holder]) -> list[Holder]:
    """Those first that need no detour, for there may be more than can be shown."""
    return sorted(holders, key=lambda holder: (holder.access is not Access.DIRECT, holder.arn))


def _judge(outside: Sequence[Holder]) -> Callable[..., Verdict]:
    """What holds only under a condition or by a detour can't be told for certain."""
    return failed if any(holder.access is Access.DIRECT for holder in outside) else warned


def _way(holder: Holder) -> dict[str, Any]:
    """Who may, by what. A path may hold a quote, which would end the string that the remedy puts it into."""
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
    names = ", ".join(_names(holders)[:NAMED])
    more = f" and {len(holders) - NAMED} more" if len(holders) > NAMED else ""
    return f"{len(holders)} may switch recovery off, {direct} of them directly: {names}{more}"


def _shown(holders: Sequence[Holder]) -> dict[str, Any]:
    """A detour more or less is no drift: what is watched are those who need none."""
    direct = _names(holder for holder in holders if holder.access is Access.DIRECT)
    return {
        "evidence": {"Principals": _names(holders)[:NAMED], "Count": len(holders)},
        "watched": {"Direct": direct[:SHOWN], "Count": len(direct)},
    }


def _names(holders: Iterable[Holder]) -> list[str]:
    return [_name(holder) for holder in holders]


def _name(holder: Holder) -> str:
    """Without the account, as in `role/deploy`."""
    return holder.arn.split(":", 5)[5]


def _seen(recovery: Recovery) -> dict[str, Any]:
    status = {"PointInTimeRecoveryStatus": "ENABLED" if recovery.enabled else "DISABLED"}
    return {"evidence": status}


def _reset(recovery: Recovery, now: Now, before: RecoveryStart | None) -> Incident | None:
    """The window started anew: its start moved further than time and its length explain."""
    if before is None or recovery.earliest is None:
        return None
    elapsed = now.at - before.seen
    rolled = recovery.earliest <= now.at - timedelta(days=recovery.window_days) + TOLERANCE
    if rolled or recovery.earliest - before.earliest <= elapsed + TOLERANCE:
        return None
    days = (recovery.earliest - before.earliest) / timedelta(days=1)
    return Incident(
        key=f"reset {recovery.earliest:%Y-%m-%dT%H:%M:%SZ}",
        before=f"could be restored to any second since {before.earliest:%Y-%m-%d %H:%M} UTC",
        after=f"recovery was switched off and on: the {days:.0f} days before"
        f" {recovery.earliest:%Y-%m-%d %H:%M} UTC are lost",
    )
