"""`readiness resume`."""

from typing import Any

from readiness.cli.exits import Exit
from readiness.cli.records import places
from readiness.state.people import Pause


def run(**options: Any) -> Exit:
    """End the pause of each table; the next run reports the changes."""
    then = "alerts resumed; the next run reports the changes"
    for place in places(**options):
        place.withdraw(Pause, what="resume the alerts", nothing="alerts are not paused", then=then)
    return Exit.OK
