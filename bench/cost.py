"""Dollars a month for one table, from what an unchanged run calls, writes and prints, beside AWS Config.

Prices are the list prices of us-east-1 without any free tier, as of November 2026: look them up before relying on them.
"""

import contextlib
import io
import json
from math import ceil
from pathlib import Path
from typing import Any

from moto import mock_aws

from readiness import metrics
from readiness.rules import RULES
from readiness.run import Deployment, Run, Trigger, emit
from tests.aws import costs, shop
from tests.run.world import World

MONTH = 30 * 24 * 60
"""Minutes."""

METRIC = 0.30  # a custom metric a month
ALARM = 0.10  # a standard-resolution alarm a month
KEY = 1.00  # a customer key a month
WRITE = 0.625e-6  # a write request unit; a transaction takes two for each KB
READ = 0.125e-6  # a read request unit of 4 KB, strongly consistent
GB_SECOND = 0.0000133334  # Lambda on arm64
INVOCATION = 0.20e-6 + 1.00e-6  # Lambda's request, and the scheduler's
LOGS = 0.50e-9  # a byte taken in
EVALUATION = 0.001  # an AWS Config rule
REQUEST = 0.40e-6  # a request to SQS
QUESTION = 0.01  # a request to Cost Explorer; each is made once a day
DATA = 1e-5  # a metric in a request to GetMetricData

POLLS = 5 * 3 * MONTH
"""Lambda's five pollers of the queue of change events: each waits for twenty seconds."""

MEMORY_GB = 0.5
BILLED_SECONDS = 1.0
"""A warm run's, with 50 ms for each of the calls that follow one another."""


def main() -> None:
    """Print the bill at two intervals, and what it was compared with."""
    with mock_aws():
        world = World()
        world.subscribe()
        shop.furnish(world.account.client, world.topic)
        costs.furnish(world.account.client, world.topic)
        world.drilled()
        world.documented()
        world.account.calls.clear()
        series = _series_asked(world)
        world.run(RULES)
        asked = sum(call.startswith("ce:") for call in world.account.calls)
        before = {row["SK"]["S"] for row in world.rows()}
        first = sum(series)
        world.account.calls.clear()
        series.clear()
        world.run(RULES)
        measured = sum(series)
        calls = list(world.account.calls)
        rows = [row for row in world.rows() if row["SK"]["S"] == "STATE" or row["SK"]["S"] not in before]
        logged = _logged(world)
    sizes = [ceil(len(json.dumps(row)) / 1024) for row in rows]
    published = len(RULES) + len(metrics.DIMENSIONS) - 1
    alarms = Path("template.yaml").read_text(encoding="utf-8").count("Type: AWS::CloudWatch::Alarm")
    print(f"an unchanged run: {len(calls)} calls, {len(rows)} items written of {sizes} KB, {logged:,} bytes of logs")
    print(f"{published} metrics, {alarms} alarms, 1 key, {asked} questions a day about costs")
    print(f"{measured} metrics read by GetMetricData in each run, {first - measured} more once a day\n")
    print(f"{'every':>8}{'standing':>12}{'running':>10}{'together':>10}   dollars a month")
    standing = published * METRIC + alarms * ALARM + KEY + 30 * asked * QUESTION + POLLS * REQUEST
    standing += 30 * (first - measured) * DATA
    for interval in (5, 15):
        runs = MONTH / interval
        writes, reads = 2 * sum(sizes), ceil(max(sizes) / 4) + 1
        each = writes * WRITE + reads * READ + BILLED_SECONDS * MEMORY_GB * GB_SECOND + INVOCATION + logged * LOGS
        each += measured * DATA
        print(f"{interval:>4} min{standing:>12.2f}{runs * each:>10.2f}{standing + runs * each:>10.2f}")
    config = len(RULES) * MONTH / 60 * EVALUATION
    print(f"\nAWS Config, {len(RULES)} periodic rules at its shortest period, 60 min: {config:.2f}, and recording")


def _series_asked(world: World) -> list[int]:
    """Return a list to which each later request to GetMetricData adds the number of its metrics."""
    asked: list[int] = []

    def count(params: dict[str, Any], **_event: object) -> None:
        asked.append(len(params["MetricDataQueries"]))

    world.account.client("cloudwatch").meta.events.register("provide-client-params.cloudwatch.GetMetricData", count)
    return asked


def _logged(world: World) -> int:
    """Bytes that one run prints."""
    run = Run(
        rules=RULES,
        aws=world.account.aws,
        settings=world.settings,
        trigger=Trigger("schedule", "bench"),
        deployment=Deployment(""),
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for outcome in run.run():
            emit(run, outcome)
    return len(printed.getvalue())


if __name__ == "__main__":
    main()
