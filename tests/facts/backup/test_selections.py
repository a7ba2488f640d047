from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.facts.backup.decision import Planned
from readiness.facts.backup.plans import (
    START_MINUTES,
    BackupOptIn,
    BackupPlan,
    BackupSelection,
    PlanRules,
    RuleCopy,
    SelectedResources,
    SelectingPlan,
    SelectingTags,
    plan_rules,
    selecting_plans,
    selecting_tags,
)
from readiness.facts.dynamodb.table import Table
from readiness.model import Gone, Reason, Unavailable
from tests.aws.account import ARN, TABLE, Account
from tests.aws.backups import VAULT, complete_backups, make_plan
from tests.rules.backups import ROLE
from tests.rules.facts import ago

complete_backups()

WANTED = Planned(24, 35)
DENIED = Unavailable(Reason.ACCESS_DENIED, "backup:GetBackupSelection")
UNTAGGED, OPTED_IN = SelectingTags({}), BackupOptIn(on=True)


def plan(name: str) -> BackupPlan:
    return BackupPlan(f"arn:{name}", name, name, ago(hours=9))


def selected(name: str, number: int, *resources: str, role: str = ROLE, tag: str = "") -> SelectedResources:
    """The plan's selection of that number, made so many days ago."""
    one = BackupSelection(str(number), role, ago(days=number))
    return SelectedResources(plan(name), one, resources=resources, any_of=((tag, "yes"),) if tag else ())


def every(*each: SelectedResources | Unavailable) -> Each[SelectedResources]:
    return Each({str(number): one for number, one in enumerate(each)})


def test_a_plan_selects_by_any_of_its_selections(table: Table) -> None:
    found = every(
        selected("daily", 3, ARN, role="b"),
        selected("daily", 9, "arn:aws:dynamodb:*:*:table/*", role="a"),
        selected("daily", 20, f"{ARN}-staging", role="c"),
        selected("other", 1, f"{ARN}-staging"),
    )
    assert selecting_plans(table, found, UNTAGGED, OPTED_IN).answers() == {
        "arn:daily": SelectingPlan("arn:daily", "daily", "daily", ("a", "b"), ago(days=9), ago(hours=9))
    }


def test_what_could_not_be_read_leaves_the_list_open(table: Table) -> None:
    listed = selecting_plans(table, every(DENIED, selected("daily", 3, ARN)), UNTAGGED, OPTED_IN)
    assert list(listed.answers()) == ["arn:daily"]
    assert listed.unlisted is DENIED


def test_what_is_undecided_leaves_the_list_open(table: Table) -> None:
    found = every(selected("daily", 3, ARN), selected("tagged", 3, tag="backup"))
    unread = Unavailable(Reason.THROTTLED, "dynamodb:ListTagsOfResource")
    listed = selecting_plans(table, found, unread, OPTED_IN)
    assert list(listed.answers()) == ["arn:daily"]
    assert listed.unlisted is unread
    assert list(selecting_plans(table, found, SelectingTags({"backup": "yes"}), OPTED_IN).answers()) == [
        "arn:daily",
        "arn:tagged",
    ]
    assert selecting_plans(table, every(selected("daily", 3, ARN)), unread, unread).unlisted is None


def test_only_the_tags_that_selections_ask_for(furnished: Account, table: Table) -> None:
    tags = [{"Key": "backup", "Value": "yes"}, {"Key": "Owner", "Value": "jane@example.com"}]
    furnished.client("dynamodb").tag_resource(ResourceArn=ARN, Tags=tags)
    found = every(selected("daily", 3, tag="backup"), DENIED)
    assert selecting_tags(furnished.aws, table, found) == SelectingTags({"backup": "yes"})


def test_no_call_where_none_asks_for_tags(furnished: Account, table: Table) -> None:
    furnished.calls.clear()
    assert selecting_tags(furnished.aws, table, every(selected("daily", 3, ARN))) == UNTAGGED
    assert not furnished.calls


def test_the_tags_of_all_pages(furnished: Account, table: Table) -> None:
    tag = {"Key": "backup", "Value": "yes"}
    furnished.answer("dynamodb", "ListTagsOfResource", {"Tags": [], "NextToken": "more"}, {"Tags": [tag]})
    assert selecting_tags(furnished.aws, table, every(selected("daily", 3, tag="backup"))).of == {"backup": "yes"}


