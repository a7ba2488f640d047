"""moto with CloudTrail's event history.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse

from tests.aws.account import ACCOUNT

Json = dict[str, Any]

GLOBAL = {"iam.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com"}
BY_DEFAULT: Json = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
PAGE = 50
"""The most that one answer holds, and what it holds if nothing is said."""

ATTRIBUTES = {"EventId": "eventID", "EventName": "eventName", "EventSource": "eventSource", "ReadOnly": "readOnly"}


def complete_trails() -> None:
    """Let moto answer LookupEvents, and let a trail log by itself what one of AWS's does.

    "By default, trails created without specific event selectors are configured to log all read and write management
    events": https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html.
    """
    CloudTrailResponse.lookup_events = _lookup_events  # type: ignore[attr-defined]
    Trail.get_event_selectors = _selectors(Trail.get_event_selectors)  # type: ignore[method-assign]


def record(event: Json) -> None:
    """Let CloudTrail have recorded a call: in the Region it was made in, of global services in us-east-1."""
    region = "us-east-1" if event["eventSource"] in GLOBAL else event["awsRegion"]
    history(cloudtrail_backends[ACCOUNT][region]).append(event)


def history(backend: CloudTrailBackend) -> list[Json]:
    """What one Region has recorded."""
    found: list[Json] = backend.__dict__.setdefault("history", [])
    return found


def _selectors(get_event_selectors: Any) -> Any:
    @wraps(get_event_selectors)
    def completed(trail: Trail) -> tuple[list[Json], list[Json]]:
        basic, advanced = get_event_selectors(trail)
        return basic if basic or advanced else [dict(BY_DEFAULT)], advanced

    return completed


def _lookup_events(response: Any) -> str:
    """The newest first, the last recorded of those of one second, of one attribute and an inclusive range of time."""
    asked = json.loads(response.body)
    wanted = {ATTRIBUTES[each["AttributeKey"]]: each["AttributeValue"] for each in asked.get("LookupAttributes", ())}
    assert len(wanted) <= 1, "LookupAttributes takes one attribute"
    start, end = asked.get("StartTime", 0), asked.get("EndTime", float("inf"))
    found = [
        event
        for event in reversed(history(response.cloudtrail_backend))
        if start <= _epoch(event) <= end and all(_text(event[key]) == value for key, value in wanted.items())
    ]
    found.sort(key=_epoch, reverse=True)
    first = int(asked.get("NextToken", 0))
    following = first + asked.get("MaxResults", PAGE)
    answer: Json = {"Events": [_listed(event) for event in found[first:following]]}
    if following < len(found):
        answer["NextToken"] = str(following)
    return json.dumps(answer)


def _listed(event: Json) -> Json:
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "EventSource": event["eventSource"],
        "EventTime": _epoch(event),
        "ReadOnly": _text(event["readOnly"]),
        "CloudTrailEvent": json.dumps(event),
    }


def _epoch(event: Json) -> float:
    return datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
