"""The active alarm mute rules: DescribeAlarms does not show that an alarm is muted."""

import re
from datetime import datetime, timedelta

from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.model import Fact

PERMISSION = "cloudwatch:GetAlarmMuteRule"

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


@fact(PERMISSION, events=("monitoring:PutAlarmMuteRule", "monitoring:DeleteAlarmMuteRule"))
def mute(aws: Aws, rule: MuteRule) -> Mute:
    """Read the rule. Gone where it was deleted since it was listed."""
    answer = Answer(aws.client("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=rule.name), PERMISSION)
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
