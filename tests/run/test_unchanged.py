"""Runs that find nothing new write the head and the record of the run, however long they go on."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from readiness.engine.rule import Rule
from readiness.rules import ASKED
from readiness.state.store.wire import size
from tests.aws.account import TABLE
from tests.run.world import World

WINDOW = timedelta(days=35)
MOST = 2_500
"""The bytes that an unchanged run writes at most."""

SETTLED = 6
READS = ("Query", "TransactWriteItems")


class Written:
    """The rows that runs wrote, how many bytes each run wrote, and its calls of the memory."""

    def __init__(self, world: World) -> None:
        self.rows: Counter[str] = Counter()
        self.bytes: list[int] = []
        self.calls: Counter[str] = Counter()
        self.client = world.account.client("dynamodb")
        self.client.meta.events.register("before-call.dynamodb", self._note)

    def _note(self, model: Any, params: dict[str, bytes], **_event: object) -> None:
        if model.name in READS:
            self.calls[model.name] += 1
        if model.name == "TransactWriteItems":
            puts = [each["Put"]["Item"] for each in json.loads(params["body"])["TransactItems"] if "Put" in each]
            self.rows.update(put["SK"]["S"].partition("#2")[0] for put in puts)
            self.bytes.append(sum(map(size, puts)))


def unchanged(world: World, rules: Sequence[Rule], runs: int) -> Written:
    """Runs four minutes apart, after a few that have told everything.

    The table was watched for longer than its window, so the earliest restorable second moves on with time.
    """
    for number in range(SETTLED + runs):
        if number == SETTLED:
            written = Written(world)
        world.now += timedelta(minutes=3)
        world.earliest = world.now - WINDOW
        world.run(rules)
    return written


def test_an_unchanged_run_is_three_calls_and_writes_the_head_and_its_record(world: World) -> None:
    """Of all rules. Budgets are read once an hour, and then kept."""
    world.subscribe()
    written = unchanged(world, ASKED, 8)
    assert written.rows.pop("STATE#FACT#Budgets", 0) <= 1
    assert written.rows == {"STATE": 8, "RUN": 8}
    assert max(written.bytes) < MOST
    assert written.calls == {"Query": 16, "TransactWriteItems": 8}


def test_a_canary_is_written_once_a_day_however_soon_ttl_deletes_it(world: World) -> None:
    world.now = world.now.replace(hour=1, minute=0)
    written = Written(world)
    for _ in range(10):
        world.now += timedelta(hours=4)
        world.run()
        for row in world.rows("STATE#CANARY#"):
            world.account.client("dynamodb").delete_item(
                TableName=TABLE, Key={name: row[name] for name in ("PK", "SK")}
            )
    assert sum(count for row, count in written.rows.items() if row.startswith("STATE#CANARY")) == 2
