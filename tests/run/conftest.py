from collections.abc import Iterator

import pytest
from moto import mock_aws

from readiness.run import trouble
from tests.run.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Somebody is subscribed; nothing ran yet, and this execution environment is new."""
    monkeypatch.setattr(trouble, "_said", set())
    monkeypatch.setattr(trouble, "_kept", set())
    with mock_aws():
        world = World()
        world.subscribe()
        yield world


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nobody is subscribed."""
    monkeypatch.setattr(trouble, "_said", set())
    monkeypatch.setattr(trouble, "_kept", set())
    with mock_aws():
        yield World()
