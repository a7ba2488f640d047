"""Backups that nobody decided on, or that stopped without a word, are missing on the day that somebody needs one.

Point-in-time recovery reaches back 35 days and goes with the table and the account; whether that is enough is for the
owner to decide, and the checklist keeps the decision. Where there are to be backups, a schedule alone is none: a
selection by tags loses the table with a tag, a deleted role or a locked vault makes every job fail, and none of that
is seen until somebody needs the backup. So the newest usable backup is looked at, besides whatever should make it.

A plan of AWS Backup selects by resources and conditions, both of which must fit, or by a list of tags, of which one
is enough. What does not name tables counts only where AWS Backup is switched on for DynamoDB. `*` fits anything,
wherever it stands in an ARN. How often a plan runs is what AWS foresees, ten runs ahead.

A backup of a former table of the same name is not one of this table. Nothing of AWS Backup is kept between looks: a
look takes a few calls that cost nothing, and what was changed just now has to be seen at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from readiness.aws.arn import account_of, name_of, region_of
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Status, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.backup.decision import OnDemand, Planned, RecoveryAlone
from readiness.facts.backup.plans import BackupOptIn, SelectedResources
from readiness.facts.backup.recovery_points import BY_HAND, BackupJob, BackupJobs, RecoveryPoints
from readiness.facts.backup.schedules import CREATES_BACKUPS, BackupSchedule, BackupSchedules
from readiness.facts.backup.selections import PlanRule, PlanRules, SelectingPlan, SelectingTags
from readiness.facts.backup.vaults import AVAILABLE, BackupVault, BackupVaults
from readiness.facts.dynamodb.on_demand_backups import OnDemandBackups
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Unavailable, Unreadable
from readiness.rules.backups_scheduled.recurrence import Undecided, longest_gap
from readiness.rules.backups_scheduled.runs import CLOCK_CHANGE, regularly, usual_duration
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
"""There a day begins so long before it does in UTC, and dates of the checklist have no zone."""

DAY = 24
DAILY = "cron(0 5 ? * * *)"

SLACK = 1.25
"""An on-demand backup may be late by a quarter of the time between two."""

SOON = timedelta(hours=2)
"""A job of AWS Backup that has not ended so long after it was due is late, unless jobs of the table take longer."""

LATE = timedelta(minutes=10)
"""A plan may be said to have run when its jobs have begun already."""

USABLE = frozenset({"AVAILABLE", "COMPLETED"})
UNDER_WAY = frozenset({"CREATED", "PENDING", "RUNNING", "ABORTING"})
UNSUCCESSFUL = frozenset({"ABORTED", "EXPIRED", "FAILED"})

# The one remedy that is no call to AWS: what was decided is not for the monitor to invent.
DECIDE = (
    'echo \'write into the checklist, under the table: backup_decision = {{ mode = "pitr_only", decided_by = "...",'
    ' decided_on = YYYY-MM-DD, reason = "..." }}; the other modes, on_demand and aws_backup, take cadence_hours and'
    " retention_days too'; readiness validate functions/monitor/checklist.toml"
)
RECOVER = (
    "aws dynamodb update-continuous-backups --table-name {table} --region {region}"
    " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={window_days}"
)
BACK_UP = "aws dynamodb create-backup --table-name {table} --backup-name by-hand-$(date +%F) --region {region}"
SCHEDULE = (
    "aws scheduler create-schedule --name back-up-table-$(date +%s) --region {region}"
    " --schedule-expression {ScheduleExpression} --flexible-time-window Mode=OFF"
    ' --target \'{{"Arn":"\'{Arn}\'","RoleArn":"\'"${{ROLE_ARN:?must be a role that Scheduler may assume, and that may'
    ' dynamodb:CreateBackup}}"\'","Input":"{{\\"TableName\\":\\"\'{table}\'\\",\\"BackupName\\":\\"scheduled\\"}}"}}\''
)
# A vault of that name may be there already.
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
# What is read names each rule's id, which is not taken back.
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


@rule.check(version=2, fix=DECIDE)
def decided(checklist: Checklist, now: Now) -> Verdict:
    """The checklist says how the table is backed up, who decided that and why, and that is not long ago."""
    decision = checklist.backup_decision
    if decision is None:
        return not_recorded("nobody has decided how the table is backed up")
    seen = {"evidence": {"Mode": decision.mode, "DecidedOn": decision.decided_on.isoformat()}}
    if decision.decided_on > (now.at + EASTERNMOST).date():
        return failed(f"it is said to be decided on {decision.decided_on}, which is still to come", **seen)
    if decision.decided_on < (now.at - DECIDED_WITHIN).date():
        return warned(f"it was decided on {decision.decided_on}, more than a year ago: {decision.mode}", **seen)
    return passed(f"it was decided on {decision.decided_on}: {decision.mode}", **seen)


@rule.check(fix=RECOVER)
def recoverable(wanted: RecoveryAlone, recovery: Recovery) -> Verdict:
    """Point-in-time recovery is on and reaches back as far as wanted, where it is all there is to be."""
    if not recovery.enabled:
        return failed("there is no backup at all: recovery is off, and nothing else was decided on")
    judge = passed if recovery.window_days >= wanted.window_days else failed
    days = {"RecoveryPeriodInDays": recovery.window_days}
    return judge(f"recovery alone was decided on, and reaches back {recovery.window_days} days", evidence=days)


@rule.check(fix=BACK_UP)
def on_demand(wanted: OnDemand, found: OnDemandBackups, description: TableDescription, now: Now) -> Verdict:
    """An on-demand backup of this very table can be restored, and is not much older than wanted."""
    own = [
        backup.created
        for backup in found.backups
        if backup.status in USABLE and not another(backup.table_id, description.table_id)
    ]
    verdict = _young(own, timedelta(hours=wanted.cadence_hours * SLACK), description, now)
    if found.unread and verdict.status is not Status.PASS:
        raise Unreadable({}, found.unread)
    return verdict


@rule.check(severity=Severity.MEDIUM, fix=SCHEDULE, version=2)
def on_demand_schedule(table: Table, wanted: OnDemand, found: BackupSchedules, now: Now) -> Verdict:
    """A schedule makes the on-demand backups as often as wanted, so that nobody has to think of it."""
    own = [schedule for schedule in found.schedules if schedule.table in {table.name, table.arn}]
    running = [each for each in own if _running(each, now.at)]
    evidence = {
        "Schedules": sorted(f"{each.name} {each.expression}" for each in own),
        "ScheduleExpression": f"rate({wanted.cadence_hours * 60} minutes)",
        "Arn": f"arn:{_partition(table)}{CREATES_BACKUPS}",
    }
    if running:
        return _often(running, wanted, now, evidence)
    if own:
        why = (
            "is to make them, and has not begun"
            if own[0].enabled and _begins(own[0], now.at)
            else "made them, and is over or switched off"
        )
        return warned(f"{own[0].name} {why}", evidence=evidence)
    return warned("no schedule is seen that makes them; one that invokes a function can't be told", evidence=evidence)


def _often(running: Sequence[BackupSchedule], wanted: OnDemand, now: Now, evidence: Mapping[str, Any]) -> Verdict:
    """Whether they run, together, as often as wanted."""
    cadence, names = timedelta(hours=wanted.cadence_hours), " and ".join(each.name for each in running)
    try:
        gap = longest_gap([each.expression for each in running], now.at, cadence + CLOCK_CHANGE)
    except Undecided as why:
        return warned(f"{names} makes them; how often can't be told from {why}", evidence=evidence)
    if gap <= cadence + CLOCK_CHANGE:
        return passed(f"{running[0].name} makes them: {running[0].expression}", evidence=evidence)
    hours = "never" if gap == timedelta.max else f"after up to {gap / timedelta(hours=1):g} hours"
    return failed(f"{names} makes them {hours}, expected every {wanted.cadence_hours} hours", evidence=evidence)


def _running(schedule: BackupSchedule, now: datetime) -> bool:
    over = schedule.ends is not None and schedule.ends <= now
    return schedule.enabled and not over and not _begins(schedule, now)


def _begins(schedule: BackupSchedule, now: datetime) -> bool:
    """It has yet to begin."""
    return schedule.begins is not None and schedule.begins > now


@rule.check(fix=SELECT)
def selected(table: Table, wanted: Planned, selecting: Each[SelectingPlan]) -> Verdict:
    """A plan of AWS Backup selects the table."""
    found, unread = selecting.readable()
    if found:
        names = [plan.name for plan in found]
        return passed(f"the table is selected by {' and '.join(names)}", evidence={"BackupPlanName": names})
    if unread:
        raise Unreadable({table.arn: unread})
    evidence = {
        "ScheduleExpression": f"cron(0 0/{wanted.cadence_hours} ? * * *)" if wanted.cadence_hours < DAY else DAILY,
        "DeleteAfterDays": wanted.retention_days,
        "IamRoleArn": _default_role(table),
    }
    return failed("no plan of AWS Backup selects the table", evidence=evidence)


@rule.check(confirm=2, fix=MAKE_ROLE)
def role(table: Table, plan: SelectingPlan, principals: Each[Principal]) -> Verdict:
    """The roles exist by which a plan backs the table up."""
    missing = [arn for arn in plan.roles if arn not in principals]
    if not missing:
        return passed(f"the roles of {plan.name} exist", evidence={"IamRoleArn": list(plan.roles)})
    path, _, name = missing[0].partition(":role")[2].rpartition("/")
    evidence = {"IamRoleArn": missing, "RoleName": name, "Path": f"{path}/", "Partition": _partition(table)}
    return failed(f"every job of {plan.name} fails: there is no role {' and '.join(missing)}", evidence=evidence)


@rule.check(fix=EDIT)
def scheduled(table: Table, wanted: Planned, plans: Each[PlanRules], now: Now) -> Verdict:
    """A plan that selects the table runs as often as wanted."""
    known, unread = plans.readable()
    judged = [(regularly(plan, plan.rules, now.at, wanted.cadence_hours), plan) for plan in known]
    return _best(table, judged, unread, f"run every {wanted.cadence_hours} hours")


@rule.check(severity=Severity.MEDIUM, fix=EDIT)
def retained(table: Table, wanted: Planned, plans: Each[PlanRules], now: Now) -> Verdict:
    """What a plan makes as often as wanted is kept for as long as wanted."""
    known, unread = plans.readable()
    judged = [(_kept(plan, wanted, now.at), plan) for plan in known]
    return _best(table, judged, unread, f"keep for {wanted.retention_days} days what they make as often as wanted")


@rule.check(fix=EDIT, version=2)
def vault(table: Table, plan: PlanRules, vaults: BackupVaults) -> Verdict:
    """The vaults of a plan exist, and take what is kept for as long as its rules say."""
    locks = {name: _lock(vaults.of[name]) for name in _named_vaults(plan, vaults)}
    watched = {**_seen(plan), "Vaults": locks}
    since = {name: vaults.of[name].immutable_from for name in locks}
    dates = {name: moment.isoformat() for name, moment in since.items() if moment}
    evidence = {**watched, "BackupPlanId": plan.plan.id, "LockDate": dates, "NotLookedAt": _elsewhere(table, plan)}
    refused = [why for rule in plan.rules for why in _refusals(table, rule, vaults)]
    if refused:
        return failed(f"jobs of {plan.plan.name} fail: {'; '.join(refused)}", evidence=evidence, watched=watched)
    return passed(f"the vaults of {plan.plan.name} take its backups", evidence=evidence, watched=watched)


@rule.check(fix=START, version=2)
def backed_up(  # noqa: PLR0913, PLR0917  how old it may be depends on how long jobs take, and on the table's own age
    table: Table,
    wanted: Planned,
    found: RecoveryPoints,
    jobs: BackupJobs | Unavailable,
    plans: Each[PlanRules],
    description: TableDescription,
    now: Now,
) -> Verdict:
    """A backup of this very table can be restored, and is no older than one that was made in time."""
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
        return warned(f"{verdict.message}; one is being made", evidence=verdict.evidence)
    return verdict


@rule.check(fix=START)
def ran(  # noqa: PLR0913, PLR0917  each may show that a backup came of it, or that none was to come
    table: Table,
    plan: PlanRules,
    found: RecoveryPoints,
    jobs: BackupJobs | Unavailable,
    description: TableDescription,
    now: Now,
) -> Verdict:
    """When a plan last ran, a backup of the table came of it, or still may."""
    last = plan.plan.last_run
    if last is None or last < max(plan.plan.since, description.created):
        return not_applicable(f"{plan.plan.name} has not run since it selects the table")
    if any(point.created >= last - LATE for point in found.points):
        return passed(f"a backup came of the last run of {plan.plan.name}")
    if now.at - last <= timedelta(minutes=max(rule.start_minutes for rule in plan.rules)):
        return passed(f"the last run of {plan.plan.name} may still begin")
    if isinstance(jobs, Unavailable):
        raise Unreadable({plan.plan.arn: jobs})
    if any(job.state in UNDER_WAY and job.created >= last - LATE for job in jobs.jobs):
        return passed(f"the last run of {plan.plan.name} is under way")
    evidence = {**_starting(table, [plan]), "LastExecutionDate": last.isoformat()}
    return failed(f"{plan.plan.name} ran on {last:%Y-%m-%d %H:%M} UTC, and no backup came of it", evidence=evidence)


@rule.check(fix=EXPLAIN)
def jobs(found: BackupJobs, description: TableDescription) -> Verdict:
    """The newest job of each rule that ended was successful, or one begun by hand after it was."""
    newest: dict[str, BackupJob] = {}
    for job in sorted(found.jobs, key=lambda job: job.created):
        if job.state not in UNDER_WAY and job.created >= description.created:
            newest[job.rule] = job
    by_hand = newest.get(BY_HAND)
    mended = by_hand.created if by_hand and by_hand.state in USABLE else description.created
    bad = [job for job in newest.values() if job.state not in USABLE and job.created >= mended]
    if not newest:
        return not_applicable("no job of the table ended within 30 days")
    if not bad:
        return passed("the newest jobs were successful")
    worst = min(bad, key=lambda job: job.state not in UNSUCCESSFUL)
    judge = failed if worst.state in UNSUCCESSFUL else warned
    evidence = {
        "BackupJobId": worst.id,
        "State": worst.state,
        "CreationDate": worst.created.isoformat(),
        "BackupVaultName": worst.vault,
        "IamRoleArn": worst.role,
    }
    return judge(f"the job of {worst.created:%Y-%m-%d %H:%M} UTC ended {worst.state}", evidence=evidence)


def _young(
    own: Sequence[datetime],
    limit: timedelta,
    description: TableDescription,
    now: Now,
    seen: Mapping[str, Any] = MappingProxyType({}),
) -> Verdict:
    """Whether the newest of the backups is young enough."""
    if own:
        newest = max(own)
        evidence = {**seen, "CreationDate": newest.isoformat()}
        said = f"the newest usable backup is of {newest:%Y-%m-%d %H:%M} UTC"
        if now.at - newest <= limit:
            return passed(said, evidence=evidence)
        return failed(f"{said}, more than {limit / timedelta(hours=1):g} hours ago", evidence=evidence)
    if now.at - description.created <= limit:
        return warned("the table is new, and was not backed up yet", evidence=seen)
    return failed("there is no usable backup of the table", evidence=seen)


def _best(table: Table, judged: Sequence[tuple[Status, PlanRules]], unread: Unavailable | None, does: str) -> Verdict:
    """One plan is enough; and one that could not be read may be the one."""
    status, plan = min(judged, key=lambda pair: pair[0].rank, default=(Status.NOT_APPLICABLE, None))
    if unread and status is not Status.PASS:
        raise Unreadable({table.arn: unread})
    if plan is None:
        return not_applicable("no plan selects the table")
    seen = {"evidence": {**_seen(plan), "BackupPlanId": plan.plan.id}}
    if status is Status.PASS:
        return passed(f"rules of {plan.plan.name} {does}", **seen)
    if status is Status.WARN:
        return warned(f"whether rules of {plan.plan.name} {does} can't be told from the ten runs ahead", **seen)
    return failed(f"no rules of {plan.plan.name} {does}", **seen)


def _kept(plan: PlanRules, wanted: Planned, now: datetime) -> Status:
    """Where only some rules keep backups long enough, these alone have to run as often as wanted."""
    keeping = [
        rule for rule in plan.rules if rule.retention_days is None or rule.retention_days >= wanted.retention_days
    ]
    if len(keeping) == len(plan.rules):
        return Status.PASS
    return regularly(plan, keeping, now, wanted.cadence_hours) if keeping else Status.FAIL


def _refusals(table: Table, rule: PlanRule, vaults: BackupVaults) -> Iterator[str]:
    """Why a vault takes no backup of the rule. One of another account or Region can't be looked at."""
    yield from _refused(rule, rule.vault, vaults.of.get(rule.vault), rule.retention_days)
    for copy in rule.copies:
        if _is_here(table, copy.vault_arn):
            yield from _refused(rule, name_of(copy.vault_arn), vaults.at(copy.vault_arn), copy.retention_days)


