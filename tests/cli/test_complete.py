"""`readiness check --require-complete`: what is still missing, item by item."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.report.content import ITEMS
from tests.cli.world import GOOD, World, refusing, tables

DAY = str(datetime.now(UTC).date() + timedelta(days=90))
OWNED = '[owners]\ndefault = "platform"\n'


def missing(world: World, *options: str) -> list[str]:
    entries: list[str] = world.check("--require-complete", *options).table["incomplete"]
    return entries


def state(world: World, sort_key: str = "STATE") -> dict[str, Any]:
    (row,) = [row for row in world.rows() if row["SK"]["S"] == sort_key]
    return row


def edit(world: World, row: dict[str, Any], **attributes: Any) -> None:
    world.client("dynamodb").put_item(TableName=GOOD, Item={**row, **attributes})


@pytest.fixture
def owned(good: World) -> World:
    """All that there are rules for is met and owned."""
    good.options = ("--config", good.checklist(tables(GOOD) + OWNED))
    return good


def test_what_no_run_has_recorded_is_missing_until_one_has(owned: World) -> None:
    assert missing(owned, *owned.options) == ["no run has recorded results of this table"]
    assert missing(owned, "--record", *owned.options) == []
    assert missing(owned, *owned.options) == []


def test_what_was_recorded_of_another_table_of_that_name_does_not_count(owned: World) -> None:
    owned.check("--record", *owned.options)
    edit(owned, state(owned), tableId={"S": "another"})
    assert "no run has recorded results of this table" in missing(owned, *owned.options)


@pytest.mark.parametrize(
    ("interval", "ago", "said"),
    [
        pytest.param("5", timedelta(minutes=9), None, id="within two intervals"),
        pytest.param("5", timedelta(minutes=11), "more than two intervals of 5 minutes ago", id="longer ago"),
        pytest.param("1", timedelta(minutes=3), "more than two intervals of 1 minute ago", id="at the shortest one"),
        pytest.param(None, timedelta(minutes=119), None, id="within two of the longest where none is known"),
        pytest.param(None, timedelta(minutes=121), "more than two intervals of 60 minutes ago", id="longer than those"),
    ],
)
def test_what_was_recorded_long_ago_does_not_count(
    owned: World, interval: str | None, ago: timedelta, said: str | None
) -> None:
    owned.check("--record", *owned.options)
    known = {"intervalMinutes": {"N": interval}} if interval else {}
    edit(owned, state(owned), verifiedAt={"S": (datetime.now(UTC) - ago).isoformat()}, **known)
    found = missing(owned, *owned.options)
    assert len(found) == bool(said)
    assert all(said in each for each in found if said)


def test_an_item_that_no_run_has_recorded_is_named(owned: World) -> None:
    owned.check("--record", *owned.options)
    row = state(owned, "STATE#CHECKS")
    signs = {rule: sign for rule, sign in row["signs"]["M"].items() if rule != "ttl-enabled"}
    edit(owned, row, signs={"M": signs})
    assert missing(owned, *owned.options) == ["1.3: not recorded"]


def test_what_fails_what_is_unknown_and_what_nobody_owns_is_named(good: World) -> None:
    good.check("--record")
    good.recovery(on=False)
    with refusing("DescribeTimeToLive"):
        found = missing(good)
    assert [each for each in found if each.startswith(("1.3", "1.4"))] == [
        "1.3: UNKNOWN",
        "1.3: no owner",
        "1.4: FAIL",
        "1.4: no owner",
    ]


def test_what_nobody_configured_of_another_table_is_named(world: World) -> None:
    world.bad_table("orders")
    rules = ("--rule", "load-tested", "--rule", "documentation-current")
    found = world.type("check", "--table", "orders", "--format", "json", *rules)
    assert (found.code, found.table["checklist"]) == (0, "built-in defaults")
    assert found.rule("load-tested")["status"] == "NOT_APPLICABLE"
    assert "5.2: drills.staging_table is not configured in the checklist" in found.table["incomplete"]
    config = world.checklist(tables("orders").replace("[[tables]]", '[[tables]]\nnot_used = ["drills.staging_table"]'))
    found = world.type("check", "--table", "orders", "--format", "json", "--config", config, *rules)
    assert found.table["checklist"] == config
    assert [each for each in found.table["incomplete"] if "configured" in each] == [
        "5.3: documentation.plan and documentation.runbooks are not configured in the checklist"
    ]


def test_a_waiver_that_ended_is_named_with_its_day(owned: World) -> None:
    owned.recovery(on=False)
    owned.check("--record", *owned.options)
    checks = [each["check"] for each in owned.check().rule("pitr-enabled")["findings"] if each["status"] == "FAIL"]
    for check in (*(f"pitr-enabled/{check}" for check in checks), "backups-scheduled/recoverable"):
        owned.type("waive", check, "--reason", "moving", "--until", DAY, "--yes")
    assert missing(owned, *owned.options) == []
    for row in owned.rows():
        if row["SK"]["S"].startswith("STATE#WAIVER#pitr-enabled/on"):
            edit(owned, row, until={"S": "2026-01-31T23:59:59.000000Z"})
    assert missing(owned, *owned.options) == ["1.4: FAIL", "1.4: waiver of pitr-enabled/on ended on 2026-01-31"]


def test_an_attestation_that_expired_is_named_until_there_is_another(owned: World) -> None:
    owned.check("--record", *owned.options)
    attest = ("attest", "ttl-enabled", "--evidence", "seen", "--until", DAY, "--yes")
    owned.type(*attest)
    (row,) = [row for row in owned.rows() if "ATTESTATION" in row["SK"]["S"]]
    edit(owned, row, until={"S": "2026-01-31T23:59:59.000000Z"})
    assert missing(owned, *owned.options) == ["1.3: attestation ended on 2026-01-31"]
    assert "1.3: attestation ended on 2026-01-31" in owned.type("check", "--table", GOOD).text
    assert "attestation expired on 2026-01-31" in owned.type("check", "-v", "--rule", "1.3").text
    owned.type(*attest)
    assert missing(owned, *owned.options) == []
    assert f"attested until {DAY} 23:59 UTC, by arn:aws:" in owned.type("check", "-v", "--rule", "1.3").text


def test_what_is_missing_is_a_line_beside_a_report_for_programs(good: World) -> None:
    good.check("--record")
    ended = good.check("--require-complete")
    assert ended.code == 5
    items = ", ".join(ITEMS)
    assert ended.err == f"readiness: {GOOD}: not complete: no owner: {items}\n"
    assert good.check().err == ""
    shown = good.type("check", "--require-complete", "--config", good.decided())
    assert (shown.code, shown.err) == (5, "")
    assert "Not complete: 14 items without owner." in shown.text


def test_what_was_said_of_a_former_table_is_shown_as_void(good: World) -> None:
    for word in (
        ("own", "ttl-enabled", "ada"),
        ("attest", "ttl-enabled", "--evidence", "seen", "--until", DAY),
        ("waive", "ttl-enabled/on", "--reason", "moving", "--until", DAY),
    ):
        good.type(*word, "--yes")
    for row in good.rows():
        edit(good, row, tableId={"S": "another"})
    table = good.check().table
    assert sorted((each["kind"], each["about"]) for each in table["void"]) == [
        ("ATTESTATION", "ttl-enabled"),
        ("WAIVER", "ttl-enabled/on"),
    ]
    assert [rule["owner"] for rule in table["rules"] if rule["id"] == "ttl-enabled"] == ["ada"]
    assert (
        "Void (recorded for another table): WAIVER ttl-enabled/on, by arn:aws:"
        in good.type("check", "--table", GOOD).text
    )
