"""`readiness cost`: a month from what the table has recorded, and where each count comes from."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import json, structs
from samtranslator.yaml_helper import yaml_parse

from readiness.aws.time import iso
from readiness.cli.arguments import INTERVALS
from readiness.cli.cost.counts import Counts, between, shipped
from readiness.cli.cost.month import ALARMS, MEMORY_GB, Usage, apart, billed, together
from readiness.state.store.wire import encode_item
from tests.cli.world import GOOD, World, reads, recorded
from tests.run.billed import measured

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "layers" / "readiness" / "readiness" / "cli" / "cost" / "counts.json"
NOW = datetime.now(UTC)


def usage(functions: int = 5, **other: Any) -> Usage:
    given = {"interval": 5, "items": 14, "seconds": 1.0, **other}
    return Usage(counts=between(shipped(), functions), **given)


def month(functions: int = 5, **other: Any) -> float:
    return together(billed(usage(functions, **other)))


def quantity(name: str, **other: Any) -> float:
    return next(line.quantity for line in billed(usage(**other)) if line.name == name)


@pytest.mark.parametrize(
    ("cheaper", "dearer"),
    [
        pytest.param({"interval": 15}, {}, id="runs are rarer"),
        pytest.param({}, {"other_runs": 1000}, id="changes start runs"),
        pytest.param({}, {"functions": 20}, id="there are more functions"),
        pytest.param({}, {"seconds": 3.0}, id="runs take longer"),
        pytest.param({}, {"messages": 10}, id="alerts are sent"),
        pytest.param({"changes_only": True}, {}, id="items are emitted on changes"),
        pytest.param({"changes_only": True}, {"changes_only": True, "changes": 10}, id="items change"),
        pytest.param(
            {"changes_only": True, "changes": 10_000}, {"seconds": 1.01}, id="no metric costs more than always"
        ),
    ],
)
def test_what_makes_a_month_cheaper(cheaper: dict[str, Any], dearer: dict[str, Any]) -> None:
    assert month(**cheaper) < month(**dearer)


def test_cost_explorer_is_asked_daily_while_the_item_does_not_pass() -> None:
    (few, _) = shipped()
    weekly = structs.replace(few.weekly, cost_requests=3)
    counts = structs.replace(few, weekly=weekly, daily=structs.replace(few.daily, cost_requests=0))
    passing, failing = (structs.replace(usage(), counts=counts, costs_pass=passes) for passes in (True, False))
    assert (round(passing.total("cost_requests"), 1), failing.total("cost_requests")) == (12.9, 90)


def test_a_run_every_hour_has_no_hourly_reads_beside_it() -> None:
    (few, _) = shipped()
    hour = structs.replace(usage(interval=60), counts=few)
    each = few.every_run.metrics_read + few.hourly.metrics_read
    assert hour.total("metrics_read") == pytest.approx(
        720 * each + 30 * few.daily.metrics_read + 30 / 7 * few.weekly.metrics_read
    )


def test_what_only_some_accounts_pay_is_not_in_the_sum() -> None:
    names = {line.name for line in billed(usage())}
    assert not names & {line.name for line in apart(usage())}
    assert sum(line.dollars for line in apart(usage())) > 0


def test_the_stack_is_that_of_the_template() -> None:
    template = yaml_parse((REPOSITORY / "template.yaml").read_text(encoding="utf-8"))
    resources = template["Resources"]
    assert sum(each["Type"] == "AWS::CloudWatch::Alarm" for each in resources.values()) == ALARMS
    assert resources["Monitor"]["Properties"]["MemorySize"] == MEMORY_GB * 1024
    assert template["Parameters"]["Interval"]["AllowedValues"] == [str(each) for each in INTERVALS]


def run_row(minutes: int, trigger: str = "schedule", **other: Any) -> dict[str, Any]:
    at = iso(NOW - timedelta(minutes=minutes))
    run = {"SK": f"RUN#{at}#{minutes}", "at": at, "trigger": trigger, "seconds": 2.5, "calls": 60}
    return {**run, "statuses": {"pitr-enabled": "PASS", "cost-monitored": "PASS"}, **other}


def rule_row(*functions: str) -> dict[str, Any]:
    arns = [f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in functions]
    return {"SK": "RULE#env-vars-set", "findings": [{"check": "set", "resource": arn} for arn in arns]}


@pytest.fixture
def put(world: World) -> Callable[..., None]:
    """Write rows of the monitor."""
    world.good_table()

    def put(*rows: dict[str, Any]) -> None:
        for row in rows:
            item = encode_item({"PK": f"READINESS#123456789012#us-east-1#{GOOD}", **row})
            world.client("dynamodb").put_item(TableName=GOOD, Item=item)

    return put


def test_recorded_runs_are_what_a_month_is_computed_from(world: World, put: Callable[..., None]) -> None:
    drift = {"SK": f"DRIFT#{iso(NOW)}#1#pitr-enabled/on", "at": iso(NOW), "silent": False}
    put(*(run_row(minutes) for minutes in range(0, 300, 15)), run_row(7, "change"), run_row(8, "cli", seconds=50))
    put(rule_row("cart", "checkout", "cart:live"), drift)
    calls: list[str] = []
    with recorded(calls):
        ended = world.type("cost", "--table", GOOD)
    assert (ended.code, ended.err) == (0, "")
    assert reads(calls)
    assert f"{GOOD}: 2 functions, a run every 15 minutes" in ended.out
    assert "21 runs in 0.2 days, each with 2.5 seconds and 60 calls; in 30 days 1 change and 1 alert;" in ended.text
    assert "item 3.3 passes" in ended.text
    assert "interval: recorded in the table" in ended.text
    assert "AWS Config, 2 periodic rules" in ended.text


def test_options_win_over_what_is_recorded(world: World, put: Callable[..., None]) -> None:
    put(*(run_row(minutes) for minutes in range(0, 60, 15)), rule_row("cart"))
    ended = world.type("cost", "--table", GOOD, "--interval", "60", "--functions", "20")
    assert f"{GOOD}: 20 functions, a run every 60 minutes" in ended.out
    assert "interval: --interval functions: --functions" in ended.text


def test_rows_that_somebody_else_wrote_are_not_counted(world: World, put: Callable[..., None]) -> None:
    put(run_row(1), run_row(6), run_row(11, at=7), run_row(16, seconds="long"), run_row(21, at="2026-01-01T00:00:00"))
    put({"SK": "RULE#env-vars-set", "findings": "none"}, {"SK": "DRIFT#1"})
    ended = world.type("cost", "--table", GOOD)
    assert (ended.code, "recorded in the table: 2 runs" in ended.out) == (0, True)


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        pytest.param(lambda _: None, "the table does not exist in this account and Region", id="no table"),
        pytest.param(World.good_table, "the table has fewer than two recorded runs", id="no runs"),
    ],
)
def test_without_recorded_runs_it_says_so_and_what_is_assumed(
    world: World, prepare: Callable[[World], None], why: str
) -> None:
    prepare(world)
    ended = world.type("cost", "--table", GOOD)
    assert ended.code == 0
    assert f"{GOOD}: 5 functions, a run every 5 minutes" in ended.out
    assert f"no recorded runs: {why} assumed: 1.0 seconds for a run" in ended.text


def test_metrics_that_the_checklist_wants_on_changes_alone_are_billed_so(world: World, tmp_path: Path) -> None:
    file = tmp_path / "checklist.toml"
    file.write_text('item_metrics = "changes"\n')
    ended = world.type("cost", "--table", GOOD, "--config", str(file))
    assert 'with item_metrics = "every_run"' in ended.text


def test_it_needs_no_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    ended = world.type("cost", "--functions", "20")
    assert (ended.code, "no recorded runs: no AWS Region" in ended.out) == (0, True)


@pytest.mark.parametrize(
    ("option", "value"), [("--interval", "7"), ("--interval", "often"), ("--functions", "-1"), ("--functions", "many")]
)
def test_numbers_that_the_stack_cannot_have_are_refused(world: World, option: str, value: str) -> None:
    assert world.type("cost", option, value).code == 2


@pytest.mark.slow
def test_the_golden_counts_are_those_of_this_release() -> None:
    """READINESS_GOLDEN=write measures them anew, after a fact asks more or less."""
    found = measured()
    if os.environ.get("READINESS_GOLDEN") == "write":
        SHIPPED.write_bytes(json.format(json.encode(found), indent=2) + b"\n")
    for now, then in zip(found, shipped(), strict=True):
        assert now.functions == then.functions
        assert rates(now) == {name: pytest.approx(rate, rel=0.1) for name, rate in rates(then).items()}


def rates(counts: Counts) -> dict[str, float]:
    """The counts by cadence and name. The size of a row varies by a few bytes."""
    cadences = ("every_run", "hourly", "daily", "weekly")
    return {
        f"{each}.{name}": count for each in cadences for name, count in structs.asdict(getattr(counts, each)).items()
    }
