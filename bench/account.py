"""The account of most rows: a table whose items pass, with functions, alarms, budgets, drills and change events."""

from datetime import UTC, datetime
from pathlib import Path

from tests.aws.account import TABLE
from tests.run.billed import prepared


def furnish(functions: int) -> None:
    """Furnish moto, which has to be active."""
    prepared(functions)


def checklist(folder: Path) -> Path:
    """Write a checklist file that says of the table what no default can."""
    decision = 'mode = "pitr_only", decided_by = "the CTO", reason = "recovery is enough"'
    path = folder / "checklist.toml"
    path.write_text(
        f'[[tables]]\nname = "{TABLE}"\nbackup_decision = {{ {decision}, decided_on = {datetime.now(UTC).date()} }}\n'
    )
    return path
