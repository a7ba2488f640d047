"""What holds for every test: no real account is ever reached, and hypothesis finds the same in every run."""

import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None, database=None)
settings.register_profile("short", derandomize=True, deadline=None, database=None, max_examples=20)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.register_profile("fuzz", deadline=None, max_examples=20_000, print_blob=True)
settings.load_profile(os.environ.get("READINESS_HYPOTHESIS", "gate"))

NOWHERE = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


TESTS = Path(__file__).parent
SAMPLED = (
    "changes/test_handler",
    "changes/test_history",
    "cli/test_check",
    "cli/test_history",
    "cli/test_snapshot",
    "cli/test_words",
    "iam/test_evaluate",
    "model/test_memory",
    "model/test_order",
    "run/test_announced",
    "run/test_backups",
    "run/test_costs",
    "run/test_damage",
    "run/test_deleting",
    "run/test_drills",
    "run/test_failing_calls",
    "run/test_functions",
    "run/test_remains",
    "run/test_run",
    "run/test_silencing",
    "run/test_unseen",
    "run/test_unwell",
    "run/test_upgrade",
    "stack/test_template",
    "state/store/test_bounds",
    "state/store/test_damage",
    "widget/test_answer",
    "widget/test_standing",
)
"""Modules whose tests look at whole accounts or long histories: `make test` runs one test in five of each."""
ONE_IN = 5


MEASURED = ("alerts", "engine", "run", "state")
"""The folders whose quick tests measure the coverage, in a session of their own: measuring takes twice as long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, after the folders' own conftest.py has, and the tests that measure the coverage."""
    _sample(items)
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in MEASURED and not item.get_closest_marker("slow"):
            item.add_marker("measured")


def _sample(items: list[pytest.Item]) -> None:
    """Mark four of five tests of these modules slow; the first of each stays. A name that is no module is an error."""
    by_module: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        by_module[item.path.relative_to(TESTS).with_suffix("").as_posix()].append(item)
    for module in SAMPLED:
        assert (TESTS / f"{module}.py").is_file(), module
        for number, item in enumerate(by_module[module]):
            if number % ONE_IN:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Search seldom for garbage: moto and botocore leave a million objects that live until the end."""
    gc.set_threshold(100_000, 20, 100)
    _keep()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Search once after each module. What it leaves stays, and is not to be searched again."""
    yield
    if nextitem is not None and nextitem.path != item.path:
        _keep()


def _keep() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that no account accepts, and none of whoever runs the tests."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
