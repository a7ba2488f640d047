"""`readiness history`: what changed, and what people said, newest first."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws.saved import once
from tests.cli.world import GOOD, Ended, World, reads, recorded, refusing

DAY = str(datetime.now(UTC).date() + timedelta(days=90))
WAIVE = ("waive", "pitr-enabled/on", "--reason", "moving house", "--until", DAY, "--yes")


def told(ended: Ended) -> list[dict[str, Any]]:
    assert (ended.code, ended.err) == (0, "")
    (table,) = json.loads(ended.out)["tables"]
    entries: list[dict[str, Any]] = table["entries"]
    return entries


def history(world: World, *options: str) -> list[dict[str, Any]]:
    return told(world.type("history", "--format", "json", *options))


@pytest.fixture
def silent(world: World) -> World:
    """Nobody ever said anything of the table."""
    world.good_table()
    return world


@pytest.fixture
def lived(good: World) -> World:
    """Recovery went off, somebody took it, accepted it, and took that back; the alerts were paused meanwhile."""

    def live() -> None:
        good.check("--record")
        good.recovery(on=False)
        good.check("--record")
        for typed in (
            ("ack", "pitr-enabled/on", "--note", "ticket 7"),
            WAIVE,
            ("waive", "pitr-enabled/on", "--withdraw"),
            ("own", "pitr-enabled", "ada"),
            ("own", "pitr-enabled", "bob"),
            ("pause", "--until", DAY, "--reason", "release 42"),
            ("attest", "ttl-enabled", "--until", DAY, "--evidence", "seen"),
        ):
            assert good.type(*typed, "--yes").code == 0

    once("lived", live)
    return good


def test_everything_is_there_newest_first(lived: World) -> None:
    kinds = [entry["kind"] for entry in history(lived)]
    said = ["ATTESTED", "PAUSE", "OWNER", "OWNER", "WITHDRAWN", "WAIVER", "ACKNOWLEDGED"]
    assert kinds[: len(said)] == said
    assert "REGRESSED" in kinds[len(said) :]


def test_it_reads_and_writes_nothing(lived: World) -> None:
    before, calls = lived.rows(), list[str]()
    with recorded(calls):
        lived.type("history")
    assert reads(calls), calls
    assert lived.rows() == before


def test_a_word_says_who_said_it_and_how_it_ended(lived: World) -> None:
    who = lived.client("sts").get_caller_identity()["Arn"]
    entries = {entry["kind"]: entry for entry in history(lived, "--rule", "pitr-enabled")}
    assert entries["WAIVER"]["details"]["reason"] == "moving house"
    assert (entries["WAIVER"]["ended"]["how"], entries["WAIVER"]["ended"]["by"]) == ("withdrawn", who)
    assert entries["WITHDRAWN"]["by"] == who
    assert entries["OWNER"]["ended"]["how"] == "replaced"
    assert {entry["void"] for entry in entries.values()} == {False}


def test_of_one_rule_there_is_no_other(lived: World) -> None:
    assert {entry["about"].partition("/")[0] for entry in history(lived, "--rule", "ttl-enabled")} == {"ttl-enabled"}


@pytest.mark.parametrize(
    ("since", "some"),
    [("7d", True), ("2020-01-01", True), (f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}", False)],
    ids=["a number of days", "a day", "an instant"],
)
def test_what_is_older_is_left_out(lived: World, since: str, *, some: bool) -> None:
    assert bool(history(lived, "--since", since)) == some


def test_it_is_good_to_read_in_80_columns(lived: World) -> None:
    long = " ".join(["because"] * 60)
    lived.type("waive", "pitr-enabled/on", "--reason", f"\x1b[31m{long}", "--until", DAY, "--yes")
    ended = lived.type("history")
    assert ended.out.startswith(f"{GOOD}  account 123456789012, us-east-1\n\n20")
    assert "pitr-enabled/on\n    babesclub-commerce: PASS or not present -> FAIL" in ended.out
    assert "WITHDRAWN  pitr-enabled/on\n    waiver of 20" in ended.out
    assert [line for line in ended.out.splitlines() if len(line) > 80] == []
    assert "\x1b" not in ended.out


def test_what_was_said_of_a_former_table_is_void_but_for_the_owners(lived: World) -> None:
    lived.client("dynamodb").update_table(TableName=GOOD, DeletionProtectionEnabled=False)
    rows = lived.rows()
    lived.client("dynamodb").delete_table(TableName=GOOD)
    lived.good_table()
    for row in rows:
        lived.client("dynamodb").put_item(TableName=GOOD, Item=row)
    void = {entry["kind"] for entry in history(lived) if entry["void"]}
    assert {"WAIVER", "ACKNOWLEDGED", "PAUSE", "ATTESTED", "REGRESSED"} <= void
    assert "OWNER" not in void
    assert "void (another table of this name)" in lived.type("history").out


def test_a_row_that_somebody_edited_is_named(lived: World) -> None:
    (row,) = [row for row in lived.rows() if row["SK"]["S"] == "STATE#OWNER#pitr-enabled"]
    lived.client("dynamodb").put_item(TableName=GOOD, Item={**row, "at": {"S": "long ago"}})
    drift = next(row for row in lived.rows() if row["SK"]["S"].startswith("DRIFT#"))
    lived.client("dynamodb").put_item(TableName=GOOD, Item={**drift, "check": {"NULL": True}})
    ended = lived.type("history")
    assert ended.code == 0
    assert f"Item {drift['SK']['S']} is not in the format of Readiness." in ended.out
    assert "Item STATE#OWNER#pitr-enabled is not in the format of Readiness." in ended.out


def test_where_nothing_happened_that_is_said(silent: World) -> None:
    assert "No entries." in silent.type("history").out


def test_many_changes_at_once_are_listed_one_by_one(silent: World) -> None:
    at = datetime.now(UTC).isoformat()
    key = {"PK": {"S": f"READINESS#123456789012#us-east-1#{GOOD}"}, "SK": {"S": f"DRIFT#{at}#2"}}
    side = {"M": {"arn:one": {"M": {"status": {"S": "FAIL"}, "watched": {"M": {"days": {"N": "7"}}}}}}}
    drift = {"check": {"S": "pitr-enabled/on"}, "kind": {"S": "REGRESSED"}, "before": {"M": {}}, "after": side}
    incident = {
        "check": {"S": "pitr-enabled/on"},
        "kind": {"S": "INCIDENT"},
        "before": {"M": {"incident": {"S": "on"}}},
        "after": {"M": {"incident": {"S": "off and on"}}},
    }
    listed = {"at": {"S": at}, "tableId": {"S": "x"}, "drifts": {"L": [{"M": drift}, {"M": incident}]}}
    silent.client("dynamodb").put_item(TableName=GOOD, Item={**key, **listed})
    assert [entry["text"] for entry in history(silent)] == [
        "arn:one: PASS or not present -> FAIL (days 7)",
        "on, then off and on",
    ]


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (
            "ATTEMPT",
            {"errorCode": {"S": "AccessDenied"}},
            "denied: AccessDenied",
        ),
        (
            "CALL",
            {"switchedOff": {"BOOL": True}},
            "which disabled it",
        ),
    ],
)
def test_calls_that_moved_nothing_are_told_as_calls(silent: World, kind: str, more: dict[str, Any], said: str) -> None:
    at = datetime.now(UTC).isoformat()
    key = {"PK": {"S": f"READINESS#123456789012#us-east-1#{GOOD}"}, "SK": {"S": f"DRIFT#{at}#2"}}
    call = {
        "eventSource": {"S": "dynamodb.amazonaws.com"},
        "eventName": {"S": "UpdateContinuousBackups"},
        "count": {"N": "1"},
        "firstAt": {"S": at},
        "lastAt": {"S": at},
        "names": {"L": [{"S": GOOD}]},
    }
    row = {
        "at": {"S": at},
        "tableId": {"S": silent.table_id()},
        "check": {"S": "pitr-enabled/on"},
        "kind": {"S": kind},
        "after": {"M": {**call, **more}},
        "actor": {"M": {"who": {"S": "jo"}}},
        "silent": {"BOOL": True},
    }
    silent.client("dynamodb").put_item(TableName=GOOD, Item={**key, **row})
    (entry,) = history(silent)
    assert (entry["text"], entry["by"]) == (f"UpdateContinuousBackups of {GOOD}, {said}", "jo")


@pytest.mark.parametrize("operation", ["Query", "DescribeTable"])
def test_what_can_not_be_read_is_said_in_a_line(good: World, operation: str) -> None:
    with refusing(operation):
        ended = good.type("history")
    assert (ended.code, ended.out, ended.err.count("\n")) == (4, "", 1)
