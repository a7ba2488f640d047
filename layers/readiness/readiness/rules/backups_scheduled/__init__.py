"""Backups that follow a decision of the owner can be restored when they are needed.

Point-in-time recovery covers at most 35 days and is lost with the table and the account; the owner decides if that is
enough, and the checklist records the decision. A schedule is no proof of a backup: a selection by tags loses the table
with a tag, and a deleted role or a locked vault fails every job. So the newest restorable backup is checked, together
with the plan or schedule that creates it.

A plan of AWS Backup selects by resources and conditions, both of which must match, or by a list of tags, one of which
is enough. A selection that does not name tables counts only where AWS Backup is opted in for DynamoDB. `*` matches any
part of an ARN. The cadence of a plan is read from its next ten scheduled runs.

A backup of a deleted table with the same name does not count. Answers of AWS Backup are not cached between runs: they
take a few calls without charge, and a change shows at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from readiness.aws.arn import account_of, name_of, partition_of, region_of
from readiness.aws.time import minute
from readiness.engine.control import Condition, config, nist, prowler, security_hub, well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, failed, not_applicable, not_recorded, passed, recovered, warned
from readiness.facts.backup.decision import OnDemand, Planned, RecoveryAlone
from readiness.facts.backup.on_demand import CREATES_BACKUPS, BackupSchedule, BackupSchedules, OnDemandBackups
from readiness.facts.backup.plans import (
    BackupOptIn,
    PlanRule,
    PlanRules,
    SelectedResources,
    SelectingPlan,
    SelectingTags,
)
from readiness.facts.backup.recovery_points import (
    AVAILABLE,
    BY_HAND,
    BackupJob,
    BackupJobs,
    BackupVault,
    BackupVaults,
    RecoveryPoints,
)
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Status, Unavailable, Unreadable, Verdict
from readiness.rules.backups_scheduled.cadence import (
    CLOCK_CHANGE,
    Undecided,
    longest_gap,
    regularly,
    usual_duration,
)
from readiness.rules.shared.remedying import enable_recovery
from readiness.state.table_id import another

rule = Rule(
    "3.4",
    "Backup cadence",
    Severity.HIGH,
    "https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
    change_events_of=(
        OnDemandBackups,
        SelectingTags,
        PlanRules,
        SelectedResources,
        RecoveryPoints,
        BackupVaults,
        BackupOptIn,
        BackupSchedules,
    ),
)

DECIDED_WITHIN = timedelta(days=365)
EASTERNMOST = timedelta(hours=14)
"""The largest offset of a time zone from UTC: dates of the checklist have no zone."""

PLAN_DECIDED = Condition(
    'backup_decision has the mode "aws_backup"',
    lambda table: table.backup_decision is not None and table.backup_decision.mode == "aws_backup",
)

DAY = 24
DAILY = "cron(0 5 ? * * *)"

SLACK = 1.25
"""An on-demand backup may be late by a quarter of the cadence."""

SOON = timedelta(hours=2)
"""A job of AWS Backup that has not ended so long after it was due is late, unless jobs of the table take longer."""

LATE = timedelta(minutes=10)
"""LastExecutionDate of a plan may be later than the creation of its jobs by this much."""

USABLE = frozenset({"AVAILABLE", "COMPLETED"})
UNDER_WAY = frozenset({"CREATED", "PENDING", "RUNNING", "ABORTING"})
UNSUCCESSFUL = frozenset({"ABORTED", "EXPIRED", "FAILED"})

# No call to AWS: only a person can decide.
DECIDE = (
    'echo \'add to the table in the checklist: backup_decision = {{ mode = "pitr_only", decided_by = "...",'
    ' decided_on = YYYY-MM-DD, reason = "..." }}; the modes on_demand and aws_backup also need cadence_hours and'
    " retention_days'; readiness validate functions/monitor/checklist.toml"
)
BACK_UP = "aws dynamodb create-backup --table-name {table} --backup-name by-hand-$(date +%F) --region {region}"
SCHEDULE = (
    "aws scheduler create-schedule --name back-up-table-$(date +%s) --region {region}"
    " --schedule-expression {ScheduleExpression} --flexible-time-window Mode=OFF"
    ' --target \'{{"Arn":"\'{Arn}\'","RoleArn":"\'"${{ROLE_ARN:?must be a role that Scheduler may assume, and that may'
    ' dynamodb:CreateBackup}}"\'","Input":"{{\\"TableName\\":\\"\'{table}\'\\",\\"BackupName\\":\\"scheduled\\"}}"}}\''
)
# A vault of that name may exist already.
SELECT = (
    "aws backup create-backup-vault --backup-vault-name tables --region {region};"
    ' aws backup create-backup-selection --region {region} --backup-plan-id "$(aws backup create-backup-plan'
    ' --region {region} --query BackupPlanId --output text --backup-plan \'{{"BackupPlanName":"tables-\'$(date +%s)\'",'
    '"Rules":[{{"RuleName":"tables","TargetBackupVaultName":"tables","ScheduleExpression":"\'{ScheduleExpression}\'",'
    '"Lifecycle":{{"DeleteAfterDays":\'{DeleteAfterDays}\'}}}}]}}\')" --backup-selection'
    " SelectionName=tables,IamRoleArn={IamRoleArn},Resources={arn}"
)
TRUST = '{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"backup.amazonaws.com"}},'
MAKE_ROLE = (
    f"aws iam create-role --role-name {{RoleName}} --path {{Path}} --assume-role-policy-document '{TRUST}"
    '"Action":"sts:AssumeRole"}}]}}\' && aws iam attach-role-policy --role-name {RoleName}'
    " --policy-arn arn:{Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
)
# GetBackupPlan returns a RuleId for each rule, which UpdateBackupPlan does not accept.
EDIT = (
    "aws backup get-backup-plan --backup-plan-id {BackupPlanId} --region {region} --query BackupPlan --output json"
    " | jq 'del(.Rules[].RuleId)' > plan.json && ${{EDITOR:-vi}} plan.json"
    " && aws backup update-backup-plan --backup-plan-id {BackupPlanId} --backup-plan file://plan.json --region {region}"
)
START = (
    "aws backup start-backup-job --resource-arn {arn} --region {region} --backup-vault-name {BackupVaultName}"
    " --iam-role-arn {IamRoleArn}"
)
EXPLAIN = (
    "aws backup describe-backup-job --backup-job-id {BackupJobId} --region {region}"
    f" --query '[State,MessageCategory,StatusMessage]' --output text; {START}"
)


@rule.check(
    decide=(
        "Decide how the table is backed up: by PITR alone, by on-demand backups, or by AWS Backup, how often,"
        " and for how long."
    ),
    version=2,
    fix=DECIDE,
)
def decided(checklist: Checklist, now: Now) -> Verdict:
    """Does the checklist record a decision on backups that is less than a year old?

    Nobody has decided how the table is backed up.
    """
    decision = checklist.backup_decision
    if decision is None:
        subject = "the backup decision was removed from the checklist"
        return not_recorded("no backup decision in the checklist", subject=subject)
    seen = {"evidence": {"Mode": decision.mode, "DecidedOn": decision.decided_on.isoformat()}}
    if decision.decided_on > (now.at + EASTERNMOST).date():
        message = f"date of the backup decision is {decision.decided_on}, in the future"
        return failed(message, subject="the date of the backup decision is in the future", **seen)
    if decision.decided_on < (now.at - DECIDED_WITHIN).date():
        message = f"backup decision {decision.mode} of {decision.decided_on} is more than a year old"
        return warned(message, subject="the backup decision is more than a year old", **seen)
    message = f"backup decision of {decision.decided_on}: {decision.mode}"
    return passed(message, subject=f"the backup decision was recorded: {decision.mode}", **seen)


@rule.check(fix=enable_recovery())
def recoverable(wanted: RecoveryAlone, recovery: Recovery) -> Verdict:
    """Is PITR, the only backup of the decision pitr_only, enabled with the recovery period of the checklist?

    The table has no other backup, so overwritten or deleted items cannot be restored.
    """
    if not recovery.enabled:
        message = "no backup: PITR is disabled, and the backup decision is pitr_only"
        return failed(message, subject="PITR, the only backup of the table, was disabled")
    seen: dict[str, Any] = {
        "evidence": {"RecoveryPeriodInDays": recovery.window_days},
        "subject": f"the PITR recovery period was changed to {recovery.window_days} days",
    }
    period = f"PITR recovery period is {recovery.window_days} days"
    if recovery.window_days >= wanted.window_days:
        return passed(period, **seen)
    return failed(f"{period}, expected at least {wanted.window_days}", **seen)


@rule.check(decide="Decide if a backup is made now, and correct what should have made it.", fix=BACK_UP)
def on_demand(wanted: OnDemand, found: OnDemandBackups, description: TableDescription, now: Now) -> Verdict:
    """Is the newest on-demand backup of the table restorable, and as recent as the cadence demands?

    All changes since the newest backup that can be restored would be lost.
    """
    own = [
        backup.created
        for backup in found.backups
        if backup.status in USABLE and not another(backup.table_id, description.table_id)
    ]
    verdict = _young(own, timedelta(hours=wanted.cadence_hours * SLACK), description, now)
    if found.unread and verdict.status is not Status.PASS:
        raise Unreadable({}, found.unread)
    return verdict


@rule.check(decide="Decide which role makes the backups, and when.", severity=Severity.MEDIUM, fix=SCHEDULE, version=2)
def on_demand_schedule(table: Table, wanted: OnDemand, found: BackupSchedules, now: Now) -> Verdict:
    """Does an EventBridge schedule create on-demand backups at the cadence of the backup decision?"""
    own = [schedule for schedule in found.schedules if schedule.table in {table.name, table.arn}]
    unbegun = [each for each in own if each.begins is not None and each.begins > now.at]
    running = [
        each for each in own if each.enabled and each not in unbegun and (each.ends is None or each.ends > now.at)
    ]
    evidence = {
        "Schedules": sorted(f"{each.name} {each.expression}" for each in own),
        "ScheduleExpression": f"rate({wanted.cadence_hours * 60} minutes)",
        "Arn": f"arn:{partition_of(table.arn)}{CREATES_BACKUPS}",
    }
    if running:
        return _often(running, wanted, now, evidence)
    if own:
        why = "has not started yet" if own[0].enabled and own[0] in unbegun else "has ended or is disabled"
        return warned(f"backup schedule {own[0].name} {why}", evidence=evidence)
    message = "no EventBridge schedule creates on-demand backups; schedules that invoke a function are not recognized"
    return warned(message, evidence=evidence)


def _often(running: Sequence[BackupSchedule], wanted: OnDemand, now: Now, evidence: Mapping[str, Any]) -> Verdict:
    """Return the verdict on the cadence of all running schedules together."""
    cadence = timedelta(hours=wanted.cadence_hours) + CLOCK_CHANGE
    names = " and ".join(each.name for each in running)
    try:
        gap = longest_gap([each.expression for each in running], now.at, cadence)
    except Undecided as why:
        return warned(f"cadence of backup schedule {names} is not known: {why} is not evaluated", evidence=evidence)
    if gap <= cadence:
        message = f"backup schedule {running[0].name} runs at {running[0].expression}"
        return passed(message, evidence=evidence)
    hours = "never runs" if gap == timedelta.max else f"leaves up to {gap / timedelta(hours=1):g} hours without a run"
    message = f"backup schedule {names} {hours}, expected a run every {wanted.cadence_hours} hours"
    return failed(message, evidence=evidence)


@rule.check(
    decide="Decide which plan backs up the table. `readiness alarms --write FILE` writes a template with a plan.",
    fix=SELECT,
    controls=(
        *security_hub("DynamoDB.4", only_if=PLAN_DECIDED),
        *config("dynamodb-in-backup-plan", "dynamodb-resources-protected-by-backup-plan", only_if=PLAN_DECIDED),
        *well_architected("REL09"),
        *nist("CP-10", "CP-6", "CP-6(1)", "CP-6(2)", "CP-9", "SC-5(2)", "SI-12", "SI-13(5)"),
        *prowler("dynamodb_table_protected_by_backup_plan", related=True),
    ),
)
def selected(table: Table, wanted: Planned, selecting: Each[SelectingPlan]) -> Verdict:
    """Does a backup plan of AWS Backup select the table?

    AWS Backup creates no backups of the table.
    """
    found, unread = selecting.readable()
    if found:
        names = [plan.name for plan in found]
        message = f"the table is selected by backup plan {' and '.join(names)}"
        return passed(message, subject="a backup plan selects the table again", evidence={"BackupPlanName": names})
    if unread:
        raise Unreadable({table.arn: unread})
    evidence = {
        "ScheduleExpression": f"cron(0 0/{wanted.cadence_hours} ? * * *)" if wanted.cadence_hours < DAY else DAILY,
        "DeleteAfterDays": wanted.retention_days,
        "IamRoleArn": _default_role(table),
    }
    message = "no backup plan selects the table"
    return failed(message, subject=f"{message} any more", evidence=evidence)


@rule.check(decide="Decide if the plan gets its role back, or another one.", confirm=2, fix=MAKE_ROLE)
def role(table: Table, plan: SelectingPlan, principals: Each[Principal]) -> Verdict:
    """Do the IAM roles of the backup plan exist?

    AWS Backup cannot create backups of the table.
    """
    missing = [arn for arn in plan.roles if arn not in principals]
    if not missing:
        return recovered(f"the roles of backup plan {plan.name} exist", evidence={"IamRoleArn": list(plan.roles)})
    path, _, name = missing[0].partition(":role")[2].rpartition("/")
    evidence = {"IamRoleArn": missing, "RoleName": name, "Path": f"{path}/", "Partition": partition_of(table.arn)}
    message = f"role {' and '.join(missing)} does not exist: jobs of backup plan {plan.name} fail"
    return failed(message, subject=f"role {name} of backup plan {plan.name} was deleted", evidence=evidence)


@rule.check(decide="Decide the schedule of the plan, which may back up other resources, too.", fix=EDIT)
def scheduled(table: Table, wanted: Planned, plans: Each[PlanRules], now: Now) -> Verdict:
    """Does a backup plan that selects the table run at the cadence of the backup decision?

    Backups are created less often than decided, so a restore loses more changes.
    """
    known, unread = plans.readable()
    judged = [(regularly(plan, plan.rules, now.at, wanted.cadence_hours), plan) for plan in known]
    return _best(table, judged, unread, f"run every {wanted.cadence_hours} hours")


@rule.check(
    decide="Decide the retention of the plan, which may back up other resources, too.",
    severity=Severity.MEDIUM,
    fix=EDIT,
)
def retained(table: Table, wanted: Planned, plans: Each[PlanRules], now: Now) -> Verdict:
    """Does a backup plan retain the backups at that cadence for the retention period of the decision?"""
    known, unread = plans.readable()
    judged = [(_kept(plan, wanted, now.at), plan) for plan in known]
    does = f"retain backups made every {wanted.cadence_hours} hours for {wanted.retention_days} days"
    return _best(table, judged, unread, does)


@rule.check(
    decide="Decide the vault and the retention of the plan: a locked vault cannot be changed.", fix=EDIT, version=2
)
def vault(table: Table, plan: PlanRules, vaults: BackupVaults) -> Verdict:
    """Do the backup vaults of the plan exist, and accept the retention of its rules?

    Backups of the table fail, or expire earlier than decided.
    """
    copies = {copy.vault_arn for rule in plan.rules for copy in rule.copies}
    names = {rule.vault for rule in plan.rules}
    own = {name: vault for name, vault in vaults.of.items() if name in names or vault.arn in copies}
    locks = {
        name: {"Locked": vault.locked, "MinRetentionDays": vault.min_days, "MaxRetentionDays": vault.max_days}
        for name, vault in own.items()
    }
    watched = {**_seen(plan), "Vaults": locks}
    dates = {name: vault.immutable_from.isoformat() for name, vault in own.items() if vault.immutable_from}
    elsewhere = sorted(arn for arn in copies if not _is_here(table, arn))
    evidence = {**watched, "BackupPlanId": plan.plan.id, "LockDate": dates, "NotLookedAt": elsewhere}
    refused = [why for rule in plan.rules for why in _refusals(table, rule, vaults)]
    if refused:
        message = f"jobs of backup plan {plan.plan.name} fail: {'; '.join(refused)}"
        subject = f"vaults do not accept backups of {plan.plan.name} any more"
        return failed(message, subject=subject, evidence=evidence, watched=watched)
    good = f"the vaults accept the backups of backup plan {plan.plan.name}"
    return recovered(good, evidence=evidence, watched=watched)


@rule.check(decide="Decide if a backup is made now, and find out why the plan made none.", fix=START, version=2)
def backed_up(  # noqa: PLR0913, PLR0917  the age limit depends on the duration of jobs, and on the table's own age
    table: Table,
    wanted: Planned,
    found: RecoveryPoints,
    jobs: BackupJobs | Unavailable,
    plans: Each[PlanRules],
    description: TableDescription,
    now: Now,
) -> Verdict:
    """Is the newest backup of the table in AWS Backup restorable, and as recent as the cadence demands?

    All changes since the newest backup that can be restored would be lost.
    """
    known, _ = plans.readable()
    own = [point.created for point in found.points if point.status in USABLE and point.created >= description.created]
    ended = () if isinstance(jobs, Unavailable) else jobs.jobs
    took = usual_duration(job for job in ended if job.created >= description.created)
    limit = timedelta(hours=wanted.cadence_hours) + max(SOON, took)
    verdict = _young(own, limit, description, now, _starting(table, known))
    if verdict.status is Status.PASS:
        return verdict
    if isinstance(jobs, Unavailable):
        raise Unreadable({table.arn: jobs})
    begun = [job for job in jobs.jobs if job.state in UNDER_WAY and now.at - job.created <= limit]
    if verdict.status is Status.FAIL and begun:
        return warned(f"{verdict.message}; a backup job is in progress", evidence=verdict.evidence)
    return verdict


@rule.check(decide="Decide if a backup is made now, and find out why the plan made none.", fix=START)
def ran(  # noqa: PLR0913, PLR0917  each may show that the run created a backup, or was not to create one
    table: Table,
    plan: PlanRules,
    found: RecoveryPoints,
    jobs: BackupJobs | Unavailable,
    description: TableDescription,
    now: Now,
) -> Verdict:
    """Did the last run of the backup plan create a backup of the table?

    All changes since the newest backup that can be restored would be lost.
    """
    last = plan.plan.last_run
    if last is None or last < max(plan.plan.since, description.created):
        return not_applicable(f"no run of backup plan {plan.plan.name} since it selects the table")
    if any(point.created >= last - LATE for point in found.points):
        good = f"the last run of backup plan {plan.plan.name} created a backup"
        return passed(good, subject=f"backup plan {plan.plan.name} created a backup again")
    if now.at - last <= timedelta(minutes=max(rule.start_minutes for rule in plan.rules)):
        return passed(f"the last run of backup plan {plan.plan.name} is within its start window")
    if isinstance(jobs, Unavailable):
        raise Unreadable({plan.plan.arn: jobs})
    if any(job.state in UNDER_WAY and job.created >= last - LATE for job in jobs.jobs):
        return passed(f"the last run of backup plan {plan.plan.name} is in progress")
    evidence = {**_starting(table, [plan]), "LastExecutionDate": last.isoformat()}
    message = f"run of backup plan {plan.plan.name} at {minute(last)} created no backup"
    return failed(message, subject=f"a run of backup plan {plan.plan.name} created no backup", evidence=evidence)


@rule.check(decide="Find out why the job failed, then start another one.", fix=EXPLAIN)
def jobs(found: BackupJobs, description: TableDescription) -> Verdict:
    """Did the newest ended job of each rule, or a manual one after it, complete?

    All changes since the last completed job would be lost in a restore.
    """
    newest: dict[str, BackupJob] = {}
    for job in sorted(found.jobs, key=lambda job: job.created):
        if job.state not in UNDER_WAY and job.created >= description.created:
            newest[job.rule] = job
    by_hand = newest.get(BY_HAND)
    mended = by_hand.created if by_hand and by_hand.state in USABLE else description.created
    bad = [job for job in newest.values() if job.state not in USABLE and job.created >= mended]
    if not newest:
        return not_applicable("no backup job ended in the last 30 days")
    if not bad:
        return passed("the newest backup jobs completed", subject="a backup job completed again")
    worst = min(bad, key=lambda job: job.state not in UNSUCCESSFUL)
    judge = failed if worst.state in UNSUCCESSFUL else warned
    evidence = {
        "BackupJobId": worst.id,
        "State": worst.state,
        "CreationDate": worst.created.isoformat(),
        "BackupVaultName": worst.vault,
        "IamRoleArn": worst.role,
    }
    message = f"backup job of {minute(worst.created)} is {worst.state}, expected COMPLETED"
    return judge(message, subject=f"a backup job ended in state {worst.state}", evidence=evidence)


def _young(
    own: Sequence[datetime],
    limit: timedelta,
    description: TableDescription,
    now: Now,
    seen: Mapping[str, Any] = MappingProxyType({}),
) -> Verdict:
    """Return the verdict on the age of the newest backup."""
    hours = f"{limit / timedelta(hours=1):g} hours"
    if own:
        newest = max(own)
        evidence = {**seen, "CreationDate": newest.isoformat()}
        said = f"newest restorable backup is of {minute(newest)}"
        if now.at - newest <= limit:
            return passed(said, subject="the newest backup is recent again", evidence=evidence)
        subject = f"the newest backup is more than {hours} old"
        return failed(f"{said}, expected within {hours}", subject=subject, evidence=evidence)
    if now.at - description.created <= limit:
        return warned("no backup yet: the table is new", evidence=seen)
    message = f"no restorable backup of the table, expected one within {hours}"
    return failed(message, subject="there is no restorable backup any more", evidence=seen)


def _best(table: Table, judged: Sequence[tuple[Status, PlanRules]], unread: Unavailable | None, does: str) -> Verdict:
    """Return the verdict on the best plan: one is enough, and one that could not be read may be the one."""
    status, plan = min(judged, key=lambda pair: pair[0].rank, default=(Status.NOT_APPLICABLE, None))
    if unread and status is not Status.PASS:
        raise Unreadable({table.arn: unread})
    if plan is None:
        return not_applicable("no backup plan selects the table")
    seen: dict[str, Any] = {"evidence": {**_seen(plan), "BackupPlanId": plan.plan.id}}
    if status is Status.PASS:
        good = f"rules of backup plan {plan.plan.name} {does}"
        return passed(good, subject=f"the rules of backup plan {plan.plan.name} meet the decision again", **seen)
    if status is Status.WARN:
        message = f"next ten runs of backup plan {plan.plan.name} do not show if its rules {does}"
        return warned(message, **seen)
    subject = f"the rules of backup plan {plan.plan.name} do not meet the decision"
    return failed(f"no rules of backup plan {plan.plan.name} {does}", subject=subject, **seen)


def _kept(plan: PlanRules, wanted: Planned, now: datetime) -> Status:
    """Return the status of the rules with enough retention: they alone have to run at the cadence."""
    keeping = [
        rule for rule in plan.rules if rule.retention_days is None or rule.retention_days >= wanted.retention_days
    ]
    if len(keeping) == len(plan.rules):
        return Status.PASS
    return regularly(plan, keeping, now, wanted.cadence_hours) if keeping else Status.FAIL


def _refusals(table: Table, rule: PlanRule, vaults: BackupVaults) -> Iterator[str]:
    """Yield why a vault does not accept backups of the rule. Vaults of other accounts and Regions are not read."""
    yield from _refused(rule, rule.vault, vaults.of.get(rule.vault), rule.retention_days)
    for copy in rule.copies:
        if _is_here(table, copy.vault_arn):
            yield from _refused(rule, name_of(copy.vault_arn), vaults.at(copy.vault_arn), copy.retention_days)


def _refused(rule: PlanRule, name: str, vault: BackupVault | None, days: int | None) -> Iterator[str]:
    if vault is None:
        yield f"backup vault {name} does not exist"
        return
    kept = f"retention of rule {rule.name} is {'unlimited' if days is None else f'{days} days'}"
    if vault.state != AVAILABLE:
        yield f"backup vault {name} is {vault.state}"
    if vault.min_days and days is not None and days < vault.min_days:
        yield f"{kept}, MinRetentionDays of backup vault {name} is {vault.min_days}"
    if vault.max_days and (days is None or days > vault.max_days):
        yield f"{kept}, MaxRetentionDays of backup vault {name} is {vault.max_days}"


def _is_here(table: Table, arn: str) -> bool:
    return (region_of(arn), account_of(arn)) == (table.region, table.account)


def _seen(plan: PlanRules) -> dict[str, Any]:
    """Return the evidence on the plan, without the times of its runs, which change by themselves."""
    rules = [
        {
            "RuleName": rule.name,
            "ScheduleExpression": rule.schedule,
            "TargetBackupVaultName": rule.vault,
            "DeleteAfterDays": rule.retention_days,
            **({"Copies": {copy.vault_arn: copy.retention_days for copy in rule.copies}} if rule.copies else {}),
        }
        for rule in plan.rules
    ]
    return {"BackupPlanName": plan.plan.name, "Rules": rules}


def _starting(table: Table, plans: Sequence[PlanRules]) -> dict[str, Any]:
    """Return vault and role for a manual job: those of the first plan with a rule, else the console's defaults."""
    plan = next((each for each in plans if each.rules), None)
    if plan is None:
        return {"BackupVaultName": "Default", "IamRoleArn": _default_role(table)}
    return {"BackupVaultName": plan.rules[0].vault, "IamRoleArn": plan.plan.roles[0]}


def _default_role(table: Table) -> str:
    return f"arn:{partition_of(table.arn)}:iam::{table.account}:role/service-role/AWSBackupDefaultServiceRole"
