"""A bad deploy that overwrites items can be undone to any second of the window.

Without it the newest on-demand backup is the only way back, and every write since then is lost. Switching it off and on
again loses as much: the window starts anew, its length falls back to 35 days, and the table says ENABLED as before.
Whoever may switch it on may switch it off, for IAM knows no condition that tells the two apart.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from readiness.facts.checklist import Checklist
from readiness.facts.now import Now
from readiness.facts.recovery import Recovery
from readiness.facts.table import TableDescription
from readiness.model import Carry, Incident
from readiness.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned

rule = Rule(
    "1.4",
    "Point-in-time recovery is on",
    Severity.CRITICAL,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
)

TOLERANCE = timedelta(minutes=10)
LAGGING = timedelta(minutes=15)
STUCK = timedelta(hours=24)

ENABLE = (
    "aws dynamodb update-continuous-backups --table-name {table} --region {region}"
    " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={window_days}"
)


@dataclass(frozen=True)
class RecoveryStart(Carry):
    """The earliest instant that could be restored when recovery was last seen on, and when that was."""

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
    judge = passed if recovery.window_days >= checklist.window_days else failed
    days = {"RecoveryPeriodInDays": recovery.window_days}
    return judge(f"recovery reaches back {recovery.window_days} days", evidence=days, watched=days)


@rule.check(severity=Severity.MEDIUM)
def filled(recovery: Recovery, checklist: Checklist, now: Now) -> Verdict:
    """It has been on for as many days as the checklist demands before cutover."""
    if not recovery.enabled:
        return not_applicable("a recovery that is off fills no window")
    since = recovery.earliest or now.at
    judge = passed if now.at - since >= timedelta(days=checklist.days_before_cutover) else warned
    evidence = {"EarliestRestorableDateTime": since.isoformat()}
    return judge(f"the table can be restored to any second since {since:%Y-%m-%d %H:%M} UTC", evidence=evidence)


@rule.check(
    severity=Severity.HIGH,
    fix="aws dynamodb create-backup --table-name {table} --backup-name while-recovery-lags --region {region}",
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


@rule.check(
    fix="aws dynamodb restore-table-to-point-in-time --source-table-arn {arn} --target-table-name {table}-restored"
    " --use-latest-restorable-time --region {region}"
)
def kept(description: TableDescription) -> Verdict:
    """The table is not being deleted."""
    evidence = {"TableStatus": description.status}
    if description.status == "DELETING":
        return failed("the table is being deleted", evidence=evidence)
    return passed("the table is not being deleted", evidence=evidence)


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
