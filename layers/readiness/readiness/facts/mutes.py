"""The rules that mute alarms now: an alarm that is muted looks as if it would act."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.instant import utc_or_none

DURATION = re.compile(r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")


@dataclass(frozen=True)
class MuteRule:
    """A rule that mutes alarms now. Its key is its ARN."""

    arn: str
    name: str


@fact("cloudwatch:ListAlarmMuteRules")
def mute_rules(aws: Aws) -> Each[MuteRule]:
    """Those that are active; others mute nothing yet, or any more."""
    pages = aws.client("cloudwatch").get_paginator("list_alarm_mute_rules").paginate(Statuses=["ACTIVE"])
    arns = [rule["AlarmMuteRuleArn"] for page in pages for rule in page.get("AlarmMuteRuleSummaries", [])]
    return Each({arn: MuteRule(arn, arn.rpartition(":alarm-mute-rule:")[2]) for arn in arns})


@dataclass(frozen=True)
class Mute:
    """The `alarms` that a rule mutes, by their names, and for how long it `lasts` each time.

    `expires` is when the rule ends for good, None for never.
    """

    rule: str
    alarms: tuple[str, ...]
    lasts: timedelta
    expires: datetime | None


@fact("cloudwatch:GetAlarmMuteRule")
def mute(aws: Aws, rule: MuteRule) -> Mute:
    """Gone where it was deleted since it was listed."""
    answer = aws.client("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName=rule.name)
    return Mute(
        rule=rule.name,
        alarms=tuple(sorted(answer.get("MuteTargets", {}).get("AlarmNames", []))),
        lasts=_duration(answer["Rule"]["Schedule"]["Duration"]),
        expires=utc_or_none(answer.get("ExpireDate")),
    )


def _duration(text: str) -> timedelta:
    """A duration as ISO 8601 writes it, such as P2DT12H. ValueError where it is none."""
    found = DURATION.fullmatch(text)
    if found is None:
        msg = f"{text!r} is no duration"
        raise ValueError(msg)
    return timedelta(**{unit: int(count) for unit, count in found.groupdict(default="0").items()})
