"""The trails by which CloudTrail hands calls to EventBridge, and what each of them lets through."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.model import Gone, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import (
        AdvancedEventSelectorOutputTypeDef,
        AdvancedFieldSelectorOutputTypeDef,
        GetEventSelectorsResponseTypeDef,
    )

KMS = "kms.amazonaws.com"
ANYTHING: "AdvancedFieldSelectorOutputTypeDef" = {"Field": ""}
"""Stands for a field that a selector says nothing of."""

NARROWING = frozenset({"eventName", "eventType", "sessionCredentialFromConsole", "userIdentity.arn"})
"""Fields by which an advanced selector may leave out calls that can't be told by their service."""


@dataclass(frozen=True)
class Trail:
    """A trail of this Region, or of all Regions. Its key is its ARN. `everywhere`: calls to IAM are in it too."""

    arn: str
    name: str
    everywhere: bool


@fact("cloudtrail:DescribeTrails")
def trails(aws: Aws) -> Each[Trail]:
    """Those of another Region, or of the organization, show here as their shadows."""
    listed = aws.client("cloudtrail").describe_trails(includeShadowTrails=True)["trailList"]
    return Each(
        {
            trail["TrailARN"]: Trail(
                trail["TrailARN"],
                trail["Name"],
                everywhere=trail.get("IsMultiRegionTrail", False) and trail.get("IncludeGlobalServiceEvents", False),
            )
            for trail in listed
            if trail.get("IsMultiRegionTrail") or trail.get("HomeRegion") == aws.region
        }
    )


@dataclass(frozen=True)
class TrailStatus:
    """Whether it logs, and why it could not deliver last; empty where it could."""

    logging: bool
    error: str


@fact("cloudtrail:GetTrailStatus")
def trail_status(aws: Aws, trail: Trail) -> TrailStatus:
    """Gone where it was deleted since it was listed."""
    client = aws.client("cloudtrail")
    with _existing(client, trail):
        status = client.get_trail_status(Name=trail.arn)
    return TrailStatus(status.get("IsLogging", False), status.get("LatestDeliveryError", ""))


@dataclass(frozen=True)
class TrailEvents:
    """What it logs of the calls that manage something.

    `writes`: those that change anything. `excluded` are the sources that are left out, `narrowed`: and others may be.
    """

    writes: bool
    excluded: tuple[str, ...]
    narrowed: bool = False


@fact("cloudtrail:GetEventSelectors")
def trail_events(aws: Aws, trail: Trail) -> TrailEvents:
    """Gone where it was deleted since it was listed."""
    client = aws.client("cloudtrail")
    with _existing(client, trail):
        answer = client.get_event_selectors(TrailName=trail.arn)
    return _advanced(answer["AdvancedEventSelectors"]) if answer.get("AdvancedEventSelectors") else _basic(answer)


@dataclass(frozen=True)
class TrailSight:
    """What a trail lacks of handing over every call that can move a rule, in words; nothing where it does."""

    name: str
    lacks: tuple[str, ...]


@fact()
def trail_sight(trail: Trail, status: TrailStatus | Unavailable, events: TrailEvents | Unavailable) -> TrailSight:
    """Of a trail that certainly lacks something it does not matter what else can't be read of it."""
    lacks = [] if trail.everywhere else ["it is not one of all Regions with the calls to IAM"]
    if isinstance(status, TrailStatus):
        lacks += [] if status.logging else ["it does not log"]
        lacks += [f"it can't deliver: {status.error}"] if status.error else []
    if isinstance(events, TrailEvents):
        lacks += [] if events.writes else ["it leaves out what changes anything"]
        lacks += ["it leaves out the calls to KMS"] if KMS in events.excluded else []
        lacks += ["it leaves out some calls by their names or callers"] if events.narrowed else []
    if not lacks and (unread := [each for each in (status, events) if isinstance(each, Unavailable)]):
        raise Unreadable({trail.arn: unread[0]})
    return TrailSight(trail.name, tuple(lacks))


def _basic(answer: "GetEventSelectorsResponseTypeDef") -> TrailEvents:
    """An absent member means what is usual: management events, reads and writes, of all sources."""
    managing = [
        selector
        for selector in answer.get("EventSelectors", [])
        if selector.get("IncludeManagementEvents", True) and selector.get("ReadWriteType", "All") != "ReadOnly"
    ]
    excluded = [set(selector.get("ExcludeManagementEventSources", [])) for selector in managing]
    return TrailEvents(bool(managing), tuple(sorted(set.intersection(*excluded))) if excluded else ())


def _advanced(selectors: "list[AdvancedEventSelectorOutputTypeDef]") -> TrailEvents:
    """Each selector lets through what fits all of its fields."""
    managing = []
    for selector in selectors:
        fields = {each["Field"]: each for each in selector["FieldSelectors"]}
        if "Management" in fields.get("eventCategory", ANYTHING).get("Equals", []) and fields.get(
            "readOnly", ANYTHING
        ).get("Equals") != ["true"]:
            managing.append(fields)
    sources = [fields.get("eventSource", ANYTHING) for fields in managing]
    excluded = [set(source.get("NotEquals", [])) for source in sources]
    return TrailEvents(
        writes=bool(managing),
        excluded=tuple(sorted(set.intersection(*excluded))) if excluded else (),
        narrowed=bool(managing)
        and all(
            NARROWING & fields.keys() or source.get("Equals") for fields, source in zip(managing, sources, strict=True)
        ),
    )


@contextmanager
def _existing(client: "CloudTrailClient", trail: Trail) -> Iterator[None]:
    try:
        yield
    except client.exceptions.TrailNotFoundException:
        msg = f"the trail {trail.name} does not exist"
        raise Gone(msg) from None
