from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.dynamodb import series_of
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Status
from tests.aws.account import TABLE
from tests.rules.alarms import alarm
from tests.rules.alarms_wired.builders import made_by, vectors


def on_vectors(index: str, metric: str = "VectorSearchRequestBytes", **other: Any) -> Alarm:
    one = replace(series_of(metric, TABLE, VectorIndexName=index), statistic="Sum")
    return alarm(f"{metric} {index}", one, **{"threshold": 1e9, "period_seconds": 300, **other})


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([], Status.WARN, id="no alarm"),
        pytest.param([on_vectors("by-look")], Status.PASS, id="what is searched"),
        pytest.param([on_vectors("by-look", "VectorWriteRequestBytes")], Status.PASS, id="what is written"),
        pytest.param([on_vectors("by-sound")], Status.WARN, id="another index"),
        pytest.param([on_vectors("by-look", units=("Count",))], Status.WARN, id="a wrong unit"),
    ],
)
def test_a_vector_index_has_metrics_of_its_own(alarms: Sequence[Alarm], status: Status) -> None:
    assert vectors(*alarms).status is status


def test_an_index_of_several_that_nobody_watches_is_named() -> None:
    verdict = vectors(on_vectors("by-look"), indexes=("by-look", "by-sound"))
    assert verdict.message == (
        "no alarm is certain to reach on-call for vector index by-sound: no alarm watches VectorSearchRequestBytes"
    )
    made = made_by("vector-indexes", verdict)
    assert vectors(on_vectors("by-look"), made, indexes=("by-look", "by-sound")).status is Status.PASS


def test_without_a_vector_index_there_is_nothing_to_watch() -> None:
    assert vectors(indexes=()).status is Status.NOT_APPLICABLE
