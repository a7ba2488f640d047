from collections.abc import Iterator

import pytest
from moto import mock_aws

from readiness import entry
from tests.changes.function import Function
from tests.run.world import TABLE_RULES, World, new_environment


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A table that was looked at once, and a topic that somebody hears."""
    new_environment(monkeypatch)
    with mock_aws():
        world = World()
        world.subscribe()
        world.run()
        world.heard()
        yield world


@pytest.fixture
def function(world: World, monkeypatch: pytest.MonkeyPatch) -> Function:
    """The function, asked by the events of its queue."""
    monkeypatch.setattr(entry, "ASKED", TABLE_RULES)
    monkeypatch.setattr(entry, "_account", lambda: world.account.aws)
    monkeypatch.setattr(entry, "_settings", lambda _environment: world.settings)
    monkeypatch.setattr(entry, "clock", lambda: world.now)
    return Function(world)
