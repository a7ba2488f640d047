"""`readiness pause`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.records import places
from readiness.state.people import Pause


def run(until: datetime, reason: str, **options: Any) -> Exit:
    """Pause the alerts of each table until then."""
    then = f"until {minute(until)}"
    for place in places(**options):
        pause = partial(Pause, until=until, reason=reason)
        place.record(pause, f"pause the alerts {then}", f"alerts paused {then}; `readiness resume` ends the pause")
    return Exit.OK
