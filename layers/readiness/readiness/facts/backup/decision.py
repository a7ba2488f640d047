"""The backup decision of the checklist, one type for each mode: facts of another mode are never read."""

from readiness.checklist import BackupDecision
from readiness.engine.fact import fact
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact


class RecoveryAlone(Fact):
    """The mode pitr_only: point-in-time recovery with a recovery period of `window_days` is the only backup."""

    window_days: int


class OnDemand(Fact):
    """The mode on_demand: a DynamoDB on-demand backup every `cadence_hours`."""

    cadence_hours: int


class Planned(Fact):
    """The mode aws_backup: a backup every `cadence_hours`, retained for at least `retention_days`."""

    cadence_hours: int
    retention_days: int


@fact(absent="the backup decision is not pitr_only")
def recovery_alone(checklist: Checklist) -> RecoveryAlone | None:
    """Return None for another mode."""
    return RecoveryAlone(checklist.pitr.window_days) if _decided(checklist, "pitr_only") else None


@fact(absent="the backup decision is not on_demand")
def on_demand(checklist: Checklist) -> OnDemand | None:
    """Return None for another mode."""
    decision = _decided(checklist, "on_demand")
    return OnDemand(decision.cadence_hours) if decision else None


@fact(absent="the backup decision is not aws_backup")
def planned(checklist: Checklist) -> Planned | None:
    """Return None for another mode."""
    decision = _decided(checklist, "aws_backup")
    return Planned(decision.cadence_hours, decision.retention_days) if decision else None


def _decided(checklist: Checklist, mode: str) -> BackupDecision | None:
    decision = checklist.backup_decision
    return decision if decision and decision.mode == mode else None
