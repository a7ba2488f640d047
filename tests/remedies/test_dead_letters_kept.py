"""What is printed as the remedy of failed events that would be lost keeps them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction
from msgspec import structs

from readiness.checklist import OnCall
from tests.aws import logs, shop
from tests.aws.account import ACCOUNT, REGION
from tests.aws.dead_letters import open_to
from tests.aws.functions import stream
from tests.remedies.patient import Patient

CART = "babesclub-cart"
KEPT = "babesclub-dead-letters"
PREFIX = f"arn:aws:sqs:{REGION}:{ACCOUNT}:"


@pytest.fixture
def kept(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """Failed events of the functions wait in a queue, and alarms reach somebody. No function of it runs."""
    monkeypatch.setattr(LambdaFunction, "_invoke_lambda", lambda *_, **__: ("", False, ""))
    patient.world.subscribe()
    shop.furnish(patient.client, patient.world.topic)
    patient.world.settings = structs.replace(patient.world.settings, on_call=OnCall(topic_arn=patient.world.topic))
    return patient


def url(patient: Patient, name: str = KEPT) -> str:
    found: str = patient.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return found


def attributes(patient: Patient, name: str) -> dict[str, str]:
    asked = patient.client("sqs").get_queue_attributes(QueueUrl=url(patient, name), AttributeNames=["All"])
    found: dict[str, str] = asked["Attributes"]
    return found


def sends_to(patient: Patient, target: str) -> None:
    """Let the function's dead letters go there."""
    patient.client("lambda").update_function_configuration(FunctionName=CART, DeadLetterConfig={"TargetArn": target})


def polls(patient: Patient, source: str, **settings: Any) -> str:
    made = patient.client("lambda").create_event_source_mapping(FunctionName=CART, EventSourceArn=source, **settings)
    uuid: str = made["UUID"]
    return uuid


def test_patterns_that_fit_no_function_are_answered_with_the_functions_there_are(patient: Patient) -> None:
    """Which of them are meant only the checklist can say."""
    shop.function(patient.client, "orders", shop.role(patient.client, "orders"))
    [found] = patient.bad("dead-letters-kept/functions")
    assert "orders" in patient.shell.type(found.remedy.command)


def test_an_event_that_nothing_keeps_is_kept_and_tried_again(kept: Patient) -> None:
    sends_to(kept, "")
    kept.heal("dead-letters-kept/asynchronous")
    assert kept.say("dead-letters-kept/sending").keys() == {f"{PREFIX}{KEPT}", f"{PREFIX}{CART}-dead-letters"}
    assert {each.status for each in kept.say("dead-letters-kept/sending").values()} == {"PASS"}
    kept.heal("dead-letters-kept/watched")
    kept.client("lambda").update_function_event_invoke_config(FunctionName=CART, MaximumRetryAttempts=0)
    kept.heal("dead-letters-kept/tried")


def test_events_that_a_fifo_never_gets_are_sent_to_a_standard_queue(kept: Patient) -> None:
    sends_to(kept, shop.dead_letters(kept.client, "letters.fifo", FifoQueue="true"))
    kept.heal("dead-letters-kept/standard")


def test_a_destination_that_is_gone_is_replaced_by_a_queue(kept: Patient) -> None:
    gone = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/gone"
    kept.client("lambda").put_function_event_invoke_config(
        FunctionName=CART, DestinationConfig={"OnFailure": {"Destination": gone}}
    )
    kept.heal("dead-letters-kept/destination")


def test_a_queue_that_is_gone_is_made_again_and_keeps_messages_for_long(kept: Patient) -> None:
    kept.client("sqs").delete_queue(QueueUrl=url(kept))
    kept.heal("dead-letters-kept/exists")
    kept.client("sqs").set_queue_attributes(QueueUrl=url(kept), Attributes={"MessageRetentionPeriod": "3600"})
    kept.heal("dead-letters-kept/retained")


def test_a_topic_that_is_gone_or_has_no_subscriber_gets_both(kept: Patient) -> None:
    """An address has to confirm, which moto takes for done."""
    sends_to(kept, f"arn:aws:sns:{REGION}:{ACCOUNT}:letters")
    [found] = kept.bad("dead-letters-kept/subscribed")
    kept.shell.type(found.remedy.command, EMAIL="on-call@example.com")
    [listener] = kept.client("sns").list_subscriptions_by_topic(TopicArn=found.resource)["Subscriptions"]
    assert listener["Endpoint"] == "on-call@example.com"


