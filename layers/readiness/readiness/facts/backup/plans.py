"""The backup plans of AWS Backup, the tables that they select, and their rules.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import Planned
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import tags_of
from readiness.iam.match import matches
from readiness.model import Fact, Unavailable, Unreadable

OF_A_TAG = "aws:ResourceTag/"
EQUALS = "STRINGEQUALS"
OF_TABLES = ":table/"

Tagged = tuple[tuple[str, str], ...]
"""Pairs of tag keys and values."""


class BackupPlan(Fact):
    """A backup plan of this account and Region. Its key is its ARN. `last_run` is None for a plan that never ran."""

    arn: str
    id: str
    name: str
    last_run: datetime | None


@fact("backup:ListBackupPlans", resources={"backup:ListBackupPlans": ANY_RESOURCE})
def backup_plans(aws: Aws, wanted: Each[Planned]) -> Each[BackupPlan]:
    """List the plans that are not deleted. No call is made unless a table has the mode aws_backup."""
    if not wanted:
        return Each({})
    pages = aws.client("backup").get_paginator("list_backup_plans").paginate()
    return each_of(
        listed(pages, "BackupPlansList", "backup:ListBackupPlans"), lambda plan: plan.need("BackupPlanArn", str), _plan
    )


class BackupOptIn(Fact):
    """The opt-in of AWS Backup for DynamoDB in this Region."""

    on: bool


@fact(
    "backup:DescribeRegionSettings",
    resources={"backup:DescribeRegionSettings": ANY_RESOURCE},
    events=("backup:UpdateRegionSettings",),
)
def backup_opt_in(aws: Aws, wanted: Each[Planned]) -> BackupOptIn | None:
    """Return None unless a table has the mode aws_backup. A service missing in the settings is not opted in."""
    if not wanted:
        return None
    answer = Answer(aws.client("backup").describe_region_settings(), "backup:DescribeRegionSettings")
    return BackupOptIn(answer.part("ResourceTypeOptInPreference").get("DynamoDB", bool, default=False))


class BackupSelection(Fact):
    """A resource selection of a plan, with its role. Its key is the plan's ARN with the selection's id."""

    id: str
    role: str
    created: datetime


@fact("backup:ListBackupSelections")
def backup_selections(aws: Aws, plan: BackupPlan) -> Each[BackupSelection]:
    """List the selections of the plan."""
    pages = aws.client("backup").get_paginator("list_backup_selections").paginate(BackupPlanId=plan.id)
    return each_of(
        listed(pages, "BackupSelectionsList", "backup:ListBackupSelections"),
        key=lambda each: f"{plan.arn}/selection/{each.need('SelectionId', str)}",
        make=lambda each: BackupSelection(
            each.need("SelectionId", str), each.need("IamRoleArn", str), each.need("CreationDate", datetime)
        ),
    )


class SelectedResources(Fact):
    """The content of a selection, with its plan.

    A resource has to match one of `resources` or have one of the tags `any_of`, to meet every condition, and to match
    none of `but` (NotResources). `equal`, `like`, `unequal` and `unlike` are the conditions on values of tags.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-cli.html
    """

    plan: BackupPlan
    selection: BackupSelection
    resources: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    any_of: Tagged = ()
    equal: Tagged = ()
    like: Tagged = ()
    unequal: Tagged = ()
    unlike: Tagged = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all tags that it uses."""
        asked = (*self.any_of, *self.equal, *self.like, *self.unequal, *self.unlike)
        return frozenset(key for key, _ in asked)

    def selects(self, arn: str, tags: Mapping[str, str] | Unavailable, opt_in: BackupOptIn | Unavailable) -> bool:
        """Return True if the table with that ARN is selected. Raises Unreadable where unread tags or opt-in decide."""
        unread = [tags] * bool(self.keys) + [opt_in]
        least = self._selects(arn, tags, opt_in, unknown=False)
        if least != self._selects(arn, tags, opt_in, unknown=True):
            raise Unreadable({arn: next(each for each in unread if isinstance(each, Unavailable))})
        return least

    def _selects(
        self, arn: str, tags: Mapping[str, str] | Unavailable, opt_in: BackupOptIn | Unavailable, *, unknown: bool
    ) -> bool:
        """Return the result with `unknown` for all that was not read: it is monotonic, so equal results decide."""
        if any(_fits(pattern, arn) for pattern in self.but):
            return False
        opted = unknown if isinstance(opt_in, Unavailable) else opt_in.on
        if not (self.resources or self.keys):
            return opted
        if isinstance(tags, Unavailable):
            tagged, meets = (
                bool(self.any_of) and unknown,
                unknown or not (self.equal or self.like or self.unequal or self.unlike),
            )
        else:
            tagged, meets = any(tags.get(key) == value for key, value in self.any_of), self._meets(tags)
        fitting = [pattern for pattern in self.resources if _fits(pattern, arn)]
        named = any(OF_TABLES in pattern or opted for pattern in fitting)
        return meets and (named or (tagged and opted))

    def _meets(self, tags: Mapping[str, str]) -> bool:
        """Return True if all conditions are met; a missing tag equals nothing and is unlike everything."""
        return (
            all(tags.get(key) == value for key, value in self.equal)
            and all(key in tags and _fits(value, tags[key]) for key, value in self.like)
            and all(tags.get(key) != value for key, value in self.unequal)
            and not any(key in tags and _fits(value, tags[key]) for key, value in self.unlike)
        )


@fact("backup:GetBackupSelection", events=("backup:CreateBackupSelection", "backup:DeleteBackupSelection"))
def selected(aws: Aws, plan: BackupPlan, selection: BackupSelection) -> SelectedResources:
    """Read the selection; absent members are empty."""
    client = aws.client("backup")
    answered = client.get_backup_selection(BackupPlanId=plan.id, SelectionId=selection.id)
    answer = Answer(answered, "backup:GetBackupSelection").part("BackupSelection")
    conditions = answer.part_or_empty("Conditions")
    return SelectedResources(
        plan=plan,
        selection=selection,
        resources=tuple(sorted(answer.texts_or_empty("Resources"))),
        but=tuple(sorted(answer.texts_or_empty("NotResources"))),
        any_of=_tagged(answer, "ListOfTags"),
        equal=_tagged(conditions, "StringEquals"),
        like=_tagged(conditions, "StringLike"),
        unequal=_tagged(conditions, "StringNotEquals"),
        unlike=_tagged(conditions, "StringNotLike"),
    )


def _plan(plan: Answer) -> BackupPlan:
    """Return the plan; LastExecutionDate is absent for a plan that never ran."""
    return BackupPlan(
        arn=plan.need("BackupPlanArn", str),
        id=plan.need("BackupPlanId", str),
        name=plan.need("BackupPlanName", str),
        last_run=plan.get("LastExecutionDate", datetime),
    )


def _tagged(asked: Answer, name: str) -> Tagged:
    return tuple(map(_condition, asked.parts_or_empty(name)))


def _condition(asked: Answer) -> tuple[str, str]:
    """Return key and value of a condition. Raises Unreadable for a ConditionType other than STRINGEQUALS."""
    if asked.get("ConditionType", str, EQUALS) != EQUALS:
        raise Unreadable({}, asked.incomplete("ConditionType"))
    return asked.need("ConditionKey", str).removeprefix(OF_A_TAG), asked.need("ConditionValue", str)


def _fits(pattern: str, text: str) -> bool:
    """Match with `*` as the only wildcard; a `?` is not allowed in ARNs and tags."""
    return "?" not in pattern and matches(pattern, text)


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
