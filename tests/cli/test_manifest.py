"""`readiness manifest`: printed, or recorded in the table that it is about."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.repositories import FILES, checkout, write
from tests.cli.world import GOOD, World, recorded

SECRET = "hunter2"


@pytest.fixture
def good(world: World) -> World:
    """Nothing is recorded in its table."""
    world.good_table()
    return world


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return checkout(tmp_path / "shop")


def manifests(world: World) -> dict[str, str]:
    """The rows that hold one, or did, with when each was recorded."""
    return {row["SK"]["S"]: row["at"]["S"] for row in world.rows() if "MANIFEST" in row["SK"]["S"]}


def test_without_record_it_is_printed_and_aws_is_not_asked(
    world: World, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    ended = world.type("manifest", str(shop))
    assert (ended.code, ended.err) == (0, "")
    (table,) = json.loads(ended.out)["tables"]
    assert table["table"] == GOOD
    assert [prefix["name"] for prefix in table["code"]] == ["CART", "QUOTE"]
    assert SECRET not in ended.out


def test_each_table_of_the_checklist_is_compared_with_its_own_variables(world: World, shop: Path) -> None:
    config = world.checklist(f'[[tables]]\nname = "{GOOD}"\n[[tables]]\nname = "orders"\n')
    tables = json.loads(world.type("manifest", str(shop), "--config", config).out)["tables"]
    assert {table["table"]: table["env"]["as_wanted"] for table in tables} == {GOOD: ["COMMERCE_TABLE"], "orders": []}


def test_it_is_recorded_of_this_very_table(good: World, shop: Path) -> None:
    ended = good.type("manifest", str(shop), "--record", "--yes")
    assert ended.code == 0
    assert ended.out.startswith(f"{GOOD}: recorded the manifest of {shop} at ")
    (row,) = good.rows()
    assert row["SK"]["S"] == "STATE#MANIFEST"
    assert row["tableId"]["S"] == good.table_id()
    assert row["by"]["S"].startswith("arn:aws:")
    assert "expiresAt" not in row
    assert SECRET not in json.dumps(row)


def test_what_was_recorded_before_moves_to_the_history(good: World, shop: Path) -> None:
    good.type("manifest", str(shop), "--record", "--yes")
    before = manifests(good)["STATE#MANIFEST"]
    good.type("manifest", str(shop), "--record", "--yes")
    after = manifests(good)
    assert len(after) == 2
    assert after[f"HISTORY#STATE#MANIFEST#{before}"] == before
    assert after["STATE#MANIFEST"] > before
    assert not [row for row in good.rows() if "expiresAt" in row and row["SK"]["S"].startswith("STATE#MANIFEST")]


@pytest.mark.parametrize("arguments", [("--record",), ("--record", "--dry-run")], ids=["no answer", "a dry run"])
def test_without_a_yes_nothing_is_written(
    good: World, shop: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = good.type("manifest", str(shop), *arguments)
    assert ended.code == 0
    assert f"on {GOOD} in account 123456789012, us-east-1" in ended.out + ended.err
    assert good.rows() == []


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        pytest.param(".env", f"A=1\nA={SECRET}\n", ".env, line 2: A is set a second time", id="a variable set twice"),
        pytest.param("src/cart.py", "x = (", "src/cart.py, line 1", id="a source that does not parse"),
        pytest.param("config/iam/cart.json", "{", "config/iam/cart.json, line 1", id="a policy that is no JSON"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(good: World, shop: Path, path: str, text: str, named: str) -> None:
    write(shop, **{path: text})
    calls: list[str] = []
    with recorded(calls):
        ended = good.type("manifest", str(shop), "--record", "--yes")
    assert (ended.code, ended.out, calls) == (2, "", [])
    assert named in ended.err
    assert SECRET not in ended.err


def test_a_folder_that_is_not_there_is_named(good: World) -> None:
    ended = good.type("manifest", str(good.folder / "nowhere"), "--record", "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert "nowhere: not a folder" in ended.err


def test_more_than_an_item_holds_is_refused(good: World, shop: Path) -> None:
    headings = "".join(f"# {number} {'x' * 100}\n" for number in range(4000))
    write(shop, **{"notes/ops/long-runbook.md": headings})
    ended = good.type("manifest", str(shop), "--record", "--yes")
    assert (ended.code, ended.out, good.rows()) == (2, "", [])
    assert "expected 300000 at most" in ended.err


def test_a_plain_folder_is_said_to_be_one(good: World, tmp_path: Path) -> None:
    write(tmp_path / "plain", **FILES)
    ended = good.type("manifest", str(tmp_path / "plain"), "--record", "--yes")
    assert "not a Git checkout" in ended.out


def test_a_table_that_does_not_exist_is_said_in_a_line(world: World, shop: Path) -> None:
    ended = world.type("manifest", str(shop), "--record", "--yes", "--table", "missing")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "readiness: missing: the table does not exist in this account and Region\n"


def test_the_item_passes_or_warns_once_it_is_recorded(good: World, shop: Path) -> None:
    before = good.check("--rule", "documentation-current")
    unrecorded = before.rule("documentation-current")
    assert (before.code, unrecorded["status"]) == (1, "FAIL")
    assert [each["reason"] for each in unrecorded["findings"] if each["status"] == "FAIL"] == ["NOT_RECORDED"]
    good.type("manifest", str(shop), "--record", "--yes")
    rule = good.check("--rule", "documentation-current").rule("documentation-current")
    found = {finding["check"]: finding["status"] for finding in rule["findings"]}
    assert {name: found[name] for name in ("recorded", "present", "documented", "sampled", "observed")} == {
        "recorded": "PASS",
        "present": "PASS",
        "documented": "PASS",
        "sampled": "WARN",
        "observed": "NOT_APPLICABLE",
    }
    assert found["current"] in {"PASS", "WARN"}  # its documents get old


def test_a_table_that_was_made_anew_does_not_inherit_it(good: World, shop: Path) -> None:
    """A restore brings the row back, and its TableId shows that it is about the table that is gone."""
    good.type("manifest", str(shop), "--record", "--yes")
    (row,) = good.rows()
    dynamodb = good.client("dynamodb")
    dynamodb.update_table(TableName=GOOD, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=GOOD)
    good.good_table()
    dynamodb.put_item(TableName=GOOD, Item=row)
    rule = good.check("--rule", "documentation-current").rule("documentation-current")
    found = {finding["check"]: (finding["status"], finding["message"]) for finding in rule["findings"]}
    assert found["recorded"][0] == "FAIL"
    assert [each["reason"] for each in rule["findings"] if each["status"] == "FAIL"] == ["NOT_RECORDED"]
    assert "is for a deleted table of the same name" in found["recorded"][1]
    for name in ("present", "documented", "current", "observed"):
        assert found[name][0] == "NOT_APPLICABLE"
    assert good.rows() == [row]
