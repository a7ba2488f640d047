import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from readiness import rules
from readiness.aws.client import Caller
from readiness.state.store import parameter
from tests import fixed_rules
from tests.aws.completed import complete
from tests.aws.quick import quicken
from tests.aws.saved import once
from tests.cli.world import World
from tests.run.history import without_pauses

quicken()


SHORT = {
    "test_ack": "test_what_is_known_to_fail_can_be_taken",
    "test_complete": "test_what_no_run_has_recorded_is_missing_until_one_has",
    "test_diff": "test_a_changed_setting_is_a_changed_check_and_a_changed_fact",
    "test_init": "test_the_file_has_what_the_account_shows_and_is_valid",
    "test_record": "test_what_was_seen_is_remembered",
    "test_sign": "test_who_signs_is_shown_what_they_sign_and_it_is_on_record",
}
"""Modules whose tests judge the whole checklist several times; the one test of each that runs in `make test`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make check` runs the others of those modules too."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.name != SHORT.get(item.path.stem, item.name):
            item.add_marker(pytest.mark.slow)


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


def patient(create: Callable[..., Any]) -> Callable[..., Any]:
    """Let clients wait longer than AWS would need: on a busy machine moto answers late, which is not under test."""

    def created(caller: Any, *given: Any, **more: Any) -> Any:
        caller._config = caller._config.merge(Config(connect_timeout=60, read_timeout=60))  # noqa: SLF001
        return create(caller, *given, **more)

    return created


@pytest.fixture
def world(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[World]:
    """An account without a table, which this process reaches by its environment alone."""
    without_pauses(monkeypatch)
    monkeypatch.setattr(Caller, "_create", patient(Caller._create))  # noqa: SLF001
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


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an account of its own, whose signing key nobody has read yet."""
    monkeypatch.setattr(parameter, "_keys", {})
