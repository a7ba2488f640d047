"""The commands that write: they ask, name account and table, and do what they said."""

import io
import re
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


DAY = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
WAIVE = ("waive", "pitr-enabled/on", "--reason", "moving house", "--until", DAY)

WRITING: dict[str, tuple[str, ...]] = {
    "pause": PAUSE,
    "resume": ("resume",),
    "own": ("own", "pitr-enabled", "platform"),
    "own --withdraw": ("own", "pitr-enabled", "--withdraw"),
    "attest": ("attest", "ttl-enabled", "--evidence", "seen", "--until", DAY),
    "waive": WAIVE,
    "waive --withdraw": ("waive", "pitr-enabled/on", "--withdraw"),
    "ack": ("ack", "pitr-enabled/on"),
    "ack --withdraw": ("ack", "pitr-enabled/on", "--withdraw"),
    "purge": ("purge",),
    "alert": ("alert", "--test"),
}
BEFORE: dict[str, tuple[str, ...]] = {
    "resume": PAUSE,
    "own --withdraw": WRITING["own"],
    "waive --withdraw": WAIVE,
    "ack --withdraw": WRITING["ack"],
}
"""What has to be on record before it can be taken back."""


def writing(world: World, name: str) -> tuple[str, ...]:
    """The command, where it has something to do."""
    if name.startswith("ack"):
        world.recovery(on=False)
        world.check("--record")
    if name in BEFORE:
        assert world.type(*BEFORE[name], "--yes").code == 0
    topic = ("--topic", world.topic(subscribed=True)) if name == "alert" else ()
    return (*WRITING[name], *topic)


def test_where_standard_input_is_closed_nobody_is_there_to_answer(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ended = good.type(*WRITING["own"])
    assert (ended.code, keys(good)) == (2, [])
    assert ended.err.endswith("nothing recorded: no terminal to ask; use --yes\n")


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        pytest.param("n\n", 0, "nothing recorded", id="no"),
        pytest.param("\n", 0, "nothing recorded", id="nothing"),
        pytest.param("no idea\n", 0, "nothing recorded", id="nonsense"),
        pytest.param("", 2, "nothing recorded: no terminal to ask; use --yes", id="nobody is there to answer"),
    ],
)
def test_without_a_yes_nothing_is_done(  # noqa: PLR0917  a row of the table
    good: World, monkeypatch: pytest.MonkeyPatch, name: str, answer: str, code: int, said: str
) -> None:
    command = writing(good, name)
    answers(monkeypatch, answer)
    calls: list[str] = []
    with recorded(calls):
        ended = good.type(*command)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert "123456789012" in ended.err
    assert GOOD in ended.err
    assert reads(calls), calls


@pytest.mark.parametrize("name", WRITING)
def test_a_dry_run_says_what_would_be_done(good: World, name: str) -> None:
    command = writing(good, name)
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
    assert "`readiness resume` ends the pause" in ended.out
    (row,) = good.rows()
    assert row["reason"]["S"] == "release 42"
    assert row["until"]["S"].startswith(SOON)
    assert row["by"]["S"].startswith("arn:aws:")
    assert row["tableId"]["S"] == good.table_id()
    ended = good.type("resume", "--yes")
    assert "resumed" in ended.out
    assert [key.partition("#STATE")[0] for key in keys(good)] == ["HISTORY"]


@pytest.mark.parametrize(
    ("days", "limited"),
    [(0.9, ""), (9, " (at most 24 hours from the next run on: limits.pause_hours)")],
    ids=["as long as it may", "longer"],
)
def test_a_pause_that_is_too_long_is_written_down_and_its_end_is_said(good: World, days: float, limited: str) -> None:
    until = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}"
    ended = good.type("pause", "--until", until, "--reason", "release 42", "--yes")
    paused = f"{GOOD}: alerts paused until {until.replace('T', ' ')} UTC{limited}"
    assert (ended.code, ended.out) == (0, f"{paused}; `readiness resume` ends the pause\n")
    assert keys(good) == ["STATE#PAUSE"]


def test_resuming_what_was_not_paused_says_so(good: World) -> None:
    ended = good.type("resume", "--yes")
    assert (ended.code, ended.out) == (0, f"{GOOD}: alerts are not paused\n")


def test_a_time_with_a_zone_is_taken_as_it_is_meant(good: World) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    good.type("pause", "--until", f"{until.replace(tzinfo=None).isoformat()}Z", "--reason", "x", "--yes")
    (row,) = good.rows()
    assert datetime.fromisoformat(row["until"]["S"]) == until


@pytest.mark.parametrize(("name", "before"), BEFORE.items())
def test_what_is_taken_back_stays_on_record(good: World, name: str, before: tuple[str, ...]) -> None:
    command = writing(good, name)
    said = [key for key in keys(good) if key.startswith(("STATE#OWNER", "STATE#WAIVER", "STATE#ACK", "STATE#PAUSE"))]
    assert (len(said), good.type(*command, "--yes").code) == (1, 0), before
    former = [row for row in good.rows() if row["SK"]["S"].startswith(f"HISTORY#{said[0]}#")]
    assert [(row["ended"]["S"], "expiresAt" in row) for row in former] == [("withdrawn", True)]
    assert said[0] not in keys(good)


