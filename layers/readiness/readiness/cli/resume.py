"""`readiness resume`."""

from typing import Any

from readiness.cli.exits import Exit
from readiness.cli.words import Where
from readiness.state.people import Pause


def run(**where: Any) -> Exit:
    """End the pause of each table; the next run reports the changes."""
    for place in Where(**where).places():
        place.withdraw(
            Pause,
            what="resume the alerts",
            nothing="alerts are not paused",
            then="alerts resumed; the next run reports the changes",
        )
    return Exit.OK
