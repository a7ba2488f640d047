"""The whole stack in a local AWS: what its schedule and its event rules set off, and what arrives on call."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws.ministack import running
from tests.aws.receiver import Receiver, receiver
from tests.e2e.conftest import REGION, ROOT, TABLE, Built
from tests.e2e.deployed import STACK, THEIRS, Deployed, client, create_table, deploy, problems

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OWNER = "data-platform@example.com"
FINDINGS = "findings"

PERIOD = 60
"""Seconds between two runs of the schedule: the shortest that the template takes."""


@pytest.fixture(scope="module")
def pager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("pager")) as pager:
        yield pager


@pytest.fixture(scope="module")
def deployed(built: Built, pager: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Deployed in an AWS that trusts the certificate of the pager and no other."""
    with running(tmp_path_factory.mktemp("aws"), SSL_CERT_FILE=str(pager.certificate)) as address:
        create_table(address)
        bus = queued_bus(address)
        yield deploy(address, built.function.parent, Interval="1", EventBusArn=bus, Owner1=f"{OWNER}=dp@example.com")


def queued_bus(address: str) -> str:
    """An event bus whose events arrive in a queue of its name. Its ARN."""
    events, sqs = client(address, "events"), client(address, "sqs")
    bus: str = events.create_event_bus(Name=FINDINGS)["EventBusArn"]
    url = sqs.create_queue(QueueName=FINDINGS)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName=FINDINGS, EventPattern=json.dumps({"source": ["readiness"]}))
    events.put_targets(Rule="all", EventBusName=FINDINGS, Targets=[{"Id": "queue", "Arn": arn}])
    return bus


def call(deployed: Deployed, name: str, **parameters: Any) -> dict[str, Any]:
    """The event of CloudTrail that tells who made that call on the table, as an entry for PutEvents."""
    (record,) = json.loads((ROOT / "events" / "change-recovery.json").read_text())["Records"]
    event = json.loads(record["body"])
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    asked = {"tableName": TABLE, **parameters}
    account = deployed.client("sts").get_caller_identity()["Account"]
    here = {"recipientAccountId": account, "awsRegion": REGION}
    detail = {**event["detail"], **here, "eventTime": now, "eventName": name, "requestParameters": asked}
    # Only AWS may send events with a source that begins with aws, and the rules do not ask for the source.
    return {"Source": "test", "DetailType": event["detail-type"], "Detail": json.dumps(detail)}


def test_from_the_schedule_and_the_event_rule_to_the_queue_and_the_pager(deployed: Deployed, pager: Receiver) -> None:
    queue = deployed.listen("on-call")
    deployed.client("sns").subscribe(TopicArn=deployed.outputs["TopicArn"], Protocol="https", Endpoint=pager.url)

    table, printed = deployed.run()
    assert (table["status"], table["recorded"], problems(printed)) == ("FAIL", True, "")
    both(deployed, queue, pager, "monitoring started", 60)

    deployed.set_recovery(enabled=False)
    scheduled = both(deployed, queue, pager, "PITR was disabled", 2 * PERIOD)
    assert scheduled["Subject"].startswith("[CRITICAL]")
    assert "schedule" in triggers(deployed)

    stop_schedule(deployed)
    deployed.set_expiry(enabled=False)
    off = {"enabled": False, "attributeName": "expiresAt"}
    entry = call(deployed, "UpdateTimeToLive", timeToLiveSpecification=off)
    answer = deployed.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0, answer
    told = both(deployed, queue, pager, "TTL", PERIOD)
    assert "maria@example.com" in told["Message"]
    assert "change" in triggers(deployed)


def triggers(deployed: Deployed) -> set[str]:
    """The triggers of the runs so far."""
    return {row["trigger"]["S"] for sort_key, row in deployed.rows().items() if sort_key.startswith("RUN#")}


def stop_schedule(deployed: Deployed) -> None:
    """Disable the schedule, so that only an event can start a run."""
    scheduler = deployed.client("scheduler")
    (listed,) = scheduler.list_schedules()["Schedules"]
    schedule = scheduler.get_schedule(Name=listed["Name"])
    kept = {name: schedule[name] for name in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")


def both(deployed: Deployed, queue: str, pager: Receiver, subject: str, seconds: int) -> dict[str, Any]:
    """The alert with that in its subject, which the queue and the pager must get within that time."""
    queued = deployed.received(queue, seconds)
    assert queued is not None, f"nothing on {subject} in {seconds} s"
    assert subject in queued["Subject"]
    posted = pager.received.get(timeout=60)
    assert {name: posted[name] for name in ("MessageId", "Subject")} == {
        name: queued[name] for name in ("MessageId", "Subject")
    }
    return queued


def test_what_was_told_is_on_the_event_bus(deployed: Deployed) -> None:
    sqs = deployed.client("sqs")
    url = sqs.get_queue_url(QueueName=FINDINGS)["QueueUrl"]
    found = {}
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            event = json.loads(message["Body"])
            found[event["detail"]["id"]] = event
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert {(each["source"], each["detail-type"]) for each in found.values()} == {
        ("readiness", "Readiness Finding Changed")
    }
    told = {(each["detail"]["change"]["check"], each["detail"]["change"]["kind"]) for each in found.values()}
    assert {("pitr-enabled/on", "REGRESSED"), ("ttl-enabled/on", "REGRESSED")} <= told


def test_an_owner_is_subscribed_to_their_items(deployed: Deployed) -> None:
    sns = deployed.client("sns")
    listed = sns.list_subscriptions_by_topic(TopicArn=deployed.outputs["TopicArn"])["Subscriptions"]
    (arn,) = [each["SubscriptionArn"] for each in listed if each["Endpoint"] == "dp@example.com"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(attributes["FilterPolicy"]) == {"owners": [OWNER]}


def test_the_dashboard_draws_the_checklist(deployed: Deployed) -> None:
    deployed.run()
    name = deployed.outputs["DashboardName"]
    assert name == f"{STACK}-{REGION}"
    widget, *_ = json.loads(deployed.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
    answer = deployed.client("lambda").invoke(FunctionName=widget["properties"]["endpoint"], Payload="{}")
    html = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, html
    assert "1.4 PITR" in html


def test_a_deleted_stack_leaves_the_items_of_the_table(deployed: Deployed) -> None:
    deployed.run()
    deployed.client("cloudformation").delete_stack(StackName=STACK)
    end = time.monotonic() + 60
    while deployed.stack() and time.monotonic() < end:
        time.sleep(0.5)
    assert deployed.stack() is None
    assert deployed.client("lambda").list_functions()["Functions"] == []
    assert deployed.client("scheduler").list_schedules()["Schedules"] == []
    assert deployed.theirs() == THEIRS
    assert {"STATE", "STATE#CHECKS"} <= set(deployed.rows())
