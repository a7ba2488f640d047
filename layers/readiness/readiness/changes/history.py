"""CloudTrail's event history: the author of a change that no event reported.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests per second, one
attribute per request, the newest events first. Events are available after some minutes.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct, field

from readiness.aws.answer import Answer
from readiness.aws.client import Aws, unavailable
from readiness.aws.failure import failure
from readiness.changes.call import ApiCall, recorded
from readiness.changes.relevance import GLOBAL, HOME_OF_GLOBAL, calls_that_move
from readiness.model import Unavailable, Unreadable

logger = logging.getLogger(__name__)

LONGEST = 3.0
"""The maximum time of the lookups of a run, in seconds."""

APART = 0.5

LOOK_UP = "cloudtrail:LookupEvents"

NOT_YET = "not known yet: events reach CloudTrail's event history after some minutes"
NO_CALL = "not known: no API call that CloudTrail records makes this change"


class History(Struct):
    """The calls since an instant, looked up in one run, each at most once. `why` is the reason for a missing answer."""

    aws: Aws
    since: datetime
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    in_time: Callable[[], bool] = lambda: True
    why: str = NOT_YET
    _found: dict[tuple[str, str], list[ApiCall]] = field(default_factory=dict)
    _asked: list[float] = field(default_factory=list)
    _stopped: bool = False

    def moving(self, check: str) -> Iterator[Sequence[ApiCall]]:
        """Yield the calls that can have changed the check, by operation, as far as time allows to look them up."""
        for source, name in calls_that_move(check):
            yield self.calls(source, name)

    def calls(self, source: str, name: str) -> Sequence[ApiCall]:
        """Return the calls of one operation that AWS did not refuse."""
        if (source, name) not in self._found and self._may_ask():
            self._found[source, name] = self._ask(source, name)
        return self._found.get((source, name), ())

    def _may_ask(self) -> bool:
        """Wait for the rate limit. Return False if no time is left, or a request has failed."""
        if self._stopped or not self.in_time():
            return False
        if self._asked:
            due = max(0.0, self._asked[-1] + APART - self.now())
            if self.now() + due - self._asked[0] > LONGEST:
                return False
            self.wait(due)
        self._asked.append(self.now())
        return True

    def _ask(self, source: str, name: str) -> list[ApiCall]:
        from botocore.exceptions import BotoCoreError, ClientError

        region = HOME_OF_GLOBAL.get(self.aws.partition) if source in GLOBAL else None
        try:
            found = self.aws.client("cloudtrail", region).lookup_events(
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}], StartTime=self.since
            )
            events = Answer(found, LOOK_UP).parts("Events")
        except (BotoCoreError, ClientError, Unreadable) as error:
            self._stopped = True
            logger.warning("CloudTrail's event history could not be read", extra=failure(error))
            why = error.first if isinstance(error, Unreadable) else unavailable(error, LOOK_UP)
            reason = why.reason if isinstance(why, Unavailable) else type(error).__name__
            self.why = f"cannot be looked up: {reason} on {LOOK_UP}"
            return []
        calls = filter(None, (_call(each.get("CloudTrailEvent", object)) for each in events))
        return [call for call in calls if call.source == source and not call.refused]


def _call(record: object) -> ApiCall | None:
    """Return the call of a record; None if it can't be read."""
    try:
        said = json.loads(record) if isinstance(record, str) else None
        return recorded(said) if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        return None
