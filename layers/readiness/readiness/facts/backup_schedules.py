"""The schedules of EventBridge Scheduler that make on-demand backups.

Those that call DynamoDB themselves, which a schedule may do for any API call. What a function makes that a schedule
or a rule invokes is not to be seen from outside.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
from dataclasses import dataclass
from datetime import datetime

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.backup_decision import OnDemand
from readiness.facts.instant import utc_or_none

CREATES_BACKUPS = ":scheduler:::aws-sdk:dynamodb:createBackup"
ONCE = "at("


@dataclass(frozen=True)
class BackupSchedule:
    """One that recurs. `table` is the name or the ARN that it was given; `ends` is None where it never does."""

    name: str
    table: str
    enabled: bool
    expression: str
    ends: datetime | None


@dataclass(frozen=True)
class BackupSchedules:
    """All of the account and Region, for whatever table."""

    schedules: tuple[BackupSchedule, ...]


@fact("scheduler:ListSchedules", "scheduler:GetSchedule")
def backup_schedules(aws: Aws, wanted: Each[OnDemand]) -> BackupSchedules:
    """One call for each that makes backups, and none where no table is to be backed up so."""
    if not wanted:
        return BackupSchedules(())
    client = aws.client("scheduler")
    found = [
        client.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        for page in client.get_paginator("list_schedules").paginate()
        for summary in page["Schedules"]
        if summary["Target"]["Arn"].endswith(CREATES_BACKUPS)
    ]
    return BackupSchedules(
        tuple(
            BackupSchedule(
                name=schedule["Name"],
                table=_table(schedule["Target"].get("Input", "")),
                enabled=schedule["State"] == "ENABLED",
                expression=schedule["ScheduleExpression"],
                ends=utc_or_none(schedule.get("EndDate")),
            )
            for schedule in found
            if not schedule["ScheduleExpression"].startswith(ONCE)
        )
    )


def _table(given: str) -> str:
    """What CreateBackup is given as TableName; empty where it can't be told."""
    try:
        request = json.loads(given)
    except json.JSONDecodeError:
        return ""
    return str(request.get("TableName", "")) if isinstance(request, dict) else ""
