"""Put the changes that a message reports on an EventBridge event bus, one event for each change.

Whatever the bus does, the message is published next: nothing here raises an exception or waits long.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from readiness.aws.answer import Answer
from readiness.aws.arn import region_of
from readiness.aws.client import Aws
from readiness.aws.failure import failure
from readiness.model import Message

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

logger = logging.getLogger(__name__)

SOURCE = "readiness"
DETAIL_TYPE = "Readiness Finding Changed"
SCHEMA = "readiness.finding-changed/1"
"""The schema of the detail, in `docs/finding-changed.schema.json`. Fields may be added, never removed."""

MOST_ENTRIES = 10
MOST_BYTES = 256_000
"""PutEvents takes 10 entries and less than 1 MB; some targets of rules take 256 KB.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
"""

TIME_BYTES = 14
"""The size of the time of an entry, as EventBridge counts it."""

ATTEMPTS = 2
SECONDS = 2.0
"""The time for an answer of EventBridge."""

PATIENCE = 4.0
"""Seconds that a run waits for the bus before it stops calling it: two calls without an answer."""


class BusEvent(Struct, frozen=True):
    """An event for the bus. `detail` is JSON; `id` is in it, and is equal in each copy of the event."""

    id: str
    at: datetime
    detail: str

    @property
    def size(self) -> int:
        """Return the size in bytes, as EventBridge counts it."""
        return TIME_BYTES + len(SOURCE) + len(DETAIL_TYPE) + len(self.detail.encode())


class _Document(Struct, frozen=True):
    """The members of an alert's JSON that a detail needs."""

    id: str
    at: datetime
    subject: str = ""
    kind: str = ""
    severity: str = ""
    table: str = ""
    table_id: str = ""
    account: str = ""
    region: str = ""
    console: str | None = None
    dashboard: str | None = None
    runbook: str | None = None
    trouble: dict[str, Any] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)


class _Further(Struct, frozen=True):
    """A change that the JSON of the alert with this id has no room for, and its number among the changes."""

    message: str
    number: int
    change: dict[str, Any]


def events_of(message: Message) -> list[BusEvent]:
    """Return an event for each change that the message reports, from its JSON alone.

    ValueError, RecursionError: its body for queues is not the JSON of an alert, or of several.
    """
    body = json.loads(message.bodies.get("sqs", "{}"))
    merged = body.get("merged", [body] if body.get("events") else []) if isinstance(body, dict) else []
    documents = msgspec.convert(merged, list[_Document])
    further = msgspec.convert([json.loads(each) for each in message.further], list[_Further])
    return [
        _event(document, number, change) for document in documents for number, change in _changes(document, further)
    ]


def _changes(document: _Document, further: Sequence[_Further]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(document.events)
    yield from ((each.number, each.change) for each in further if each.message == document.id)


def _event(document: _Document, number: int, change: Mapping[str, Any]) -> BusEvent:
    identity = f"{document.id}/{number}"
    detail = {
        "schema": SCHEMA,
        "id": identity,
        "at": document.at.isoformat(),
        "table": document.table,
        "table_id": document.table_id,
        "account": document.account,
        "region": document.region,
        "console": document.console,
        "dashboard": document.dashboard,
        "runbook": document.runbook,
        "message": {
            "id": document.id,
            "subject": document.subject,
            "kind": document.kind,
            "severity": document.severity,
        },
        "trouble": document.trouble,
        "change": change,
    }
    return BusEvent(identity, document.at, _json(detail))


def _json(detail: Mapping[str, Any]) -> str:
    """Return JSON without lone surrogates, which no UTF-8 can have. ValueError: a number is not finite."""
    text = json.dumps(detail, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def batches(events: Sequence[BusEvent]) -> Iterator[list[BusEvent]]:
    """Yield the events in order, as many as one call takes. An event that is too large is alone."""
    batch: list[BusEvent] = []
    for event in events:
        if batch and (len(batch) == MOST_ENTRIES or sum(each.size for each in batch) + event.size > MOST_BYTES):
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch


class EventBus:
    """An event bus, for one run."""

    def __init__(self, aws: Aws, arn: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds."""
        self._aws = aws
        self._client: EventBridgeClient | None = None
        self._arn = arn
        self._clock = clock
        self._spent = 0.0

    def put(self, message: Message) -> int:
        """Put the changes that the message reports. Return the number of events that the bus did not accept.

        The number is 1 if the message cannot be read. Errors are logged by their code.
        """
        try:
            events = events_of(message)
        except (ValueError, RecursionError) as error:
            logger.warning("no events could be made of a message", extra={"alert": message.id, **failure(error)})
            return 1
        refused = sum(map(self._put, batches(events)))
        if refused:
            logger.warning("the event bus did not accept events", extra={"alert": message.id, "events": refused})
        return refused

    def _put(self, batch: list[BusEvent]) -> int:
        """Put the events, and once more those that were refused. Return the number of those refused again."""
        for _ in range(ATTEMPTS):
            if batch and self._spent < PATIENCE:
                batch = self._refused(batch)
        return len(batch)

    def _refused(self, batch: list[BusEvent]) -> list[BusEvent]:
        """Make one call. Return the events that the bus did not accept, all if it did not answer."""
        begun = self._clock()
        try:
            self._client = self._client or self._aws.impatient("events", region_of(self._arn), SECONDS)
            answer = Answer(self._client.put_events(Entries=[self._entry(each) for each in batch]), "events:PutEvents")
            results = [each.get("ErrorCode", str) for each in answer.parts("Entries")]
        except Exception as error:  # noqa: BLE001  a bus must not hold up a page, whatever is wrong with it
            logger.warning("the event bus refused a call", extra=failure(error))
            return batch
        finally:
            self._spent += self._clock() - begun
        if len(results) != len(batch):
            return batch
        codes = sorted({code for code in results if code is not None})
        if codes:
            logger.warning("the event bus refused events", extra={"error": ", ".join(codes), "operation": "PutEvents"})
        return [event for event, code in zip(batch, results, strict=True) if code is not None]

    def _entry(self, event: BusEvent) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._arn,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Time": event.at,
            "Detail": event.detail,
        }
