"""A state that AWS passes through: fragile while it lasts, and a failure once it lasts too long."""

from datetime import datetime, timedelta
from typing import TypeVar

from readiness.facts.recorded.now import Now
from readiness.model import Carry


class Transition(Carry):
    """A state, and the first look that saw it. Each check has a subclass of its own: what is carried goes by type."""

    state: str
    since: datetime

    def overdue(self, now: Now, limit: timedelta) -> bool:
        """Whether it lasts longer than AWS ever takes."""
        return now.at - self.since > limit


T = TypeVar("T", bound=Transition)


def continued(kind: type[T], before: T | None, state: str, now: Now) -> T:
    """The transition of the last look while the state is the same, else one that starts now."""
    return before if before is not None and before.state == state else kind(state, now.at)
