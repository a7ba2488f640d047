"""A drill as it is typed: what is asked, done, said, remembered, and the exit code."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.facts.recorded.attestations import HOLDS
from readiness.printable import quoted
from tests.aws import shop
from tests.aws.account import ACCOUNT
from tests.cli.world import GOOD, REGION, World, answering, reads, recorded, refusing

NAME = "throttling"
DRILL = ("alarms", "--drill", NAME, "--wait", "0")
ADDRESS = "ada@example.com"


@pytest.fixture
def wired(world: World) -> World:
    """A table, and an alarm that calls a topic to which somebody listens."""
    world.good_table()
    alarm(world, world.topic(subscribed=True))
    return world


def alarm(world: World, *actions: str, name: str = NAME) -> None:
    shop.put_alarm(world.client, name, AlarmActions=actions)


def state(world: World) -> str:
    (found,) = world.client("cloudwatch").describe_alarms(AlarmNames=[NAME])["MetricAlarms"]
    value: str = found["StateValue"]
    return value


def attested(world: World) -> dict[str, Any]:
    (row,) = world.rows()
    told: dict[str, Any] = json.loads(row["evidence"]["S"])
    return told


def test_a_drill_rings_says_so_and_is_remembered(wired: World) -> None:
    ended = wired.type(*DRILL, "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert (
        "action succeeded; SNS metrics since then: 1 delivered, 0 failed (per subscription and message)\n" in ended.out
    )
    assert "delivered: confirm with on-call that it arrived\n" in ended.out
    (message,) = wired.heard()
    said = json.loads(message["Message"])
    assert (said["NewStateValue"], said["AlarmName"]) == ("ALARM", NAME)
    assert said["NewStateReason"].startswith("readiness drill")
    (row,) = wired.rows()
    at, until = datetime.fromisoformat(row["at"]["S"]), datetime.fromisoformat(row["until"]["S"])
    assert datetime.now(UTC) - at < timedelta(minutes=1)
    assert until - at == HOLDS
    assert (row["rule"]["S"], row["tableId"]["S"]) == ("alarms-wired", wired.table_id())
    assert row["by"]["S"].startswith("arn:aws:")
    told = attested(wired)
    assert (told["alarm"], told["delivered"], told["by"]) == (NAME, True, row["by"]["S"])
    (action,) = told["actions"]
    assert action == {
        "action": f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call",
        "action_state": "Succeeded",
        "error": None,
        "delivered": 1,
        "failed": 0,
        "unread": [],
    }


def test_how_to_put_it_back_is_a_command_that_does(wired: World) -> None:
    ended = wired.type(*DRILL, "--yes")
    assert state(wired) == "ALARM"
    assert (
        f"  aws cloudwatch set-alarm-state --alarm-name {NAME} --region us-east-1 --state-value OK"
        " --state-reason 'the drill is over'\n"
    ) in ended.out


def test_the_next_look_judges_the_drill(wired: World) -> None:
    wired.type(*DRILL, "--yes")
    checked = wired.check("--rule", "alarms-wired")
    [finding] = [each for each in checked.rule("alarms-wired")["findings"] if each["check"] == "drilled"]
    assert finding["status"] == "PASS"
    assert finding["evidence"] == {
        "AlarmName": NAME,
        "Drilled": f"{datetime.fromisoformat(attested(wired)['at']):%Y-%m-%d %H:%M} UTC",
        "By": attested(wired)["by"],
    }


def test_what_is_asked_names_account_table_and_what_rings(wired: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wired.client("sns").subscribe(
        TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call", Protocol="email", Endpoint=ADDRESS
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    calls: list[str] = []
    with recorded(calls):
        ended = wired.type(*DRILL)
    assert (ended.code, ended.out) == (0, "")
    for part in (NAME, ACCOUNT, REGION, GOOD, "it notifies the topic on-call (1 email, 1 sqs)? [y/N]"):
        assert part in ended.err
    assert ADDRESS not in ended.err
    assert reads(calls), calls
    assert (state(wired), wired.rows()) == ("OK", [])


def test_a_dry_run_shows_and_does_nothing(wired: World) -> None:
    calls: list[str] = []
    with recorded(calls):
        ended = wired.type(*DRILL, "--dry-run")
    assert ended.code == 0
    assert ended.out.startswith(f"would set the alarm {NAME} of account {ACCOUNT}")
    assert reads(calls), calls


def test_nobody_listens(world: World) -> None:
    world.good_table()
    alarm(world, world.topic(subscribed=False))
    ended = world.type(*DRILL, "--yes")
    assert ended.code == 1
    assert "not delivered within 0 seconds" in ended.out
    assert attested(world)["delivered"] is False


def test_an_action_that_fails(wired: World) -> None:
    wired.client("sns").delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call")
    ended = wired.type(*DRILL, "--yes")
    assert ended.code == 1
    assert "action failed (does not exist)" in ended.out
    assert attested(wired)["actions"][0]["action_state"] == "Failed"


@pytest.mark.parametrize("operation", ["DescribeAlarmHistory", "GetMetricData"])
def test_what_can_not_be_seen_is_neither(wired: World, operation: str) -> None:
    with refusing(operation):
        ended = wired.type(*DRILL, "--yes")
    assert ended.code == 3
    assert f"could not be read: access was denied (cloudwatch:{operation})" in ended.out
    assert "the delivery could not be read\n" in ended.out
    told = attested(wired)
    assert told["delivered"] is None
    assert told["actions"][0]["unread"] == [f"cloudwatch:{operation}"]


def test_what_can_not_be_remembered_was_seen_all_the_same(wired: World) -> None:
    with refusing("TransactWriteItems"):
        ended = wired.type(*DRILL, "--yes")
    assert ended.code == 4
    assert "delivered: confirm with on-call" in ended.out
    assert ended.err == (
        f"readiness: not recorded: {GOOD}: access was denied (dynamodb:PutItem): AccessDeniedException\n"
    )


def test_each_table_of_the_checklist_remembers_it(wired: World) -> None:
    wired.good_table("orders")
    config = wired.checklist(f'[[tables]]\nname = "{GOOD}"\n[[tables]]\nname = "orders"\n')
    ended = wired.type(*DRILL, "--yes", "--config", config)
    assert ended.code == 0
    assert [len(wired.rows(table)) for table in (GOOD, "orders")] == [1, 1]


def test_a_table_that_does_not_exist_keeps_it_from_ringing(wired: World) -> None:
    ended = wired.type(*DRILL, "--yes", "--table", "missing")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "readiness: missing: the table does not exist in this account and Region\n"
    assert state(wired) == "OK"


def test_an_alarm_that_may_not_be_set_off(wired: World) -> None:
    with refusing("SetAlarmState"):
        ended = wired.type(*DRILL, "--yes")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == f"readiness: {NAME}: access was denied (cloudwatch:SetAlarmState): AccessDeniedException\n"
    assert wired.rows() == []


def test_an_alarm_that_was_deleted_since(wired: World) -> None:
    gone = {"Error": {"Code": "ResourceNotFound", "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
    with answering({"SetAlarmState": gone}):
        ended = wired.type(*DRILL, "--yes")
    assert (ended.code, ended.err) == (4, f"readiness: {NAME}: SetAlarmState: it does not exist\n")


def test_an_alarm_in_alarm_is_refused(wired: World) -> None:
    wired.type(*DRILL, "--yes")
    ended = wired.type(*DRILL, "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert f"{NAME}: is in ALARM already" in ended.err


def test_the_name_of_no_alarm_is_answered_with_the_nearest(wired: World) -> None:
    ended = wired.type("alarms", "--drill", "throtling", "--yes")
    assert ended.code == 2
    assert "Did you mean throttling?" in ended.err


def test_its_exit_codes_are_in_its_help(world: World) -> None:
    out = " ".join(world.type("alarms", "--help").out.split())
    assert "1 not delivered: an action failed, or SNS counts no delivery" in out
    assert "3 the result could not be read" in out


def test_the_name_of_an_alarm_adds_no_line_and_can_be_pasted(wired: World) -> None:
    hostile = "up\n[RESOLVED] all is well\u202e \x1b[2J$(touch made)"
    alarm(wired, wired.topic(subscribed=True), name=hostile)
    drill = ("alarms", "--drill", hostile, "--wait", "0")
    ended = [wired.type("alarms", "--drill", "?"), wired.type(*drill, "--dry-run"), wired.type(*drill, "--yes")]
    assert [each.code for each in ended] == [2, 0, 0]
    printed = "".join(each.out + each.err for each in ended).split("\n")
    assert all(line.isprintable() for line in printed)
    assert not [line for line in printed if line.removeprefix("readiness: ").startswith("[RESOLVED]")]
    reset = next(line for line in printed if "set-alarm-state" in line)
    assert f"--alarm-name {quoted(hostile)} " in reset
