"""CloudTrail's event history: who made a change that no event told of.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a second, one
attribute a request, the newest first. It lags behind by minutes.
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
from readiness.changes.relevance import GLOBAL, calls_that_move
from readiness.model import Unavailable, Unreadable

logger = logging.getLogger(__name__)

LONGEST = 3.0
"""Seconds of a run that may go by with it."""

APART = 0.5

LOOK_UP = "cloudtrail:LookupEvents"

HOME_OF_GLOBAL = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where calls to IAM are recorded, by partition."""

NOT_YET = "not known yet: events reach CloudTrail's event history after some minutes"
NO_CALL = "not known: no API call that CloudTrail records makes this change"


class History(Struct):
    """What was called since an instant, asked in one run: nothing twice. `why` says why an answer is missing."""

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
        """The calls that can have moved the check, one name after the other, as far as time allows to ask for them."""
        for source, name in calls_that_move(check):
            yield self.calls(source, name)

    def calls(self, source: str, name: str) -> Sequence[ApiCall]:
        """Those of one name that AWS did not refuse."""
        if (source, name) not in self._found and self._may_ask():
            self._found[source, name] = self._ask(source, name)
        return self._found.get((source, name), ())

    def _may_ask(self) -> bool:
        """Waits until the next request is allowed."""
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
    """None: it can't be read, and explains nothing."""
    try:
        said = json.loads(record) if isinstance(record, str) else None
        return recorded(said) if isinstance(said, dict) else None
    except ValueError:
        return None
