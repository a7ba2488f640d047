"""Facts about how a table is backed up; a test changes what it is about."""

from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from readiness.checklist import BackupDecision
from readiness.engine.each import Each
from readiness.facts.backup.on_demand import BackupSchedule, BackupSchedules, OnDemandBackup, OnDemandBackups
from readiness.facts.backup.plans import PlanRule, PlanRules, SelectingPlan
from readiness.facts.backup.recovery_points import (
    BY_HAND,
    BackupJob,
    BackupJobs,
    BackupVault,
    BackupVaults,
    RecoveryPoint,
    RecoveryPoints,
)
from readiness.facts.dynamodb.table import Table
from readiness.model import Unavailable
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.rules.facts import AT, ago, description

THE_TABLE = Table(TABLE, ARN, ACCOUNT, REGION)
PLAN_ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:daily"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
TABLE_ID = description().table_id


def decision(mode: Any = "pitr_only", **other: Any) -> BackupDecision:
    return BackupDecision(
        **{
            "mode": mode,
            "decided_by": "the CTO",
            "decided_on": date(2026, 11, 1),
            "reason": "every write counts",
            **other,
        }
    )


def ahead(*hours: float) -> tuple[datetime, ...]:
    """So many hours from now."""
    return tuple(AT + timedelta(hours=each) for each in hours)


DAILY = ahead(*range(2, 242, 24))


def plan_rule(**other: Any) -> PlanRule:
    good = PlanRule("daily", "babesclub-prod", "cron(0 5 * * ? *) Etc/UTC", 60, 35, DAILY)
    return replace(good, **other)


def selecting(**other: Any) -> SelectingPlan:
    good = SelectingPlan(PLAN_ARN, "daily", "babesclub-daily", (ROLE,), ago(days=100), ago(hours=22))
    return replace(good, **other)


def rules(*each: PlanRule, plan: SelectingPlan | None = None, horizon: datetime | None = DAILY[-1]) -> PlanRules:
    return PlanRules(plan or selecting(), each or (plan_rule(),), horizon)


def every(*plans: PlanRules, unlisted: Unavailable | None = None) -> Each[PlanRules]:
    return Each({plan.plan.arn: plan for plan in plans}, unlisted)


def selected_by(*plans: SelectingPlan, unlisted: Unavailable | None = None) -> Each[SelectingPlan]:
    return Each({plan.arn: plan for plan in plans}, unlisted)


def vaults(**each: BackupVault) -> BackupVaults:
    return BackupVaults({name.replace("_", "-"): vault for name, vault in each.items()})


def vault_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:backup:{REGION}:{account}:backup-vault:{name}"


def vault(**other: Any) -> BackupVault:
    return replace(
        BackupVault(vault_arn("babesclub-prod"), locked=False, min_days=None, max_days=None, immutable_from=None),
        **other,
    )


def points(*created: datetime, status: str = "COMPLETED") -> RecoveryPoints:
    return RecoveryPoints(tuple(RecoveryPoint(status, each) for each in created))


def job(
    state: str = "COMPLETED", created: datetime | None = None, rule: str = "rule-1", took: timedelta | None = None
) -> BackupJob:
    due = created or ago(hours=22)
    return BackupJob(f"{state}-job", state, due, rule, "babesclub-prod", ROLE, due + took if took else None)


def by_hand(state: str, created: datetime) -> BackupJob:
    return job(state, created, BY_HAND)


def jobs(*each: BackupJob) -> BackupJobs:
    return BackupJobs(each)


def made(created: datetime, status: str = "AVAILABLE", table_id: str = TABLE_ID) -> OnDemandBackup:
    return OnDemandBackup(table_id, status, created)


def on_demand(*backups: OnDemandBackup) -> OnDemandBackups:
    return OnDemandBackups(backups)


def schedule(**other: Any) -> BackupSchedule:
    return replace(BackupSchedule("nightly", TABLE, enabled=True, expression="rate(1 day)", ends=None), **other)


def schedules(*each: BackupSchedule) -> BackupSchedules:
    return BackupSchedules(each)
