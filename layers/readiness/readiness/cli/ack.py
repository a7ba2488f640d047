"""`readiness ack`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.failures import stored
from readiness.cli.names import check_of
from readiness.cli.records import CommandTable, command_tables
from readiness.model import Status
from readiness.state.drift import CheckState
from readiness.state.overlay import known
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
    failing = [table for table in tables if _fails(table, name)]
    if not failing:
        names = ", ".join(table.name for table in tables)
        raise Usage(
            f"no run has recorded a failure of {name} on {names}: nothing to acknowledge (see `readiness check`)"
        )
    ack = partial(Acknowledgement, check=name, note=note or "")
    for table in failing:
        result = f"{name} acknowledged; no reminders until another failure"
        table.record(ack, f"acknowledge the failure of {name}", result)
    return Exit.OK


def _fails(table: CommandTable, check: str) -> bool:
    """Return True if the last recorded status is FAIL: a failure that no run recorded has no reminders."""
    with stored(table.name):
        item = table.store.read().about(table.table_id).checks.get(check)
    return item is not None and known(CheckState.from_item(item)) is Status.FAIL
