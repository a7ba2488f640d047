"""The point-in-time restores of the table in the event history of CloudTrail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unreadable

PERMISSION = "cloudtrail:LookupEvents"
REMEMBERED = timedelta(days=90)
PAGES = 10
EVENT = "RestoreTableToPointInTime"


class RestoreEvent(Struct, frozen=True):
    """An accepted restore: time of the request, target table and ARN of the caller."""

    at: datetime
    target: str
    by: str


class RestoreEvents(Fact):
    """The restores, newest first. Not `whole`: some events were not read."""

    of: tuple[RestoreEvent, ...]
    whole: bool


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    events=("dynamodb:RestoreTableToPointInTime", "dynamodb:RestoreTableFromBackup"),
)
def restore_events(aws: Aws, table: Table, now: Now) -> RestoreEvents:
    """Read the last 90 days of this Region, at most 500 events: LookupEvents is limited to two calls a second.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    pages = aws.client("cloudtrail").get_paginator("lookup_events")
    asked = pages.paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": EVENT}],
        StartTime=now.at - REMEMBERED,
        EndTime=now.at,
    )
    found: list[RestoreEvent] = []
    whole, more = True, False
    for page in islice(asked, PAGES):
        answer = Answer(page, PERMISSION)
        for event in answer.parts("Events"):
            try:
                found += _restore(event, table)
            except Unreadable:
                whole = False
        more = answer.has("NextToken")
    return RestoreEvents(tuple(sorted(found, key=lambda event: event.at, reverse=True)), whole=whole and not more)


def _restore(event: Answer, table: Table) -> Iterator[RestoreEvent]:
    """Yield the event if it succeeded and the table is the source. Raises Unreadable without CloudTrailEvent."""
    record = event.document("CloudTrailEvent")
    if record is None:
        raise Unreadable({}, event.incomplete("CloudTrailEvent"))
    asked = record.part_or_none("requestParameters")
    if record.has("errorCode") or asked is None:
        return
    if {asked.get("sourceTableName", str), asked.get("sourceTableArn", str)} & {table.name, table.arn}:
        yield RestoreEvent(event.need("EventTime", datetime), asked.need("targetTableName", str), _who(record))


def _who(record: Answer) -> str:
    """Return the ARN of the caller; for an assumed role that of the role: session names often are email addresses."""
    identity = record.part_or_empty("userIdentity")
    assumed = identity.part_or_empty("sessionContext").part_or_empty("sessionIssuer").get("arn", str)
    return assumed or identity.get("arn", str) or identity.get("invokedBy", str, "")
