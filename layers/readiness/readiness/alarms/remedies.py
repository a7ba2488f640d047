"""Remedies for the links between an alarm and on-call: the alarm, an SNS topic, a subscription or a receiver."""

import json
from collections.abc import Mapping
from typing import Any

from readiness.aws.arn import account_of, name_of, partition_of, region_of, service_of
from readiness.model import AddStatement, Call, EditAlarm, Remedy, Step

REGION = "--region {Region}"
SUBSCRIBE = (
    f"aws sns subscribe --topic-arn {{TopicArn}} {REGION} --protocol https --notification-endpoint"
    ' "${{ENDPOINT:?set it to the URL of the pager}}"'
)

FOURTEEN_DAYS = "1209600"
"""In seconds, the longest MessageRetentionPeriod of SQS."""

LONGEST = 60
"""The characters of a topic's name that become part of a queue's name, which may have 80."""


def switch_on(alarm: str) -> Remedy:
    """Enable the actions of an alarm."""
    call = Call("cloudwatch", "EnableAlarmActions", {"AlarmNames": ["{AlarmName}"]}, "{Region}")
    return _of_alarm("", alarm, (call,))


def act(alarm: str, topic: str) -> Remedy:
    """Add the topic to AlarmActions and OKActions; without a topic, a person has to choose one."""
    return _with_topic(alarm, topic, "AlarmActions", "OKActions")


def close(alarm: str, topic: str) -> Remedy:
    """Add the topic to OKActions, so that a pager closes the incident."""
    return _with_topic(alarm, topic, "OKActions")


def unmute(rule: str, alarm: str) -> Remedy:
    """Delete the alarm mute rule."""
    command = f"aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name {{MuteRule}} {REGION}"
    return _of_alarm(command, alarm, MuteRule=rule)


def show(alarm: str) -> Remedy:
    """Show the alarm to a person."""
    return _of_alarm(f"aws cloudwatch describe-alarms --alarm-names {{AlarmNames}} {REGION}", alarm)


def delete(alarm: str) -> Remedy:
    """Delete an alarm that can never enter ALARM."""
    return _of_alarm(f"aws cloudwatch delete-alarms --alarm-names {{AlarmNames}} {REGION}", alarm)


def look_longer(alarm: str) -> Remedy:
    """Let a metric alarm enter ALARM for one breaching period of the last three, not for the newest only."""
    return _of_alarm("", alarm, (EditAlarm(alarm, {"EvaluationPeriods": 3, "DatapointsToAlarm": 1}),))


def reset(alarm: str) -> Remedy:
    """Set an alarm that is stuck in ALARM to OK, so that its actions run for the next incident."""
    command = (
        "aws cloudwatch set-alarm-state --alarm-name {AlarmName} --state-value OK"
        f" --state-reason 'reset so that actions run for the next incident' {REGION}"
    )
    return _of_alarm(command, alarm)


def rewatch(alarm: str, how: Mapping[str, Any]) -> Remedy:
    """Replace the metrics and the condition of a metric alarm; its actions stay."""
    edit = EditAlarm(alarm, how, conditions=True)
    return _of_alarm("", alarm, (edit,), How=json.dumps(how, separators=(",", ":")))


def drill(alarm: str) -> Remedy:
    """Show why an action failed, and run it again."""
    command = (
        "aws cloudwatch describe-alarm-history --alarm-name {AlarmName} --history-item-type Action --max-records 1"
        f" {REGION}; readiness alarms --drill {{AlarmName}} --table {{table}}"
    )
    return _of_alarm(command, alarm)


def look_at(topic: str) -> Remedy:
    """List the subscriptions of a topic that the monitor does not read, such as one of another account."""
    return _of_topic(f"aws sns list-subscriptions-by-topic --topic-arn {{TopicArn}} {REGION}", topic)


def make_topic(topic: str) -> Remedy:
    """Create the topic with one subscription."""
    return _of_topic(
        f"aws sns create-topic --name {{TopicName}} {REGION}; {SUBSCRIBE}", topic, TopicName=name_of(topic)
    )


