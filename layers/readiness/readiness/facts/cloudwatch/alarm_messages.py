"""The known members of the notification that an alarm sends to a topic when it enters ALARM.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html: the message is JSON, and has
no attributes.
"""

from collections.abc import Mapping
from typing import Any

from readiness.alarms.event_pattern import CHANGE, SOURCE
from readiness.alarms.filter_policy import ABSENT, DisplayName, OneOf, Partly
from readiness.aws.arn import account_of, region_of
from readiness.facts.cloudwatch.alarms import Alarm

BEFORE = OneOf(("INSUFFICIENT_DATA", "OK"))
"""The states from which an alarm enters ALARM."""

REGION = DisplayName()


def of_alarm(alarm: Alarm) -> Mapping[str, Any]:
    """Return the notification that CloudWatch publishes."""
    return Partly(
        AlarmName=alarm.name,
        AlarmArn=alarm.arn,
        AWSAccountId=account_of(alarm.arn),
        NewStateValue="ALARM",
        OldStateValue=BEFORE,
        Region=REGION,
        AlarmActions=list(alarm.actions),
        OKActions=list(alarm.ok_actions),
        Trigger=_trigger(alarm),
    )


def of_event(alarm: Alarm) -> Mapping[str, Any]:
    """Return the event that an EventBridge rule sends to a target without an input of its own."""
    state = Partly(value="ALARM")
    return Partly(
        {
            "source": SOURCE,
            "detail-type": CHANGE,
            "account": account_of(alarm.arn),
            "region": region_of(alarm.arn),
            "resources": [alarm.arn],
            "detail": Partly(alarmName=alarm.name, state=state),
        }
    )


def _trigger(alarm: Alarm) -> Any:
    """Return Trigger: it names the metric of an alarm on one; a composite alarm has none."""
    if alarm.kind == "composite":
        return ABSENT
    if not alarm.single:
        return Partly(MetricName=ABSENT, Namespace=ABSENT, Dimensions=ABSENT)
    known = ({"MetricName": each.metric, "Namespace": each.namespace} for each in alarm.watches[:1])
    return Partly(next(known, {}))
