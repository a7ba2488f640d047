"""The results of an alarm's actions, from the alarm history and the SNS metrics of its topics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from readiness.aws.arn import service_of
from readiness.aws.client import Aws
from readiness.cli.drill.plan import AlarmAction, DrillPlan
from readiness.cli.failures import answered
from readiness.facts.cloudwatch.datapoints import READ
from readiness.model import Reason, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import AlarmHistoryItemTypeDef, MetricDataQueryTypeDef, MetricTypeDef

EVERY = 10.0
"""Seconds between two reads."""

EARLIER = timedelta(seconds=5)
"""A drill has the time of the answer to SetAlarmState, in whole seconds. The action may have been made before it."""

MINUTE = timedelta(minutes=1)
GET_METRICS = "cloudwatch:GetMetricData"
DELIVERED, FAILED = "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"

WORD = re.compile(r"arn:[^\s\"]*[^\s\".,]")
"""An ARN in a sentence."""

KINDS = {
    "encryption key": "not authorized to use the key",
    "not authorized": "not authorized",
    "AuthorizationError": "not authorized",
    "does not exist": "does not exist",
}
"""The kinds of errors of an action, by words in CloudWatch's message.

https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
"""


@dataclass(frozen=True)
class Acted:
    """The result of an action in the alarm history. `state` is actionState: Succeeded, Failed. `error` is its kind."""

    state: str
    error: str | None


@dataclass(frozen=True)
class Counted:
    """The notifications that a topic delivered and failed to deliver, by SNS's metrics: one per subscription."""

    delivered: int
    failed: int


@dataclass(frozen=True)
class DrillObservation:
    """The result of one action.

    `acted` is None until the alarm history has it. `counted` is None if the action is not a topic; it may include other
    messages of the topic, because SNS metrics do not distinguish messages.
    """

    action: AlarmAction
    acted: Acted | Unavailable | None
    counted: Counted | Unavailable | None

    @property
    def delivered(self) -> bool | None:
        """True if the action was delivered; None if that could not be read."""
        match self.acted:
            case Acted("Succeeded"):
                return None if isinstance(self.counted, Unavailable) else not self.counted or self.counted.delivered > 0
            case Unavailable():
                return None
            case _:
                return False

    @property
    def settled(self) -> bool:
        """True if reading again cannot give more results."""
        if isinstance(self.acted, Acted) and self.acted.state != "Succeeded":
            return True
        return _final(self.acted) and (self.counted is None or self._all_counted)

    @property
    def _all_counted(self) -> bool:
        if isinstance(self.counted, Counted):
            return self.counted.delivered + self.counted.failed >= max(1, self.action.subscriptions or 0)
        return _final(self.counted)


def _final(answer: object) -> bool:
    """Return True if the answer is there, or will never be: access that is denied stays denied."""
    return answer.reason is Reason.ACCESS_DENIED if isinstance(answer, Unavailable) else answer is not None


def delivered(results: Iterable[DrillObservation]) -> bool | None:
    """Return True if all actions were delivered; None if that could not be read."""
    found = {each.delivered for each in results}
    return False if False in found else None if None in found else True


@dataclass(frozen=True)
class DrillWatch:
    """Reads the results of a drill that began at `since`, for at most `wait` seconds. `clock` is in seconds."""

    aws: Aws
    plan: DrillPlan
    since: datetime
    wait: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def watch(self) -> tuple[DrillObservation, ...]:
        """Return the results as soon as all are known, or when the time is up."""
        end = self.clock() + self.wait
        while True:
            results = self._look()
            left = end - self.clock()
            if left <= 0 or all(each.settled for each in results):
                return results
            self.sleep(min(EVERY, left))

    def _look(self) -> tuple[DrillObservation, ...]:
        acted = answered("cloudwatch:DescribeAlarmHistory", self._history) or {}
        counted = answered(GET_METRICS, self._counts) or {}
        return tuple(
            DrillObservation(
                action, acted if isinstance(acted, Unavailable) else acted.get(action.arn), _count(action, counted)
            )
            for action in self.plan.actions
        )

    def _history(self) -> dict[str, Acted]:
        """Return the results by the actions' ARNs. The first one counts: later ones are of the return to OK."""
        pages = self.aws.client("cloudwatch").get_paginator("describe_alarm_history")
        found: dict[str, Acted] = {}
        for page in pages.paginate(
            AlarmName=self.plan.alarm.name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],  # without it, of metric alarms alone
            HistoryItemType="Action",
            StartDate=self.since - EARLIER,
            ScanBy="TimestampAscending",
        ):
            for item in page["AlarmHistoryItems"]:
                for action in self.plan.actions:
                    if action.arn in WORD.findall(item["HistorySummary"]):
                        found.setdefault(action.arn, _acted(item))
        return found

    def _counts(self) -> dict[str, Counted] | Unavailable:
        """Return the counts by the topics' names."""
        topics = sorted({action.topic for action in self.plan.actions if action.topic})
        if not topics:
            return {}
        queries = [(topic, metric) for topic in topics for metric in (DELIVERED, FAILED)]
        sums = dict.fromkeys(queries, 0)
        pages = (
            self.aws.client("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(
                MetricDataQueries=[_query(number, *one) for number, one in enumerate(queries)],
                StartTime=self.since.replace(second=0, microsecond=0),
                EndTime=self.since + timedelta(seconds=self.wait) + MINUTE,
            )
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                if result["StatusCode"] not in READ:
                    return Unavailable(Reason.SERVER_ERROR, GET_METRICS, result["StatusCode"])
                sums[queries[int(result["Id"].removeprefix("q"))]] += int(sum(result["Values"]))
        return {topic: Counted(sums[topic, DELIVERED], sums[topic, FAILED]) for topic in topics}


def _count(action: AlarmAction, counted: Mapping[str, Counted] | Unavailable) -> Counted | Unavailable | None:
    """Return the count of the action's topic. SNS metrics are in the topic's account and Region only."""
    if service_of(action.arn) != "sns":
        return None
    if action.topic is None:
        return Unavailable(Reason.ACCESS_DENIED, GET_METRICS, "it is of another account or Region")
    return counted if isinstance(counted, Unavailable) else counted[action.topic]


def _acted(item: "AlarmHistoryItemTypeDef") -> Acted:
    """Return the result of an action. HistoryData is cut after 4,095 characters; the summary is not.

    HistoryData also has the message and the error text, of which only the kind is kept.
    """
    try:
        state: str = json.loads(item["HistoryData"])["actionState"]
    except (KeyError, ValueError):
        state = "Succeeded" if item["HistorySummary"].startswith("Successfully") else "Failed"
    kind = next((kind for words, kind in KINDS.items() if words in item["HistorySummary"]), "other")
    return Acted(state, None if state == "Succeeded" else kind)


def _query(number: int, topic: str, metric: str) -> "MetricDataQueryTypeDef":
    counted: MetricTypeDef = {
        "Namespace": "AWS/SNS",
        "MetricName": metric,
        "Dimensions": [{"Name": "TopicName", "Value": topic}],
    }
    return {"Id": f"q{number}", "MetricStat": {"Metric": counted, "Period": 60, "Stat": "Sum"}}
