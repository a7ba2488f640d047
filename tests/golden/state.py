"""What a table holds under `READINESS#` after a day with a release, `state.json`, and the account that it is about.

The next release has to read it: `tests/run/test_former_release.py` proves that. So the file is written when a
release is made, by the code of that release, with `python -m tests.golden.state`; never to let a change pass that
moves, renames or reworks what reads it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from moto import mock_aws

from readiness.alerts import fallback
from readiness.alerts.topic import AlertTopic
from readiness.changes.call import recorded
from readiness.checklist import BackupDecision, SampleSettings, Settings, TableSettings
from readiness.facts.recorded.attestations import Drill
from readiness.rules import ASKED
from readiness.run import Deployment, Outcome, Run, Trigger
from readiness.state import identity, signature
from readiness.state.people import Acknowledgement, Owner, Pause, Signoff, Waiver, Word
from readiness.state.store import sort_key_of, words
from tests.aws import clock, costs, shop
from tests.aws.account import ACCOUNT, TABLE
from tests.changes import trail
from tests.conftest import NOWHERE
from tests.run.world import World

FILE = Path(__file__).parent / "state.json"
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
RELEASE = "2026-11-20T00:00:00Z"
RESET = START + timedelta(hours=2)
"""Since when the table can be restored, after recovery was off and on unseen."""

SETTINGS = Settings(
    tables=(
        TableSettings(
            backup_decision=BackupDecision("pitr_only", "the CTO", date(2026, 11, 2), "recovery is enough"),
            sample=SampleSettings(enabled=True),
        ),
    ),
    owners={"default": "platform@example.com"},
)

REPORT = "babesclub-report"
THROTTLED = f"{TABLE} throttled"
ALARMS = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
MISSING_VARIABLE = ("env-vars-set/variables", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{REPORT}:$LATEST")
UNREVIEWED = ("iam-least-privilege/reviewed", f"{ROLES}{REPORT}-role")


class State(msgspec.Struct):
    """The file: when the last run was, and the rows as DynamoDB returns them."""

    now: datetime
    rows: list[dict[str, Any]]


def state() -> State:
    """Return the file."""
    return msgspec.json.decode(FILE.read_bytes(), type=State)


@contextmanager
def furnished() -> Iterator[World]:
    """The account that the rows are about, with nothing stored but what makes it: the same each time it is made."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in NOWHERE.items():
            patch.setenv(name, value)
        clock.stop(patch, START)
        patch.setattr(fallback, "_published", set())
        patch.setattr(identity, "_written", set())
        world = World(now=START, settings=SETTINGS)
        world.subscribe()
        world.account.alter("dynamodb", "DescribeContinuousBackups", partial(_restorable_until_now, world))
        _furnish(world)
        yield world


def _furnish(world: World) -> None:
    client = world.account.client
    shop.furnish(client, world.topic)
    _furnish_report(client)
    costs.furnish(client, world.topic)
    costs.activate(client, "Env", status="Inactive")
    services, beyond = costs.monitor(client), costs.beyond("100")
    costs.subscription(client, services, world.topic, Frequency="IMMEDIATE", ThresholdExpression=beyond)
    maximum = {"OnDemandThroughput": {"MaxReadRequestUnits": 4000, "MaxWriteRequestUnits": 1000}}
    world.account.alter("dynamodb", "DescribeTable", lambda answer: answer.get("Table", {}).update(maximum))
    for kind in ("CART", "COUPON", "QUOTE"):
        world.item(f"{kind}#1", expiresAt={"N": str(int(START.timestamp()) + 2_592_000)})
    world.drilled()


def _restorable_until_now(world: World, answer: dict[str, Any]) -> None:
    """moto's clock is stopped, and DynamoDB keeps up to five minutes behind its own."""
    recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
        recovery["LatestRestorableDateTime"] = world.now - timedelta(minutes=5)


def _furnish_report(client: Any) -> None:
    """A function that belongs by its name and its rights alone; the checklist does not know its role."""
    role = shop.role(client, f"{REPORT}-role", *shop.runtime(REPORT))
    shop.log_group(client, REPORT)
    shop.function(client, REPORT, role, Environment={"Variables": {}})


