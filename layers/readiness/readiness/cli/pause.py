"""`readiness pause`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.alerts.words import counted
from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.records import command_tables, limited
from readiness.state.people import Pause


def run(until: datetime, reason: str, **options: Any) -> Exit:
    """Pause the alerts of each table until then."""
    then = f"until {minute(until)}"
    for table in command_tables(**options):
        pause = partial(Pause, until=until, reason=reason)
        limits = table.settings.limits
        cut = limited(until, limits.pause, counted(limits.pause_hours, "hour"), "limits.pause_hours")
        result = f"alerts paused {then}{cut}; `readiness resume` ends the pause"
        table.record(pause, f"pause the alerts {then}{cut}", result)
    return Exit.OK
