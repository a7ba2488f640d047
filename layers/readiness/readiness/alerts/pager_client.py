"""Send events to a pager: to an EventBridge bus, or as notifications of alarms to an SNS topic."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from readiness.alerts.alert import AlertContext
from readiness.alerts.pager import EVENTS, Incident, alarm, alarm_subject, as_json, event
from readiness.aws.answer import Answer
from readiness.aws.arn import region_of
from readiness.aws.client import Aws
from readiness.aws.failure import failure
from readiness.model import Unreadable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

logger = logging.getLogger(__name__)

ATTEMPTS = 2
SECONDS = 2.0
"""The time for an answer of EventBridge or SNS."""

AT_ONCE = 10
"""The limit of PutEvents and of PublishBatch."""

SOURCE = "readiness"
DETAIL_TYPE = "Readiness Pager Event"
"""The detail type that the EventBridge rule of the template matches."""

Events = Mapping[str, Incident | None]


class BusPager(Struct, frozen=True):
    """An event bus, whose rule sends events in the form of PagerDuty's Events API v2 to an API destination."""

    aws: Aws
    arn: str
    place: AlertContext

    def send(self, events: Events) -> frozenset[str]:
        """Open or close incidents. Return the keys that EventBridge accepted; errors are logged."""
        client = self.aws.impatient("events", region_of(self.arn), SECONDS)
        return sent(events, partial(self._put, client))

    def _put(self, client: "EventBridgeClient", keys: Sequence[str], events: Events) -> set[str]:
        entries: Any = [
            {
                "EventBusName": self.arn,
                "Source": SOURCE,
                "DetailType": DETAIL_TYPE,
                "Detail": as_json(event(self.place, key, events[key])),
            }
            for key in keys
        ]
        answers = Answer(client.put_events(Entries=entries), "events:PutEvents").parts("Entries")
        accepted = [bool(each.get("EventId", str)) for each in answers]
        return {key for key, taken in zip(keys, accepted, strict=False) if taken}


class TopicPager(Struct, frozen=True):
    """An SNS topic, which a pager subscribes to as to a topic of CloudWatch alarms."""

    aws: Aws
    arn: str
    place: AlertContext
    clock: Callable[[], datetime]

    def send(self, events: Events) -> frozenset[str]:
        """Open or close incidents. Return the keys that SNS accepted; errors are logged."""
        client = self.aws.impatient("sns", region_of(self.arn), SECONDS)
        return sent(events, partial(self._publish, client))

    def _publish(self, client: "SNSClient", keys: Sequence[str], events: Events) -> set[str]:
        at = self.clock()
        alarms = [alarm(self.place, key, events[key], at=at, topic=self.arn) for key in keys]
        entries: Any = [
            {"Id": str(number), "Subject": alarm_subject(each), "Message": as_json(each)}
            for number, each in enumerate(alarms)
        ]
        answer = client.publish_batch(TopicArn=self.arn, PublishBatchRequestEntries=entries)
        numbers = {each.need("Id", str) for each in Answer(answer, "sns:Publish").parts_or_empty("Successful")}
        return {key for number, key in enumerate(keys) if str(number) in numbers}


def pager_of(
    aws: Aws, pager: str, arn: str, place: AlertContext, clock: Callable[[], datetime]
) -> BusPager | TopicPager:
    """Return the pager of that kind. Its client does not wait for long, because a run has other work to do."""
    return BusPager(aws, arn, place) if pager == EVENTS else TopicPager(aws, arn, place, clock)


def sent(events: Events, send: Callable[[Sequence[str], Events], set[str]]) -> frozenset[str]:
    """Send the events in calls of at most 10. Return the accepted keys; what was not accepted is logged.

    What is refused is tried once more. After a call that fails, the others of the same round are not made, so that a
    run waits for two calls without an answer at most.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    accepted: set[str] = set()
    failed: dict[str, str | None] = {}
    for _ in range(ATTEMPTS):
        waiting = sorted(events.keys() - accepted)
        try:
            for start in range(0, len(waiting), AT_ONCE):
                accepted |= send(waiting[start : start + AT_ONCE], events)
        except (BotoCoreError, ClientError, Unreadable) as error:
            failed = failure(error)
    if refused := sorted(events.keys() - accepted):
        logger.warning("the pager did not accept events", extra={"events": len(refused), "first": refused[0], **failed})
    return frozenset(accepted)