@dataclass
class Shift:
    """The people who work with the monitor, and the runs in between."""

    world: World
    runs: list[Outcome] = field(default_factory=list)

    def run(self, times: int = 1) -> None:
        """Let the schedule run, a minute after the last time, so many times."""
        for _ in range(times):
            self.runs.append(self.world.run(ASKED, release=RELEASE))

    def run_on(self, *events: dict[str, Any]) -> None:
        """Let change events start a run."""
        world = self.world
        world.now += timedelta(minutes=1)
        topic = AlertTopic(world.account.client("sns"), world.topic)
        run = Run(
            rules=ASKED,
            aws=world.account.aws,
            settings=world.settings,
            deployment=Deployment(RELEASE, topic),
            trigger=Trigger("event", "run-by-event", [recorded(event) for event in events]),
            clock=lambda: world.now,
        )
        self.runs += run.run()

    def say(self, word: Callable[..., Word], *, over: bool = False) -> Word:
        """Let Maria say it now, over what she said before of the same where that is so."""
        said = word(by="maria", at=self.world.now, table_id=self.world.table_id)
        rows = self.world.store.rows
        words.say(rows, said, rows.get(sort_key_of(said)) if over else None)
        return said

    def withdraw(self, word: Word) -> None:
        """Let Maria take it back."""
        rows = self.world.store.rows
        former = rows.get(sort_key_of(word))
        assert former
        words.withdraw(rows, former, words.Speaker("maria", self.world.now))

    def wait(self, **span: float) -> None:
        """Let time pass without a run."""
        self.world.now += timedelta(**span)

    def variable(self, value: str) -> None:
        """Deploy the cart's function with that name of the table."""
        self.world.account.client("lambda").update_function_configuration(
            FunctionName="babesclub-cart", Environment={"Variables": {"COMMERCE_TABLE": value}}
        )


def written() -> State:
    """Return what a day leaves: words of each kind, what failed and what still does, and nothing that waits."""
    with furnished() as world:
        world.earliest = START - timedelta(days=35)
        shift = Shift(world)
        world.documented()
        shift.run(2)
        _first_day(shift)
        _night(shift)
        _second_day(shift)
        return State(world.now, world.rows())


def _first_day(shift: Shift) -> None:
    """Failures are accepted, or being worked on; a deployment breaks something; recovery goes off and on."""
    world = shift.world
    far = world.now + timedelta(days=60)
    for check, resource in (MISSING_VARIABLE, UNREVIEWED):
        shift.say(partial(Waiver, check=check, resource=resource, reason="it moves next month", until=far))
    mistaken = shift.say(partial(Waiver, check="pitr-enabled/deletion-protection", reason="by mistake", until=far))
    shift.say(partial(Acknowledgement, check="change-events-arrive/trail", note="the trail is being set up"))
    shift.say(partial(Owner, rule="env-vars-set", owner="cart@example.com"))
    shift.run()
    shift.withdraw(mistaken)
    world.attest("alarms-wired", Drill(THROTTLED, f"{ALARMS}{THROTTLED}", world.now, f"{ROLES}maria", delivered=True))
    shift.say(partial(Owner, rule="env-vars-set", owner="checkout@example.com"), over=True)
    shift.say(partial(Pause, reason="deployment", until=world.now + timedelta(minutes=3)))
    shift.variable(f"{TABLE}-staging")
    shift.run(6)
    shift.variable(TABLE)
    shift.run(4)
    world.recovery(on=False)
    at = f"{world.now:%Y-%m-%dT%H:%M:%SZ}"
    refused = {"errorCode": "AccessDeniedException", "eventID": "9d7a2d2e-refused"}
    shift.run_on(
        trail.recovery(on=False, eventTime=at, **refused),
        trail.recovery(on=False, eventTime=at, eventID="5b8c1f3a-off"),
    )
    shift.run()
    world.recovery(on=True)
    shift.run(3)
    shift.wait(hours=3)
    world.earliest = RESET
    shift.run(3)


def _night(shift: Shift) -> None:
    """TTL deletes the canary of the first day."""
    shift.wait(hours=22)
    for canary in shift.world.rows("STATE#CANARY"):
        key = {name: canary[name] for name in ("PK", "SK")}
        shift.world.account.client("dynamodb").delete_item(TableName=TABLE, Key=key)


def _second_day(shift: Shift) -> None:
    """Nobody knows who breaks the cart's function again; then all is quiet, and the checklist is signed."""
    shift.run(2)
    shift.variable(f"{TABLE}-test")
    shift.run(2)
    shift.variable(TABLE)
    shift.run(4)
    checks = signature.digests(shift.runs[-1].scan.evaluation)
    until = shift.world.now + timedelta(days=90)
    digest = signature.digest(checks)
    shift.say(partial(Signoff, account=ACCOUNT, until=until, digest=digest, checks=checks))
    shift.run(2)


def main() -> int:
    """Write the file; return 0."""
    new = written()
    rows = ",\n".join(json.dumps(row, sort_keys=True) for row in new.rows)
    FILE.write_text(f'{{"now": "{new.now.isoformat()}",\n"rows": [\n{rows}\n]}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
