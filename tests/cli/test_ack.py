"""`readiness ack`: somebody is on it."""

from tests.cli.world import GOOD, World


def failing(world: World) -> World:
    world.recovery(on=False)
    world.check("--record")
    return world


def test_what_is_known_to_fail_can_be_taken(good: World) -> None:
    ended = failing(good).type("ack", "pitr-enabled/on", "--note", "on it, ticket 7", "--yes")
    assert (ended.code, ended.err) == (0, "")
    (row,) = [row for row in good.rows() if row["SK"]["S"] == "STATE#ACK#pitr-enabled/on"]
    assert row["note"]["S"] == "on it, ticket 7"


def test_what_is_not_known_to_fail_can_not(good: World) -> None:
    good.check("--record")
    before = good.rows()
    ended = good.type("ack", "pitr-enabled/on", "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert f"pitr-enabled/on on {GOOD}: the last run recorded no failure" in ended.err
    assert good.rows() == before


def test_what_no_run_has_recorded_says_how_to_record_it(good: World) -> None:
    good.recovery(on=False)
    ended = good.type("ack", "1.4/on", "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert "no run has recorded it yet: `readiness check --record`, or wait for the schedule" in ended.err


def test_what_failed_of_a_former_table_can_not(good: World) -> None:
    failing(good)
    (state,) = [row for row in good.rows() if row["SK"]["S"] == "STATE"]
    good.client("dynamodb").put_item(TableName=GOOD, Item={**state, "tableId": {"S": "another"}})
    assert good.type("ack", "pitr-enabled/on", "--yes").code == 2


def test_of_several_tables_it_is_said_where_it_fails(good: World) -> None:
    good.good_table("orders")
    config = good.checklist(f'[[tables]]\nname = "{GOOD}"\n[[tables]]\nname = "orders"\n')
    good.recovery(on=False)
    good.type("check", "--record", "--config", config)
    ended = good.type("ack", "pitr-enabled/on", "--yes", "--config", config)
    assert (ended.code, ended.out.count("\n")) == (0, 1)
    assert [row for row in good.rows("orders") if "ACK" in row["SK"]["S"]] == []


def test_who_took_it_is_shown_until_it_has_recovered(good: World) -> None:
    failing(good).type("ack", "pitr-enabled/on", "--note", "on it", "--yes")
    who = good.client("sts").get_caller_identity()["Arn"]
    (found,) = [each for each in good.check().rule("pitr-enabled")["findings"] if each["check"] == "on"]
    assert (found["acknowledgement"]["by"], found["acknowledgement"]["note"]) == (who, "on it")
    assert f"acknowledged by {who}" in good.type("check", "--table", GOOD).text
    good.recovery(on=True)
    assert "acknowledged" not in good.type("check", "--table", GOOD).out


def test_a_failure_that_began_after_it_was_taken_is_nobody_s(good: World) -> None:
    failing(good).type("ack", "pitr-enabled/on", "--yes")
    good.recovery(on=True)
    good.check("--record")
    failing(good)
    (found,) = [each for each in good.check().rule("pitr-enabled")["findings"] if each["check"] == "on"]
    assert (found["status"], found["acknowledgement"]) == ("FAIL", None)
