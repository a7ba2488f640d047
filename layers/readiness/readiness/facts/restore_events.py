"""Who restored the table to another one, as CloudTrail has it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.instant import utc
from readiness.facts.now import Now
from readiness.facts.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import EventTypeDef

REMEMBERED = timedelta(days=90)
PAGES = 10
EVENT = "RestoreTableToPointInTime"


@dataclass(frozen=True)
class RestoreEvent:
    """One restore that AWS accepted: when it was asked for, to which table, and by whom (an ARN)."""

    at: datetime
    target: str
    by: str


@dataclass(frozen=True)
class RestoreEvents:
    """The newest first. Not `whole`: there are more events than were looked at."""

    of: tuple[RestoreEvent, ...]
    whole: bool


@fact("cloudtrail:LookupEvents")
def restore_events(aws: Aws, table: Table, now: Now) -> RestoreEvents:
    """Of the last 90 days in this Region, and at most 500 of all tables: CloudTrail takes two calls a second.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    pages = aws.client("cloudtrail").get_paginator("lookup_events")
    asked = pages.paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": EVENT}],
        StartTime=now.at - REMEMBERED,
        EndTime=now.at,
    )
    found: list[RestoreEvent] = []
    more = False
    for page in islice(asked, PAGES):
        found += [event for each in page.get("Events", []) for event in _restore(each, table)]
        more = "NextToken" in page
    return RestoreEvents(tuple(sorted(found, key=lambda event: event.at, reverse=True)), whole=not more)


def _restore(event: "EventTypeDef", table: Table) -> Iterator[RestoreEvent]:
    """The event, where it was no failure and the table is what was restored."""
    record = json.loads(event["CloudTrailEvent"])
    asked = record.get("requestParameters") or {}
    source = {asked.get("sourceTableName"), asked.get("sourceTableArn")}
    if "errorCode" not in record and source & {table.name, table.arn}:
        yield RestoreEvent(utc(event["EventTime"]), asked["targetTableName"], _who(record))


def _who(record: Mapping[str, Any]) -> str:
    """The role where one was assumed, for the name of its session is often an address of a person."""
    identity = record.get("userIdentity", {})
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    who: str = issuer.get("arn") or identity.get("arn") or identity.get("invokedBy", "")
    return who
