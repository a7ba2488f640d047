import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from readiness import rules
from tests import fixed_rules
from tests.aws.completed import complete
from tests.aws.quick import quicken
from tests.aws.saved import once
from tests.cli.world import World

quicken()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    complete()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def only_these_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is added changes no report that these tests expect."""
    for name, fixed in (("ASKED", fixed_rules.ASKED), ("RULES", fixed_rules.RULES)):
        every = getattr(rules, name)
        for path, module in list(sys.modules.items()):
            if path.startswith("readiness.") and getattr(module, name, None) == every:
                monkeypatch.setattr(module, name, fixed)


@pytest.fixture
def world(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[World]:
    """An account without a table, which this process reaches by its environment alone."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield World(endpoint, capsys, tmp_path)
    moto_api_backend.reset()


@pytest.fixture
def good(world: World) -> World:
    """The one table of the account meets the checklist."""

    def furnish() -> None:
        world.good_table()
        world.functions()
        world.drills()
        world.documented()

    once("good", furnish)
    return world
