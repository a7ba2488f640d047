"""On-demand backups of a table, and the schedules of EventBridge Scheduler that create them.

Only schedules with the universal target CreateBackup are recognized; a function that a schedule or a rule invokes may
create backups too.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.decision import OnDemand
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

CREATES_BACKUPS = ":scheduler:::aws-sdk:dynamodb:createBackup"
ONCE = "at("


class BackupSchedule(Struct, frozen=True):
    """A recurring schedule. `table` is TableName of its input, a name or an ARN; `ends` is None for no end."""

    name: str
    table: str
    enabled: bool
    expression: str
    ends: datetime | None
    begins: datetime | None = None


class BackupSchedules(Fact):
    """The backup schedules of the account and Region, for all tables."""

    schedules: tuple[BackupSchedule, ...]


@fact(
    "scheduler:ListSchedules",
    "scheduler:GetSchedule",
    resources={"scheduler:ListSchedules": ANY_RESOURCE},
    events=("scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
)
def backup_schedules(aws: Aws, wanted: Each[OnDemand]) -> BackupSchedules:
    """Read each schedule that creates backups; no call is made unless a table has the mode on_demand."""
    if not wanted:
        return BackupSchedules(())
    client = aws.client("scheduler")
    pages = client.get_paginator("list_schedules").paginate()
    found = [
        schedule
        for summary in listed(pages, "Schedules", "scheduler:ListSchedules")
        if summary.part("Target").need("Arn", str).endswith(CREATES_BACKUPS)
        if (schedule := _schedule(client, summary)) is not None
    ]
    return BackupSchedules(tuple(schedule for schedule in found if not schedule.expression.startswith(ONCE)))


def _schedule(client: "EventBridgeSchedulerClient", summary: Answer) -> BackupSchedule | None:
    """Return None for a schedule that was deleted since it was listed."""
    try:
        answered = client.get_schedule(Name=summary.need("Name", str), GroupName=summary.need("GroupName", str))
    except client.exceptions.ResourceNotFoundException:
        return None
    answer = Answer(answered, "scheduler:GetSchedule")
    return BackupSchedule(
        name=answer.need("Name", str),
        table=_table(answer.part("Target").get("Input", str, "")),
        enabled=answer.need("State", str) == "ENABLED",
        expression=answer.need("ScheduleExpression", str),
        ends=answer.get("EndDate", datetime),
        begins=answer.get("StartDate", datetime),
    )


def _table(given: str) -> str:
    """Return TableName of the request; empty for malformed input."""
    try:
        request = json.loads(given)
    except json.JSONDecodeError:
        return ""
    return str(request.get("TableName", "")) if isinstance(request, dict) else ""


PERMISSION = "dynamodb:ListBackups"


class OnDemandBackup(Struct, frozen=True):
    """A backup of the table with that id, which may be a former table of the same name. `status` is BackupStatus."""

    table_id: str
    status: str
    created: datetime


class OnDemandBackups(Fact):
    """All on-demand backups under the table's name. `unread` is why there may be more."""

    backups: tuple[OnDemandBackup, ...]
    unread: Unavailable | None = None


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    on=OnDemand,
    events=("dynamodb:CreateBackup", "dynamodb:DeleteBackup"),
)
def on_demand_backups(aws: Aws, table: Table) -> OnDemandBackups:
    """List the on-demand backups, without backups of AWS Backup and system backups of deleted tables."""
    pages = aws.client("dynamodb").get_paginator("list_backups").paginate(TableName=table.name, BackupType="USER")
    number = count()
    found = each_of(listed(pages, "BackupSummaries", PERMISSION), lambda _: f"{next(number):06}", _backup)
    backups, unread = found.readable()
    return OnDemandBackups(tuple(backups), unread)


def _backup(answer: Answer) -> OnDemandBackup:
    return OnDemandBackup(
        answer.need("TableId", str),
        answer.need("BackupStatus", str),
        answer.need("BackupCreationDateTime", datetime),
    )
