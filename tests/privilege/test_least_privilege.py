"""Every permission of the monitor's role is needed: without it, a finding is UNKNOWN, or work is left undone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto import mock_aws

from readiness import entry
from tests.changes.trail import Json
from tests.privilege.abilities import BY_SERVICES, CALLED, Grant, deny
from tests.privilege.findings import needed_by
from tests.run.world import TABLE_RULES, World, new_environment
from tests.test_template import actions, declared, statements, transformed


@pytest.fixture(scope="module")
def written() -> list[Json]:
    """The statements of the role."""
    return list(statements(transformed()))


@contextmanager
def new_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account of which the function, invoked by an event, runs the rules about the table."""
    new_environment(monkeypatch)
    with mock_aws():
        world = World()
        world.subscribe()
        monkeypatch.setattr(entry, "ASKED", TABLE_RULES)
        monkeypatch.setattr(entry, "_account", lambda: world.account.aws)
        monkeypatch.setattr(entry, "_settings", lambda _environment: world.settings)
        monkeypatch.setattr(entry, "clock", lambda: world.now)
        yield world


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_finding_is_unknown_without_any_permission_to_read(
    written: list[Json], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    granted = set().union(*(actions(each) for each in written if each["Sid"].startswith("FactsRead")))
    needed = needed_by(granted)
    assert {action for action, findings in needed.items() if not findings} == set()


def test_all_other_permissions_are_for_something_by_name(written: list[Json]) -> None:
    others = [each for each in written if not each["Sid"].startswith("FactsRead")]
    grants: set[Grant] = {(each["Sid"], action) for each in others for action in actions(each)}
    assert grants == CALLED.keys() | BY_SERVICES.keys()
    assert CALLED.keys().isdisjoint(BY_SERVICES)


def test_no_permission_is_granted_twice_but_for_topics_of_other_accounts(written: list[Json]) -> None:
    others = {action for each in written if not each["Sid"].startswith("FactsRead") for action in actions(each)}
    assert others & declared() == {"sns:GetTopicAttributes"}
    (routes,) = [each for each in written if each["Sid"] == "FactsReadRoutes"]
    assert routes["Resource"]["Fn::Sub"].endswith(":sns:*:${AWS::AccountId}:*")


def test_lambda_may_look_at_the_queue_that_it_takes_events_from(written: list[Json]) -> None:
    (queues,) = [each for each in written if each["Sid"] == "FactsReadQueues"]
    assert "sqs:GetQueueAttributes" in actions(queues)
    assert queues["Resource"]["Fn::Sub"].endswith(":sqs:*:${AWS::AccountId}:*")


@pytest.mark.parametrize("grant", CALLED, ids=lambda grant: grant[1])
def test_the_monitor_cannot_do_without_it(grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    ability = CALLED[grant]
    with new_world(monkeypatch) as world:
        assert ability.shown(world), "with all permissions"
    with new_world(monkeypatch) as world:
        deny(world, grant[1])
        assert not ability.shown(world), f"it can {ability.what}"
