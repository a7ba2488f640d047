"""What was seen once is judged again, elsewhere and without AWS."""

import json
from pathlib import Path

import pytest

from tests.cli.world import BAD, GOOD, World, recorded, refusing, tables

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("table", ["babesclub-commerce", BAD, "babesclub-missing"], ids=["good", "bad", "missing"])
def test_the_same_is_found_offline(world: World, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    world.good_table()
    world.bad_table()
    path = str(world.folder / "snapshot.json")
    online = world.check("--save-snapshot", path, table=table)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    calls: list[str] = []
    with recorded(calls):
        offline = world.type("check", "--snapshot", path, "--format", "json")
    assert calls == []
    assert offline.code == online.code
    for field in ("table", "table_id", "account", "region", "observed_at", "checklist_digest", "status", "counts"):
        assert offline.table[field] == online.table[field], field
    assert [rule["findings"] for rule in offline.table["rules"]] == [rule["findings"] for rule in online.table["rules"]]


def test_what_could_not_be_read_stays_unknown_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    with refusing("DescribeTimeToLive"):
        online = good.check("--save-snapshot", path)
    offline = good.type("check", "--snapshot", path, "--format", "json")
    assert (online.code, offline.code) == (3, 3)
    assert offline.rule("ttl-enabled")["findings"] == online.rule("ttl-enabled")["findings"]


def test_who_owns_what_is_not_known_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    config = good.checklist(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    good.check("--save-snapshot", path, "--config", config)
    offline = good.type("check", "--snapshot", path, "--format", "json", "--require-complete")
    assert offline.code == 5
    assert {rule["owner"] for rule in offline.table["rules"]} == {None}


def test_one_rule_is_judged_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    good.check("--save-snapshot", path)
    offline = good.type("check", "--snapshot", path, "--format", "json", "--rule", "ttl-enabled")
    assert [rule["id"] for rule in offline.table["rules"]] == ["ttl-enabled"]


def test_nobodys_credentials_are_in_the_file(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    assert "very-secret" not in path.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "not a snapshot of Readiness"),
        ('{"schema": "another"}', "not a snapshot of Readiness"),
        ('{"schema": "readiness.snapshot", "version": 99}', "newer release"),
        ('{"schema": "readiness.snapshot", "version": 1}', "not in the snapshot format of this release"),
    ],
    ids=["missing", "no JSON", "another's", "of a newer release", "empty"],
)
def test_a_file_that_is_no_snapshot_is_said_in_a_line(world: World, content: str | None, said: str) -> None:
    path = world.folder / "snapshot.json"
    if content is not None:
        path.write_text(content)
    ended = world.type("check", "--snapshot", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_snapshot_that_lacks_a_fact_is_said_in_a_line(good: World) -> None:
    """The file holds the facts that the rules asked for which it was taken for."""
    path = str(good.folder / "snapshot.json")
    good.check("--save-snapshot", path, "--rule", "ttl-enabled")
    ended = good.type("check", "--snapshot", path)
    assert (ended.code, ended.out) == (2, "")
    assert "facts are missing" in ended.err
    assert good.type("check", "--snapshot", path, "--rule", "ttl-enabled").code == 0


@pytest.mark.parametrize(
    "options",
    [("--table", "another"), ("--config", "checklist.toml"), ("--record",), ("--save-snapshot", "again.json")],
    ids=lambda options: options[0],
)
def test_what_makes_no_sense_offline_is_refused(good: World, options: tuple[str, ...]) -> None:
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    ended = good.type("check", "--snapshot", str(path), *options)
    assert (ended.code, ended.out) == (2, "")
    assert options[0] in ended.err
    assert not Path("again.json").exists()


def test_the_file_is_json_that_a_person_can_read(good: World) -> None:
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    facts = {fact["type"] for fact in json.loads(path.read_text())["facts"]}
    assert "Recovery" in facts
