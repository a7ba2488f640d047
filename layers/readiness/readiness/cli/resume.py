"""`readiness resume`."""

from typing import Any

from readiness.cli.exits import Exit
from readiness.cli.records import command_tables
from readiness.state.people import Pause


def run(**options: Any) -> Exit:
    """End the pause of each table; the next run reports the changes."""
    result = "alerts resumed; the next run reports the changes"
    for table in command_tables(**options):
        table.withdraw(Pause, action="resume the alerts", missing="alerts are not paused", result=result)
    return Exit.OK