def subscribe(topic: str) -> Remedy:
    """Subscribe a pager."""
    return _of_topic(SUBSCRIBE, topic)


def confirm(topic: str) -> Remedy:
    """Send pending subscriptions a new confirmation request, which is valid for three days."""
    command = (
        f"aws sns list-subscriptions-by-topic --topic-arn {{TopicArn}} {REGION} --output text"
        " --query \"Subscriptions[?SubscriptionArn=='PendingConfirmation'].[Protocol,Endpoint]\""
        ' | while read -r protocol endpoint; do aws sns subscribe --topic-arn {TopicArn} --protocol "$protocol"'
        f' --notification-endpoint "$endpoint" {REGION}; done  # confirm each of them within 3 days'
    )
    return _of_topic(command, topic)


def unfilter(subscription: str) -> Remedy:
    """Remove the filter policy of a subscription."""
    values = {"SubscriptionArn": subscription, "Region": region_of(subscription)}
    return Remedy("", values, (_subscription("FilterPolicy", "{}"),))


def redrive(subscription: str) -> Remedy:
    """Create a dead-letter queue for a subscription, to which only its topic may send."""
    topic = subscription.rpartition(":")[0]
    name = f"{name_of(topic)[:LONGEST]}-undelivered"
    queue = ":".join(["arn", partition_of(topic), "sqs", region_of(topic), account_of(topic), name])
    statement = _statement("sns.amazonaws.com", "sqs:SendMessage", queue, {"ArnLike": {"aws:SourceArn": topic}})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = {"QueueName": "{QueueName}", "Attributes": "{QueueAttributes!j}"}
    steps = (
        Call("sqs", "CreateQueue", made, "{Region}"),
        _subscription("RedrivePolicy", "{RedrivePolicy}"),
    )
    values = {
        "QueueName": name,
        "QueueAttributes": json.dumps({"MessageRetentionPeriod": FOURTEEN_DAYS, "Policy": policy}),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": queue}),
    }
    return Remedy("", {"SubscriptionArn": subscription, "Region": region_of(topic), **values}, steps)


def let_publish(topic: str, service: str, source: str) -> Remedy:
    """Allow a service to publish to the topic, for this alarm, rule or budget only."""
    statement = _statement(service, "sns:Publish", topic, {"ArnLike": {"aws:SourceArn": source}})
    said = json.dumps(statement)
    return _of_topic("", topic, (AddStatement(topic, said),), Statement=said)


def let_into(receiver: str, service: str, source: str) -> Remedy:
    """Allow a service to invoke a function or to send to a queue, for this alarm, topic or rule only."""
    if service_of(receiver) == "lambda":
        function, _, qualifier = receiver.partition(":function:")[2].partition(":")
        named = {name: f"{{{name}}}" for name in ("FunctionName", "StatementId", "Principal", "SourceArn")}
        parameters = {**named, "Action": "lambda:InvokeFunction", **({"Qualifier": "{Qualifier}"} if qualifier else {})}
        step = Call("lambda", "AddPermission", parameters, "{Region}")
        called = "".join(each if each.isalnum() else "-" for each in name_of(source))[:60]
        values = {"FunctionName": function, "Principal": service, "SourceArn": source, "Region": region_of(receiver)}
        return Remedy("", {**values, "StatementId": f"from-{called}", "Qualifier": qualifier}, (step,))
    statement = _statement(service, "sqs:SendMessage", receiver, {"ArnLike": {"aws:SourceArn": source}})
    said = json.dumps(statement)
    values = {"QueueName": name_of(receiver), "Region": region_of(receiver), "Statement": said}
    return Remedy("", values, (AddStatement(receiver, said),))


def make_again(receiver: str) -> Remedy:
    """Create the queue again; a function is deployed again by its own repository."""
    if service_of(receiver) == "sqs":
        return Remedy(
            f"aws sqs create-queue --queue-name {{QueueName}} {REGION}",
            {"QueueName": name_of(receiver), "Region": region_of(receiver)},
        )
    return show_function(receiver)


