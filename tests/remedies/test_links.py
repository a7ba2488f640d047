"""What is printed as the remedy of a broken link between an alarm and whoever it calls mends that link."""

import json
import os
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction
from moto.sns.models import sns_backends
from msgspec import structs

from readiness.checklist import OnCall
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION
from tests.aws.admitting import admit
from tests.aws.functions import function
from tests.remedies.patient import Patient

CHECK = "alarms-wired/throttling"
NAME = "babesclub-commerce throttled"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pager"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


@pytest.fixture
def wired(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """Alarms on the table reach somebody by the topic on-call. No function of it runs."""
    monkeypatch.setattr(LambdaFunction, "_invoke_lambda", lambda *_, **__: ("", False, ""))
    patient.world.subscribe()
    shop.table_alarms(patient.client, patient.world.topic)
    assert [each.status for each in patient.say(CHECK).values()] == ["PASS"]
    return patient


def heal(patient: Patient, why: str) -> None:
    """No alarm and no topic is made beside the one that is broken."""
    [found] = patient.bad(CHECK)
    assert why in found.message
    before = alarms(patient), topics(patient)
    patient.heal(CHECK, PATH=path(patient))
    assert (alarms(patient), topics(patient)) == before


def path(patient: Patient) -> str:
    """Where commands are found: the AWS CLI, and nothing of ours."""
    told = patient.shell.folder / "told"
    told.mkdir(exist_ok=True)
    if not (told / "aws").exists():
        (told / "aws").symlink_to(patient.shell.folder / "bin/aws")
    return os.pathsep.join([str(told), "/usr/local/bin", "/usr/bin", "/bin"])


def alarms(patient: Patient) -> list[str]:
    return sorted(each["AlarmName"] for each in patient.client("cloudwatch").describe_alarms()["MetricAlarms"])


def topics(patient: Patient) -> list[str]:
    return sorted(each["TopicArn"] for each in patient.client("sns").list_topics()["Topics"])


def acting(patient: Patient, *actions: str, on: bool = True) -> None:
    """Let the alarm do just that."""
    [found] = patient.client("cloudwatch").describe_alarms(AlarmNames=[NAME])["MetricAlarms"]
    kept = {"AlarmName", "Metrics", "Threshold", "ComparisonOperator", "EvaluationPeriods", "DatapointsToAlarm"}
    made = {name: value for name, value in found.items() if name in kept}
    patient.client("cloudwatch").put_metric_alarm(**made, AlarmActions=list(actions), ActionsEnabled=on)


def attribute(patient: Patient, name: str, value: str) -> None:
    patient.client("sns").set_topic_attributes(TopicArn=patient.world.topic, AttributeName=name, AttributeValue=value)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def unsubscribe(patient: Patient) -> str:
    """The queue that listened."""
    [found] = patient.client("sns").list_subscriptions()["Subscriptions"]
    patient.client("sns").unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    arn: str = found["Endpoint"]
    return arn


def resubscribe(patient: Patient, protocol: str, endpoint: str, **attributes: str) -> None:
    unsubscribe(patient)
    patient.client("sns").subscribe(
        TopicArn=patient.world.topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes
    )


def test_actions_that_are_switched_off_are_switched_on(wired: Patient) -> None:
    acting(wired, wired.world.topic, on=False)
    heal(wired, "its actions are disabled (ActionsEnabled is false)")


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        ((), "no alarm action"),
        ((f"arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem:1",), "no alarm action on SNS, Lambda or Incident Manager"),
    ],
)
def test_an_alarm_that_tells_nobody_calls_the_topic_that_the_others_call(
    wired: Patient, actions: tuple[str, ...], why: str
) -> None:
    acting(wired, *actions)
    heal(wired, why)
    [found] = wired.client("cloudwatch").describe_alarms(AlarmNames=[NAME])["MetricAlarms"]
    assert set(found["AlarmActions"]) == {*actions, wired.world.topic}
    assert found["OKActions"] == [wired.world.topic]


def test_an_alarm_that_tells_nobody_calls_the_topic_of_the_checklist(wired: Patient) -> None:
    on_call = wired.client("sns").create_topic(Name="theirs")["TopicArn"]
    wired.client("sns").subscribe(TopicArn=on_call, Protocol="sms", Endpoint="+15550100")
    wired.world.settings = structs.replace(wired.world.settings, on_call=OnCall(topic_arn=on_call))
    acting(wired)
    heal(wired, "no alarm action")
    [found] = wired.client("cloudwatch").describe_alarms(AlarmNames=[NAME])["MetricAlarms"]
    assert found["AlarmActions"] == [on_call]


def test_who_was_asked_to_listen_is_asked_again_and_has_to_confirm(wired: Patient) -> None:
    """Moto confirms at once: what is pending is written into it."""
    backend = sns_backends[ACCOUNT][REGION]
    [subscription] = backend.subscriptions.values()
    topic, arn = backend.topics[wired.world.topic], subscription.arn
    subscription.arn, topic.subscriptions_pending = "PendingConfirmation", 1
    [found] = wired.bad(CHECK)
    assert found.message.endswith("SNS topic on-call has no confirmed subscription, 1 pending")
    wired.shell.type(found.remedy.command)
    subscription.arn, topic.subscriptions_pending = arn, 0
    assert [each.status for each in wired.say(CHECK).values()] == ["PASS"]


def test_a_topic_that_was_deleted_is_made_again(wired: Patient) -> None:
    wired.client("sns").delete_topic(TopicArn=wired.world.topic)
    [found] = wired.bad(CHECK)
    assert found.message.endswith("SNS topic on-call does not exist")
    wired.shell.type(found.remedy.command, ENDPOINT="https://events.pagerduty.com/x")
    assert wired.world.topic in topics(wired)


