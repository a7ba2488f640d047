from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.aws.shell import shell
from tests.remedies.patient import Patient


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    """An account in which all is as it should be, until a test breaks it."""
    with mock_aws():
        yield Patient(shell(tmp_path))