def test_the_tags_of_a_table_that_is_gone(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "ListTagsOfResource", "ResourceNotFoundException")
    with pytest.raises(Gone, match=TABLE):
        selecting_tags(furnished.aws, table, every(selected("daily", 3, tag="backup")))


def read(account: Account, id_: str) -> PlanRules:
    found = plan_rules(account.aws, SelectingPlan(f"arn:{id_}", id_, "daily", (ROLE,), ago(days=9), None))
    assert found
    return found


def test_the_rules_of_a_plan(account: Account) -> None:
    weekly = {
        "RuleName": "weekly",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": "cron(30 4 ? * SUN *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 120,
        "Lifecycle": {"DeleteAfterDays": 90},
    }
    bare = {"RuleName": "bare", "TargetBackupVaultName": "other"}
    first, second = read(account, make_plan(account.client, "daily", weekly, bare)).rules
    assert (first.name, first.vault, first.retention_days) == ("bare", "other", None)
    assert first.start_minutes == START_MINUTES
    assert (second.name, second.vault, second.retention_days) == ("weekly", VAULT, 90)
    assert second.schedule == "cron(30 4 ? * SUN *) Europe/Berlin"
    assert second.start_minutes == 60


def test_where_else_a_rule_writes(account: Account) -> None:
    apart, copies = ARN.replace(":dynamodb:", ":backup:"), "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"
    id_ = make_plan(account.client)

    def change(answer: dict[str, object]) -> None:
        more = {
            "TargetLogicallyAirGappedBackupVaultArn": apart,
            "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [
                {"DestinationBackupVaultArn": copies, "Lifecycle": {"DeleteAfterDays": 90}},
                {"DestinationBackupVaultArn": copies},
            ],
        }
        answer["BackupPlan"] = {"Rules": [{**RULE, "RuleName": "daily", **more}]}

    account.alter("backup", "GetBackupPlan", change)
    [rule] = read(account, id_).rules
    assert rule.copies == (RuleCopy(apart, 35), RuleCopy(copies, 90), RuleCopy(copies, None))


def test_a_plan_that_was_deleted_since_it_was_listed_has_no_rules(account: Account) -> None:
    account.refuse("backup", "GetBackupPlan", "ResourceNotFoundException")
    plan = SelectingPlan("arn:gone", "gone", "daily", (ROLE,), ago(days=9), None)
    assert plan_rules(account.aws, plan) is None


def test_its_next_runs(account: Account) -> None:
    found = read(account, make_plan(account.client))
    [daily] = found.rules
    assert len(daily.next_runs) == 10
    assert daily.next_runs[0] > datetime.now(UTC)
    assert daily.next_runs[9] - daily.next_runs[0] == timedelta(days=9)
    assert found.horizon == daily.next_runs[9]


def test_the_runs_of_all_rules_share_what_is_foreseen(account: Account) -> None:
    hourly = {"RuleName": "hourly", "TargetBackupVaultName": VAULT, "ScheduleExpression": "cron(0 * ? * * *)"}
    daily = {"RuleName": "daily", "TargetBackupVaultName": VAULT, "ScheduleExpression": "cron(0 5 ? * * *)"}
    found = read(account, make_plan(account.client, "both", hourly, daily))
    assert sum(len(rule.next_runs) for rule in found.rules) == 10
    assert found.horizon == max(moment for rule in found.rules for moment in rule.next_runs)


def test_fewer_runs_than_asked_for_are_all_there_are(account: Account) -> None:
    id_ = make_plan(account.client)
    account.alter("backup", "GetBackupPlan", lambda answer: answer.update(ScheduledRunsPreview=[]))
    found = read(account, id_)
    assert (found.rules[0].next_runs, found.horizon) == ((), None)


def test_windows_that_are_not_told_are_the_default(account: Account) -> None:
    id_ = make_plan(account.client)

    def change(answer: dict[str, object]) -> None:
        answer["BackupPlan"] = {"Rules": [{**RULE, "RuleName": "daily"}]}

    account.alter("backup", "GetBackupPlan", change)
    [rule] = read(account, id_).rules
    assert (rule.start_minutes, rule.schedule) == (480, "cron(0 5 ? * * *) Etc/UTC")


RULE = {"RuleId": "1", "TargetBackupVaultName": VAULT, "ScheduleExpression": "cron(0 5 ? * * *)"}


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("backup", "GetBackupPlan", "AccessDeniedException")
    with pytest.raises(ClientError, match="GetBackupPlan"):
        read(account, "daily")
