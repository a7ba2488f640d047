"""What moto lacks of alarms, after botocore's model of CloudWatch: composite alarms, evaluation states, mute rules.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetAlarmMuteRule.html
"""

from datetime import UTC, datetime
from typing import Any

from tests.aws.account import ACCOUNT, REGION, Account

ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:"
MUTE_RULE = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm-mute-rule:"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)

Json = dict[str, Any]


def describe(account: Account, name: str, **members: Any) -> None:
    """Let DescribeAlarms say that of a metric alarm."""

    def change(answer: Json) -> None:
        for alarm in answer["MetricAlarms"]:
            if alarm["AlarmName"] == name:
                alarm.update(members)

    account.alter("cloudwatch", "DescribeAlarms", change)


def combine(account: Account, name: str, rule: str, *actions: str, **members: Any) -> str:
    """A composite alarm; its ARN. Moto has no PutCompositeAlarm."""
    alarm = {
        "AlarmName": name,
        "AlarmArn": ALARM + name,
        "AlarmRule": rule,
        "ActionsEnabled": True,
        "AlarmActions": list(actions),
        "StateValue": "OK",
        "StateUpdatedTimestamp": SINCE,
        **members,
    }
    account.alter("cloudwatch", "DescribeAlarms", lambda answer: answer.setdefault("CompositeAlarms", []).append(alarm))
    return ALARM + name


def mute(account: Account, name: str, *alarms: str, duration: str = "PT4H", **members: Any) -> None:
    """One rule mutes those alarms now, by their names."""
    summary = {"AlarmMuteRuleArn": MUTE_RULE + name, "Status": "ACTIVE", "MuteType": "RECURRING"}
    schedule = {"Expression": "cron(0 2 * * *)", "Duration": duration, "Timezone": "UTC"}
    rule = {
        "Name": name,
        "AlarmMuteRuleArn": MUTE_RULE + name,
        "Rule": {"Schedule": schedule},
        "MuteTargets": {"AlarmNames": list(alarms)},
        "Status": "ACTIVE",
        **members,
    }
    account.answer("cloudwatch", "ListAlarmMuteRules", {"AlarmMuteRuleSummaries": [summary]})
    account.answer("cloudwatch", "GetAlarmMuteRule", rule)
