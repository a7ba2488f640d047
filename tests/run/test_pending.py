"""More functions than a run has time for: the first runs read some, and people hear of each of them once, as new."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from moto import mock_aws

from readiness import run
from readiness.changes.call import ApiCall
from readiness.engine.pace import RATES
from readiness.model import Reason, Status
from readiness.rules import RULES
from readiness.run import Outcome
from readiness.state.drift import EventKind
from tests.aws import shop
from tests.run.world import World, new_environment

TYPES = 6
"""Calls for one function: two lists of its versions, its configuration, and who invokes it in which way."""

NAMES = ("babesclub-a", "babesclub-b", "babesclub-c")
WRONG = "babesclub-b"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three functions, one of which knows another table, and a monitor that reads one of them in a run."""
    with mock_aws():
        new_environment(monkeypatch)
        monkeypatch.setattr(run, "SPREAD", TYPES / RATES["lambda"])
        monkeypatch.setattr(shop, "FUNCTIONS", NAMES)
        world = World()
        world.subscribe()
        shop.furnish(world.account.client, world.topic)
        name_another_table(world, WRONG)
        world.documented()
        yield world


def name_another_table(world: World, *functions: str) -> None:
    """From now on the functions know another table."""
    variables = {"Variables": {"COMMERCE_TABLE": "babesclub-commerce-staging"}}
    for name in functions:
        world.account.client("lambda").update_function_configuration(FunctionName=name, Environment=variables)


def pending(outcome: Outcome, check: str = "env-vars-set/variables") -> set[str]:
    """Return the last parts of the ARNs that the check says were not read yet."""
    (asked,) = [each for each in outcome.scan.evaluation.asked if each.check.id == check]
    return {finding.resource.rpartition("function:")[2] for finding in asked.findings if finding.is_pending}


def events(world: World) -> list[tuple[str, str]]:
    return [
        (event["check"], event["kind"])
        for message in world.heard()
        for event in message["events"]
        if event["check"].startswith("env-vars-set/")
    ]


def test_each_run_reads_some_functions_and_tells_them_as_new(world: World) -> None:
    first = world.run(RULES)
    assert pending(first) == {"babesclub-b", "babesclub-c"}
    assert first.plan is not None
    assert first.plan.statuses["env-vars-set"] is Status.UNKNOWN
    (found,) = [each for each in first.scan.evaluation.asked if each.check.id == "env-vars-set/variables"]
    (message, *_) = [each.message for each in found.findings if each.is_pending]
    assert message.startswith("has not been read yet: read by ")
    assert EventKind.REGRESSED not in {kind for _, kind in events(world)}
    second = world.run(RULES)
    assert pending(second) == {"babesclub-c"}
    assert events(world) == [("env-vars-set/variables", EventKind.REJUDGED)], "it fails, and is no drift"
    third = world.run(RULES)
    assert pending(third) == set()
    assert {event for event in events(world) if event[1] != EventKind.REJUDGED} == set()
    assert third.plan is not None
    assert third.plan.statuses["env-vars-set"] is Status.FAIL


def test_what_could_not_be_read_yet_is_neither_blindness_nor_a_reason_for_an_alarm(world: World) -> None:
    for _ in range(2):
        outcome = world.run(RULES)
        assert run.outcome.problems(outcome, 0)["mostChecksUnknown"] == 0
        assert Reason.TIMEOUT not in {
            finding.unavailable.reason
            for asked in outcome.scan.evaluation.asked
            for finding in asked.findings
            if finding.unavailable
        }
    assert "UNKNOWN" not in {message["kind"] for message in world.heard()}


def test_a_function_that_fails_later_is_drift(world: World) -> None:
    for _ in NAMES:
        world.run(RULES)
    world.heard()
    name_another_table(world, "babesclub-a")
    world.run(RULES)
    assert ("env-vars-set/variables", EventKind.REGRESSED) in events(world)


def test_what_waits_for_more_than_two_hours_is_a_problem_of_the_monitor(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overdue() -> int:
        return run.outcome.problems(world.run(RULES), 0)["pendingTooLong"]

    monkeypatch.setattr(run, "SPREAD", 0.0)
    assert overdue() == 0
    world.now += timedelta(hours=2)
    assert overdue() >= len(NAMES)
    monkeypatch.setattr(run, "SPREAD", 40.0)
    assert overdue() == 0


def test_a_run_without_a_limit_of_time_reads_all_functions(world: World) -> None:
    assert pending(world.run(RULES, lasts=float("inf"))) == set()


@pytest.mark.parametrize(
    ("later", "events_arrive"),
    [
        pytest.param(timedelta(), True, id="change events end more answers than a run reads"),
        pytest.param(timedelta(hours=25), False, id="no run has read them for a day"),
    ],
)
def test_a_function_that_was_read_before_is_drift_when_it_fails(
    world: World, later: timedelta, *, events_arrive: bool
) -> None:
    for _ in NAMES:
        world.run(RULES)
    world.heard()
    name_another_table(world, *NAMES)
    update = partial(ApiCall, source="lambda.amazonaws.com", name="UpdateFunctionConfiguration", at=world.now)
    world.now += later
    world.run(RULES, calls=[update(f"event-{name}", names=(name,)) for name in NAMES] if events_arrive else ())
    for _ in NAMES:
        assert pending(world.run(RULES)) == set()
    told = [kind for check, kind in events(world) if check == "env-vars-set/variables"]
    assert told == [EventKind.REGRESSED] * len(set(NAMES) - {WRONG})


def test_what_was_read_before_and_waits_for_its_turn_is_neither_blindness_nor_sight(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in NAMES:
        world.run(RULES)
    world.heard()
    name_another_table(world, *NAMES)
    monkeypatch.setattr(run, "SPREAD", 0.0)
    for _ in range(5):
        outcome = world.run(RULES)
        assert outcome.plan is not None
        assert outcome.plan.statuses["env-vars-set"] is Status.FAIL, "that of the function that failed before"
        assert world.heard() == []
    world.now += timedelta(hours=2)
    assert run.outcome.problems(world.run(RULES), 0)["pendingTooLong"] > 0
    monkeypatch.setattr(run, "SPREAD", 40.0)
    world.run(RULES)
    assert {kind for check, kind in events(world) if check == "env-vars-set/variables"} == {EventKind.REGRESSED}
