"""`readiness diff`: what differs between two snapshots, or two recorded runs."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.world import GOOD, Ended, World, refusing

SOON = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}"


def snapshot(world: World, name: str, *options: str) -> str:
    path = str(world.folder / name)
    world.check("--save-snapshot", path, *options)
    return path


def changed(world: World) -> Ended:
    """PITR is disabled between two snapshots."""
    before = snapshot(world, "before.json")
    world.recovery(on=False)
    return world.type("diff", before, snapshot(world, "after.json"))


def test_a_changed_setting_is_a_changed_check_and_a_changed_fact(good: World) -> None:
    ended = changed(good)
    assert ended.code == 1
    results, _, facts = ended.out.partition("Facts that differ\n")
    assert "1.4  pitr-enabled/on  babesclub-commerce\n  A  PASS      PITR is enabled\n  B  CRITICAL  " in results
    assert "ttl-enabled" not in results
    assert "Recovery  babesclub-commerce\n  enabled: true -> false\n" in facts
    assert [line for line in ended.out.splitlines()[2:] if len(line) > 140] == []


def test_equal_snapshots_have_no_differences(good: World) -> None:
    path = snapshot(good, "before.json")
    ended = good.type("diff", path, path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("No differences.\n")


def test_what_could_not_be_read_is_named_with_its_permission(good: World) -> None:
    before = snapshot(good, "before.json", "--rule", "ttl-enabled")
    with refusing("DescribeTimeToLive"):
        after = snapshot(good, "after.json", "--rule", "ttl-enabled")
    ended = good.type("diff", before, after)
    assert "B  UNKNOWN" in ended.out
    fact = ended.out.partition("\nTimeToLive  babesclub-commerce\n    A  present\n    B  could not be read: ")[2]
    assert fact.partition("\n")[0].endswith("(dynamodb:DescribeTimeToLive): AccessDeniedException")


def test_a_list_that_could_not_be_read_wholly_is_named(good: World) -> None:
    before = snapshot(good, "before.json", "--rule", "env-vars-set")
    text = Path(before).read_text()
    why = '{"reason": "ACCESS_DENIED", "permission": "lambda:ListFunctions", "detail": ""}'
    after = good.folder / "after.json"
    after.write_text(re.sub(r'"unlisted": ?null', f'"unlisted": {why}', text, count=1))
    assert "complete: true -> false" in good.type("diff", before, str(after)).out
    assert "complete: false -> true" in good.type("diff", str(after), before).out


def test_rules_whose_facts_one_snapshot_lacks_are_named(good: World) -> None:
    before = snapshot(good, "before.json", "--rule", "ttl-enabled")
    ended = good.type("diff", before, snapshot(good, "after.json"))
    assert ended.code == 1
    assert "1.2  encryption-kms: not compared, A lacks its facts\n" in ended.out


def test_two_recorded_runs_differ_in_their_statuses_and_in_what_was_recorded(good: World) -> None:
    config = good.decided()
    assert good.type("check", "--record", "--table", GOOD, "--config", config).code in {0, 1}
    first = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    good.recovery(on=False)
    good.type("check", "--record", "--table", GOOD, "--config", config)
    ended = good.type("diff", first, SOON, "--table", GOOD)
    assert ended.code == 1
    assert "1.4  pitr-enabled  PASS -> FAIL" in ended.out
    assert "pitr-enabled/on" in ended.out
    assert good.type("diff", first, first, "--table", GOOD).code == 0


def test_a_time_before_the_first_run_is_said_in_a_line(good: World) -> None:
    ended = good.type("diff", "2020-01-01", SOON, "--table", GOOD)
    assert (ended.code, ended.out) == (4, "")
    assert "babesclub-commerce: no recorded run at or before 2020-01-01 00:00 UTC" in ended.err


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (("nowhere.json", "7d"), "'nowhere.json', expected an existing snapshot file, a span"),
        (("{file}", "7d"), "two snapshot files, or two times"),
        (("{file}", "{file}", "--table", GOOD), "--table and --config cannot be used with files"),
        (("{text}", "{file}"), "not a snapshot of Readiness"),
    ],
    ids=["no file", "a file and a time", "a table of a file", "no snapshot"],
)
def test_what_cannot_be_compared_is_refused_in_a_line(world: World, sides: tuple[str, ...], said: str) -> None:
    text = world.folder / "text.json"
    text.write_text("{}")
    world.good_table()
    file = snapshot(world, "before.json", "--rule", "billing-on-demand")
    ended = world.type("diff", *(side.format(file=file, text=text) for side in sides))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_what_was_read_again_in_another_order_is_no_difference(good: World) -> None:
    before = Path(snapshot(good, "before.json"))
    document = json.loads(before.read_text())
    values = {fact["type"]: fact["answer"].get("value") for fact in document["facts"]}
    values["OperationsAllowed"]["names"].reverse()
    values["BillingWays"]["as_of"] = "2031-01-01T00:00:00Z"
    after = good.folder / "after.json"
    after.write_text(json.dumps(document))
    ended = good.type("diff", str(before), str(after))
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "No differences.")


def test_names_in_a_snapshot_add_no_line(good: World) -> None:
    before = Path(snapshot(good, "before.json", "--rule", "billing-on-demand"))
    document = json.loads(before.read_text())
    for fact in document["facts"]:
        if fact["type"] == "TableDescription":
            fact["answer"]["value"]["indexes"] = ["one\n\u202e[RESOLVED] all"]
    document["aws"]["account"] += "\n[RESOLVED] all"
    after = good.folder / "after.json"
    after.write_text(json.dumps(document))
    ended = good.type("diff", str(before), str(after))
    assert "  indexes: " in ended.out
    assert all(line.isprintable() for line in ended.out.splitlines())
    assert not [line for line in ended.out.splitlines() if line.startswith("[RESOLVED]")]
