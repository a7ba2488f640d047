"""Who did it, where no event told of it."""

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from moto.sns.models import sns_backends

from readiness.aws.client import Aws, Caller
from readiness.changes.history import History
from readiness.changes.relevance import relevant
from readiness.rules import ASKED
from tests.aws.account import ACCOUNT, REGION
from tests.aws.trails import record
from tests.changes.function import Function
from tests.changes.test_handler import MARIA_SAID
from tests.changes.trail import call, recovery
from tests.run.world import World

LAGS = "not known yet: events reach CloudTrail's event history after some minutes"


def now(world: World) -> dict[str, Any]:
    return {"eventTime": f"{world.now:%Y-%m-%dT%H:%M:%SZ}"}


def actor(world: World) -> dict[str, Any] | None:
    (message,) = world.heard()
    (event,) = message["events"]
    found: dict[str, Any] | None = event["actor"]
    return found


def test_drift_that_the_schedule_finds_is_looked_up(world: World) -> None:
    world.recovery(on=False)
    record(recovery(on=False, **now(world)))
    world.run()
    found = actor(world)
    assert found is not None
    assert found["who"] == MARIA_SAID


def test_a_call_right_after_the_last_run_is_found_a_quarter_of_an_hour_later(world: World) -> None:
    world.recovery(on=False)
    record(recovery(on=False, **now(world)))
    world.now += timedelta(minutes=15)
    world.run()
    found = actor(world)
    assert found is not None
    assert found["who"] == MARIA_SAID


def test_a_change_that_was_told_with_who_made_it_is_looked_up_once(world: World) -> None:
    world.recovery(on=False)
    record(recovery(on=False, **now(world)))
    world.run()
    assert actor(world) is not None
    world.account.calls.clear()
    world.run()
    assert "cloudtrail:LookupEvents" not in world.account.calls


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"table": "orders"}, id="of another table"),
        pytest.param({"errorCode": "AccessDenied"}, id="that was refused"),
        pytest.param({"eventTime": "2020-01-01T00:00:00Z"}, id="of long ago"),
    ],
)
def test_a_call_that_can_not_have_done_it_is_not_blamed(world: World, other: dict[str, Any]) -> None:
    world.recovery(on=False)
    record(recovery(on=False, **{**now(world), **other}))
    world.run()
    assert actor(world) is None


def test_a_call_before_the_last_look_is_not_blamed(world: World) -> None:
    record(recovery(on=False, **now(world)))
    for _ in range(10):
        world.run()
    world.recovery(on=False)
    world.run()
    assert actor(world) is None


def test_who_switched_it_off_is_not_named_for_switching_it_on(world: World) -> None:
    world.recovery(on=False)
    switched = recovery(on=False, **now(world))
    world.run()
    world.heard()
    world.recovery(on=True)
    record(switched)
    world.run()
    assert actor(world) is None


def test_who_is_known_later_is_recorded_once_and_named_by_the_next_message(world: World, function: Function) -> None:
    world.recovery(on=False)
    switched = recovery(on=False, **now(world))
    world.run()
    assert actor(world) is None
    (drift,) = function.drifts("REGRESSED")
    assert "actor" not in drift
    record(switched)
    world.run()
    assert world.heard() == []
    (drift,) = function.drifts("REGRESSED")
    assert drift["actor"]["who"] == MARIA_SAID
    world.account.calls.clear()
    world.run()
    assert "cloudtrail:LookupEvents" not in world.account.calls
    world.recovery(on=True)
    world.run()
    (message,) = world.heard()
    assert message["kind"] == "RECOVERED"
    assert message["events"][0]["earlier_actor"]["event"] == switched["eventID"]


def test_an_event_that_comes_after_the_page_names_who_did_it(world: World, function: Function) -> None:
    world.recovery(on=False)
    switched = recovery(on=False, **now(world))
    world.run()
    world.heard()
    function.tell(switched)
    (drift,) = function.drifts("REGRESSED")
    assert drift["actor"]["who"] == MARIA_SAID
    assert world.heard() == []
    assert function.put_off() == []


