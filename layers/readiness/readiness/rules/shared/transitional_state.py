"""States that AWS passes through: WARN while they last, FAIL once they last too long."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from readiness.aws.time import minute
from readiness.engine.rule import failed, warned
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Verdict


class TransitionalState(Carry):
    """A state and the time of the first run that saw it.

    Each check has its own subclass, because carried values are stored by type.
    """

    state: str
    since: datetime

    def overdue(self, now: Now, limit: timedelta) -> bool:
        """Return True where the state lasts longer than the limit."""
        return now.at - self.since > limit

    def verdict(self, now: Now, limit: timedelta, message: str, then: str = "", /, **more: Any) -> Verdict:
        """Return WARN, or FAIL where the state lasts longer than the limit: `message`, since when, and `then`."""
        judge = failed if self.overdue(now, limit) else warned
        return judge(f"{message} since {minute(self.since)}{then}", carry=self, **more)


T = TypeVar("T", bound=TransitionalState)


def continued(kind: type[T], before: T | None, state: str, now: Now) -> T:
    """Return the transition of the last run while the state is the same, else one that starts now."""
    return before if before is not None and before.state == state else kind(state, now.at)
