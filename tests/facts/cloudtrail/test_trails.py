"""What trails let through, and whether they log at all."""

from typing import Any

import pytest
from msgspec.structs import replace

from readiness.aws.client import Aws, Caller
from readiness.facts.cloudtrail.trails import (
    Trail,
    TrailEvents,
    TrailStatus,
    trail_events,
    trail_sight,
    trail_status,
    trails,
)
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, Account
from tests.aws.trails import complete_trails

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudtrail:GetEventSelectors")
ALL = TrailEvents(writes=True, excluded=())
LOGGING = TrailStatus(logging=True, error="")
EVERYWHERE = Trail("arn", "whole", everywhere=True)


def create(account: Account, name: str, region: str = "us-east-1", **more: Any) -> str:
    """A trail of that Region."""
    account.client("s3").create_bucket(Bucket=f"bucket-{name}")
    answer = account.aws.client("cloudtrail", region).create_trail(Name=name, S3BucketName=f"bucket-{name}", **more)
    return str(answer["TrailARN"])


def only(account: Account) -> Trail:
    (trail,) = trails(account.aws)
    return trail


def test_a_trail_of_the_region_in_which_calls_to_iam_are_recorded_has_them(account: Account) -> None:
    arn = create(account, "here")
    assert list(trails(account.aws)) == [Trail(arn, "here", everywhere=True)]


def test_a_trail_of_another_region_alone_lacks_the_calls_to_iam(account: Account) -> None:
    create(account, "here", "eu-west-1")
    elsewhere = Aws(ACCOUNT, "eu-west-1", caller=Caller(account.session, "eu-west-1"))
    (found,) = trails(elsewhere)
    assert not found.everywhere


def of_the_organization(account: Account) -> Trail:
    """What a member sees of its organization's trail: that there is one."""
    arn = create(account, "all", IsMultiRegionTrail=True).replace(ACCOUNT, "210987654321")
    account.alter("cloudtrail", "DescribeTrails", lambda answer: answer["trailList"][0].update(TrailARN=arn))
    return only(account)


@pytest.mark.parametrize("ask", [trail_status, trail_events])
def test_what_a_member_is_not_told_of_its_organizations_trail_is_unknown(account: Account, ask: Any) -> None:
    trail = of_the_organization(account)
    account.refuse("cloudtrail", "GetTrailStatus", "TrailNotFoundException")
    account.refuse("cloudtrail", "GetEventSelectors", "TrailNotFoundException")
    with pytest.raises(Unreadable) as unread:
        ask(account.aws, trail)
    assert unread.value.first.reason is Reason.NOT_HERE
    assert "210987654321" in unread.value.first.detail


def test_a_trail_that_does_not_say_whether_it_logs_is_unknown(account: Account) -> None:
    create(account, "here")
    account.alter("cloudtrail", "GetTrailStatus", lambda answer: answer.clear())
    with pytest.raises(Unreadable):
        trail_status(account.aws, only(account))


def test_a_trail_of_all_regions_shows_in_each(account: Account) -> None:
    arn = create(account, "whole", "eu-west-1", IsMultiRegionTrail=True)
    assert list(trails(account.aws)) == [Trail(arn, "whole", everywhere=True)]


def test_a_trail_of_another_region_is_none_of_ours(account: Account) -> None:
    create(account, "there", "eu-west-1")
    assert list(trails(account.aws)) == []


def test_a_trail_without_the_calls_to_iam_is_not_everywhere(account: Account) -> None:
    create(account, "here", IncludeGlobalServiceEvents=False)
    assert not only(account).everywhere


def test_it_logs_once_it_was_started(account: Account) -> None:
    arn = create(account, "here")
    assert trail_status(account.aws, only(account)) == TrailStatus(logging=False, error="")
    account.client("cloudtrail").start_logging(Name=arn)
    assert trail_status(account.aws, only(account)) == TrailStatus(logging=True, error="")


def test_what_it_can_not_deliver_is_said(account: Account) -> None:
    create(account, "here")
    account.alter("cloudtrail", "GetTrailStatus", lambda answer: answer.update(LatestDeliveryError="NoSuchBucket"))
    assert trail_status(account.aws, only(account)).error == "NoSuchBucket"


@pytest.mark.parametrize("ask", [trail_status, trail_events])
def test_a_trail_that_was_deleted_meanwhile_is_gone(account: Account, ask: Any) -> None:
    create(account, "here")
    trail = only(account)
    account.client("cloudtrail").delete_trail(Name=trail.name)
    with pytest.raises(Gone):
        ask(account.aws, trail)


def managing(**more: Any) -> dict[str, Any]:
    return {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], **more}


