"""What is printed as the remedy of a document that is not true leads to one that is recorded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.checklist import SampleSettings
from tests.aws.account import TABLE
from tests.cli import repositories
from tests.cli.repositories import PLAN
from tests.remedies.patient import Patient

RECORD = f"readiness manifest . --table {TABLE} --record --yes"
WHO: dict[str, Any] = {
    f"GIT_{role}_{key}": name for role in ("AUTHOR", "COMMITTER") for key, name in repositories.NAMES.items()
}


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.fixture
def root(patient: Patient) -> Path:
    return repositories.checkout(patient.shell.folder, days_ago(20))


def heal(patient: Patient, name: str, written: str) -> None:
    """Let somebody write that at the end of the file that is edited."""
    patient.edit(f"echo '{written}' >> \"$1\"")
    patient.heal(name, answer="y\n", **WHO)


@pytest.mark.usefixtures("root")
def test_what_nobody_recorded_is_recorded(patient: Patient) -> None:
    patient.heal("documentation-current/recorded", answer="y\n")


def test_documents_are_written_down_until_they_are_true(patient: Patient, root: Path) -> None:
    """A runbook that is missing, a prefix that the plan lacks, and one that items have; then all is older."""
    (root / "notes/ops/restore-runbook.md").unlink()
    repositories.commit(
        root, days_ago(10), **{"src/coupon.py": 'def key(at: str) -> str:\n    return f"COUPON#{at}"\n'}
    )
    patient.shell.type(RECORD)
    heal(patient, "documentation-current/present", "see CART#1")
    repositories.commit(root, days_ago(30), **{PLAN: "# Cart\n"})
    patient.shell.type(RECORD)
    heal(patient, "documentation-current/documented", "CART#, QUOTE#, COUPON# and READINESS#")
    patient.world.want(sample=SampleSettings(enabled=True))
    patient.world.item("HOLD#1")
    for name in ("CART", "QUOTE", "COUPON"):
        patient.world.item(f"{name}#1")
    heal(patient, "documentation-current/observed", "HOLD#")


def test_a_plan_that_is_older_than_the_code_is_looked_at_again(patient: Patient, root: Path) -> None:
    repositories.commit(
        root, days_ago(10), **{"src/coupon.py": 'def key(at: str) -> str:\n    return f"COUPON#{at}"\n'}
    )
    patient.shell.type(RECORD)
    heal(patient, "documentation-current/current", "COUPON#")