def test_a_policy_without_cloudwatch_gets_one_statement_more(wired: Patient) -> None:
    owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sns:*"}
    attribute(wired, "Policy", policy({**owner, "Resource": wired.world.topic}))
    heal(wired, "the access policy of SNS topic on-call does not allow CloudWatch to publish")
    answer = wired.client("sns").get_topic_attributes(TopicArn=wired.world.topic)["Attributes"]
    first, added = json.loads(answer["Policy"])["Statement"]
    assert first["Action"] == "sns:*"
    assert added["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":alarm:{NAME}")


def test_a_topic_under_the_key_of_aws_moves_to_a_customer_key(wired: Patient) -> None:
    attribute(wired, "KmsMasterKeyId", "alias/aws/sns")
    heal(wired, "an AWS managed key")
    answer = wired.client("sns").get_topic_attributes(TopicArn=wired.world.topic)["Attributes"]
    key = wired.client("kms").describe_key(KeyId=answer["KmsMasterKeyId"])["KeyMetadata"]
    assert key["KeyManager"] == "CUSTOMER"


def test_a_customer_key_that_does_not_let_cloudwatch_gets_one_statement_more(wired: Patient) -> None:
    key = wired.client("kms").create_key(Policy=policy(ROOT))["KeyMetadata"]["Arn"]
    attribute(wired, "KmsMasterKeyId", key)
    heal(wired, "the key policy of SNS topic on-call does not allow CloudWatch to publish")


@pytest.mark.parametrize("dying", [False, True])
def test_a_customer_key_that_is_switched_off_or_is_to_be_deleted_is_switched_on(wired: Patient, *, dying: bool) -> None:
    service = {"Principal": {"Service": "cloudwatch.amazonaws.com"}, "Effect": "Allow", "Action": "kms:*"}
    kms = wired.client("kms")
    key = kms.create_key(Policy=policy(ROOT, {**service, "Resource": "*"}))["KeyMetadata"]["Arn"]
    attribute(wired, "KmsMasterKeyId", key)
    name = key.rpartition("/")[2]
    kms.schedule_key_deletion(KeyId=name) if dying else kms.disable_key(KeyId=name)
    heal(wired, "KMS key of SNS topic on-call is ")


@pytest.mark.parametrize(
    "attributes",
    [
        {"FilterPolicy": '{"Severity": ["HIGH"]}'},
        {"FilterPolicy": '{"AlarmName": [{"prefix": "billing-"}]}', "FilterPolicyScope": "MessageBody"},
    ],
)
def test_a_filter_that_lets_no_alarm_through_is_taken_away(wired: Patient, attributes: dict[str, str]) -> None:
    [found] = wired.client("sns").list_subscriptions()["Subscriptions"]
    resubscribe(wired, "sqs", found["Endpoint"], **attributes)
    heal(wired, "every subscription of SNS topic on-call")


def test_a_queue_that_does_not_let_the_topic_in_gets_one_statement_more(wired: Patient) -> None:
    theirs = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sqs:*", "Resource": "*"}
    wired.client("sqs").set_queue_attributes(QueueUrl=wired.world.queue, Attributes={"Policy": policy(theirs)})
    heal(wired, "the resource policy of SQS queue on-call does not allow SNS")


def test_a_queue_without_a_policy_gets_one(wired: Patient) -> None:
    wired.client("sqs").create_queue(QueueName="pages")
    resubscribe(wired, "sqs", f"arn:aws:sqs:{REGION}:{ACCOUNT}:pages")
    heal(wired, "the resource policy of SQS queue pages does not allow SNS")


def test_a_queue_under_the_key_of_aws_moves_to_a_customer_key(wired: Patient) -> None:
    """Moto forgets the policy of a queue whenever something else of it is set."""
    managed = {"KmsMasterKeyId": "alias/aws/sqs"}
    wired.client("sqs").set_queue_attributes(QueueUrl=wired.world.queue, Attributes=managed)
    admit(wired.client("sqs"), wired.world.queue, wired.world.topic)
    [found] = wired.bad(CHECK)
    assert "an AWS managed key" in found.message
    wired.shell.type(found.remedy.command, PATH=path(wired))
    admit(wired.client("sqs"), wired.world.queue, wired.world.topic)
    assert [each.status for each in wired.say(CHECK).values()] == ["PASS"]


def test_a_queue_whose_key_does_not_let_sns_gets_one_that_does(wired: Patient) -> None:
    key = wired.client("kms").create_key(Policy=policy(ROOT))["KeyMetadata"]["Arn"]
    wired.client("sqs").set_queue_attributes(QueueUrl=wired.world.queue, Attributes={"KmsMasterKeyId": key})
    admit(wired.client("sqs"), wired.world.queue, wired.world.topic)
    heal(wired, "the key policy of SQS queue on-call does not allow SNS")


def test_a_function_that_listens_is_let_in(wired: Patient) -> None:
    function(wired.world.account, "pager")
    resubscribe(wired, "lambda", FUNCTION)
    heal(wired, "the resource policy of Lambda function pager does not allow SNS")


def test_a_function_that_an_alarm_calls_is_let_in(wired: Patient) -> None:
    function(wired.world.account, "pager")
    acting(wired, FUNCTION)
    heal(wired, "the resource policy of Lambda function pager does not allow CloudWatch")


def test_a_pager_that_is_never_told_that_all_is_well_is_told(wired: Patient) -> None:
    resubscribe(wired, "https", "https://events.pagerduty.com/integration/1/enqueue")
    acting(wired, wired.world.topic)
    heal(wired, "no OK action")