def _refused(rule: PlanRule, name: str, vault: BackupVault | None, days: int | None) -> Iterator[str]:
    if vault is None:
        yield f"there is no vault {name}"
        return
    kept = "for ever" if days is None else f"{days} days"
    if vault.state != AVAILABLE:
        yield f"the vault {name} is {vault.state}"
    if vault.min_days and days is not None and days < vault.min_days:
        yield f"{rule.name} keeps them {kept}, and {name} takes none for less than {vault.min_days}"
    if vault.max_days and (days is None or days > vault.max_days):
        yield f"{rule.name} keeps them {kept}, and {name} takes none for more than {vault.max_days}"


def _named_vaults(plan: PlanRules, vaults: BackupVaults) -> list[str]:
    """The names of those of its vaults that are here."""
    arns = {copy.vault_arn for rule in plan.rules for copy in rule.copies}
    names = {rule.vault for rule in plan.rules}
    return [name for name, vault in vaults.of.items() if name in names or vault.arn in arns]


def _elsewhere(table: Table, plan: PlanRules) -> list[str]:
    arns = {copy.vault_arn for rule in plan.rules for copy in rule.copies}
    return sorted(arn for arn in arns if not _is_here(table, arn))


def _is_here(table: Table, arn: str) -> bool:
    return (region_of(arn), account_of(arn)) == (table.region, table.account)


def _seen(plan: PlanRules) -> dict[str, Any]:
    """What the plan is, and nothing of when it runs."""
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


def _lock(vault: BackupVault) -> dict[str, Any]:
    return {"Locked": vault.locked, "MinRetentionDays": vault.min_days, "MaxRetentionDays": vault.max_days}


def _starting(table: Table, plans: Sequence[PlanRules]) -> dict[str, Any]:
    """With what a job is begun by hand: as the first plan with a rule would, or else as the console does."""
    plan = next((each for each in plans if each.rules), None)
    if plan is None:
        return {"BackupVaultName": "Default", "IamRoleArn": _default_role(table)}
    return {"BackupVaultName": plan.rules[0].vault, "IamRoleArn": plan.plan.roles[0]}


def _default_role(table: Table) -> str:
    return f"arn:{_partition(table)}:iam::{table.account}:role/service-role/AWSBackupDefaultServiceRole"


def _partition(table: Table) -> str:
    return table.arn.split(":")[1]
