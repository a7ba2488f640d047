import pytest

from readiness.checklist import BackupDecision
from readiness.facts.backup.decision import OnDemand, Planned, RecoveryAlone, on_demand, planned, recovery_alone
from tests.rules.backups import decision
from tests.rules.facts import checklist


@pytest.mark.parametrize(
    ("decided", "asked_for"),
    [
        pytest.param(None, [None, None, None], id="nothing was decided"),
        pytest.param(decision("pitr_only"), [RecoveryAlone(30), None, None], id="recovery alone"),
        pytest.param(decision("on_demand", cadence_hours=12), [None, OnDemand(12), None], id="on demand"),
        pytest.param(decision("aws_backup", retention_days=90), [None, None, Planned(24, 90)], id="AWS Backup"),
    ],
)
def test_what_a_mode_asks_for(decided: BackupDecision | None, asked_for: list[object]) -> None:
    wanted = checklist(window_days=30, backup_decision=decided)
    assert [recovery_alone(wanted), on_demand(wanted), planned(wanted)] == asked_for