@pytest.mark.parametrize("name", BEFORE)
def test_what_was_never_said_is_not_taken_back(good: World, name: str) -> None:
    ended = good.type(*WRITING[name], "--yes")
    assert (ended.code, ended.out.count("\n"), ended.err) == (0, 1, "")
    assert good.rows() == []


def test_who_says_something_anew_is_shown_who_said_it_before(good: World) -> None:
    good.type(*WAIVE, "--yes")
    ended = good.type(*WAIVE, "--dry-run")
    assert "replacing the record by arn:aws:" in ended.out
    assert f" on {datetime.now(UTC):%Y-%m-%d} " in ended.out


@pytest.mark.parametrize("name", ["own", "waive"])
def test_who_was_faster_is_named(good: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """While the question stands, somebody else answers theirs."""

    asked = iter(["first"])

    def meanwhile(_what: str, **_asked: bool) -> bool:
        if next(asked, None):
            assert good.type(*WRITING[name]).code == 0
        return True

    monkeypatch.setattr("readiness.cli.records.agreed", meanwhile)
    ended = good.type(*WRITING[name])
    assert ended.code == 4
    assert re.search(r"arn:aws:\S+ recorded at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, before you", ended.err)
    assert len(keys(good)) == 1


@pytest.mark.parametrize("edit", [{"by": {"N": "7"}}, {"at": {"S": "long ago"}}], ids=["by nobody", "at no time"])
@pytest.mark.parametrize("name", ["waive", "waive --withdraw"])
def test_a_record_that_somebody_edited_is_not_written_over(good: World, edit: dict[str, object], name: str) -> None:
    good.type(*WAIVE, "--yes")
    (row,) = good.rows()
    edited = {**row, **edit}
    good.client("dynamodb").put_item(TableName=GOOD, Item=edited)
    ended = good.type(*WRITING[name], "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert "item STATE#WAIVER#pitr-enabled/on is not in the format of Readiness" in ended.err
    assert good.rows() == [edited]


def test_purge_removes_all_of_ours_and_nothing_else(good: World) -> None:
    theirs = {"PK": {"S": "CART#1"}, "SK": {"S": "META"}}
    good.client("dynamodb").put_item(TableName=GOOD, Item=theirs)
    good.check("--record")
    parameters = good.client("ssm").describe_parameters()["Parameters"]
    assert {one["Name"].rsplit("/", 1)[1] for one in parameters} == {"key", "table-id"}
    ended = good.type("purge", "--yes")
    assert ended.code == 0
    assert good.rows() == [theirs]
    assert good.client("ssm").describe_parameters()["Parameters"] == []


def test_purge_says_how_many_items_it_is_about(good: World) -> None:
    good.type(*WAIVE, "--yes")
    good.check("--record")
    count = len(good.items())
    assert f"would remove {count} items" in good.type("purge", "--dry-run").out
    shown = good.type("purge", "--keep-words", "--dry-run").out
    assert f"would remove {count - 1} items" in shown
    assert "without the records of people" in shown


def test_purge_can_keep_what_people_recorded(good: World) -> None:
    good.type(*WAIVE, "--yes")
    (word,) = good.rows()
    good.check("--record")
    ended = good.type("purge", "--keep-words", "--yes")
    assert ended.code == 0
    assert good.rows() == [word]
    assert good.client("ssm").describe_parameters()["Parameters"] == []


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        *((name, "TransactWriteItems") for name in WRITING if name not in {"purge", "alert"}),
        ("resume", "GetItem"),
        ("ack", "Query"),
        ("purge", "Query"),
    ],
)
def test_a_write_that_is_refused_is_said_in_a_line(good: World, name: str, operation: str) -> None:
    command = writing(good, name)
    with refusing(operation):
        ended = good.type(*command, "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.count("\n") == 1
    assert "access was denied (dynamodb:" in ended.err


@pytest.mark.parametrize("name", [name for name in WRITING if name != "alert"])
def test_a_table_that_does_not_exist_is_said_in_a_line(world: World, name: str) -> None:
    ended = world.type(*WRITING[name], "--yes", "--table", "missing")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "readiness: missing: the table does not exist in this account and Region\n"


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


def test_a_test_message_goes_to_the_topic_that_a_run_has_recorded(good: World) -> None:
    config = good.checklist(f'[on_call]\ntopic_arn = "{good.topic(subscribed=True)}"\n')
    good.type("check", "--record", "--config", config)
    good.type("check", "--record")
    heard = len(good.heard())
    ended = good.type("alert", "--test", "--yes")
    assert (ended.code, heard, len(good.heard())) == (0, 1, 1), ended.err


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


def test_a_pause_with_a_binary_attribute_can_be_ended(good: World) -> None:
    good.type(*PAUSE, "--yes")
    (row,) = [each for each in good.rows() if each["SK"]["S"] == "STATE#PAUSE"]
    good.client("dynamodb").put_item(TableName=GOOD, Item={**row, "more": {"BS": [b"\x00"]}})
    assert good.type("resume", "--yes").code == 0
    assert "STATE#PAUSE" not in keys(good)
