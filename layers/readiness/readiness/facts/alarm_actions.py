"""What became of what alarms did last."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.now import Now

KEPT = timedelta(days=14)
PAGES = 10
DONE = re.compile(r"(?P<how>Successfully executed|Failed to execute) action (?P<action>arn:\S+?)\.?(?:\s|$)")


@dataclass(frozen=True)
class FailedActions:
    """By the name of an alarm, those of its actions, ARNs, that failed the last time.

    CloudWatch remembers two weeks. Of very many, the newest thousand are looked at.
    """

    of: Mapping[str, tuple[str, ...]]


@fact("cloudwatch:DescribeAlarmHistory")
def failed_actions(aws: Aws, now: Now) -> FailedActions:
    """Read off the summary, as in "Failed to execute action arn:..."; what was published is not looked at.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    pages = (
        aws.client("cloudwatch")
        .get_paginator("describe_alarm_history")
        .paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="Action",
            StartDate=now.at - KEPT,
            ScanBy="TimestampDescending",
            PaginationConfig={"PageSize": 100},
        )
    )
    last: dict[tuple[str, str], str] = {}
    for item in (item for page in islice(pages, PAGES) for item in page.get("AlarmHistoryItems", [])):
        if done := DONE.match(item.get("HistorySummary", "")):
            last.setdefault((item["AlarmName"], done["action"]), done["how"])
    failed = sorted(which for which, how in last.items() if how.startswith("Failed"))
    names = {name for name, _ in failed}
    return FailedActions({name: tuple(action for alarm, action in failed if alarm == name) for name in names})
