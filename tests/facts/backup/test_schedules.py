import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.facts.backup.decision import OnDemand
from readiness.facts.backup.on_demand import BackupSchedule, BackupSchedules, backup_schedules
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, Account

WANTED = Each({ARN: OnDemand(24)})
CREATE_BACKUP = "arn:aws:scheduler:::aws-sdk:dynamodb:createBackup"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:backup"


def make(account: Account, name: str = "nightly", target: str = CREATE_BACKUP, given: Any = None, **other: Any) -> None:
    request = json.dumps(given or {"TableName": TABLE, "BackupName": "nightly"})
    account.client("scheduler").create_schedule(
        **{
            "Name": name,
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": target, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler", "Input": request},
            **other,
        }
    )


def test_a_schedule_that_creates_backups(account: Account) -> None:
    make(account)
    found = BackupSchedule("nightly", TABLE, enabled=True, expression="rate(1 day)", ends=None)
    assert backup_schedules(account.aws, WANTED) == BackupSchedules((found,))


def test_one_that_is_off_and_one_that_ends(account: Account) -> None:
    end = datetime(2027, 1, 31, tzinfo=UTC)
    make(account, State="DISABLED")
    make(account, "until", EndDate=end)
    found = {each.name: each for each in backup_schedules(account.aws, WANTED).schedules}
    assert (found["nightly"].enabled, found["nightly"].ends) == (False, None)
    assert (found["until"].enabled, found["until"].ends) == (True, end)


def test_one_of_a_group(account: Account) -> None:
    account.client("scheduler").create_schedule_group(Name="backups")
    make(account, GroupName="backups", given={"TableName": ARN, "BackupName": "nightly"})
    [found] = backup_schedules(account.aws, WANTED).schedules
    assert found.table == ARN


def test_what_is_no_schedule_for_backups(account: Account) -> None:
    make(account, "function", FUNCTION)
    make(account, "once", ScheduleExpression="at(2027-01-01T00:00:00)")
    account.calls.clear()
    assert backup_schedules(account.aws, WANTED) == BackupSchedules(())
    assert account.calls == ["scheduler:ListSchedules", "scheduler:GetSchedule"]


@pytest.mark.parametrize("given", ["no JSON", '["a list"]', "{}", None])
def test_one_whose_table_can_not_be_told(account: Account, given: str | None) -> None:
    target = {"Arn": CREATE_BACKUP, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"}
    make(account, Target=target | ({"Input": given} if given else {}))
    [found] = backup_schedules(account.aws, WANTED).schedules
    assert found.table == ""


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    make(account)
    listed = account.client("scheduler").list_schedules()
    account.answer("scheduler", "ListSchedules", {"Schedules": [], "NextToken": "more"}, listed)
    assert len(backup_schedules(account.aws, WANTED).schedules) == 1


def test_nothing_is_asked_for_where_nobody_wants_it(account: Account) -> None:
    assert backup_schedules(account.aws, Each({ARN: None})) == BackupSchedules(())
    assert not account.calls


@pytest.mark.parametrize("operation", ["ListSchedules", "GetSchedule"])
def test_a_refusal_is_left_to_the_collector(account: Account, operation: str) -> None:
    make(account)
    account.refuse("scheduler", operation, "AccessDeniedException")
    with pytest.raises(ClientError, match=operation):
        backup_schedules(account.aws, WANTED)


def test_one_that_was_deleted_since_it_was_listed_is_not_listed(account: Account) -> None:
    make(account)

    def also(answer: dict[str, Any]) -> None:
        answer["Schedules"].append({**answer["Schedules"][0], "Name": "deleted"})

    account.alter("scheduler", "ListSchedules", also)
    assert [each.name for each in backup_schedules(account.aws, WANTED).schedules] == ["nightly"]


def test_when_it_begins(account: Account) -> None:
    start = datetime(2027, 1, 31, tzinfo=UTC)
    make(account, StartDate=start)
    [found] = backup_schedules(account.aws, WANTED).schedules
    assert found.begins == start
