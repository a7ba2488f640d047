"""Which plans of AWS Backup select a table, and what their rules do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.backup_decision import Planned
from readiness.facts.backup_plans import BackupOptIn, Selected
from readiness.facts.instant import utc
from readiness.facts.table import Table, existing
from readiness.model import Unavailable, Unreadable

RUNS_AHEAD = 10
"""The most that AWS tells in advance."""

START_MINUTES, COMPLETION_MINUTES = 480, 10080
"""8 hours and 7 days: https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html"""


@dataclass(frozen=True)
class SelectingTags:
    """The table's tags, as far as selections ask for them."""

    of: Mapping[str, str]


@fact("dynamodb:ListTagsOfResource")
def selecting_tags(
    aws: Aws,
    table: Table,
    wanted: Planned,  # noqa: ARG001  in no other mode
    selections: Each[Selected],
) -> SelectingTags:
    """No call is made where no selection that could be read asks for tags."""
    known, _ = selections.readable()
    keys = {key for each in known for key in each.keys}
    if not keys:
        return SelectingTags({})
    pages = aws.client("dynamodb").get_paginator("list_tags_of_resource")
    with existing(table):
        tags = [tag for page in pages.paginate(ResourceArn=table.arn) for tag in page.get("Tags", [])]
    return SelectingTags({tag["Key"]: tag["Value"] for tag in tags if tag["Key"] in keys})


@dataclass(frozen=True)
class SelectingPlan:
    """A plan that selects the table, and has done so since that instant. Its key is its ARN.

    `roles` are those by which it backs the table up. `last_run` is None where the plan never ran.
    """

    arn: str
    id: str
    name: str
    roles: tuple[str, ...]
    since: datetime
    last_run: datetime | None


@fact()
def selecting_plans(
    table: Table,
    wanted: Planned,  # noqa: ARG001  in no other mode
    selections: Each[Selected],
    tags: SelectingTags | Unavailable,
    opt_in: BackupOptIn | Unavailable,
) -> Each[SelectingPlan]:
    """Those that certainly do; the listing is not whole where others may."""
    known, unread = selections.readable()
    values = tags if isinstance(tags, Unavailable) else tags.of
    by_plan: dict[str, list[Selected]] = {}
    for each in known:
        try:
            if each.selects(table.arn, values, opt_in):
                by_plan.setdefault(each.plan.arn, []).append(each)
        except Unreadable as undecided:
            unread = unread or undecided.first
    return Each({arn: _selecting(found) for arn, found in by_plan.items()}, unread)


@dataclass(frozen=True)
class PlanRule:
    """A rule of a plan. `retention_days` is None where backups are kept for ever.

    The two windows are how long (minutes) a backup that is due may take to begin, and then to complete.
    """

    name: str
    vault: str
    schedule: str
    start_minutes: int
    completion_minutes: int
    retention_days: int | None
    next_runs: tuple[datetime, ...]


@dataclass(frozen=True)
class PlanRules:
    """What a plan does: its rules by their names, and when they run next.

    All runs up to `horizon` are among their next ones; None where all that AWS foresees are.
    """

    plan: SelectingPlan
    rules: tuple[PlanRule, ...]
    horizon: datetime | None


@fact("backup:GetBackupPlan")
def plan_rules(aws: Aws, plan: SelectingPlan) -> PlanRules:
    """With the next ten runs of all its rules together."""
    answer = aws.client("backup").get_backup_plan(BackupPlanId=plan.id, MaxScheduledRunsPreview=RUNS_AHEAD)
    ahead = [(run["RuleId"], utc(run["ExecutionTime"])) for run in answer.get("ScheduledRunsPreview", [])]
    rules = [
        PlanRule(
            name=rule["RuleName"],
            vault=rule["TargetBackupVaultName"],
            schedule=f"{rule['ScheduleExpression']} {rule.get('ScheduleExpressionTimezone', 'Etc/UTC')}",
            start_minutes=rule.get("StartWindowMinutes", START_MINUTES),
            completion_minutes=rule.get("CompletionWindowMinutes", COMPLETION_MINUTES),
            retention_days=rule.get("Lifecycle", {}).get("DeleteAfterDays"),
            next_runs=tuple(sorted(moment for id_, moment in ahead if id_ == rule["RuleId"])),
        )
        for rule in answer["BackupPlan"]["Rules"]
    ]
    return PlanRules(
        plan=plan,
        rules=tuple(sorted(rules, key=lambda rule: rule.name)),
        horizon=max(moment for _, moment in ahead) if len(ahead) >= RUNS_AHEAD else None,
    )


def _selecting(found: Iterable[Selected]) -> SelectingPlan:
    """Of one plan, all selections that select the table."""
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
