"""States that AWS passes through: WARN while they last, FAIL once they last too long."""

from datetime import datetime, timedelta
from typing import TypeVar

from readiness.facts.recorded.now import Now
from readiness.model import Carry


class Transition(Carry):
    """A state and the time of the first run that saw it.

    Each check has its own subclass, because carried values are stored by type.
    """

    state: str
    since: datetime

    def overdue(self, now: Now, limit: timedelta) -> bool:
        """Return True where the state lasts longer than the limit."""
        return now.at - self.since > limit


T = TypeVar("T", bound=Transition)


def continued(kind: type[T], before: T | None, state: str, now: Now) -> T:
    """Return the transition of the last run while the state is the same, else one that starts now."""
    return before if before is not None and before.state == state else kind(state, now.at)
