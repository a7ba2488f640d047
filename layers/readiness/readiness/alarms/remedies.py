"""Remediation commands for the links between an alarm and on-call: the alarm, an SNS topic or a subscription.

A policy is read, gets one more statement, and is written again; its other statements stay. ENDPOINT is a placeholder
for a person to fill in.
"""

import json
from collections.abc import Mapping
from typing import Any

from readiness.aws.arn import account_of, name_of, partition_of, region_of, service_of
from readiness.model import Remedy

REGION = "--region {Region}"
SUBSCRIBE = (
    f"aws sns subscribe --topic-arn {{TopicArn}} --protocol https --notification-endpoint ENDPOINT {REGION}"
    "  # ENDPOINT: the URL of the pager"
)

FIELDS = "^(AlarmArn|AlarmConfigurationUpdatedTimestamp|State|EvaluationState$|ActionsSuppressedBy|ActionsSuppressedR)"
"""The members of DescribeAlarms that PutMetricAlarm and PutCompositeAlarm do not take."""


WATCHES = "^(Metrics?|MetricName|Namespace|Dimensions|(Extended)?Statistic|Period|Unit|Threshold|EvaluateLow)"
"""The members of a metric alarm that name its metrics and its condition."""

FOURTEEN_DAYS = "1209600"
"""In seconds, the longest MessageRetentionPeriod of SQS."""

LONGEST = 60
"""The characters of a topic's name that become part of a queue's name, which may have 80."""


def switch_on(alarm: str) -> Remedy:
    """Enable the actions of an alarm."""
    return _of_alarm(f"aws cloudwatch enable-alarm-actions --alarm-names {{AlarmNames}} {REGION}", alarm)


def act(alarm: str, topic: str, *, composite: bool) -> Remedy:
    """Add the topic to AlarmActions and OKActions; without a topic, TOPIC is a placeholder."""
    change = f"{_with_topic('AlarmActions')} | {_with_topic('OKActions')}"
    return _rewritten(alarm, change, composite=composite, TopicArn=topic or "TOPIC")


def close(alarm: str, topic: str, *, composite: bool) -> Remedy:
    """Add the topic to OKActions, so that a pager closes the incident."""
    return _rewritten(alarm, _with_topic("OKActions"), composite=composite, TopicArn=topic or "TOPIC")


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
    return _rewritten(alarm, ".EvaluationPeriods = 3 | .DatapointsToAlarm = 1", composite=False)


def reset(alarm: str) -> Remedy:
    """Set an alarm that is stuck in ALARM to OK, so that its actions run for the next incident."""
    command = (
        "aws cloudwatch set-alarm-state --alarm-name {AlarmName} --state-value OK"
        f" --state-reason 'reset so that actions run for the next incident' {REGION}"
    )
    return _of_alarm(command, alarm)


def rewatch(alarm: str, how: Mapping[str, Any]) -> Remedy:
    """Replace the metrics and the condition of a metric alarm; its actions stay."""
    change = f'with_entries(select(.key | test("{WATCHES}") | not)) + $how'
    return _rewritten(alarm, change, composite=False, How=json.dumps(how, separators=(",", ":")))


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
    command = (
        "aws sns set-subscription-attributes --subscription-arn {SubscriptionArn} --attribute-name FilterPolicy"
        f" --attribute-value '{{{{}}}}' {REGION}"
    )
    return Remedy(command, {"SubscriptionArn": subscription, "Region": region_of(subscription)})


def redrive(subscription: str) -> Remedy:
    """Create a dead-letter queue for a subscription, to which only its topic may send."""
    topic = subscription.rpartition(":")[0]
    name = f"{name_of(topic)[:LONGEST]}-undelivered"
    queue = ":".join(["arn", partition_of(topic), "sqs", region_of(topic), account_of(topic), name])
    statement = _statement("sns.amazonaws.com", "sqs:SendMessage", queue, {"ArnLike": {"aws:SourceArn": topic}})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    command = (
        f"aws sqs create-queue --queue-name {{QueueName}} {REGION} --attributes {{QueueAttributes}} &&"
        " aws sns set-subscription-attributes --subscription-arn {SubscriptionArn} --attribute-name RedrivePolicy"
        f" --attribute-value {{RedrivePolicy}} {REGION}"
    )
    values = {
        "QueueName": name,
        "QueueAttributes": json.dumps({"MessageRetentionPeriod": FOURTEEN_DAYS, "Policy": policy}),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": queue}),
    }
    return Remedy(command, {"SubscriptionArn": subscription, "Region": region_of(topic), **values})


