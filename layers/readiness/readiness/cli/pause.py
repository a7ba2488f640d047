"""`readiness pause`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.words import Where, future, text
from readiness.state.people import Pause


def run(until: datetime, reason: str, **where: Any) -> Exit:
    """Pause the alerts of each table until then."""
    pause = partial(Pause, until=future("--until", until), reason=text("--reason", reason, "the reason for the pause"))
    then = f"until {minute(until)}"
    for place in Where(**where).places():
        place.record(pause, f"pause the alerts {then}", f"alerts paused {then}; `readiness resume` ends the pause")
    return Exit.OK
