"""The billed counts of runs without changes, counted on an embedded account whose items pass."""

import contextlib
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from moto import mock_aws
from msgspec.structs import astuple, replace

from readiness.alerts.topic import AlertTopic
from readiness.cli.cost.counts import Counts, RunCounts
from readiness.facts.recorded import manifest
from readiness.metrics import ITEM_STATUS
from readiness.rules import ASKED
from readiness.run import Deployment, Run, Trigger, emit
from readiness.state.people import Manifest
from readiness.state.store import words
from readiness.state.store.wire import size
from tests.aws import change_route, costs, shop
from tests.aws.account import TABLE
from tests.rules.manifests import current, policy
from tests.run.world import World

FEW, MANY = 5, 20

INTERVAL = timedelta(minutes=5)

DELETED = timedelta(days=1)
"""The time after which TTL deletes items that have expired; AWS says "within a few days"."""

PAUSES = timedelta(minutes=65), timedelta(hours=25), timedelta(days=8)

SETTLED = timedelta(days=20)
"""The age of the load test then: for 15 days its metrics are read each hour."""

DATA = {f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")} | {
    "sns:Publish"
}
"""Calls that are no management events: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html"""

METRIC_REQUESTS = {"cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"}

SYSTEM_LOG = 700
"""Bytes of Lambda's own two log lines of an invocation, in JSON."""


def measured() -> tuple[Counts, Counts]:
    """Count with few and with many functions."""
    return counted(FEW), counted(MANY)


def counted(functions: int) -> Counts:
    """Run again 5 minutes, an hour, a day and more than a week later, and subtract what the shorter pauses need."""
    with mock_aws():
        account = Billed(functions)
        for later in (INTERVAL, SETTLED, timedelta(hours=2), timedelta(hours=25)):
            account.paused(later)
        every = account.run(INTERVAL)
        hour, day, week = (account.paused(later) for later in PAUSES)
    return Counts(functions, every, hour.minus(_sum(every, every)), day.minus(hour), week.minus(day))


def prepared(functions: int) -> World:
    """An account whose items pass, with so many functions, and with the parts of the stack that events take."""
    world = World()
    world.subscribe()
    client = world.account.client
    shop.furnish(client, world.topic)
    names = [*shop.FUNCTIONS, *shop.workers(client, functions)]
    costs.furnish(client, world.topic)
    world.route = change_route.furnish(client)
    world.drilled()
    reviewed = tuple(policy(name, *shop.runtime(name)) for name in names)
    content = manifest.written(replace(current(world.now), policies=reviewed))
    words.say(world.store.rows, Manifest(by="maria", at=world.now, table_id=world.table_id, content=content))
    return world


class Billed:
    """The account, and the counts of its last run."""

    def __init__(self, functions: int) -> None:
        world = prepared(functions)
        self.world = world
        self._counted: dict[str, float] = {}
        world.account.alter("dynamodb", "DescribeContinuousBackups", self._fresh)
        world.account.alter("dynamodb", "Query", lambda answer: self._read(*answer["Items"]))
        for service, operation, count in (
            ("cloudwatch", "GetMetricData", lambda params: {"metrics_read": len(params["MetricDataQueries"])}),
            ("cloudwatch", "GetInsightRuleReport", lambda _params: {"metrics_read": 1}),
            ("dynamodb", "GetItem", lambda _params: {"read_units": 1}),
            ("dynamodb", "PutItem", lambda params: {"write_units": _units(params["Item"])}),
            ("dynamodb", "UpdateItem", lambda _params: {"write_units": 1}),
            ("dynamodb", "DeleteItem", lambda _params: {"write_units": 1}),
            ("dynamodb", "TransactWriteItems", lambda params: {"write_units": sum(_transacted(params))}),
        ):
            self._on(service, operation, count)

    def run(self, later: timedelta) -> RunCounts:
        """Run once, so much later. TTL has deleted what expired a day ago."""
        world = self.world
        world.now += later
        self._expire()
        world.account.calls.clear()
        self._counted = dict.fromkeys(RunCounts.__struct_fields__, 0)
        logged, statuses = self._logged()
        calls = world.account.calls
        return RunCounts(
            **{
                **self._counted,
                "calls": len(calls),
                "data_calls": sum(call in DATA for call in calls),
                "metric_requests": sum(call in METRIC_REQUESTS for call in calls),
                "cost_requests": sum(call.startswith("ce:") for call in calls),
                "kms_requests": sum(call.startswith("kms:") for call in calls),
                "log_bytes": logged + SYSTEM_LOG,
                "status_bytes": statuses,
            }
        )

    def paused(self, later: timedelta) -> RunCounts:
        """Run after a pause, and once more: what the first run read anew, the second one may write too."""
        return _sum(self.run(later), self.run(INTERVAL))

    def _logged(self) -> tuple[int, int]:
        """Return the bytes that the run prints, and those of them that emit the status of items."""
        world = self.world
        run = Run(
            rules=ASKED,
            aws=world.account.aws,
            settings=world.settings,
            trigger=Trigger("schedule", f"run-{world.now}"),
            deployment=Deployment(
                "", AlertTopic(world.account.client("sns"), world.topic), interval=5, route=world.route
            ),
            clock=lambda: world.now,
        )
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            for outcome in run.run():
                emit(run, outcome)
        # Round, because the duration of a run has sometimes one digit more.
        statuses = [line for line in printed.getvalue().splitlines() if f'"{ITEM_STATUS}"' in line]
        return round(len(printed.getvalue()), -2), round(sum(map(len, statuses)), -2)

    def _on(self, service: str, operation: str, count: Any) -> None:
        def add(params: Mapping[str, Any], **_event: object) -> None:
            for name, number in count(params).items():
                self._counted[name] = self._counted.get(name, 0) + number

        events = self.world.account.client(service).meta.events
        events.register(f"provide-client-params.{service}.{operation}", add)

    def _read(self, *items: Mapping[str, Any]) -> None:
        units = max(1, ceil(sum(map(size, items)) / 4096))
        self._counted["read_units"] = self._counted.get("read_units", 0) + units

    def _fresh(self, answer: dict[str, Any]) -> None:
        """Let the table be restorable until 5 minutes ago, as moto's clock does not move with the runs."""
        recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        recovery["LatestRestorableDateTime"] = self.world.now - timedelta(minutes=5)

    def _expire(self) -> None:
        dynamodb = self.world.account.client("dynamodb")
        until = (self.world.now - DELETED).timestamp()
        for row in self.world.rows():
            if "expiresAt" in row and int(row["expiresAt"]["N"]) < until:
                dynamodb.delete_item(TableName=TABLE, Key={name: row[name] for name in ("PK", "SK")})


def _sum(*counts: RunCounts) -> RunCounts:
    return RunCounts(*map(sum, zip(*map(astuple, counts), strict=True)))


def _transacted(params: Mapping[str, Any]) -> Iterator[int]:
    for action in params["TransactItems"]:
        yield 2 * _units(action["Put"]["Item"]) if "Put" in action else 2


def _units(item: Mapping[str, Any]) -> int:
    return ceil(size(item) / 1024)
