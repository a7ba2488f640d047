from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.run.world import World, new_environment


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Somebody is subscribed; nothing ran yet, and this execution environment is new."""
    new_environment(monkeypatch)
    with mock_aws():
        world = World()
        world.subscribe()
        yield world


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nobody is subscribed."""
    new_environment(monkeypatch)
    with mock_aws():
        yield World()
