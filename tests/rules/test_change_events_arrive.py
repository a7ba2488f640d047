"""Whether a change is seen when it happens, or when the schedule comes by."""

import pytest

from readiness.engine.each import Each
from readiness.facts.cloudtrail.change_rules import ChangeQueue, ChangeRule, ChangeRuleState, ChangeRuleTargets
from readiness.facts.cloudtrail.trails import TrailChange, TrailSight
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from readiness.model import Reason, Status, Unavailable, Unreadable
from readiness.rules import change_events_arrive as rule
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE

THE_TABLE = Table(TABLE, ARN, ACCOUNT, REGION)
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"
OURS = ChangeRule("TableChanges", QUEUE)
DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudtrail:GetTrailStatus")
WHOLE, DEAF = TrailSight("whole", ()), TrailSight("deaf", ("logging is stopped",))


@pytest.mark.parametrize(
    ("trails", "status"),
    [
        pytest.param({"a": WHOLE}, Status.PASS, id="a trail that lacks nothing passes"),
        pytest.param({"a": DEAF, "b": WHOLE}, Status.PASS, id="one of several is enough"),
        pytest.param({"a": DENIED, "b": WHOLE}, Status.PASS, id="whatever can't be read of the others"),
        pytest.param({}, Status.FAIL, id="no trail at all fails"),
        pytest.param({"a": DEAF}, Status.FAIL, id="a trail that does not log fails"),
    ],
)
def test_a_trail_hands_the_calls_over(trails: dict[str, TrailSight | Unavailable], status: Status) -> None:
    assert rule.trail(THE_TABLE, Each(trails)).status is status


def test_what_a_trail_lacks_is_said() -> None:
    verdict = rule.trail(THE_TABLE, Each({"a": DEAF, "b": TrailSight("b", ("x", "y"))}))
    assert verdict.message.endswith("deaf: logging is stopped; b: x, y")
    assert verdict.evidence == {"Trails": ["b", "deaf"]}


def test_of_many_trails_the_first_are_named() -> None:
    many = {f"{number}": TrailSight(f"trail-{number}", ("logging is stopped",)) for number in range(7)}
    assert rule.trail(THE_TABLE, Each(many)).message.endswith("; and 2 more")


def of(name: str, *changes: TrailChange, owner: str = "") -> TrailSight:
    arn = f"arn:aws:cloudtrail:eu-west-1:{owner or ACCOUNT}:trail/{name}"
    return TrailSight(name, tuple(changes), arn, owner, changes)


def command(*trails: TrailSight) -> str:
    verdict = rule.trail(THE_TABLE, Each({each.name: each for each in trails}))
    assert verdict.remedy
    return verdict.remedy.command.format_map({"account": ACCOUNT, "region": REGION, **verdict.remedy.values})


def test_the_trail_that_lacks_least_is_mended_where_it_is_at_home() -> None:
    mended = command(of("far", TrailChange.LOG, TrailChange.ALL_REGIONS), of("near", TrailChange.LOG))
    assert (
        mended
        == f"aws cloudtrail start-logging --name arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/near --region eu-west-1"
    )


def test_all_that_a_trail_lacks_is_mended_and_it_logs_at_last() -> None:
    mended = command(of("here", TrailChange.LOG, TrailChange.SELECT, TrailChange.ALL_REGIONS))
    assert [mended.index(each) for each in ("update-trail", "put-event-selectors", "start-logging")] == sorted(
        mended.index(each) for each in ("update-trail", "put-event-selectors", "start-logging")
    )
    assert "create-trail" not in mended


def test_a_trail_of_another_account_is_not_ours_to_change() -> None:
    assert "create-trail" in command(of("theirs", TrailChange.ALL_REGIONS, owner="999988887777"))


@pytest.mark.parametrize(
    "trails",
    [
        pytest.param(Each({"a": DEAF, "b": DENIED}), id="an organization's trail that is denied may be the one"),
        pytest.param(Each[TrailSight]({}, DENIED), id="and so may one that can't be listed"),
    ],
)
def test_what_can_not_be_read_is_undecided(trails: Each[TrailSight]) -> None:
    with pytest.raises(Unreadable):
        rule.trail(THE_TABLE, trails)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("ENABLED", Status.PASS),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", Status.PASS),
        ("DISABLED", Status.FAIL),
    ],
)
def test_a_rule_is_on(state: str, status: Status) -> None:
    assert rule.enabled(THE_TABLE, OURS, ChangeRuleState(state)).status is status


@pytest.mark.parametrize(
    ("targets", "status"),
    [
        pytest.param((QUEUE,), Status.PASS, id="the queue passes"),
        pytest.param((f"{QUEUE}-2", QUEUE), Status.PASS, id="others beside it do no harm"),
        pytest.param((), Status.FAIL, id="no target fails"),
        pytest.param((f"{QUEUE}-2",), Status.FAIL, id="another queue alone fails"),
    ],
)
def test_a_rule_hands_events_to_the_queue(targets: tuple[str, ...], status: Status) -> None:
    assert rule.queued(THE_TABLE, OURS, ChangeRuleTargets(targets)).status is status


def source(queue: str, state: str) -> EventSource:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{state}"
    return EventSource(arn, "readiness-monitor", queue, state, "", None, None, None, bisects=False)


@pytest.mark.parametrize(
    ("sources", "status", "said"),
    [
        pytest.param([source(QUEUE, "Enabled")], Status.PASS, "polls", id="a mapping that polls passes"),
        pytest.param([source(QUEUE, "Creating")], Status.PASS, "polls", id="one that is about to passes"),
        pytest.param([source(QUEUE, "Disabled")], Status.FAIL, "expected Enabled", id="one that is off fails"),
        pytest.param([source(QUEUE, "Deleting")], Status.FAIL, "expected Enabled", id="one that ends fails"),
        pytest.param([], Status.FAIL, "no event source mapping", id="none fails"),
        pytest.param(
            [source(f"{QUEUE}-2", "Enabled")],
            Status.FAIL,
            "no event source mapping",
            id="that of another queue is none",
        ),
    ],
)
def test_lambda_polls_the_queue(sources: list[EventSource], status: Status, said: str) -> None:
    verdict = rule.polled(THE_TABLE, ChangeQueue(QUEUE), Each({each.arn: each for each in sources}))
    assert verdict.status is status
    assert said in verdict.message


def test_whether_it_polls_is_not_known_where_mappings_can_not_be_listed() -> None:
    with pytest.raises(Unreadable):
        rule.polled(THE_TABLE, ChangeQueue(QUEUE), Each[EventSource]({}, DENIED))
