"""CloudTrail's event history without the pauses between requests, which last half a second each."""

from collections.abc import Callable
from datetime import datetime

import pytest

from readiness import run
from readiness.aws.client import Aws
from readiness.changes.history import History


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the pauses count as time of the lookups: a run makes as many as if AWS answers at once."""

    def looked_up(aws: Aws, since: datetime, *, in_time: Callable[[], bool]) -> History:
        waited: list[float] = []
        return History(aws, since, now=lambda: sum(waited), wait=waited.append, in_time=in_time)

    monkeypatch.setattr(run, "History", looked_up)
