"""The trails by which CloudTrail hands calls to EventBridge, and what each of them lets through."""

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
"""Where the calls to IAM and other services without Regions are recorded.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""

NARROWING = frozenset({"eventName", "eventType", "sessionCredentialFromConsole", "userIdentity.arn"})
"""Fields by which an advanced selector may leave out calls that can't be told by their service."""


class Trail(Fact):
    """A trail of this Region, or of all Regions. Its key is its ARN.

    `everywhere`: calls to IAM are in it too. `owner` is the account whose trail it is, where that is another: a trail
    of the organization, of which its members may not be told more.
    """

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
    """Those of another Region, or of the organization, show here as their shadows."""
    answer = aws.client("cloudtrail").describe_trails(includeShadowTrails=True)
    return each_of(
        listed([answer], "trailList", "cloudtrail:DescribeTrails"),
        key=lambda trail: trail.need("TrailARN", str),
        make=lambda trail: _trail(aws, trail),
    )


def _trail(aws: Aws, trail: Answer) -> Trail | None:
    """None: it is one of another Region alone."""
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
    """Whether it logs, and why it could not deliver last; empty where it could."""

    logging: bool
    error: str


@fact("cloudtrail:GetTrailStatus", events=("cloudtrail:StopLogging",))
def trail_status(aws: Aws, trail: Trail) -> TrailStatus:
    """Gone where it was deleted since it was listed. One that could always deliver has no LatestDeliveryError."""
    client = aws.client("cloudtrail")
    with _existing(client, trail, "cloudtrail:GetTrailStatus"):
        answered = client.get_trail_status(Name=trail.arn)
    status = Answer(answered, "cloudtrail:GetTrailStatus")
    return TrailStatus(status.need("IsLogging", bool), status.get("LatestDeliveryError", str, ""))


class TrailEvents(Fact):
    """What it logs of the calls that manage something.

    `writes`: those that change anything. `excluded` are the sources that are left out, `narrowed`: and others may be.
    `advanced` is of which kind its selectors are.
    """

    writes: bool
    excluded: tuple[str, ...]
    narrowed: bool = False
    advanced: bool = False


@fact("cloudtrail:GetEventSelectors", events=("cloudtrail:PutEventSelectors",))
def trail_events(aws: Aws, trail: Trail) -> TrailEvents:
    """Gone where it was deleted since it was listed. A trail has selectors of one of the two kinds, never of both."""
    client = aws.client("cloudtrail")
    with _existing(client, trail, "cloudtrail:GetEventSelectors"):
        answered = client.get_event_selectors(TrailName=trail.arn)
    answer = Answer(answered, "cloudtrail:GetEventSelectors")
    advanced = answer.parts_or_empty("AdvancedEventSelectors")
    return _advanced(advanced) if advanced else _basic(answer.parts("EventSelectors"))


class Change(StrEnum):
    """What a trail can be told, so that it hands over more."""

    ALL_REGIONS = "be one of all Regions, with the calls to IAM"
    LOG = "log"
    SELECT = "log all that changes anything, by one selector more"
    SELECT_ADVANCED = "log all that changes anything, by one advanced selector more"
    DELIVER = "deliver, which is for its bucket or its topic to let it"


class TrailSight(Fact):
    """What a trail lacks of handing over every call that can move a rule, in words; nothing where it does.

    `changes` is what would mend that; `arn` and `owner` are those of the trail.
    """

    name: str
    lacks: tuple[str, ...]
    arn: str = ""
    owner: str = ""
    changes: tuple[Change, ...] = ()


@fact()
def trail_sight(trail: Trail, status: TrailStatus | Unavailable, events: TrailEvents | Unavailable) -> TrailSight:
    """Of a trail that certainly lacks something it does not matter what else can't be read of it."""
    lacks = [] if trail.everywhere else [(Change.ALL_REGIONS, "it is not one of all Regions with the calls to IAM")]
    if isinstance(status, TrailStatus):
        lacks += [] if status.logging else [(Change.LOG, "it does not log")]
        lacks += [(Change.DELIVER, f"it can't deliver: {status.error}")] if status.error else []
    if isinstance(events, TrailEvents):
        select = Change.SELECT_ADVANCED if events.advanced else Change.SELECT
        lacks += [] if events.writes else [(select, "it leaves out what changes anything")]
        lacks += [(select, "it leaves out the calls to KMS")] if KMS in events.excluded else []
        lacks += [(select, "it leaves out some calls by their names or callers")] if events.narrowed else []
    if not lacks and (unread := [each for each in (status, events) if isinstance(each, Unavailable)]):
        raise Unreadable({trail.arn: unread[0]})
    changes = tuple(dict.fromkeys(change for change, _ in lacks))
    return TrailSight(trail.name, tuple(said for _, said in lacks), trail.arn, trail.owner, changes)


def _basic(selectors: list[Answer]) -> TrailEvents:
    """An absent member means what is usual: management events, reads and writes, of all sources.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
    """
    managing = [
        selector
        for selector in selectors
        if selector.get("IncludeManagementEvents", bool, default=True)
        and selector.get("ReadWriteType", str, "All") != "ReadOnly"
    ]
    excluded = [set(selector.texts_or_empty("ExcludeManagementEventSources")) for selector in managing]
    return TrailEvents(bool(managing), tuple(sorted(set.intersection(*excluded))) if excluded else ())


def _advanced(selectors: list[Answer]) -> TrailEvents:
    """Each selector lets through what fits all of its fields."""
    managing: list[Mapping[str, Answer]] = []
    for selector in selectors:
        fields = {each.need("Field", str): each for each in selector.parts("FieldSelectors")}
        if "Management" in _said(fields, "eventCategory", "Equals") and _said(fields, "readOnly", "Equals") != (
            "true",
        ):
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
    """What a selector says of a field by that operator; nothing where it does not name it."""
    return fields[field].texts_or_empty(operator) if field in fields else ()


@contextmanager
def _existing(client: "CloudTrailClient", trail: Trail, permission: str) -> Iterator[None]:
    """To a member, a trail of its organization is listed, and then does not exist."""
    try:
        yield
    except client.exceptions.TrailNotFoundException:
        if trail.owner:
            detail = f"{permission} of {trail.name} is answered in the account {trail.owner} alone"
            raise Unreadable({}, Unavailable(Reason.NOT_HERE, permission, detail)) from None
        msg = f"the trail {trail.name} does not exist"
        raise Gone(msg) from None
