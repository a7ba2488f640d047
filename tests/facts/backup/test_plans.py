from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.facts.backup.decision import Planned
from readiness.facts.backup.plans import (
    BackupOptIn,
    BackupPlan,
    BackupSelection,
    SelectedResources,
    backup_opt_in,
    backup_plans,
    backup_selections,
    selected,
)
from readiness.model import Reason, Unavailable, Unreadable
from tests.aws.account import ARN, Account
from tests.aws.backups import ROLE_ARN, complete_backups, make_plan, run, select
from tests.rules.backups import PLAN_ARN
from tests.rules.facts import ago

complete_backups()

WANTED = Each({ARN: Planned(24, 35)})
NOBODY: Each[Planned] = Each({ARN: None})
PLAN = BackupPlan(PLAN_ARN, "daily", "babesclub-daily", None)
IN, OUT = BackupOptIn(on=True), BackupOptIn(on=False)
DENIED = Unavailable(Reason.ACCESS_DENIED, "dynamodb:ListTagsOfResource")
CLOSED = Unavailable(Reason.ACCESS_DENIED, "backup:DescribeRegionSettings")
TAGS = {"Env": "prod", "backup": "daily"}
ALL_TABLES = "arn:aws:dynamodb:*:*:table/*"


def selection(**other: Any) -> SelectedResources:
    return SelectedResources(PLAN, BackupSelection("id", ROLE_ARN, ago(days=9)), **other)


@pytest.mark.parametrize(
    ("asked", "of_tables", "of_services"),
    [
        pytest.param({"resources": (ARN,)}, True, True, id="the table by its ARN"),
        pytest.param({"resources": (f"{ARN}-staging",)}, False, False, id="another table"),
        pytest.param({"resources": (ARN[:-8],)}, False, False, id="a part of its name"),
        pytest.param({"resources": (f"{ARN[:-8]}*",)}, True, True, id="names that begin like it"),
        pytest.param({"resources": (ALL_TABLES,)}, True, True, id="all tables of all Regions"),
        pytest.param({"resources": ("arn:aws:dynamodb:us-east-1:123456789012:tabl?/*",)}, False, False, id="no ?"),
        pytest.param({"resources": ("arn:aws:dynamodb:*",)}, True, False, id="the service"),
        pytest.param({"resources": ("*",)}, True, False, id="everything"),
        pytest.param({"resources": ("arn:aws:ec2:*:*:volume/*",)}, False, False, id="another service"),
        pytest.param({}, True, False, id="nothing at all is everything"),
        pytest.param({"but": (f"{ARN}-staging",)}, True, False, id="all but another"),
        pytest.param({"but": (ARN,)}, False, False, id="all but this one"),
        pytest.param({"resources": (ARN,), "but": (ALL_TABLES,)}, False, False, id="what is left out is left out"),
        pytest.param(
            {"any_of": (("backup", "daily"),), "but": (ARN,)}, False, False, id="though it carries the tag too"
        ),
        pytest.param({"any_of": (("backup", "daily"),)}, True, False, id="a tag"),
        pytest.param({"any_of": (("backup", "weekly"), ("Env", "prod"))}, True, False, id="one of two tags"),
        pytest.param({"any_of": (("backup", "weekly"),)}, False, False, id="another value"),
        pytest.param({"any_of": (("Backup", "daily"),)}, False, False, id="another key"),
        pytest.param(
            {"any_of": (("backup", "daily"),), "unequal": (("Env", "prod"),)},
            False,
            False,
            id="a tag whose table a condition leaves out",
        ),
        pytest.param(
            {"any_of": (("backup", "daily"),), "equal": (("Env", "prod"),)}, True, False, id="a tag and a condition"
        ),
        pytest.param(
            {"resources": (f"{ARN}-staging",), "any_of": (("backup", "daily"),)}, True, False, id="a tag or a resource"
        ),
        pytest.param(
            {"resources": (ARN,), "any_of": (("backup", "weekly"),)}, True, True, id="a resource without the tag"
        ),
        pytest.param({"resources": (ARN,), "equal": (("backup", "daily"),)}, True, True, id="a condition that holds"),
        pytest.param(
            {"resources": ("*",), "equal": (("backup", "daily"),)}, True, False, id="a condition on everything"
        ),
        pytest.param({"resources": (ARN,), "equal": (("backup", "weekly"),)}, False, False, id="one that does not"),
        pytest.param(
            {"resources": (ARN,), "equal": (("backup", "daily"), ("Env", "dev"))},
            False,
            False,
            id="one of two does not",
        ),
        pytest.param({"equal": (("backup", "daily"),)}, False, False, id="a condition on no resource"),
        pytest.param({"resources": (ARN,), "like": (("backup", "*ail*"),)}, True, True, id="like it"),
        pytest.param({"resources": (ARN,), "like": (("backup", "d?ily"),)}, False, False, id="not like it"),
        pytest.param(
            {"resources": (ARN,), "like": (("absent", "*"),)}, False, False, id="an absent tag is like nothing"
        ),
        pytest.param({"resources": (ARN,), "unequal": (("backup", "weekly"),)}, True, True, id="unequal"),
        pytest.param({"resources": (ARN,), "unequal": (("backup", "daily"),)}, False, False, id="not unequal"),
        pytest.param({"resources": (ARN,), "unequal": (("absent", "x"),)}, True, True, id="an absent tag is unequal"),
        pytest.param({"resources": (ARN,), "unlike": (("Env", "dev*"),)}, True, True, id="unlike"),
        pytest.param({"resources": (ARN,), "unlike": (("Env", "p*d"),)}, False, False, id="not unlike"),
        pytest.param({"resources": (ARN,), "unlike": (("absent", "*"),)}, True, True, id="an absent tag is unlike"),
    ],
)
def test_what_selects_the_table(asked: dict[str, Any], *, of_tables: bool, of_services: bool) -> None:
    """With the service opted in, and without."""
    one = selection(**asked)
    assert one.selects(ARN, TAGS, IN) is of_tables
    assert one.selects(ARN, TAGS, OUT) is of_services