def test_roles_that_may_not_send_may_and_may_use_the_key_and_the_key_is_enabled(kept: Patient) -> None:
    kept.client("iam").delete_role_policy(RoleName=f"{CART}-role", PolicyName="runtime")
    kept.heal("dead-letters-kept/sending")

    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    kms = kept.client("kms")
    key = kms.create_key(Policy=json.dumps(shop.document(root)))["KeyMetadata"]["Arn"]
    kept.client("sqs").set_queue_attributes(QueueUrl=url(kept), Attributes={"KmsMasterKeyId": key})
    kept.heal("dead-letters-kept/encrypting")
    kms.disable_key(KeyId=key.rpartition("/")[2])
    kept.heal("dead-letters-kept/key")
    kms.schedule_key_deletion(KeyId=key.rpartition("/")[2])
    kept.heal("dead-letters-kept/key")


def test_a_queue_that_is_polled_moves_what_fails_to_one_that_keeps_it_longer(kept: Patient) -> None:
    source = shop.dead_letters(kept.client, "orders", MessageRetentionPeriod="345600", VisibilityTimeout="1")
    polls(kept, source)
    kept.heal("dead-letters-kept/queue-source")

    short = {"MessageRetentionPeriod": "3600"}
    kept.client("sqs").set_queue_attributes(QueueUrl=url(kept, "orders-dead-letters"), Attributes=short)
    kept.heal("dead-letters-kept/redrive")

    once = json.dumps({"deadLetterTargetArn": f"{source}-dead-letters", "maxReceiveCount": "1"})
    longest = {"RedrivePolicy": once, "MessageRetentionPeriod": shop.FORTNIGHT}
    kept.client("sqs").set_queue_attributes(QueueUrl=url(kept, "orders"), Attributes=longest)
    kept.heal("dead-letters-kept/retried")
    kept.heal("dead-letters-kept/redrive")
    assert int(attributes(kept, "orders")["MessageRetentionPeriod"]) < int(shop.FORTNIGHT)


def test_a_dead_letter_queue_that_lets_nobody_in_lets_that_queue_in(kept: Patient) -> None:
    """Moto does not give back whom it lets in: the command is read."""
    dead = shop.dead_letters(kept.client, "orders-dead-letters")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "5"})
    source = shop.dead_letters(kept.client, "orders", MessageRetentionPeriod="345600", RedrivePolicy=redrive)
    polls(kept, source)
    open_to(kept.world.account, {"redrivePermission": "denyAll"})
    [found] = kept.bad("dead-letters-kept/redrive")
    assert f'\\"sourceQueueArns\\":[\\"{source}\\"]' in found.remedy.command
    kept.shell.validate(found.remedy.command)


def test_records_of_a_stream_are_given_up_in_time_and_told_of_and_polled_for(kept: Patient) -> None:
    uuid = polls(kept, stream(kept.world.account), StartingPosition="LATEST")
    kept.heal("dead-letters-kept/stream-source")
    kept.heal("dead-letters-kept/given-up")
    kept.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=False)
    kept.heal("dead-letters-kept/sources-running")


def test_a_queue_of_which_nobody_hears_calls_the_topic_of_the_checklist(kept: Patient) -> None:
    cloudwatch = kept.client("cloudwatch")
    name = f"ApproximateNumberOfMessagesVisible {KEPT}"
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    kept.heal("dead-letters-kept/watched")
    cloudwatch.delete_alarms(AlarmNames=[name])
    kept.heal("dead-letters-kept/watched")
    [made] = cloudwatch.describe_alarms(AlarmNames=[f"{KEPT}-not-empty"])["MetricAlarms"]
    assert made["AlarmActions"] == [kept.world.topic]


def test_what_a_person_has_to_look_at_is_shown(kept: Patient) -> None:
    """An event that was lost does not come back; who waits for the answer has to try again by itself."""
    lost = kept.world.now - timedelta(hours=2)
    logs.publish(kept.world.account, lost, 1, "AWS/Lambda", "DeadLetterErrors", FunctionName=CART)
    [found] = kept.bad("dead-letters-kept/delivered")
    assert KEPT in kept.shell.type(found.remedy.command)

    gateway = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "StatementId": "api"}
    kept.client("lambda").remove_permission(FunctionName=CART, StatementId="events")
    kept.client("lambda").add_permission(FunctionName=CART, **gateway)
    [found] = kept.bad("dead-letters-kept/used")
    assert "apigateway.amazonaws.com" in kept.shell.type(found.remedy.command)


def test_a_source_for_which_lambda_has_no_destination_is_shown(kept: Patient) -> None:
    broker = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:orders:b-1"
    polls(kept, shop.dead_letters(kept.client, "orders"))

    def change(answer: dict[str, Any]) -> None:
        for each in answer["EventSourceMappings"]:
            each.update(EventSourceArn=broker, FilterCriteriaError={"ErrorCode": "AccessDeniedException"})

    kept.world.account.alter("lambda", "ListEventSourceMappings", change)
    [found] = kept.bad("dead-letters-kept/other-source")
    kept.shell.type(found.remedy.command)
    [found] = kept.bad("dead-letters-kept/filtered")
    kept.shell.type(found.remedy.command)
