from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.aws.completed import complete
from tests.drill.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """An alarm that calls a topic to which nobody listens yet."""
    complete()
    with mock_aws():
        yield World()