def test_the_opt_in_matters_only_where_no_tables_are_named() -> None:
    assert selection(resources=(ARN,)).selects(ARN, TAGS, CLOSED)
    assert not selection(resources=("*",), but=(ARN,)).selects(ARN, TAGS, CLOSED)
    with pytest.raises(Unreadable) as unread:
        selection(resources=("*",)).selects(ARN, TAGS, CLOSED)
    assert unread.value.first is CLOSED


@pytest.mark.parametrize(
    "asked",
    [
        {"any_of": (("backup", "daily"),)},
        {"resources": (ARN,), "equal": (("backup", "daily"),)},
        {"resources": (ARN,), "unlike": (("backup", "daily"),)},
    ],
)
def test_without_its_tags_what_asks_for_them_is_undecided(asked: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as unread:
        selection(**asked).selects(ARN, DENIED, IN)
    assert unread.value.first is DENIED


@pytest.mark.parametrize(
    ("asked", "selects"),
    [
        pytest.param({"resources": (ARN,)}, True, id="no tag is asked for"),
        pytest.param({"resources": (ARN,), "any_of": (("backup", "daily"),)}, True, id="the resource is enough"),
        pytest.param({"resources": (f"{ARN}-2",), "equal": (("a", "b"),)}, False, id="the resource is another"),
        pytest.param({"any_of": (("backup", "daily"),), "but": (ARN,)}, False, id="it is left out"),
    ],
)
def test_without_its_tags_the_rest_may_decide(asked: dict[str, Any], *, selects: bool) -> None:
    assert selection(**asked).selects(ARN, DENIED, IN) is selects


def test_a_tag_counts_for_nothing_without_the_opt_in() -> None:
    assert not selection(any_of=(("backup", "daily"),)).selects(ARN, DENIED, OUT)


def test_the_keys_that_are_asked_for() -> None:
    every = selection(
        any_of=(("a", ""),), equal=(("b", ""),), like=(("c", ""),), unequal=(("d", ""),), unlike=(("e", ""),)
    )
    assert every.keys == {"a", "b", "c", "d", "e"}


@pytest.fixture
def plan(account: Account) -> BackupPlan:
    make_plan(account.client)
    [made] = backup_plans(account.aws, WANTED)
    return made


def test_plans_that_are_there(account: Account, plan: BackupPlan) -> None:
    assert (plan.name, plan.last_run) == ("babesclub-daily", None)
    assert plan.arn.endswith(f":backup-plan:{plan.id}")
    account.client("backup").delete_backup_plan(BackupPlanId=plan.id)
    assert not backup_plans(account.aws, WANTED)


def test_when_a_plan_ran_last(account: Account, plan: BackupPlan) -> None:
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    run(plan.id, at=at)
    [ran] = backup_plans(account.aws, WANTED)
    assert ran.last_run == at


def test_nothing_is_asked_for_where_nobody_wants_it(account: Account) -> None:
    assert not backup_plans(account.aws, NOBODY)
    assert backup_opt_in(account.aws, NOBODY) is None
    assert not account.calls


def test_an_empty_page_is_not_the_end(account: Account, plan: BackupPlan) -> None:
    listed = account.client("backup").list_backup_plans()
    account.answer("backup", "ListBackupPlans", {"BackupPlansList": [], "NextToken": "more"}, listed)
    assert list(backup_plans(account.aws, WANTED)) == [plan]


def selections(account: Account, plan: BackupPlan) -> list[SelectedResources]:
    return [selected(account.aws, plan, each) for each in backup_selections(account.aws, plan)]


def test_a_selection_is_read_as_it_was_written(account: Account, plan: BackupPlan) -> None:
    select(
        account.client,
        plan.id,
        Resources=["arn:aws:s3:::*", ARN],
        NotResources=[f"{ARN}-staging"],
        ListOfTags=[{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}],
        Conditions={
            "StringEquals": [{"ConditionKey": "aws:ResourceTag/Env", "ConditionValue": "prod"}],
            "StringLike": [{"ConditionKey": "aws:ResourceTag/Team", "ConditionValue": "shop*"}],
            "StringNotEquals": [{"ConditionKey": "aws:ResourceTag/Skip", "ConditionValue": "yes"}],
            "StringNotLike": [{"ConditionKey": "aws:ResourceTag/Owner", "ConditionValue": "test*"}],
        },
    )
    [found] = selections(account, plan)
    assert found == SelectedResources(
        plan=plan,
        selection=found.selection,
        resources=(ARN, "arn:aws:s3:::*"),
        but=(f"{ARN}-staging",),
        any_of=(("backup", "daily"),),
        equal=(("Env", "prod"),),
        like=(("Team", "shop*"),),
        unequal=(("Skip", "yes"),),
        unlike=(("Owner", "test*"),),
    )
    assert found.selection.role == ROLE_ARN
    assert found.selection.created.tzinfo is UTC


def test_a_selection_by_a_condition_of_a_kind_that_is_new_is_not_read_as_equality(
    account: Account, plan: BackupPlan
) -> None:
    tag = {"ConditionType": "STRINGLIKE", "ConditionKey": "backup", "ConditionValue": "daily"}
    select(account.client, plan.id, ListOfTags=[tag])
    with pytest.raises(Unreadable):
        selections(account, plan)


def test_a_selection_of_nothing_is_empty(account: Account, plan: BackupPlan) -> None:
    select(account.client, plan.id)
    [found] = selections(account, plan)
    assert (found.resources, found.but, found.keys) == ((), (), frozenset())


def test_each_selection_of_each_plan_has_a_key_of_its_own(account: Account, plan: BackupPlan) -> None:
    for _ in range(2):
        select(account.client, plan.id, Resources=[ARN])
    keys = backup_selections(account.aws, plan).answers()
    assert len(keys) == 2
    assert all(key.startswith(f"{plan.arn}/selection/") for key in keys)


def test_the_selections_of_a_plan_that_is_gone(account: Account) -> None:
    with pytest.raises(ClientError) as refused:
        backup_selections(account.aws, PLAN)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize("on", [True, False])
def test_whether_the_service_is_opted_in(account: Account, *, on: bool) -> None:
    account.client("backup").update_region_settings(ResourceTypeOptInPreference={"DynamoDB": on})
    assert backup_opt_in(account.aws, WANTED) == BackupOptIn(on)


def test_a_service_that_is_not_among_the_settings_is_not_opted_in(account: Account) -> None:
    account.answer("backup", "DescribeRegionSettings", {"ResourceTypeOptInPreference": {"EBS": True}})
    assert backup_opt_in(account.aws, WANTED) == OUT


@pytest.mark.parametrize("operation", ["ListBackupPlans", "DescribeRegionSettings"])
def test_a_refusal_is_left_to_the_collector(account: Account, operation: str) -> None:
    account.refuse("backup", operation, "AccessDeniedException")
    fetch: Any = {"ListBackupPlans": backup_plans, "DescribeRegionSettings": backup_opt_in}[operation]
    with pytest.raises(ClientError, match=operation):
        fetch(account.aws, WANTED)
