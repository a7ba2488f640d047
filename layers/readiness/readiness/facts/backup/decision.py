"""What the checklist's decision asks for, a type for each mode: what belongs to another mode is never read."""

from readiness.engine.fact import fact
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact


class RecoveryAlone(Fact):
    """Nothing besides point-in-time recovery, which reaches back `window_days`."""

    window_days: int


class OnDemand(Fact):
    """A backup of DynamoDB's own every `cadence_hours`."""

    cadence_hours: int


class Planned(Fact):
    """A backup by AWS Backup every `cadence_hours`, each of them kept for `retention_days` at least."""

    cadence_hours: int
    retention_days: int


@fact()
def recovery_alone(checklist: Checklist) -> RecoveryAlone | None:
    """None: that was not decided."""
    decision = checklist.backup_decision
    return RecoveryAlone(checklist.pitr.window_days) if decision and decision.mode == "pitr_only" else None


@fact()
def on_demand(checklist: Checklist) -> OnDemand | None:
    """None: that was not decided."""
    decision = checklist.backup_decision
    return OnDemand(decision.cadence_hours) if decision and decision.mode == "on_demand" else None


@fact()
def planned(checklist: Checklist) -> Planned | None:
    """None: that was not decided."""
    decision = checklist.backup_decision
    if decision is None or decision.mode != "aws_backup":
        return None
    return Planned(decision.cadence_hours, decision.retention_days)
