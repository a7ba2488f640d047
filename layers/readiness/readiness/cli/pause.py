"""`readiness pause`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.cli.exits import Exit
from readiness.cli.words import Where, future, minute, text
from readiness.state.people import Pause


def run(until: datetime, reason: str, **where: Any) -> Exit:
    """Say in each table that nothing is told until then."""
    pause = partial(Pause, until=future("--until", until), reason=text("--reason", reason, "why nothing is told"))
    then = f"until {minute(until)}"
    for place in Where(**where).places():
        place.record(pause, f"pause the alerts {then}", f"paused {then}; `readiness resume` ends it")
    return Exit.OK
