"""The results of the alarms' last actions, and the active mute rules, which DescribeAlarms does not show."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.facts.recorded.now import Now
from readiness.model import Fact

KEPT = timedelta(days=30)
PAGES = 10
PERMISSION = "cloudwatch:DescribeAlarmHistory"
DONE = re.compile(r"(?P<how>Successfully executed|Failed to execute) action (?P<action>arn:\S+?)\.?(?:\s|$)")


class FailedActions(Fact):
    """The ARNs of the actions that failed the last time, by alarm name; at most the newest 1,000 items are read."""

    of: Mapping[str, tuple[str, ...]]


@fact(PERMISSION)
def failed_actions(aws: Aws, now: Now) -> FailedActions:
    """Read HistorySummary, such as "Failed to execute action arn:..."; HistoryData is not read.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Alarms.html: kept for 30 days.
    """
    pages = aws.client("cloudwatch").get_paginator("describe_alarm_history")
    asked = pages.paginate(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="Action",
        StartDate=now.at - KEPT,
        ScanBy="TimestampDescending",
        PaginationConfig={"PageSize": 100},
    )
    last: dict[tuple[str, str], str] = {}
    for item in listed(islice(asked, PAGES), "AlarmHistoryItems", PERMISSION):
        if done := DONE.match(item.need("HistorySummary", str)):
            last.setdefault((item.need("AlarmName", str), done["action"]), done["how"])
    failed = sorted(which for which, how in last.items() if how.startswith("Failed"))
    names = {name for name, _ in failed}
    return FailedActions({name: tuple(action for alarm, action in failed if alarm == name) for name in names})


GET_MUTE_RULE = "cloudwatch:GetAlarmMuteRule"

DURATION = re.compile(r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")


class MuteRule(Fact):
    """An active alarm mute rule. Its key is its ARN."""

    name: str


@fact("cloudwatch:ListAlarmMuteRules")
def mute_rules(aws: Aws) -> Each[MuteRule]:
    """List the active rules."""
    pages = aws.client("cloudwatch").get_paginator("list_alarm_mute_rules").paginate(Statuses=["ACTIVE"])
    return each_of(
        listed(pages, "AlarmMuteRuleSummaries", "cloudwatch:ListAlarmMuteRules"),
        lambda rule: rule.need("AlarmMuteRuleArn", str),
        lambda rule: MuteRule(rule.need("AlarmMuteRuleArn", str).rpartition(":alarm-mute-rule:")[2]),
    )


class Mute(Fact):
    """The `alarms` that a rule mutes, and the duration of each mute window. `expires` is None for never."""

    rule: str
    alarms: tuple[str, ...]
    lasts: timedelta
    expires: datetime | None


@fact(GET_MUTE_RULE, events=("monitoring:PutAlarmMuteRule", "monitoring:DeleteAlarmMuteRule"))
def mute(aws: Aws, rule: MuteRule) -> Mute:
    """Read the rule. Gone where it was deleted since it was listed."""
    answer = Answer(aws.client("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=rule.name), GET_MUTE_RULE)
    schedule = answer.part("Rule").part("Schedule")
    return Mute(
        rule=rule.name,
        alarms=tuple(sorted(answer.part("MuteTargets").texts("AlarmNames"))),
        lasts=schedule.parsed("Duration", _duration),
        expires=answer.get("ExpireDate", datetime),
    )


def _duration(text: str) -> timedelta:
    """Return an ISO 8601 duration such as P2DT12H. ValueError: any other text."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return timedelta(**{unit: int(count) for unit, count in found.groupdict(default="0").items()})
