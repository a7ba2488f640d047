"""How each of the fixed tables is backed up: every mode once, and every way to have no backup."""

from datetime import date

from readiness.engine.each import Each
from readiness.facts.backup.decision import OnDemand, Planned, RecoveryAlone
from readiness.facts.backup.on_demand import BackupSchedules, OnDemandBackups
from readiness.facts.backup.plans import PlanRules, SelectingPlan
from readiness.facts.backup.recovery_points import BackupJobs, BackupVaults, RecoveryPoints
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Identity
from tests.golden.facts import Facts
from tests.rules.backups import (
    ROLE,
    ahead,
    decision,
    every,
    job,
    jobs,
    made,
    on_demand,
    plan_rule,
    points,
    rules,
    schedule,
    schedules,
    selected_by,
    selecting,
    vault,
    vaults,
)
from tests.rules.facts import NOW, ago, checklist

GOOD_DECISION = decision("aws_backup")
GOOD: Facts = {
    Planned: Planned(24, 35),
    SelectingPlan: selecting(),
    Each[SelectingPlan]: selected_by(selecting()),
    PlanRules: rules(),
    Each[PlanRules]: every(rules()),
    BackupVaults: vaults(babesclub_prod=vault(locked=True, min_days=7)),
    RecoveryPoints: points(ago(hours=22)),
    BackupJobs: jobs(job()),
    Each[Principal]: Each({ROLE: Principal(ROLE, "", Identity(ROLE, "role", (), None, (), (), ()), (), (), "")}),
}

NONE: Facts = dict.fromkeys(GOOD)
"""What another mode has no use for; nobody has asked for the principals either."""

NEGLECTED_DECISION = decision()
NEGLECTED: Facts = {**NONE, RecoveryAlone: RecoveryAlone(35)}

CHANGING_DECISION = decision("aws_backup", decided_on=date(2026, 11, 24))
CHANGING: Facts = {
    **GOOD,
    SelectingPlan: None,
    Each[SelectingPlan]: selected_by(),
    PlanRules: None,
    Each[PlanRules]: every(),
    RecoveryPoints: points(),
    BackupJobs: jobs(job("PARTIAL")),
}

LAX = rules(plan_rule(vault="scratch", retention_days=7, next_runs=ahead(50, 218)))
DOOMED_DECISION = decision("aws_backup", decided_on=date(2027, 1, 1))
DOOMED: Facts = {
    **GOOD,
    PlanRules: LAX,
    Each[PlanRules]: every(LAX),
    BackupVaults: vaults(babesclub_prod=vault()),
    RecoveryPoints: points(ago(days=8)),
    BackupJobs: jobs(job("EXPIRED")),
    Each[Principal]: Each({}),
}

TOLERATED_DECISION = decision("on_demand", decided_on=date(2025, 6, 1))
TOLERATED: Facts = {
    **NONE,
    OnDemand: OnDemand(24),
    OnDemandBackups: on_demand(made(ago(hours=31)), made(ago(hours=1), "CREATING")),
    BackupSchedules: schedules(schedule(enabled=False)),
}

UNDECIDED: Facts = {Now: NOW, Checklist: checklist()}
