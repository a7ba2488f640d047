"""How a table stands is read from what real runs leave behind, and from what people make of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws

from readiness.model import Status
from readiness.state.people import Pause
from readiness.state.store import words
from readiness.state.store.wire import decode, encode
from readiness.widget.standing import (
    MISSING,
    NOT_OURS,
    NOTHING_YET,
    NOWHERE,
    TOO_NEW,
    StoredChecklist,
    Unseen,
    standing,
)
from tests.aws.account import TABLE, TABLE_ID
from tests.aws.leading_keys import only_ours
from tests.run.world import TABLE_RULES, World


@pytest.fixture
def world() -> Iterator[World]:
    """One run was made, of the rules about the table itself."""
    with mock_aws():
        world = World()
        world.run()
        yield world


def seen(world: World) -> StoredChecklist:
    found = standing(world.store.rows)
    assert isinstance(found, StoredChecklist), found
    return found


def unseen(world: World) -> str:
    found = standing(world.store.rows)
    assert isinstance(found, Unseen), found
    return found.why


def edited(world: World, sort_key: str, **attributes: Any) -> None:
    """Somebody changed the row in the console; None takes an attribute away."""
    (row,) = [row for row in world.rows(sort_key) if row["SK"]["S"] == sort_key]
    changed = {**row, **{name: encode(value) for name, value in attributes.items()}}
    kept = {name: value for name, value in changed.items() if attributes.get(name, value) is not None}
    world.account.client("dynamodb").put_item(TableName=TABLE, Item=kept)


def test_items_are_in_the_order_of_their_numbers(world: World) -> None:
    edited(world, "RULE#billing-on-demand", item="1.10")
    edited(world, "RULE#ttl-enabled", item="1.9")
    assert [item.item for item in seen(world).items] == ["1.2", "1.4", "1.9", "1.10"]


def paused(world: World, table_id: str) -> None:
    until = world.now + timedelta(hours=1)
    words.say(world.store.rows, Pause(by="maria", at=world.now, table_id=table_id, reason="release 42", until=until))


def statuses(world: World) -> dict[str, Status]:
    return {item.rule: item.status for item in seen(world).items}


def test_the_items_of_the_last_run_are_read_in_the_order_of_the_checklist(world: World) -> None:
    found = seen(world)
    assert (found.table, found.verified_at) == (TABLE, world.now)
    assert [(item.item, item.title) for item in found.items] == [(rule.item, rule.title) for rule in TABLE_RULES]


def test_what_fails_is_read_with_its_findings_and_remedy(world: World) -> None:
    world.recovery(on=False)
    world.run()
    item = seen(world).items[3]
    assert (item.rule, item.status, item.since) == ("pitr-enabled", Status.FAIL, world.now)
    off = next(finding for finding in item.findings if finding.check == "on")
    assert off.message == "PITR is disabled"
    assert off.remediation.startswith("aws dynamodb update-continuous-backups")


def test_what_can_not_be_seen_any_more_is_unknown_since_then(world: World) -> None:
    world.account.refuse("dynamodb", "DescribeTimeToLive", "AccessDeniedException")
    world.run()
    item = seen(world).items[2]
    assert (item.rule, item.status, item.blind_since) == ("ttl-enabled", Status.UNKNOWN, world.now)


def test_a_run_that_found_nothing_new_is_what_the_items_are_as_old_as(world: World) -> None:
    world.run()
    assert seen(world).verified_at == world.now


def test_a_rule_that_is_asked_no_more_is_left_out(world: World) -> None:
    world.run(TABLE_RULES[:3])
    assert [item.rule for item in seen(world).items] == [rule.id for rule in TABLE_RULES[:3]]
    assert world.rows("RULE#pitr-enabled"), "its row is still there"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"status": "FINE"}, id="a status that is none"),
        pytest.param({"status": None}, id="no status"),
        pytest.param({"findings": "none"}, id="findings that are none"),
        pytest.param({"since": "yesterday"}, id="a date that is none"),
        pytest.param({"tableId": "another"}, id="of another table of the name"),
    ],
)
def test_an_item_that_is_not_as_we_write_it_is_unknown(world: World, attributes: dict[str, Any]) -> None:
    edited(world, "RULE#pitr-enabled", **attributes)
    item = next(item for item in seen(world).items if item.rule == "pitr-enabled")
    assert item.status is Status.UNKNOWN
    assert [finding.message for finding in item.findings] == [MISSING]


@pytest.mark.parametrize("table_id", ["unknown", None], ids=["not known then", "not said"])
def test_an_item_of_which_it_is_not_known_whose_it_is_is_shown(world: World, table_id: str | None) -> None:
    before = statuses(world)
    edited(world, "RULE#pitr-enabled", tableId=table_id)
    assert statuses(world) == before


def test_an_item_whose_row_is_gone_is_unknown(world: World) -> None:
    (row,) = world.rows("RULE#pitr-enabled")
    key = {name: row[name] for name in ("PK", "SK")}
    world.account.client("dynamodb").delete_item(TableName=TABLE, Key=key)
    assert statuses(world)["pitr-enabled"] is Status.UNKNOWN


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        pytest.param({"schema": 99, "checks": "in another form"}, TOO_NEW, id="a later release"),
        pytest.param({"verifiedAt": "now"}, NOT_OURS, id="no date"),
        pytest.param({"verifiedAt": "2026-11-24T03:00:00"}, NOT_OURS, id="a date without its zone"),
    ],
)
def test_a_state_that_is_not_as_we_write_it_shows_nothing(world: World, attributes: dict[str, Any], why: str) -> None:
    edited(world, "STATE", **attributes)
    assert unseen(world) == why


@pytest.mark.parametrize("attributes", [{"signs": None}, {"checks": "in another form"}], ids=["no items", "no checks"])
def test_a_memory_that_is_not_as_we_write_it_shows_nothing(world: World, attributes: dict[str, Any]) -> None:
    edited(world, "STATE#CHECKS", **attributes)
    assert unseen(world) == NOT_OURS


def test_a_table_without_a_run_says_so_whatever_people_said_of_it_already() -> None:
    with mock_aws():
        world = World()
        assert unseen(world) == NOTHING_YET
        paused(world, TABLE_ID)
        assert unseen(world) == NOTHING_YET


def test_a_pause_is_known_though_a_check_was_not_evaluated_since(world: World) -> None:
    paused(world, str(world.run().table_id))
    world.run()
    (row,) = world.rows("STATE#CHECKS")
    checks = decode(row["checks"])
    name, check = next(iter(checks.items()))
    edited(world, "STATE#CHECKS", checks={**checks, name: {**check, "paused": False}})
    assert seen(world).paused


def test_a_pause_is_known_from_the_run_that_kept_it(world: World) -> None:
    paused(world, str(world.run().table_id))
    assert not seen(world).paused
    world.run()
    assert seen(world).paused


def test_a_table_that_is_gone_says_so(world: World) -> None:
    world.delete_table()
    assert unseen(world) == NOWHERE


def test_a_table_that_may_not_be_read_names_the_permission(world: World) -> None:
    world.account.refuse("dynamodb", "Query", "AccessDeniedException")
    assert "access was denied (dynamodb:Query)" in unseen(world)


def test_a_table_that_can_not_be_reached_says_so(world: World) -> None:
    world.account.fail("dynamodb", "Query", ConnectTimeoutError(endpoint_url="https://dynamodb"))
    assert "dynamodb:Query" in unseen(world)


def test_three_queries_of_our_own_rows_are_all_that_it_takes(world: World) -> None:
    only_ours(world.account.client("dynamodb"))
    del world.account.calls[:]
    seen(world)
    assert world.account.calls == ["dynamodb:Query"] * 3
