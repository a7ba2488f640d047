"""A batch from SQS: change events, and delayed second scans. One run processes the whole batch.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: the response lists the messages that
could not be read. SQS delivers only these again, and in the end moves them to the dead-letter queue.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from msgspec import Struct, convert, to_builtins

from readiness.aws.client import Aws
from readiness.changes.call import ApiCall, UnreadableEvent, call_of
from readiness.changes.relevance import GLOBAL, HOME_OF_GLOBAL

logger = logging.getLogger(__name__)

AGAIN = "Readiness Second Look"
"""The detail-type of the monitor's own message: calls of a minute ago that had changed nothing yet."""

CARRIED = 100
"""The number of calls, the newest ones, in the message for a second scan."""

LARGEST = 200_000
"""The number of characters of that message. SQS accepts 256 KB."""


class Batch(Struct, frozen=True):
    """The calls of a batch, new and processed by an earlier run, and the response with the messages that failed."""

    calls: tuple[ApiCall, ...]
    again: tuple[ApiCall, ...]
    response: dict[str, Any]

    @property
    def asks(self) -> bool:
        """Return True if the batch has a call to process."""
        return bool(self.calls or self.again)


def is_batch(event: Any) -> bool:
    """Return True if the event is from SQS: each record has a message id."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return (
        isinstance(records, list)
        and bool(records)
        and all(
            isinstance(each, Mapping)
            and each.get("eventSource") == "aws:sqs"
            and isinstance(each.get("messageId"), str)
            for each in records
        )
    )


def read(event: dict[str, Any], tables: Iterable[str], account: Callable[[], Aws]) -> Batch:
    """Return the calls of a batch that concern one of the tables, each once, the oldest first.

    `account` is called only for an event that concerns a table. Events of other accounts and Regions are ignored.
    """
    watched = frozenset(tables)
    new: dict[str, tuple[ApiCall, Mapping[str, Any]]] = {}
    again: dict[str, ApiCall] = {}

    def sort(record: SQSRecord) -> None:
        try:
            body = json.loads(record.body)
            if isinstance(body, Mapping) and body.get("detail-type") == AGAIN:
                carried = convert(body.get("detail", {}).get("calls"), list[ApiCall])
                again.update({call.id: call for call in carried})
                return
        except ValueError as error:  # no JSON, or no calls: ValidationError is a ValueError
            raise UnreadableEvent(str(error)) from error
        if (call := call_of(body)).concerns(watched):
            new[call.id] = call, body

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    response = process_partial_response(event, sort, processor)
    ours = [call for call, body in new.values() if happened_in(account(), body, call.source)]
    if len(ours) < len(new):
        logger.warning("change events of another account or Region are ignored", extra={"events": len(new) - len(ours)})
    return Batch(_oldest_first(ours), _oldest_first(again.values()), {**response})


def happened_in(aws: Aws, event: Mapping[str, Any], source: str) -> bool:
    """Return True if the event and its CloudTrail record are of the account, and of its Region.

    Services without Regions, such as IAM, are recorded in one Region of the partition.
    """
    detail = event.get("detail")
    record = detail if isinstance(detail, Mapping) else {}
    accounts = [event.get("account"), record.get("recipientAccountId")]
    regions = [event.get("region"), record.get("awsRegion")]
    expected = [aws.region, HOME_OF_GLOBAL.get(aws.partition)] if source in GLOBAL else [aws.region]
    known = [each for each in accounts if each is not None]
    return (
        bool(known)
        and all(each == aws.account for each in known)
        and all(each in expected for each in regions if each is not None)
    )


def put_off(calls: Sequence[ApiCall]) -> str:
    """Return the message that requests a second scan for the calls, the newest ones that fit into it."""
    carried: list[Any] = []
    room = LARGEST
    for call in reversed(calls[-CARRIED:]):
        said = to_builtins(call)
        room -= len(json.dumps(said))
        if room < 0:
            break
        carried.insert(0, said)
    return json.dumps({"detail-type": AGAIN, "detail": {"calls": carried}})


def _oldest_first(calls: Iterable[ApiCall]) -> tuple[ApiCall, ...]:
    return tuple(sorted(calls, key=lambda call: (call.at, call.id)))