def show_function(function: str) -> Remedy:
    """Show the state of a function that cannot be invoked."""
    return Remedy(
        f"aws lambda get-function-configuration --function-name {{FunctionArn}} {REGION}"
        "  # deploy the function again if it does not exist",
        {"FunctionArn": function, "Region": region_of(function)},
    )


def encrypt(owner: str, service: str) -> Remedy:
    """Encrypt a topic or queue with a new customer managed key that the service may use."""
    account, partition = account_of(owner), owner.split(":")[1]
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [root, _use(service, account)]}
    made = (
        f"key=$(aws kms create-key --policy {{KeyPolicy}} {REGION} --query KeyMetadata.KeyId --output text);"
        f' aws kms enable-key-rotation --key-id "$key" {REGION};'
    )
    values = {"KeyPolicy": json.dumps(policy), "Region": region_of(owner)}
    if service_of(owner) == "sns":
        command = (
            f"{made} aws sns set-topic-attributes --topic-arn {{TopicArn}} {REGION} --attribute-name KmsMasterKeyId"
            ' --attribute-value "$key"'
        )
        return Remedy(command, {**values, "TopicArn": owner})
    command = (
        f"{made} url=$(aws sqs get-queue-url --queue-name {{QueueName}} {REGION} --query QueueUrl --output text);"
        f' aws sqs set-queue-attributes --queue-url "$url" {REGION} --attributes KmsMasterKeyId="$key"'
    )
    return Remedy(command, {**values, "QueueName": name_of(owner)})


def let_use(key: str, service: str, account: str) -> Remedy:
    """Allow a service to use a customer managed key on behalf of the account."""
    said = json.dumps(_use(service, account))
    return Remedy("", {"KeyArn": key, "Region": region_of(key), "Statement": said}, (AddStatement(key, said),))


def revive(key: str, state: str) -> Remedy:
    """Enable a key that is disabled or pending deletion."""
    enable = f"aws kms enable-key --key-id {{KeyId}} {REGION}"
    cancel = f"aws kms cancel-key-deletion --key-id {{KeyId}} {REGION}; " if state == "PendingDeletion" else ""
    return Remedy(cancel + enable, {"KeyId": key.rpartition("/")[2], "Region": region_of(key)})


def _with_topic(alarm: str, topic: str, *actions: str) -> Remedy:
    step = EditAlarm(alarm, actions=actions, topic=topic)
    return _of_alarm("", alarm, (step,), TopicArn=topic or "TOPIC")


def _of_alarm(command: str, alarm: str, steps: tuple[Step, ...] = (), **values: str) -> Remedy:
    name = alarm.partition(":alarm:")[2]
    values = {"AlarmName": name, "AlarmNames": as_list(name), "Region": region_of(alarm), **values}
    return Remedy(command, values, steps)


def as_list(name: str) -> str:
    """Return a name for a list option of the AWS CLI, which reads a value that begins with a bracket as JSON."""
    return json.dumps([name], ensure_ascii=False) if name.lstrip().startswith("[") else name


def _of_topic(command: str, topic: str, steps: tuple[Step, ...] = (), **values: str) -> Remedy:
    return Remedy(command, {"TopicArn": topic, "Region": region_of(topic), **values}, steps)


def _subscription(attribute: str, value: str) -> Call:
    parameters = {"SubscriptionArn": "{SubscriptionArn}", "AttributeName": attribute, "AttributeValue": value}
    return Call("sns", "SetSubscriptionAttributes", parameters, "{Region}")


def _use(service: str, account: str) -> dict[str, Any]:
    condition = {"StringEquals": {"aws:SourceAccount": account}}
    return _statement(service, ["kms:GenerateDataKey*", "kms:Decrypt"], "*", condition)


def _statement(service: str, actions: str | list[str], resource: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resource,
        "Condition": condition,
    }