def let_publish(topic: str, service: str, source: str) -> Remedy:
    """Allow a service to publish to the topic, for this alarm, rule or budget only."""
    statement = _statement(service, "sns:Publish", topic, {"ArnLike": {"aws:SourceArn": source}})
    command = (
        f"aws sns get-topic-attributes --topic-arn {{TopicArn}} {REGION} --query Attributes.Policy --output text"
        " | jq -c --argjson more {Statement} '.Statement += [$more]' > policy.json;"
        f" aws sns set-topic-attributes --topic-arn {{TopicArn}} {REGION} --attribute-name Policy"
        " --attribute-value file://policy.json"
    )
    return _of_topic(command, topic, Statement=json.dumps(statement))


def let_into(receiver: str, service: str, source: str) -> Remedy:
    """Allow a service to invoke a function or to send to a queue, for this alarm, topic or rule only."""
    if service_of(receiver) == "lambda":
        function, _, qualifier = receiver.partition(":function:")[2].partition(":")
        command = (
            f"aws lambda add-permission --function-name {{FunctionName}} {REGION} --statement-id {{StatementId}}"
            " --action lambda:InvokeFunction --principal {Principal} --source-arn {SourceArn}"
        )
        command += " --qualifier {Qualifier}" if qualifier else ""
        called = "".join(each if each.isalnum() else "-" for each in name_of(source))[:60]
        values = {"FunctionName": function, "Principal": service, "SourceArn": source, "Region": region_of(receiver)}
        return Remedy(command, {**values, "StatementId": f"from-{called}", "Qualifier": qualifier})
    statement = _statement(service, "sqs:SendMessage", receiver, {"ArnLike": {"aws:SourceArn": source}})
    command = (
        f"url=$(aws sqs get-queue-url --queue-name {{QueueName}} {REGION} --query QueueUrl --output text);"
        f' aws sqs get-queue-attributes --queue-url "$url" {REGION} --attribute-names Policy --output json'
        " | jq -n --argjson more {Statement}"
        """ '{{Policy: ([inputs][0].Attributes.Policy // "{{\\"Version\\":\\"2012-10-17\\"}}" | fromjson"""
        """ | .Statement += [$more] | tojson)}}' > queue.json;"""
        f' aws sqs set-queue-attributes --queue-url "$url" {REGION} --attributes file://queue.json'
    )
    values = {"QueueName": name_of(receiver), "Region": region_of(receiver), "Statement": json.dumps(statement)}
    return Remedy(command, values)


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
    command = (
        f"aws kms get-key-policy --key-id {{KeyArn}} --policy-name default {REGION} --query Policy --output text"
        " | jq -c --argjson more {Statement} '.Statement += [$more]' > policy.json;"
        f" aws kms put-key-policy --key-id {{KeyArn}} --policy-name default {REGION} --policy file://policy.json"
    )
    values = {"KeyArn": key, "Region": region_of(key), "Statement": json.dumps(_use(service, account))}
    return Remedy(command, values)


def revive(key: str, state: str) -> Remedy:
    """Enable a key that is disabled or pending deletion."""
    enable = f"aws kms enable-key --key-id {{KeyId}} {REGION}"
    cancel = f"aws kms cancel-key-deletion --key-id {{KeyId}} {REGION}; " if state == "PendingDeletion" else ""
    return Remedy(cancel + enable, {"KeyId": key.rpartition("/")[2], "Region": region_of(key)})


def _rewritten(alarm: str, change: str, *, composite: bool, **values: str) -> Remedy:
    """Read, change and put an alarm: AWS has no call that changes a part of one."""
    listed, put = ("CompositeAlarms", "put-composite-alarm") if composite else ("MetricAlarms", "put-metric-alarm")
    given = {"TopicArn": " --arg topic {TopicArn}", "How": " --argjson how {How}"}
    options = "".join(option for name, option in given.items() if name in values)
    command = (
        f"aws cloudwatch describe-alarms --alarm-names {{AlarmNames}} --alarm-types {listed.removesuffix('s')} {REGION}"
        f" --query '{listed}[0]' --output json | jq{options}"
        f""" 'with_entries(select((.key | test("{FIELDS}") | not) and .value != [])) | {change}' > alarm.json;"""
        f" aws cloudwatch {put} --cli-input-json file://alarm.json {REGION}"
    )
    return _of_alarm(command, alarm, **values)


def _with_topic(actions: str) -> str:
    return f".{actions} = (.{actions} + [$topic] | unique)"


def _of_alarm(command: str, alarm: str, **values: str) -> Remedy:
    name = alarm.partition(":alarm:")[2]
    return Remedy(command, {"AlarmName": name, "AlarmNames": as_list(name), "Region": region_of(alarm), **values})


def as_list(name: str) -> str:
    """Return a name for a list option of the AWS CLI, which reads a value that begins with a bracket as JSON."""
    return json.dumps([name], ensure_ascii=False) if name.lstrip().startswith("[") else name


def _of_topic(command: str, topic: str, **values: str) -> Remedy:
    return Remedy(command, {"TopicArn": topic, "Region": region_of(topic), **values})


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
