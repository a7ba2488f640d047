"""The trails of CloudTrail, whose logged API calls reach EventBridge, and their event selectors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import account_of
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.model import Fact, Gone, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

KMS = "kms.amazonaws.com"
GLOBAL = "us-east-1"
"""The Region of events of IAM and other global services.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""

NARROWING = frozenset({"eventName", "eventType", "sessionCredentialFromConsole", "userIdentity.arn"})
"""Fields by which an advanced event selector may exclude some calls of a service."""


class Trail(Fact):
    """A trail; `everywhere`: with global service events; `owner`: the account of another's organization trail."""

    arn: str
    name: str
    everywhere: bool
    owner: str = ""


@fact(
    "cloudtrail:DescribeTrails",
    resources={"cloudtrail:DescribeTrails": ANY_RESOURCE},
    events=("cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"),
)
def trails(aws: Aws) -> Each[Trail]:
    """List the trails, shadow trails of other Regions and of the organization included."""
    answer = aws.client("cloudtrail").describe_trails(includeShadowTrails=True)
    return each_of(
        listed([answer], "trailList", "cloudtrail:DescribeTrails"),
        key=lambda trail: trail.need("TrailARN", str),
        make=lambda trail: _trail(aws, trail),
    )


def _trail(aws: Aws, trail: Answer) -> Trail | None:
    """Return None for a single-Region trail of another Region."""
    arn, home = trail.need("TrailARN", str), trail.need("HomeRegion", str)
    of_all = trail.need("IsMultiRegionTrail", bool)
    if not of_all and home != aws.region:
        return None
    return Trail(
        arn,
        trail.need("Name", str),
        everywhere=trail.need("IncludeGlobalServiceEvents", bool) and (of_all or home == GLOBAL),
        owner="" if account_of(arn) == aws.account else account_of(arn),
    )


class TrailStatus(Fact):
    """IsLogging and LatestDeliveryError, empty for none."""

    logging: bool
    error: str


@fact("cloudtrail:GetTrailStatus", events=("cloudtrail:StopLogging",))
def trail_status(aws: Aws, trail: Trail) -> TrailStatus:
    """Read the status. Gone where the trail was deleted since it was listed."""
    client = aws.client("cloudtrail")
    with _existing(client, trail, "cloudtrail:GetTrailStatus"):
        answered = client.get_trail_status(Name=trail.arn)
    status = Answer(answered, "cloudtrail:GetTrailStatus")
    return TrailStatus(status.need("IsLogging", bool), status.get("LatestDeliveryError", str, ""))


class TrailEvents(Fact):
    """The management events that a trail logs; `narrowed`: other calls than of `excluded` sources may be missing."""

    writes: bool
    excluded: tuple[str, ...]
    narrowed: bool = False
    advanced: bool = False


@fact("cloudtrail:GetEventSelectors", events=("cloudtrail:PutEventSelectors",))
def trail_events(aws: Aws, trail: Trail) -> TrailEvents:
    """Read the selectors, basic or advanced. Gone where the trail was deleted since it was listed."""
    client = aws.client("cloudtrail")
    with _existing(client, trail, "cloudtrail:GetEventSelectors"):
        answered = client.get_event_selectors(TrailName=trail.arn)
    answer = Answer(answered, "cloudtrail:GetEventSelectors")
    advanced = answer.parts_or_empty("AdvancedEventSelectors")
    return _advanced(advanced) if advanced else _basic(answer.parts("EventSelectors"))


class TrailChange(StrEnum):
    """A change of a trail after which it logs more API calls."""

    ALL_REGIONS = "be one of all Regions, with the calls to IAM"
    LOG = "log"
    SELECT = "log all that changes anything, by one selector more"
    SELECT_ADVANCED = "log all that changes anything, by one advanced selector more"
    DELIVER = "deliver, which is for its bucket or its topic to let it"


class TrailSight(Fact):
    """Why a trail does not log every API call that can change a finding; after `changes` it does."""

    name: str
    lacks: tuple[str, ...]
    arn: str = ""
    owner: str = ""
    changes: tuple[TrailChange, ...] = ()


@fact()
def trail_sight(trail: Trail, status: TrailStatus | Unavailable, events: TrailEvents | Unavailable) -> TrailSight:
    """Return the reasons; one certain reason suffices, whatever else could not be read."""
    lacks = [] if trail.everywhere else [(TrailChange.ALL_REGIONS, "not multi-Region with global service events")]
    if isinstance(status, TrailStatus):
        lacks += [] if status.logging else [(TrailChange.LOG, "logging is stopped")]
        lacks += [(TrailChange.DELIVER, f"delivery fails: {status.error}")] if status.error else []
    if isinstance(events, TrailEvents):
        select = TrailChange.SELECT_ADVANCED if events.advanced else TrailChange.SELECT
        lacks += [] if events.writes else [(select, "write management events are not logged")]
        lacks += [(select, "events of KMS are excluded")] if KMS in events.excluded else []
        lacks += [(select, "some events are excluded by name or caller")] if events.narrowed else []
    if not lacks and (unread := [each for each in (status, events) if isinstance(each, Unavailable)]):
        raise Unreadable({trail.arn: unread[0]})
    changes = tuple(dict.fromkeys(change for change, _ in lacks))
    return TrailSight(trail.name, tuple(said for _, said in lacks), trail.arn, trail.owner, changes)


def _basic(selectors: list[Answer]) -> TrailEvents:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html: absent members mean all."""
    managing = [
        selector
        for selector in selectors
        if selector.get("IncludeManagementEvents", bool, default=True)
        and selector.get("ReadWriteType", str, "All") != "ReadOnly"
    ]
    excluded = [set(selector.texts_or_empty("ExcludeManagementEventSources")) for selector in managing]
    return TrailEvents(bool(managing), tuple(sorted(set.intersection(*excluded))) if excluded else ())


def _advanced(selectors: list[Answer]) -> TrailEvents:
    """Read advanced selectors; a selector logs events that match all of its fields."""
    managing: list[Mapping[str, Answer]] = []
    for selector in selectors:
        fields = {each.need("Field", str): each for each in selector.parts("FieldSelectors")}
        read_only = _said(fields, "readOnly", "Equals") == ("true",)
        if "Management" in _said(fields, "eventCategory", "Equals") and not read_only:
            managing.append(fields)
    excluded = [set(_said(fields, "eventSource", "NotEquals")) for fields in managing]
    return TrailEvents(
        writes=bool(managing),
        excluded=tuple(sorted(set.intersection(*excluded))) if excluded else (),
        narrowed=bool(managing)
        and all(NARROWING & fields.keys() or _said(fields, "eventSource", "Equals") for fields in managing),
        advanced=True,
    )


def _said(fields: Mapping[str, Answer], field: str, operator: str) -> tuple[str, ...]:
    """Return the values of an operator on a field of a selector; empty where it has none."""
    return fields[field].texts_or_empty(operator) if field in fields else ()


@contextmanager
def _existing(client: "CloudTrailClient", trail: Trail, permission: str) -> Iterator[None]:
    """Translate TrailNotFoundException, which a member account also gets for a listed organization trail."""
    try:
        yield
    except client.exceptions.TrailNotFoundException:
        if trail.owner:
            detail = f"{permission} of organization trail {trail.name} is available only in account {trail.owner}"
            raise Unreadable({}, Unavailable(Reason.NOT_HERE, permission, detail)) from None
        msg = f"trail {trail.name} does not exist"
        raise Gone(msg) from None
