"""The backup plans that select a table, and their rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.backup.decision import Planned
from readiness.facts.backup.plans import BackupOptIn, SelectedResources
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import tags_of
from readiness.model import Fact, Unavailable, Unreadable

RUNS_AHEAD = 10
"""The maximum of MaxScheduledRunsPreview."""

START_MINUTES = 480
"""8 hours: https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html"""


class SelectingTags(Fact):
    """The tags of the table that selections use."""

    of: Mapping[str, str]


@fact("dynamodb:ListTagsOfResource", on=Planned, events=("dynamodb:TagResource", "dynamodb:UntagResource"))
def selecting_tags(aws: Aws, table: Table, selections: Each[SelectedResources]) -> SelectingTags:
    """Read the tags; no call is made where no selection uses tags."""
    known, _ = selections.readable()
    keys = {key for each in known for key in each.keys}
    if not keys:
        return SelectingTags({})
    return SelectingTags({key: value for key, value in tags_of(aws, table).items() if key in keys})


class SelectingPlan(Fact):
    """A backup plan that selects the table, `since` when. `last_run` is None for a plan that never ran."""

    arn: str
    id: str
    name: str
    roles: tuple[str, ...]
    since: datetime
    last_run: datetime | None


@fact(on=Planned)
def selecting_plans(
    table: Table,
    selections: Each[SelectedResources],
    tags: SelectingTags | Unavailable,
    opt_in: BackupOptIn | Unavailable,
) -> Each[SelectingPlan]:
    """List the plans that select the table for certain; the list is incomplete where others may."""
    known, unread = selections.readable()
    values = tags if isinstance(tags, Unavailable) else tags.of
    by_plan: dict[str, list[SelectedResources]] = {}
    for each in known:
        try:
            if each.selects(table.arn, values, opt_in):
                by_plan.setdefault(each.plan.arn, []).append(each)
        except Unreadable as undecided:
            unread = unread or undecided.first
    return Each({arn: _selecting(found) for arn, found in by_plan.items()}, unread)


class RuleCopy(Struct, frozen=True):
    """A copy of a rule's backups: the ARN of the vault and the retention in days, None for unlimited."""

    vault_arn: str
    retention_days: int | None


class PlanRule(Struct, frozen=True):
    """A rule. `retention_days` is None for no limit; `copies` include the logically air-gapped vault."""

    name: str
    vault: str
    schedule: str
    start_minutes: int
    retention_days: int | None
    next_runs: tuple[datetime, ...]
    copies: tuple[RuleCopy, ...] = ()


class PlanRules(Fact):
    """The rules of a plan, sorted by name. All runs up to `horizon` are known; None: the preview is complete."""

    plan: SelectingPlan
    rules: tuple[PlanRule, ...]
    horizon: datetime | None


@fact(
    "backup:GetBackupPlan",
    events=("backup:UpdateBackupPlan", "backup:DeleteBackupPlan"),
    absent="the backup plan was deleted",
)
def plan_rules(aws: Aws, plan: SelectingPlan) -> PlanRules | None:
    """Read the plan with the next ten runs of all rules. None: the plan was deleted since it was listed."""
    client = aws.client("backup")
    try:
        answered = client.get_backup_plan(BackupPlanId=plan.id, MaxScheduledRunsPreview=RUNS_AHEAD)
    except client.exceptions.ResourceNotFoundException:
        return None
    answer = Answer(answered, "backup:GetBackupPlan")
    ahead = [
        (run.need("RuleId", str), run.need("ExecutionTime", datetime))
        for run in answer.parts_or_empty("ScheduledRunsPreview")
    ]
    rules = [_rule(rule, ahead) for rule in answer.part("BackupPlan").parts("Rules")]
    return PlanRules(
        plan=plan,
        rules=tuple(sorted(rules, key=lambda rule: rule.name)),
        horizon=max(moment for _, moment in ahead) if len(ahead) >= RUNS_AHEAD else None,
    )


def _rule(rule: Answer, ahead: Sequence[tuple[str, datetime]]) -> PlanRule:
    """Return the rule; a rule without a schedule creates backups only on demand."""
    zone = rule.get("ScheduleExpressionTimezone", str, "Etc/UTC")
    kept = _kept(rule)
    apart = rule.get("TargetLogicallyAirGappedBackupVaultArn", str)
    copies = [RuleCopy(apart, kept)] if apart else []
    copies += [
        RuleCopy(copy.need("DestinationBackupVaultArn", str), _kept(copy))
        for copy in rule.parts_or_empty("CopyActions")
    ]
    return PlanRule(
        name=rule.need("RuleName", str),
        vault=rule.need("TargetBackupVaultName", str),
        schedule=f"{rule.get('ScheduleExpression', str, 'no schedule')} {zone}",
        start_minutes=rule.get("StartWindowMinutes", int, START_MINUTES),
        retention_days=kept,
        next_runs=tuple(sorted(moment for id_, moment in ahead if id_ == rule.need("RuleId", str))),
        copies=tuple(copies),
    )


def _kept(described: Answer) -> int | None:
    return described.part_or_empty("Lifecycle").get("DeleteAfterDays", int)


def _selecting(found: Iterable[SelectedResources]) -> SelectingPlan:
    """Return a plan from all of its selections that select the table."""
    selections = [each.selection for each in found]
    plan = next(iter(found)).plan
    return SelectingPlan(
        arn=plan.arn,
        id=plan.id,
        name=plan.name,
        roles=tuple(sorted({each.role for each in selections})),
        since=min(each.created for each in selections),
        last_run=plan.last_run,
    )
