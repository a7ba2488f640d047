"""The alarms of the account and Region: what each watches, and what it does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from readiness.alarming.series import Query, Series
from readiness.alarming.watched import watched
from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.instant import utc

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import CompositeAlarmTypeDef, MetricAlarmTypeDef

STUCK = timedelta(hours=24)
TOO_LITTLE = frozenset({"LessThanLowerThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"})


@dataclass(frozen=True)
class Alarm:
    """One alarm. Its key is its ARN.

    `watches` are single series, `insights` are Metrics Insights queries. A composite alarm has neither, nor has one on
    a PromQL query, which can't be told apart by its series.
    `actions` are those on the way to ALARM, `ok_actions` those on the way back. `rule` is what a composite alarm
    combines. `suppressor` is the alarm during which a composite one does nothing, and `suppressed_by` is why it does
    nothing now.
    `single`: what it watches is one metric, and not a list of queries, of which its messages have another form.
    `evaluation_state` is None where all is well. `threshold` and what follows are a metric alarm's: the last four are
    those of `Watched`.
    """

    name: str
    arn: str
    kind: Literal["metric", "composite", "promql"]
    actions_enabled: bool
    actions: tuple[str, ...]
    state: str
    state_since: datetime
    watches: tuple[Series, ...] = ()
    insights: tuple[Query, ...] = ()
    rule: str | None = None
    suppressor: str | None = None
    suppressed_by: str | None = None
    evaluation_state: str | None = None
    threshold: float | None = None
    operator: str | None = None
    periods: int | None = None
    datapoints: int | None = None
    period_seconds: int | None = None
    treat_missing: str | None = None
    units: tuple[str, ...] = ()
    filled: bool = False
    plain: bool = True
    band: bool = False
    ok_actions: tuple[str, ...] = ()
    single: bool = True

    @property
    def heeds_too_little(self) -> bool:
        """Whether it goes off when there is too little, and not when there is too much."""
        return self.operator in TOO_LITTLE

    def watching(self, series: Series) -> bool:
        """Whether the series, by its exact dimensions, is among what it watches."""
        return any(watched.same(series) for watched in self.watches) or any(
            query.covers(series) for query in self.insights
        )


def watchers(alarms: Iterable[Alarm], series: Series) -> list[Alarm]:
    """The alarms that watch the series, by its exact dimensions."""
    return [alarm for alarm in alarms if alarm.watching(series)]


def stuck(alarm: Alarm, now: datetime) -> bool:
    """Whether it has been in ALARM for over a day: actions run on the way there, so the next incident is silent."""
    return alarm.state == "ALARM" and now - alarm.state_since > STUCK


@fact("cloudwatch:DescribeAlarms")
def alarms(aws: Aws) -> Each[Alarm]:
    """All of them.

    Composite alarms are left out of the answer, without a word, where the permission is for less than `*`: then an
    alarm that pages through one seems to be silent.
    """
    return Each({alarm.arn: alarm for alarm in read_alarms(aws)})


def read_alarms(aws: Aws, region: str | None = None) -> Iterator[Alarm]:
    """Those of this Region, or of another."""
    pages = aws.client("cloudwatch", region).get_paginator("describe_alarms")
    for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"], PaginationConfig={"PageSize": 100}):
        yield from (_metric(alarm, aws.account) for alarm in page.get("MetricAlarms", []))
        yield from (_composite(alarm) for alarm in page.get("CompositeAlarms", []))


def _metric(alarm: "MetricAlarmTypeDef", account: str) -> Alarm:
    """DatapointsToAlarm and TreatMissingData are left out where nobody chose them."""
    what = watched(alarm, account)
    return Alarm(
        **_common(alarm),
        kind="promql" if "EvaluationCriteria" in alarm else "metric",
        watches=what.series,
        insights=what.queries,
        evaluation_state=alarm.get("EvaluationState"),
        threshold=alarm.get("Threshold"),
        operator=alarm.get("ComparisonOperator"),
        periods=alarm.get("EvaluationPeriods"),
        datapoints=alarm.get("DatapointsToAlarm", alarm.get("EvaluationPeriods")),
        period_seconds=what.period_seconds,
        treat_missing=alarm.get("TreatMissingData", "missing"),
        units=what.units,
        filled=what.filled,
        plain=what.plain,
        band=what.band,
        single="MetricName" in alarm,
    )


def _composite(alarm: "CompositeAlarmTypeDef") -> Alarm:
    return Alarm(
        **_common(alarm),
        kind="composite",
        rule=alarm["AlarmRule"],
        suppressor=alarm.get("ActionsSuppressor"),
        suppressed_by=alarm.get("ActionsSuppressedBy"),
    )


def _common(alarm: "MetricAlarmTypeDef | CompositeAlarmTypeDef") -> dict[str, Any]:
    return {
        "name": alarm["AlarmName"],
        "arn": alarm["AlarmArn"],
        "actions_enabled": alarm["ActionsEnabled"],
        "actions": tuple(sorted(alarm.get("AlarmActions", ()))),
        "ok_actions": tuple(sorted(alarm.get("OKActions", ()))),
        "state": alarm["StateValue"],
        "state_since": utc(alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]),
    }
