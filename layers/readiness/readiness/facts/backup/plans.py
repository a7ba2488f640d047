"""The backup plans of AWS Backup and the resources that they select.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources-json.html
"""

from collections.abc import Mapping
from datetime import datetime

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import Planned
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
