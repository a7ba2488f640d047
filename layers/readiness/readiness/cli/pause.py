"""`readiness pause`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.records import command_tables
from readiness.state.people import Pause


def run(until: datetime, reason: str, **options: Any) -> Exit:
    """Pause the alerts of each table until then."""
    then = f"until {minute(until)}"
    for table in command_tables(**options):
        pause = partial(Pause, until=until, reason=reason)
        table.record(pause, f"pause the alerts {then}", f"alerts paused {then}; `readiness resume` ends the pause")
    return Exit.OK
