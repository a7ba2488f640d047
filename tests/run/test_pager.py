"""A run lets the pager agree with what was told, after its messages, and calls nothing where nothing differs."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.alerts.pager import ALARMS
from readiness.run import mirroring
from readiness.state.people import Waiver
from readiness.state.store import words
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.aws.pager import Incidents, pager
from tests.run.paged import ROW, RULES, Paged
from tests.run.world import World

ON, KEPT = "pitr-enabled/on", "pitr-enabled/kept"


@pytest.fixture
def paged(world: World) -> Paged:
    return Paged(world)


def test_an_incident_opens_with_the_page_and_closes_with_the_recovery(paged: Paged) -> None:
    assert paged.incidents.opened == {}
    paged.world.recovery(on=False)
    paged.run()
    assert ON in paged.incidents.checks
    opened = paged.incidents.opened[f"{ACCOUNT}/{REGION}/{TABLE}/{ON}"]
    assert opened["payload"]["summary"] == f"{TABLE}: PITR is disabled"
    assert opened["payload"]["severity"] == "critical"
    paged.world.recovery(on=True)
    paged.settle()
    assert paged.incidents.opened == {}
    assert paged.row["keys"] == {}


def test_the_whole_way_by_https(paged: Paged, tmp_path: Path) -> None:
    incidents = Incidents()
    with pager(tmp_path, incidents) as post:
        paged.destination.post = post
        paged.world.recovery(on=False)
        paged.run()
        assert ON in incidents.checks
        paged.world.recovery(on=True)
        paged.settle()
        assert incidents.checks == set()
    assert paged.destination.undelivered == []


def test_an_unchanged_run_calls_nothing_more_with_a_pager(paged: Paged) -> None:
    paged.run()
    with_pager = paged.calls()
    paged.world.pagers = None
    assert with_pager == paged.calls()
    assert "events:PutEvents" not in with_pager


def test_what_the_pager_did_not_accept_is_sent_by_the_next_run_and_counted(paged: Paged) -> None:
    refusals = [True]
    paged.world.account.refuse_while(refusals, "events", "PutEvents", "AccessDeniedException")
    paged.world.recovery(on=False)
    outcome = paged.run()
    assert outcome.delivery.sent
    assert outcome.pager_differs == len(paged.row["keys"]) > 0
    refusals.clear()
    assert paged.run().pager_differs == 0
    assert ON in paged.incidents.checks


def test_events_that_arrive_in_another_order_are_wrong_for_ten_minutes_only(paged: Paged) -> None:
    paged.destination.late = True
    paged.world.recovery(on=False)
    paged.run()
    paged.world.recovery(on=True)
    paged.run()
    paged.destination.waiting.reverse()
    paged.destination.arrive()
    paged.destination.late = False
    assert ON in paged.incidents.checks
    paged.settle()
    assert paged.incidents.opened == {}


def test_a_check_that_is_waived_is_closed_by_the_run_that_announces_it(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.run()
    world = paged.world
    until = world.now + timedelta(days=3)
    word = Waiver(by="li", at=world.now, table_id=world.table_id, check=ON, reason="planned", until=until)
    words.say(world.store.rows, word)
    paged.run()
    assert ON not in paged.incidents.checks


def test_a_row_that_somebody_wrote_is_not_believed_and_all_is_sent_again(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.settle()
    paged.incidents.opened.clear()
    item = {**paged.world.rows(ROW)[0], "keys": {"M": {}}}
    paged.world.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    outcome = paged.run()
    assert not outcome.refused
    assert ON in paged.incidents.checks


def test_what_the_pager_rejected_is_sent_by_the_next_run_after_the_documented_command(paged: Paged) -> None:
    text = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
    (key,) = re.findall(r"aws dynamodb delete-item --table-name babesclub-commerce --key \\\n +'(.*)'", text)
    post = paged.destination.post
    paged.destination.post = lambda _body: 401
    paged.world.recovery(on=False)
    paged.settle()
    paged.destination.post = post
    paged.run()
    assert paged.incidents.checks == set()
    paged.world.account.client("dynamodb").delete_item(TableName=TABLE, Key=json.loads(key))
    paged.run()
    assert ON in paged.incidents.checks


def test_all_incidents_are_sent_again_once_a_day(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.settle()
    paged.incidents.opened.clear()
    paged.world.now += timedelta(hours=23)
    paged.run()
    assert ON in paged.incidents.checks


def test_a_pager_that_is_struck_from_the_checklist_is_resolved_and_forgotten(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.settle()
    assert paged.incidents.opened
    paged.choose("none")
    paged.run()
    assert paged.incidents.opened == {}
    paged.settle()
    assert paged.world.rows(ROW) == []
    assert "events:PutEvents" not in paged.calls()


def test_a_pager_of_the_stack_that_the_checklist_does_not_name_is_counted_until_it_is_removed(paged: Paged) -> None:
    paged.choose("none")
    assert paged.run().pager_differs == 0, "its incidents are being closed"
    paged.settle()
    assert paged.world.rows(ROW) == []
    assert paged.run().pager_differs == 1
    paged.world.pagers = {}
    assert paged.run().pager_differs == 0


def test_a_pager_that_the_stack_does_not_have_is_counted(paged: Paged) -> None:
    paged.world.pagers = {}
    assert paged.run().pager_differs == 1


def test_while_the_table_is_being_deleted_that_alone_is_open(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.run()

    def deleting(answer: dict[str, Any]) -> None:
        answer["Table"]["TableStatus"] = "DELETING"

    paged.world.account.alter("dynamodb", "DescribeTable", deleting)
    paged.run()
    assert paged.incidents.checks == {KEPT}


def test_a_table_that_cannot_be_used_opens_the_incident_of_the_table_until_it_can(paged: Paged) -> None:
    failing = [True]
    for operation in ("Query", "TransactWriteItems"):
        paged.world.account.refuse_while(failing, "dynamodb", operation, "AccessDeniedException")
    paged.run()
    assert paged.incidents.checks == {KEPT}
    assert paged.incidents.events[-1]["payload"]["summary"] == f"{TABLE}: the monitor cannot record its results"
    failing.clear()
    paged.run()
    assert paged.incidents.opened == {}


def test_an_incident_of_the_table_that_the_pager_did_not_accept_is_sent_by_the_next_run(paged: Paged) -> None:
    failing, refusing = [True], [True]
    paged.world.account.refuse_while(failing, "dynamodb", "Query", "AccessDeniedException")
    paged.world.account.refuse_while(refusing, "events", "PutEvents", "InternalException")
    assert paged.run().pager_differs == 1
    assert paged.incidents.checks == set()
    refusing.clear()
    assert paged.run().pager_differs == 0
    assert paged.incidents.checks == {KEPT}
    sent = len(paged.incidents.events)
    paged.run()
    assert len(paged.incidents.events) == sent, "it is sent once"
    failing.clear()
    paged.run()
    assert paged.incidents.opened == {}


def test_an_incident_that_another_environment_opened_alone_is_closed_by_the_next_run(
    paged: Paged, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = [True]
    paged.world.account.refuse_while(failing, "dynamodb", "Query", "AccessDeniedException")
    paged.run()
    failing.clear()
    monkeypatch.setattr(mirroring, "opened_alone", {})
    paged.run()
    assert paged.incidents.checks == {KEPT}, "no interval has passed without a commit"
    paged.world.now += timedelta(hours=2)
    paged.run()
    assert paged.incidents.opened == {}


def test_a_run_without_time_sends_nothing_to_the_pager(paged: Paged) -> None:
    paged.world.recovery(on=False)
    paged.world.run(RULES)
    paged.world.recovery(on=True)
    paged.incidents.events.clear()
    outcome = paged.world.run(RULES, lasts=5.0)
    assert (outcome.pager_differs, paged.incidents.events) == (0, [])


def test_notifications_of_alarms_open_and_close_by_their_own_topic(world: World) -> None:
    sqs = world.account.client("sqs")
    url = sqs.create_queue(QueueName="pager")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    paged = Paged(world, ALARMS)
    assert world.pagers is not None
    world.account.client("sns").subscribe(TopicArn=world.pagers[ALARMS], Protocol="sqs", Endpoint=arn)
    world.heard()
    world.recovery(on=False)
    paged.run()
    world.recovery(on=True)
    paged.settle()
    states = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            alarm = json.loads(json.loads(message["Body"])["Message"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if alarm["AlarmName"].endswith(ON):
                states.append(alarm["NewStateValue"])
    assert states[0] == "ALARM"
    assert states[-1] == "OK"
    assert all("NewStateValue" not in each for each in world.heard()), "the topic of the alerts keeps the text"


def test_another_topic_of_the_pager_hears_of_the_incidents_that_are_open(world: World) -> None:
    paged = Paged(world, ALARMS)
    world.recovery(on=False)
    paged.settle()
    sns, sqs = world.account.client("sns"), world.account.client("sqs")
    topic = sns.create_topic(Name="other-pager")["TopicArn"]
    url = sqs.create_queue(QueueName="other-pager")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    world.pagers = {**(world.pagers or {}), ALARMS: topic}
    paged.run()
    states = {}
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            alarm = json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            states[alarm["AlarmName"].rpartition(f"{TABLE}/")[2]] = alarm["NewStateValue"]
    assert states[ON] == "ALARM"
    assert set(states.values()) == {"ALARM", "OK"}
    assert "sns:PublishBatch" not in paged.calls()
