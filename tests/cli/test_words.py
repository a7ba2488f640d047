"""The commands that write: they ask, name account and table, and do what they said."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.world import GOOD, World, reads, recorded, refusing

SOON = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}"
PAUSE = ("pause", "--until", SOON, "--reason", "release 42")


@pytest.fixture
def good(world: World) -> World:
    """Nothing is recorded in its table."""
    world.good_table()
    return world


def keys(world: World) -> list[str]:
    return sorted(row["SK"]["S"] for row in world.rows())


def answers(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def writing(world: World) -> dict[str, tuple[str, ...]]:
    return {
        "pause": PAUSE,
        "resume": ("resume",),
        "purge": ("purge",),
        "alert": ("alert", "--test", "--topic", world.topic(subscribed=True)),
    }


@pytest.mark.parametrize("name", ["pause", "resume", "purge", "alert"])
@pytest.mark.parametrize("answer", ["n\n", "\n", "", "no idea\n"], ids=["no", "nothing", "end of input", "nonsense"])
def test_without_a_yes_nothing_is_done(good: World, monkeypatch: pytest.MonkeyPatch, name: str, answer: str) -> None:
    command = writing(good)[name]
    answers(monkeypatch, answer)
    calls: list[str] = []
    with recorded(calls):
        ended = good.type(*command)
    assert (ended.code, ended.out) == (0, "")
    assert "123456789012" in ended.err
    assert GOOD in ended.err
    assert reads(calls), calls


@pytest.mark.parametrize("name", ["pause", "resume", "purge", "alert"])
def test_a_dry_run_says_what_would_be_done(good: World, name: str) -> None:
    command = writing(good)[name]
    calls: list[str] = []
    with recorded(calls):
        ended = good.type(*command, "--dry-run")
    assert ended.code == 0
    assert ended.out.startswith("would ")
    assert GOOD in ended.out
    assert "123456789012" in ended.out
    assert reads(calls), calls


def test_yes_is_an_answer(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "y\n")
    assert good.type(*PAUSE).code == 0
    assert keys(good) == ["STATE#PAUSE"]


def test_a_pause_is_written_down_and_taken_back(good: World) -> None:
    ended = good.type(*PAUSE, "--yes")
    assert "`readiness resume` ends it" in ended.out
    (row,) = good.rows()
    assert row["reason"]["S"] == "release 42"
    assert row["until"]["S"].startswith(SOON)
    assert row["by"]["S"].startswith("arn:aws:")
    assert row["tableId"]["S"] == good.table_id()
    ended = good.type("resume", "--yes")
    assert "resumed" in ended.out
    assert [key.partition("#STATE")[0] for key in keys(good)] == ["HISTORY"]


def test_resuming_what_was_not_paused_says_so(good: World) -> None:
    ended = good.type("resume", "--yes")
    assert (ended.code, ended.out) == (0, f"{GOOD}: was not paused\n")


def test_a_time_with_a_zone_is_taken_as_it_is_meant(good: World) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    good.type("pause", "--until", f"{until.replace(tzinfo=None).isoformat()}Z", "--reason", "x", "--yes")
    (row,) = good.rows()
    assert datetime.fromisoformat(row["until"]["S"]) == until


def test_purge_removes_all_of_ours_and_nothing_else(good: World) -> None:
    theirs = {"PK": {"S": "CART#1"}, "SK": {"S": "META"}}
    good.client("dynamodb").put_item(TableName=GOOD, Item=theirs)
    good.check("--record")
    assert len(good.client("ssm").describe_parameters()["Parameters"]) == 1
    ended = good.type("purge", "--yes")
    assert ended.code == 0
    assert good.rows() == [theirs]
    assert good.client("ssm").describe_parameters()["Parameters"] == []


def test_purge_says_how_many_items_it_is_about(good: World) -> None:
    good.check("--record")
    count = len(good.rows())
    assert f"would remove {count} items" in good.type("purge", "--dry-run").out


@pytest.mark.parametrize(
    ("command", "operation"),
    [(PAUSE, "TransactWriteItems"), (("resume",), "GetItem"), (("purge",), "Query")],
    ids=["pause", "resume", "purge"],
)
def test_a_write_that_is_refused_is_said_in_a_line(good: World, command: tuple[str, ...], operation: str) -> None:
    with refusing(operation):
        ended = good.type(*command, "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.count("\n") == 1
    assert "access was denied (dynamodb:" in ended.err


@pytest.mark.parametrize("command", [PAUSE, ("resume",), ("purge",)], ids=["pause", "resume", "purge"])
def test_a_table_that_does_not_exist_is_said_in_a_line(world: World, command: tuple[str, ...]) -> None:
    ended = world.type(*command, "--yes", "--table", "missing")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "readiness: missing: there is no such table here\n"


def test_a_test_message_arrives_and_is_marked(good: World) -> None:
    ended = good.type("alert", "--test", "--topic", good.topic(subscribed=True), "--yes")
    assert ended.code == 0
    assert "has a confirmed subscription" in ended.out
    (message,) = good.heard()
    assert "test" in message["Subject"].lower()
    assert GOOD in message["Subject"]


def test_a_test_message_goes_to_the_topic_of_the_checklist(good: World) -> None:
    config = good.checklist(f'[on_call]\ntopic_arn = "{good.topic(subscribed=True)}"\n')
    assert good.type("alert", "--test", "--config", config, "--yes").code == 0
    assert len(good.heard()) == 1


def test_a_topic_that_nobody_listens_to_is_a_failure(good: World) -> None:
    ended = good.type("alert", "--test", "--topic", good.topic(subscribed=False), "--yes")
    assert (ended.code, ended.out) == (1, "")
    assert "no confirmed subscription" in ended.err


def test_a_topic_that_does_not_exist_is_said_in_a_line(good: World) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:nowhere"
    ended = good.type("alert", "--test", "--topic", arn, "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert arn in ended.err
    assert ended.err.count("\n") == 1
