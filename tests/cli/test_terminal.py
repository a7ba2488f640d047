"""What a terminal shows of real accounts, in `golden/`. READINESS_GOLDEN=write writes it anew."""

import os
import re
from pathlib import Path

import pytest

from tests.cli.world import BAD, GOOD, World, refusing, tables

FOLDER = Path(__file__).parent / "golden"
TIME = re.compile(r"\d{4}-\d\d-\d\d(\s+)\d\d:\d\d")
COMMAND = " " * 16
"""The lines of a command after the first: a word of one may be longer."""
DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\s+\d\d:)")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The current folder has no checklist file."""
    monkeypatch.chdir(tmp_path)


def bare(world: World, name: str = GOOD) -> None:
    keys = [("PK", "HASH"), ("SK", "RANGE")]
    world.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    )


def approved(name: str, text: str) -> None:
    """The text is the one that was approved, with any times and days."""
    file, shown = FOLDER / f"{name}.txt", DAY.sub("2026-11-24", TIME.sub(r"2026-11-24\g<1>03:00", text))
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(shown)
    assert shown == file.read_text()
    long = [line for line in shown.splitlines() if len(line) > 80]
    assert [line for line in long if not line.startswith(COMMAND)] == []


def test_a_bare_table(world: World) -> None:
    bare(world)
    approved("bare", world.type("check").out)


def test_a_bare_table_with_all_there_is_to_know(world: World) -> None:
    bare(world)
    approved("bare-verbose", world.type("check", "-v", "--rule", "1.4", "--rule", "alarms-wired", "--rule", "3.3").out)


def test_a_good_table_with_its_checklist(good: World) -> None:
    Path("checklist.toml").write_text(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    approved("good", good.type("check").out)


def test_the_table_of_another_shop_has_nothing_of_this_shop(world: World) -> None:
    bare(world, "orders")
    with refusing("DescribeTimeToLive"):
        shown = world.type("check", "--table", "orders", "--order", "checklist").out
    approved("orders", shown)
    assert "BabesClub" not in shown
    assert shown.count("readiness init") == 2


def test_a_table_that_does_not_exist_is_two_lines(good: World) -> None:
    good.bad_table()
    ended = good.type("check", "--table", "babesclub-comerce")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines() == [
        "babesclub-comerce does not exist in account 123456789012, us-east-1",
        f"Tables there, the nearest first: {GOOD}, {GOOD}-staging, {BAD}",
    ]


def test_a_checklist_in_the_folder_is_found_where_it_names_the_table(good: World) -> None:
    good.bad_table()
    Path("checklist.toml").write_text(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    found = good.type("check", "--format", "json").table
    assert (found["checklist"], found["rules"][0]["owner"]) == ("./checklist.toml", "platform")
    other = good.type("check", "--table", BAD, "--format", "json").table
    assert (other["checklist"], other["rules"][0]["owner"]) == ("built-in defaults", None)
    Path("checklist.toml").write_text("regoin = 1\n")
    assert good.type("check", "--table", GOOD).err.startswith("readiness: checklist.toml:1: regoin: unknown key")


def test_what_was_judged_offline_says_from_which_file_and_when(good: World) -> None:
    good.check("--save-snapshot", "facts.json")
    shown = good.type("check", "--snapshot", "facts.json")
    assert re.search(r"^Judged offline from facts.json, taken \d{4}-\d\d-\d\d \d\d:\d\d UTC$", shown.out, re.MULTILINE)
    assert good.type("check", "--snapshot", "facts.json", "--format", "json").table["snapshot"] == "facts.json"