def test_who_did_it_is_asked_for_an_hour(world: World) -> None:
    world.recovery(on=False)
    world.run()
    world.now += timedelta(hours=1)
    world.account.calls.clear()
    world.run()
    assert "cloudtrail:LookupEvents" not in world.account.calls


def test_an_unchanged_run_asks_nobody(world: World) -> None:
    world.account.calls.clear()
    world.run()
    assert "cloudtrail:LookupEvents" not in world.account.calls


def test_the_text_says_why_nobody_is_named(world: World) -> None:
    world.recovery(on=False)
    world.run()
    assert LAGS in texts(world)
    world.recovery(on=True)
    world.account.refuse("cloudtrail", "LookupEvents", "AccessDeniedException")
    world.run()
    assert "cannot be looked up: ACCESS_DENIED on cloudtrail:LookupEvents" in texts(world)


def texts(world: World) -> str:
    """What a person would read of the last message, on one line: moto sends no mail, but keeps what was published."""
    _, published, *_ = sns_backends[ACCOUNT][REGION].topics[world.topic].sent_notifications[-1]
    return " ".join(str(published).replace("\\n", " ").split())


def test_it_asks_twice_a_second_for_three_seconds_at_most(world: World) -> None:
    waited: list[float] = []
    asked = History(world.account.aws, world.now, now=lambda: sum(waited), wait=waited.append)
    world.account.calls.clear()
    for source, name in dict.fromkeys(chain.from_iterable(relevant(ASKED).values())):
        asked.calls(source, name)
    assert world.account.calls == ["cloudtrail:LookupEvents"] * 7
    assert waited == [0.5] * 6


def test_the_same_is_not_asked_twice(world: World) -> None:
    waited: list[float] = []
    asked = History(world.account.aws, world.now, wait=waited.append)
    world.account.calls.clear()
    for _ in range(2):
        asked.calls("kms.amazonaws.com", "DisableKey")
    assert (world.account.calls, waited) == (["cloudtrail:LookupEvents"], [])


def test_it_does_not_ask_when_time_is_short(world: World) -> None:
    asked = History(world.account.aws, world.now, in_time=lambda: False)
    world.account.calls.clear()
    assert asked.calls("kms.amazonaws.com", "DisableKey") == ()
    assert world.account.calls == []


def test_calls_to_iam_are_looked_up_where_they_are_recorded(world: World) -> None:
    away = Aws(world.account.aws.account, "eu-west-1", caller=Caller(world.account.session, "eu-west-1"))
    record(call("iam", "PutRolePolicy", {"roleName": "cart"}, **now(world)))
    record(call("kms", "DisableKey", {"keyId": "a"}, **now(world), awsRegion="eu-west-1"))
    asked = History(away, world.now - timedelta(hours=1))
    assert [each.names for each in asked.calls("iam.amazonaws.com", "PutRolePolicy")] == [("cart",)]
    assert [each.names for each in asked.calls("kms.amazonaws.com", "DisableKey")] == [("a",)]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({}, "cannot be looked up: INCOMPLETE_ANSWER on cloudtrail:LookupEvents", id="no list of events"),
        pytest.param({"Events": []}, LAGS, id="an empty one"),
        pytest.param({"Events": [{}, {"CloudTrailEvent": "[]"}, {"CloudTrailEvent": "{"}]}, LAGS, id="unreadable ones"),
    ],
)
def test_what_the_history_leaves_out_names_nobody(world: World, said: dict[str, Any], why: str) -> None:
    world.account.answer("cloudtrail", "LookupEvents", said)
    history = History(world.account.aws, world.now)
    assert history.calls("dynamodb.amazonaws.com", "DeleteTable") == []
    assert history.why == why
