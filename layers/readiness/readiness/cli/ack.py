"""`readiness ack`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.failures import stored
from readiness.cli.names import check_of
from readiness.cli.records import CommandTable, command_tables
from readiness.model import Status
from readiness.state.drift import CheckState
from readiness.state.overlay import known as known_status
from readiness.state.people import Acknowledgement


def run(check: str, note: str | None, *, withdraw: bool, **options: Any) -> Exit:
    """Acknowledge the check in each table where it fails, which stops reminders; or withdraw the acknowledgement."""
    name = check_of(check).id
    if withdraw and note is not None:
        raise Usage("--note cannot be used with --withdraw")
    tables = list(command_tables(**options))
    if withdraw:
        for table in tables:
            table.withdraw(
                Acknowledgement,
                name,
                action=f"withdraw the acknowledgement of {name}",
                missing=f"{name} is not acknowledged",
                result=f"acknowledgement of {name} withdrawn; reminders continue",
            )
        return Exit.OK
    known = [(table, _recorded(table, name)) for table in tables]
    failing = [table for table, status in known if status is Status.FAIL]
    if not failing:
        names = ", ".join(table.name for table in tables)
        why = "the last run recorded no failure: nothing to acknowledge (see `readiness check`)"
        if all(status is None for _, status in known):
            why = "no run has recorded it yet: `readiness check --record`, or wait for the schedule"
        raise Usage(f"{name} on {names}: {why}")
    ack = partial(Acknowledgement, check=name, note=note or "")
    for table in failing:
        result = f"{name} acknowledged; no reminders until another failure"
        table.record(ack, f"acknowledge the failure of {name}", result)
    return Exit.OK


def _recorded(table: CommandTable, check: str) -> Status | None:
    """Return the last recorded status; None if no run has recorded the check of this table."""
    with stored(table.name):
        item = table.store.read().about(table.table_id).checks.get(check)
    return known_status(CheckState.from_item(item)) if item is not None else None
