"""moto at a fixed instant, with ids that repeat: an account that is made twice has the same ids and times twice."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core import utils
from moto.moto_api._internal import mock_random

from tests.aws import costs, drills

SEED = 26


def stop(patch: pytest.MonkeyPatch, at: dt.datetime) -> None:
    """Let moto, and what completes it, take `at` for the present, and draw the ids of one sequence from its beginning.

    moto reads the clock in `moto.core.utils`, and draws all its random numbers from one generator.
    """

    class Like(type):
        """Instants are real ones: moto checks them with `isinstance`."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, dt.datetime)

    class Stopped(dt.datetime, metaclass=Like):
        """The class of instants, whose present is `at`."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return at.astimezone(tz) if tz else at.replace(tzinfo=None)

    patch.setattr(utils, "datetime", SimpleNamespace(**{**vars(dt), "datetime": Stopped}))
    for module in (costs, drills):
        patch.setattr(module, "datetime", Stopped)
        patch.setattr(module, "uuid", mock_random)
    mock_random.seed(SEED)
