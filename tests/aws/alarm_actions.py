"""What moto lacks of an alarm that goes off: its actions, its history, and the counts of SNS.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html: "When the updated state differs
from the previous value, the action configured for the appropriate state is invoked".
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

import json
from collections.abc import Iterator
from functools import wraps
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatum, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sns.models import Subscription, sns_backends
from moto.sqs.exceptions import QueueDoesNotExist

Json = dict[str, Any]

LONGEST = 4095
"""Characters of HistoryData, after botocore's model."""


def act() -> None:
    """Let moto's alarms act, and its topics count; once per process."""
    if not hasattr(CloudWatchBackend.set_alarm_state, "__wrapped__"):
        CloudWatchBackend.set_alarm_state = _acting(CloudWatchBackend.set_alarm_state)  # type: ignore[method-assign]
        CloudWatchResponse.describe_alarm_history = _history  # type: ignore[attr-defined]
        Subscription.publish = _counting(Subscription.publish)  # type: ignore[method-assign]


def _acting(set_alarm_state: Any) -> Any:
    @wraps(set_alarm_state)
    def acting(backend: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        before = backend.alarms[alarm_name].state_value if alarm_name in backend.alarms else None
        set_alarm_state(backend, alarm_name, reason, reason_data, state_value)
        alarm = backend.alarms[alarm_name]
        if before != state_value:
            _note(alarm, "StateUpdate", f"Alarm updated from {before} to {state_value}", {"version": "1.0"})
            for action in _actions(alarm, state_value) if alarm.actions_enabled else ():
                _act(backend, alarm, action)

    return acting


def _actions(alarm: Alarm, state: str) -> list[str]:
    by_state = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
    return by_state.get(state, alarm.insufficient_data_actions)


def _act(backend: Any, alarm: Alarm, action: str) -> None:
    message = {"AlarmName": alarm.name, "NewStateValue": alarm.state_value, "NewStateReason": alarm.state_reason}
    said: Json = {"stateUpdateTimestamp": 0, "notificationResource": action, "publishedMessage": json.dumps(message)}
    error = _publish(backend, alarm, action, json.dumps(message)) if ":sns:" in action else None
    if error:
        summary = f'Failed to execute action {action}. Received error: "{error}"'
        _note(alarm, "Action", summary, {"actionState": "Failed", **said, "error": error})
    else:
        _note(alarm, "Action", f"Successfully executed action {action}", {"actionState": "Succeeded", **said})


def _publish(backend: Any, alarm: Alarm, topic: str, message: str) -> str | None:
    """What went wrong, in CloudWatch's words, after
    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger.
    """
    sns = sns_backends[backend.account_id][backend.region_name]
    if topic not in sns.topics:
        return "Topic does not exist"
    if not any(_admits(statement) for statement in json.loads(sns.topics[topic].policy)["Statement"]):
        return f"Resource: {alarm.alarm_arn} is not authorized to perform: SNS:Publish on resource: {topic}"
    sns.publish(message, topic, subject=f"{alarm.state_value}: {alarm.name}"[:100])
    return None


def _admits(statement: Json) -> bool:
    """The policy that SNS makes for a topic admits all who work for its owner; others name the service."""
    principal = statement["Principal"]
    service = principal.get("Service", []) if isinstance(principal, dict) else []
    everybody = principal == "*" or (isinstance(principal, dict) and principal.get("AWS") == "*")
    return bool(statement["Effect"] == "Allow" and (everybody or "cloudwatch.amazonaws.com" in service))


def _note(alarm: Any, kind: str, summary: str, data: Json) -> None:
    item = {
        "AlarmName": alarm.name,
        "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
        "Timestamp": utcnow(),
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data)[:LONGEST],
    }
    alarm.noted = [*getattr(alarm, "noted", []), item]


def _history(response: Any) -> ActionResult:
    asked = response._get_params()  # noqa: SLF001  moto has no other way to it
    found = list(_found(response.cloudwatch_backend, asked))
    if asked.get("ScanBy", "TimestampDescending") == "TimestampDescending":
        found.reverse()
    first, most = int(asked.get("NextToken") or 0), int(asked.get("MaxRecords") or 100)
    answer: Json = {"AlarmHistoryItems": found[first : first + most]}
    if first + most < len(found):
        answer["NextToken"] = str(first + most)
    return ActionResult(answer)


def _found(backend: Any, asked: Json) -> Iterator[Json]:
    """Without AlarmTypes, of metric alarms alone; the oldest first."""
    for alarm in backend.alarms.values():
        for item in getattr(alarm, "noted", []):
            if (
                item["AlarmName"] == asked.get("AlarmName", item["AlarmName"])
                and item["AlarmType"] in asked.get("AlarmTypes", ["MetricAlarm"])
                and item["HistoryItemType"] == asked.get("HistoryItemType", item["HistoryItemType"])
                and item["Timestamp"] >= asked.get("StartDate", item["Timestamp"])
            ):
                yield item


def _counting(publish: Any) -> Any:
    @wraps(publish)
    def counting(subscription: Any, message: str, *arguments: Any, **named: Any) -> None:
        matcher = subscription._filter_policy_matcher  # noqa: SLF001  moto has no other way to it
        passes = matcher is None or matcher.matches(named.get("message_attributes"), message)
        try:
            publish(subscription, message, *arguments, **named)
        except QueueDoesNotExist:
            _count(subscription, "NumberOfNotificationsFailed")
        else:
            _count(subscription, "NumberOfNotificationsDelivered" if passes else "NumberOfNotificationsFilteredOut")

    return counting


def _count(subscription: Any, metric: str) -> None:
    region = subscription.topic.arn.split(":")[3]
    dimensions = [{"Name": "TopicName", "Value": subscription.topic.name}]
    counted = MetricDatum("AWS/SNS", metric, 1, dimensions, utcnow())
    cloudwatch_backends[subscription.account_id][region].metric_data.append(counted)
