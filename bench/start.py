"""The built function, from process start to its first answer, over the floor: a handler with boto3 and one call.

Both run under AWS's own runtime client against the same local endpoint. Our first answer is a whole run, with
its memory, its message and two dozen calls; the second is that of a warm run.
"""

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from tests.conftest import NOWHERE
from tests.e2e.conftest import TABLE, build, cloud_at
from tests.runtime.sandbox import sandbox

RUNS = 8

FLOOR = f"""
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    dynamodb.describe_table(TableName="{TABLE}")
"""

SCHEDULED = {"trigger": "schedule"}


def main() -> None:
    """Print the medians and their ratio; the limit of the design is 2."""
    os.environ.update(NOWHERE)
    with tempfile.TemporaryDirectory() as folder, cloud_at() as cloud:
        here = Path(folder)
        build(here / "built")
        (here / "floor").mkdir()
        (here / "floor" / "app.py").write_text(FLOOR)
        layer = here / "built" / "ReadinessLayer" / "python"
        ours = {
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "READINESS_TABLE": TABLE,
            "READINESS_TOPIC_ARN": cloud.topic,
            "READINESS_CHECKLIST": "checklist.toml",
        }
        cold, warm, floor = [], [], []
        for turn in range(RUNS):
            first, second = _answers(here / f"ours{turn}", here / "built" / "Monitor", layer, ours)
            cold.append(first)
            warm.append(second)
            floor.append(_answers(here / f"floor{turn}", here / "floor", layer, ours)[0])
    print(f"first answer after process start, medians of {RUNS}: {median(cold):.3f} s, floor {median(floor):.3f} s")
    print(f"ratio {median(cold) / median(floor):.2f}; a warm run {median(warm):.3f} s")


def _answers(folder: Path, task: Path, layer: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until the first answer, and of the second."""
    folder.mkdir()
    started = time.perf_counter()
    with sandbox(folder, task, (layer,), **environment) as running:
        running.invoke(SCHEDULED)
        first = time.perf_counter()
        running.invoke(SCHEDULED)
        return first - started, time.perf_counter() - first


if __name__ == "__main__":
    main()
