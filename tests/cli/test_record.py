"""`readiness check --record` does what the deployed function does, and refuses what would spoil its memory."""

from typing import Any

import pytest

from readiness.state.store.signing import Signer
from tests.alerts.samples import PITR_OFF, called
from tests.cli.world import GOOD, World, recorded, refusing, tables
from tests.fixed_rules import ASKED


def rows(world: World, prefix: str) -> list[str]:
    return [row["SK"]["S"] for row in world.rows() if row["SK"]["S"].startswith(prefix)]


def head(world: World) -> Any:
    (row,) = [row for row in world.rows() if row["SK"]["S"] == "STATE"]
    return row


def test_what_was_seen_is_remembered(good: World) -> None:
    ended = good.check("--record")
    assert (ended.code, ended.table["status"]) == (0, "WARN")
    assert rows(good, "STATE") != []
    assert len(rows(good, "RULE#")) == len(ASKED)
    assert good.check("--record").rule("pitr-enabled")["since"] is not None
    assert len(rows(good, "RUN#")) == 2


def test_since_when_it_fails_is_shown_from_memory(good: World) -> None:
    good.recovery(on=False)
    good.check("--record")
    assert good.check().rule("pitr-enabled")["since"] is not None


def test_an_item_that_is_out_of_sight_is_not_so_since_it_was_last_seen(good: World) -> None:
    good.check("--record")
    with refusing("DescribeContinuousBackups"):
        unseen = good.check().rule("pitr-enabled")
    assert (unseen["status"], unseen["since"]) == ("UNKNOWN", None)


def test_what_changed_is_told_where_the_checklist_names_a_topic(good: World) -> None:
    config = good.checklist(f'[on_call]\ntopic_arn = "{good.topic(subscribed=True)}"\n')
    good.check("--record", "--config", config)
    good.recovery(on=False)
    assert good.check("--record", "--config", config).code == 1
    subjects = [message["Subject"] for message in good.heard()]
    assert f"[CRITICAL] {GOOD}: {called(PITR_OFF)}" in subjects
    assert rows(good, "OUTBOX#") == []


def test_without_a_topic_the_message_waits_for_the_function(good: World) -> None:
    good.check("--record")
    assert len(rows(good, "OUTBOX#")) == 1


@pytest.mark.parametrize(
    "options", [("--rule", "ttl-enabled"), ("--snapshot", "snapshot.json")], ids=lambda options: options[0]
)
def test_less_than_a_whole_look_is_not_remembered(good: World, options: tuple[str, ...]) -> None:
    ended = good.type("check", "--record", *options)
    assert (ended.code, ended.out) == (2, "")
    assert "cannot be used with --rule or --snapshot" in ended.err
    assert good.rows() == []


def test_a_table_watched_with_another_checklist_is_left_alone(good: World) -> None:
    good.check("--record")
    before = good.rows()
    config = good.checklist(f'[[tables]]\nname = "{GOOD}"\ndeletion_protection = "fail"\n')
    ended = good.check("--record", "--config", config)
    assert (ended.code, ended.out) == (2, "")
    assert "another checklist" in ended.err
    assert good.rows() == before


def test_who_owns_what_is_no_other_checklist(good: World) -> None:
    good.check("--record")
    config = good.checklist(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    assert good.check("--record", "--config", config).code == 0


def test_a_table_watched_by_another_version_is_left_alone(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good.check("--record")
    before = good.rows()
    monkeypatch.setattr("readiness.cli.record.__version__", "0.2.0")
    ended = good.check("--record")
    assert (ended.code, ended.out) == (2, "")
    assert "another version (0.1.0, here 0.2.0)" in ended.err
    assert good.rows() == before


def test_a_checkout_records_without_taking_over_from_the_deployed_release(
    good: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = "2026-11-24T02:00:00Z"
    monkeypatch.setattr("readiness.cli.record.RELEASE", deployed)
    good.check("--record")
    before = head(good)
    monkeypatch.setattr("readiness.cli.record.RELEASE", "")
    assert good.check("--record").code == 0
    after = head(good)
    assert int(after["version"]["N"]) == int(before["version"]["N"]) + 1
    assert after["release"]["S"] == deployed


def test_a_memory_in_a_form_of_the_future_is_not_written_over(good: World) -> None:
    good.check("--record")
    state = head(good)
    (name,) = [
        each["Name"] for each in good.client("ssm").describe_parameters()["Parameters"] if "/key" in each["Name"]
    ]
    key = good.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    newer: Any = {**state, "schema": {"N": "99"}}
    good.client("dynamodb").put_item(TableName=GOOD, Item=Signer(bytes.fromhex(key)).sign(newer))
    ended = good.check("--record")
    assert ended.code == 4
    assert ended.table["status"] == "WARN"
    assert "not recorded: a newer release monitors the table" in ended.err
    assert len(rows(good, "RUN#")) == 1


@pytest.mark.parametrize("operation", ["Query", "TransactWriteItems"])
def test_what_could_not_be_recorded_is_reported_all_the_same(good: World, operation: str) -> None:
    good.recovery(on=False)
    with refusing(operation):
        ended = good.check("--record")
    assert ended.code == 4
    assert ended.table["status"] == "FAIL"
    assert "not recorded: access was denied (dynamodb:" in ended.err
    assert good.rows() == []


def test_a_table_that_does_not_exist_fails_and_nothing_is_recorded(world: World) -> None:
    ended = world.check("--record", table="missing")
    assert (ended.code, ended.err) == (1, "")
    assert ended.table["exists"] is False


def test_what_is_asked_once_a_day_is_asked_again_only_on_demand(good: World) -> None:
    judged = ("check", "--table", GOOD, "--rule", "alarms-wired")
    calls: list[str] = []
    with recorded(calls):
        assert good.check("--record").code == 0
    assert calls.count("GetMetricData") > 0
    again: list[str] = []
    with recorded(again):
        good.type(*judged)
    assert again.count("GetMetricData") == 0
    with recorded(again):
        good.type(*judged, "--fresh")
    assert again.count("GetMetricData") == 1


def test_what_was_saved_is_as_it_was(good: World) -> None:
    ended = good.type("check", "--snapshot", "facts.json", "--fresh")
    assert ended.code == 2
    assert "cannot be used with" in ended.err
