"""What is printed as the remedy of what nobody hears lets somebody hear it; broken links have a file of their own."""

import json
from datetime import timedelta
from typing import Any

import pytest
from moto.sns.models import sns_backends
from msgspec import structs

from readiness.checklist import OnCall
from readiness.facts.recorded.attestations import Drill
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.aws.alarms import describe, mute
from tests.remedies.patient import Patient

INDEX = "by-customer"
THROTTLED = f"{TABLE} throttled"
HOSTILE = '[prod] it\'s $(touch owned) `touch owned`; touch owned "&" | touch owned'
"""An alarm may have any name of up to 255 characters, and whoever may make one chooses it."""


@pytest.fixture
def wired(patient: Patient) -> Patient:
    """All alarms that are wanted of the table itself, and the topic is that of the checklist."""
    patient.world.subscribe()
    shop.table_alarms(patient.client, patient.world.topic)
    patient.world.settings = structs.replace(patient.world.settings, on_call=OnCall(topic_arn=patient.world.topic))
    return patient


@pytest.fixture
def unwatched(wired: Patient) -> Patient:
    """There is no alarm at all, on a table with an index of each kind and functions."""
    cloudwatch = wired.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=list(alarms(wired)))
    wired.client("dynamodb").update_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": INDEX,
                    "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    vectors = [{"IndexName": "by-likeness", "IndexStatus": "ACTIVE"}]
    wired.world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(VectorIndexes=vectors))
    name = "babesclub-cart"
    shop.function(wired.client, name, shop.runtime_role(wired.client, name, f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"))
    return wired


def alarms(patient: Patient) -> dict[str, dict[str, Any]]:
    found = patient.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {each["AlarmName"]: each for each in found}


def renamed(patient: Patient, name: str, **change: Any) -> None:
    """The alarm on throttling under another name, changed so."""
    [found] = [each for each in alarms(patient).values() if each["AlarmName"] == THROTTLED]
    kept = {"Metrics", "Threshold", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm", "AlarmActions"}
    patient.client("cloudwatch").delete_alarms(AlarmNames=[THROTTLED])
    settings = {key: value for key, value in found.items() if key in kept}
    patient.client("cloudwatch").put_metric_alarm(**{**settings, "AlarmName": name, **change})


def test_what_nobody_watches_is_watched_and_the_topic_of_the_checklist_called(unwatched: Patient) -> None:
    unwatched.heal("alarms-wired/throttling")
    unwatched.heal("alarms-wired/index-throttling")
    unwatched.heal("alarms-wired/user-errors")
    unwatched.heal("alarms-wired/read-spikes")
    unwatched.heal("alarms-wired/write-spikes")
    unwatched.heal("alarms-wired/index-spikes")
    unwatched.heal("alarms-wired/vector-indexes")
    unwatched.heal("alarms-wired/function-throttles")
    made = alarms(unwatched).values()
    assert {action for each in made for action in each["AlarmActions"]} == {unwatched.world.topic}
    assert all(each["OKActions"] == [unwatched.world.topic] for each in made)


def test_an_alarm_on_concurrency_is_made_of_the_limit_of_the_account(unwatched: Patient) -> None:
    """A person reads the limit, and names the topic: without either, the command refuses."""
    [found] = unwatched.bad("alarms-wired/concurrency")
    given = {"THRESHOLD": "800", "TOPIC": unwatched.world.topic}
    for name in given:
        with pytest.raises(AssertionError, match=f"{name}: set it to"):
            unwatched.shell.type(found.remedy.command, **{**given, name: ""})
    unwatched.shell.type(found.remedy.command, **given)
    assert [each.status for each in unwatched.say("alarms-wired/concurrency").values()] == ["PASS"]
    assert [each["Threshold"] for each in alarms(unwatched).values()] == [800.0]


def test_alarms_that_can_not_do_their_work_are_taken_away_or_changed_by_name(wired: Patient) -> None:
    shop.alarm(wired.client, wired.world.topic, "AWS/DynamoDB", "UserErrors", {"TableName": TABLE})
    wired.heal("alarms-wired/dead")
    assert THROTTLED in alarms(wired)

    renamed(wired, "hasty", EvaluationPeriods=1, DatapointsToAlarm=1)
    wired.heal("alarms-wired/steady")
    assert alarms(wired)["hasty"]["EvaluationPeriods"] > 1
    assert alarms(wired)["hasty"]["AlarmActions"] == [wired.world.topic]

    wired.client("cloudwatch").set_alarm_state(AlarmName="hasty", StateValue="ALARM", StateReason="test")
    wired.world.now += timedelta(days=2)
    wired.heal("alarms-wired/stuck")


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("alarms-wired/dead", {"Namespace": "AWS/DynamoDB", "MetricName": "UserErrors"}),
        ("alarms-wired/throttling", {"ActionsEnabled": False}),
        ("alarms-wired/throttling", {"AlarmActions": []}),
        ("alarms-wired/steady", {"EvaluationPeriods": 1, "DatapointsToAlarm": 1}),
    ],
    ids=["dead", "switched off", "without an action", "hasty"],
)
def test_nothing_of_the_name_of_an_alarm_is_executed(wired: Patient, check: str, change: dict[str, Any]) -> None:
    if "MetricName" in change:
        shop.put_alarm(wired.client, HOSTILE, Dimensions=[{"Name": "TableName", "Value": TABLE}], **change)
    else:
        renamed(wired, HOSTILE, **change)
    before = {*alarms(wired)} - {HOSTILE}
    wired.heal(check)
    assert not list(wired.shell.folder.rglob("owned"))
    assert {*alarms(wired)} - {HOSTILE} == before


def test_an_alarm_that_can_not_go_off_is_changed_and_calls_whom_it_called_and_gets_none_beside_it(
    wired: Patient,
) -> None:
    cloudwatch = wired.client("cloudwatch")
    theirs = cloudwatch.describe_alarms(AlarmNames=[THROTTLED])["MetricAlarms"][0]["AlarmActions"]
    for metric, name, check in (
        ("ReadThrottleEvents", THROTTLED, "alarms-wired/throttling"),
        ("ConsumedReadCapacityUnits", f"{TABLE} unusual Read", "alarms-wired/read-spikes"),
    ):
        shop.put_alarm(
            wired.client,
            name,
            AlarmDescription="ours",
            MetricName=metric,
            Dimensions=[{"Name": "TableName", "Value": TABLE}],
            Statistic="Average",
            Threshold=1000,
            AlarmActions=[*theirs, f"arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem:1"],
        )
        before = {*alarms(wired)}
        wired.heal(check)
        assert {*alarms(wired)} == before
        assert alarms(wired)[name]["AlarmDescription"] == "ours"
        assert len(alarms(wired)[name]["AlarmActions"]) == 2


def test_an_alarm_without_data_and_one_whose_model_is_not_trained_are_shown(wired: Patient) -> None:
    """Why there is no data a person has to find out, and AWS trains its models by itself."""
    name = f"{TABLE} unusual Read"
    since = wired.world.now - timedelta(days=3)
    describe(wired.world.account, name, StateValue="INSUFFICIENT_DATA", StateUpdatedTimestamp=since)
    shown = [wired.shell.type(each.remedy.command) for each in wired.bad("alarms-wired/fed")]
    assert all(name in each for each in shown)


def test_who_was_asked_to_listen_is_asked_again_and_has_to_confirm(wired: Patient) -> None:
    """Moto confirms at once: what is pending is written into it."""
    backend = sns_backends[ACCOUNT][REGION]
    topic = backend.topics[wired.world.topic]
    topic.subscriptions_pending = 1
    [found] = wired.bad("alarms-wired/confirmed")
    wired.shell.type(found.remedy.command)
    topic.subscriptions_pending = 0
    assert [each.status for each in wired.say("alarms-wired/confirmed").values()] == ["PASS"]


def test_what_can_not_be_delivered_waits_in_a_queue_that_the_topic_may_send_to(wired: Patient) -> None:
    sns = wired.client("sns")
    [found] = sns.list_subscriptions()["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    sns.subscribe(TopicArn=wired.world.topic, Protocol="sqs", Endpoint=found["Endpoint"])
    wired.heal("alarms-wired/redriven")
    [kept] = {
        json.loads(
            sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]["RedrivePolicy"]
        )["deadLetterTargetArn"]
        for each in sns.list_subscriptions()["Subscriptions"]
    }
    sqs = wired.client("sqs")
    url = sqs.get_queue_url(QueueName=kept.rpartition(":")[2])["QueueUrl"]
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    [statement] = policy["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": wired.world.topic}}


def test_a_drill_that_reached_nobody_is_made_again(wired: Patient) -> None:
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{THROTTLED}"
    at = wired.world.now - timedelta(days=1)
    wired.world.attest("alarms-wired", Drill(THROTTLED, arn, at, f"arn:aws:iam::{ACCOUNT}:user/maria", delivered=False))
    [found] = wired.bad("alarms-wired/drilled")
    wired.shell.type(f"{found.remedy.command} --yes")
    assert [each.status for each in wired.say("alarms-wired/drilled").values()] == ["PASS"]


def test_a_mute_rule_is_taken_away_as_the_model_of_cloudwatch_has_it(wired: Patient) -> None:
    """Moto has no mute rules."""
    mute(wired.world.account, "night; touch owned", THROTTLED, duration="PT20H")
    [found] = wired.bad("alarms-wired/throttling")
    assert "delete-alarm-mute-rule" in found.remedy.command
    wired.shell.validate(found.remedy.command)
    assert not list(wired.shell.folder.rglob("owned"))
