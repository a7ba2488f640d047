from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.aws.shell import shell
from tests.remedies.counted import FOLDER, SHORT, WHOLE
from tests.remedies.patient import Patient


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make check` types every remedy; `make test` types those of the table, and one of each other module."""
    for item in items:
        module = item.path.stem.removeprefix("test_")
        if item.path.parent == FOLDER and module not in WHOLE and item.name != SHORT.get(module):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    """An account in which all is as it should be, until a test breaks it."""
    with mock_aws():
        yield Patient(shell(tmp_path))