@pytest.mark.parametrize(
    ("selectors", "seen"),
    [
        pytest.param([managing()], ALL, id="all"),
        pytest.param([managing(ReadWriteType="WriteOnly")], ALL, id="writes alone"),
        pytest.param([managing(ReadWriteType="ReadOnly")], TrailEvents(writes=False, excluded=()), id="reads alone"),
        pytest.param(
            [managing(IncludeManagementEvents=False)], TrailEvents(writes=False, excluded=()), id="data events alone"
        ),
        pytest.param(
            [managing(ExcludeManagementEventSources=["rdsdata.amazonaws.com", "kms.amazonaws.com"])],
            TrailEvents(writes=True, excluded=("kms.amazonaws.com", "rdsdata.amazonaws.com")),
            id="without the calls to KMS",
        ),
        pytest.param(
            [managing(ExcludeManagementEventSources=["kms.amazonaws.com"]), managing()], ALL, id="one that has them"
        ),
    ],
)
def test_what_it_lets_through(account: Account, selectors: list[dict[str, Any]], seen: TrailEvents) -> None:
    arn = create(account, "here")
    account.client("cloudtrail").put_event_selectors(TrailName=arn, EventSelectors=selectors)
    assert trail_events(account.aws, only(account)) == seen


def test_a_new_trail_lets_through_all(account: Account) -> None:
    complete_trails()
    create(account, "here")
    assert trail_events(account.aws, only(account)) == ALL


def field(name: str, **operators: list[str]) -> dict[str, Any]:
    return {"Field": name, **operators}


MANAGEMENT = field("eventCategory", Equals=["Management"])


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        pytest.param([MANAGEMENT], ALL, id="all"),
        pytest.param([MANAGEMENT, field("readOnly", Equals=["false"])], ALL, id="writes alone"),
        pytest.param(
            [MANAGEMENT, field("readOnly", Equals=["true"])], TrailEvents(writes=False, excluded=()), id="reads alone"
        ),
        pytest.param(
            [field("eventCategory", Equals=["Data"]), field("resources.type", Equals=["AWS::S3::Object"])],
            TrailEvents(writes=False, excluded=()),
            id="data events alone",
        ),
        pytest.param(
            [MANAGEMENT, field("eventSource", NotEquals=["kms.amazonaws.com"])],
            TrailEvents(writes=True, excluded=("kms.amazonaws.com",)),
            id="without the calls to KMS",
        ),
        pytest.param(
            [MANAGEMENT, field("eventSource", Equals=["iam.amazonaws.com"])],
            TrailEvents(writes=True, excluded=(), narrowed=True),
            id="one service alone",
        ),
        pytest.param(
            [MANAGEMENT, field("eventName", NotEquals=["DeleteTable"])],
            TrailEvents(writes=True, excluded=(), narrowed=True),
            id="without calls of a name",
        ),
    ],
)
def test_what_an_advanced_selector_lets_through(
    account: Account, fields: list[dict[str, Any]], seen: TrailEvents
) -> None:
    arn = create(account, "here")
    account.client("cloudtrail").put_event_selectors(
        TrailName=arn, AdvancedEventSelectors=[{"Name": "ours", "FieldSelectors": fields}]
    )
    assert trail_events(account.aws, only(account)) == replace(seen, advanced=True)


@pytest.mark.parametrize(
    ("trail", "status", "events", "lacks"),
    [
        pytest.param(EVERYWHERE, LOGGING, ALL, (), id="nothing"),
        pytest.param(
            Trail("arn", "here", everywhere=False),
            LOGGING,
            ALL,
            ("not multi-Region with global service events",),
            id="the calls to IAM",
        ),
        pytest.param(
            EVERYWHERE,
            TrailStatus(logging=False, error=""),
            DENIED,
            ("logging is stopped",),
            id="all, whatever it selects",
        ),
        pytest.param(
            EVERYWHERE,
            TrailStatus(logging=True, error="AccessDenied"),
            ALL,
            ("delivery fails: AccessDenied",),
            id="a bucket",
        ),
        pytest.param(
            EVERYWHERE,
            DENIED,
            TrailEvents(writes=True, excluded=("kms.amazonaws.com",)),
            ("events of KMS are excluded",),
            id="the calls to KMS, whether it logs or not",
        ),
        pytest.param(
            EVERYWHERE,
            LOGGING,
            TrailEvents(writes=False, excluded=()),
            ("write management events are not logged",),
            id="writes",
        ),
        pytest.param(
            EVERYWHERE,
            LOGGING,
            TrailEvents(writes=True, excluded=(), narrowed=True),
            ("some events are excluded by name or caller",),
            id="some calls",
        ),
    ],
)
def test_what_a_trail_lacks(
    trail: Trail, status: TrailStatus | Unavailable, events: TrailEvents | Unavailable, lacks: tuple[str, ...]
) -> None:
    sight = trail_sight(trail, status, events)
    assert (sight.name, sight.lacks) == (trail.name, lacks)


@pytest.mark.parametrize(("status", "events"), [(DENIED, ALL), (LOGGING, DENIED)])
def test_of_an_organizations_trail_that_is_denied_nothing_is_known(
    status: TrailStatus | Unavailable, events: TrailEvents | Unavailable
) -> None:
    with pytest.raises(Unreadable):
        trail_sight(EVERYWHERE, status, events)


def test_trails_are_those_that_the_region_shows(account: Account) -> None:
    create(account, "there", "eu-west-1")
    away = Aws(ACCOUNT, "eu-west-1", caller=Caller(account.session, "eu-west-1"))
    assert [trail.name for trail in trails(away)] == ["there"]
