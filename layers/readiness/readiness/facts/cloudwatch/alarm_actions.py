"""The results of the alarms' last actions."""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice

from readiness.aws.answer import listed
from readiness.aws.client import Aws
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
    for item in listed(islice(pages, PAGES), "AlarmHistoryItems", PERMISSION):
        if done := DONE.match(item.need("HistorySummary", str)):
            last.setdefault((item.need("AlarmName", str), done["action"]), done["how"])
    failed = sorted(which for which, how in last.items() if how.startswith("Failed"))
    names = {name for name, _ in failed}
    return FailedActions({name: tuple(action for alarm, action in failed if alarm == name) for name in names})
