"""The alarms of the account and Region: what each watches, and what it does."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from readiness.alarms.firing import TOO_LITTLE
from readiness.alarms.formula import Formula
from readiness.alarms.series import Query, Series
from readiness.alarms.watched import Metric, Watched, watched
from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.model import Fact, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import AlarmTypeType

STUCK = timedelta(hours=24)
PERMISSION = "cloudwatch:DescribeAlarms"
KINDS: tuple["AlarmTypeType", ...] = ("MetricAlarm", "CompositeAlarm", "LogAlarm")
"""All that AWS has; where none is named it lists metric alarms alone."""

NOT_READ = "CloudWatch Omni"
"""Has alerts of its own, in spaces with permissions of their own, which are not looked at."""

SCALING = frozenset({"application-autoscaling", "autoscaling"})


class Alarm(Fact):
    """One alarm. Its key is its ARN.

    `watches` are single series, `insights` are Metrics Insights queries. A composite alarm has neither. `opaque` is why
    it can't be told what an alarm watches: it is on logs, on a PromQL query, or its answer lacks something.
    `actions` are those on the way to ALARM, `ok_actions` those on the way back. `rule` is what a composite alarm
    combines. `suppressor` is the alarm during which a composite one does nothing, and `suppressed_by` is why it does
    nothing now.
    `evaluation_state` is None where all is well. `warm_up` is for how many minutes after `configured` it neither judges
    nor acts. `threshold` and what follows are a metric alarm's: from `units` on, those of `Watched`. `single`: it is on
    one metric, which its messages name, and not on a list of them.
    """

    name: str
    arn: str
    kind: Literal["metric", "composite", "log", "promql"]
    actions_enabled: bool
    actions: tuple[str, ...]
    state: str
    state_since: datetime
    watches: tuple[Series, ...] = ()
    insights: tuple[Query, ...] = ()
    opaque: Unavailable | None = None
    rule: str | None = None
    suppressor: str | None = None
    suppressed_by: str | None = None
    evaluation_state: str | None = None
    configured: datetime | None = None
    warm_up: int = 0
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
    formula: Formula | None = None
    ok_actions: tuple[str, ...] = ()
    single: bool = True

    @property
    def heeds_too_little(self) -> bool:
        """Whether it goes off when there is too little, and not when there is too much."""
        return self.operator in TOO_LITTLE

    @property
    def scales(self) -> bool:
        """Whether it is there to scale capacity, and nobody is to hear of it."""
        return bool(self.actions) and all(SCALING.intersection(action.split(":")[2:3]) for action in self.actions)

    @property
    def grouped(self) -> bool:
        """Whether it tells of each of several series, and goes off again for the next one."""
        return any(query.grouped for query in self.insights)

    def watching(self, series: Series) -> bool:
        """Whether the series, by its exact dimensions, is among what it watches."""
        return any(watched.same(series) for watched in self.watches) or any(
            query.covers(series) for query in self.insights
        )

    def warming(self, at: datetime) -> bool:
        """Whether it may still wait for its first data without judging."""
        return self.configured is not None and at - self.configured <= timedelta(minutes=self.warm_up)


def watchers(alarms: Iterable[Alarm], series: Series) -> list[Alarm]:
    """The alarms that watch the series, by its exact dimensions."""
    return [alarm for alarm in alarms if alarm.watching(series)]


def stuck(alarm: Alarm, now: datetime) -> bool:
    """Whether it has been in ALARM for over a day: actions run on the way there, so the next incident is silent.

    One that is grouped acts again for each other series.
    """
    return alarm.state == "ALARM" and not alarm.grouped and now - alarm.state_since > STUCK


@fact(PERMISSION)
def alarms(aws: Aws) -> Each[Alarm]:
    """All of them.

    Composite alarms are left out of the answer, without a word, where the permission is for less than `*`: then an
    alarm that pages through one seems to be silent.
    """
    return read_alarms(aws)


def read_alarms(aws: Aws, region: str | None = None) -> Each[Alarm]:
    """Those of this Region, or of another. A page without any list is one of many, with a token, or lacks them.

    AWS answers with both other lists, empty or not; one of log alarms is left out by endpoints that know none.
    """
    pages = aws.client("cloudwatch", region).get_paginator("describe_alarms")
    answers = [
        page
        for page in pages.paginate(AlarmTypes=KINDS, PaginationConfig={"PageSize": 100})
        if not page.get("NextToken") or page.keys() & {f"{kind}s" for kind in KINDS}
    ]
    metric = each_of(listed(answers, "MetricAlarms", PERMISSION), _arn, lambda alarm: metric_alarm(alarm, aws.account))
    composite = each_of(listed(answers, "CompositeAlarms", PERMISSION), _arn, _composite)
    log = each_of(listed(answers, "LogAlarms", PERMISSION, absent_is_empty=True), _arn, _log)
    return Each(
        {**metric.answers(), **composite.answers(), **log.answers()},
        metric.unlisted or composite.unlisted or log.unlisted,
    )


def _arn(alarm: Answer) -> str:
    return alarm.need("AlarmArn", str)


def metric_alarm(alarm: Answer, account: str) -> Alarm:
    """One that lacks what says what it compares may watch anything."""
    if alarm.has("EvaluationCriteria"):
        return Alarm(**_common(alarm), kind="promql", opaque=_kind("an alarm on a PromQL query"), **_state(alarm))
    try:
        compared = _compared(alarm, account)
    except Unreadable as unread:
        compared = {"opaque": unread.first}
    return Alarm(**_common(alarm), kind="metric", **compared, **_state(alarm))


def _compared(alarm: Answer, account: str) -> dict[str, Any]:
    """DatapointsToAlarm and TreatMissingData are left out where nobody chose them, Threshold where it is a band."""
    what = watched_by(alarm, account)
    periods = alarm.need("EvaluationPeriods", int)
    return {
        "watches": what.series,
        "insights": what.queries,
        "opaque": _kind("an alarm on a query or function that is not read") if what.opaque else None,
        "threshold": alarm.bound("Threshold", float, here=not what.band),
        "operator": alarm.need("ComparisonOperator", str),
        "periods": periods,
        "datapoints": alarm.get("DatapointsToAlarm", int, periods),
        "period_seconds": what.period_seconds,
        "treat_missing": alarm.get("TreatMissingData", str, "missing"),
        "units": what.units,
        "filled": what.filled,
        "plain": what.plain,
        "band": what.band,
        "formula": what.formula,
        "single": alarm.has("MetricName"),
    }


def watched_by(alarm: Answer, account: str) -> Watched:
    """What a metric alarm watches of that account; ThresholdMetricId is there where it compares with a band."""
    return watched(_metrics(alarm), alarm.get("ThresholdMetricId", str), account)


def _metrics(alarm: Answer) -> list[Metric]:
    """An alarm on a single metric names it itself, and has no Metrics, or an empty list of them."""
    if several := alarm.parts_or_empty("Metrics"):
        return [_one_of_several(each) for each in several]
    statistic = alarm.get("Statistic", str) or alarm.need("ExtendedStatistic", str)
    return [
        Metric(
            "m1", _series(alarm, statistic), period=alarm.need("Period", int), unit=alarm.get("Unit", str, default="")
        )
    ]


def _one_of_several(item: Answer) -> Metric:
    """ReturnData is true where it is left out; an Expression has no MetricStat, and a Period only as a query.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
    """
    key, returned = item.need("Id", str), item.get("ReturnData", bool, default=True)
    account = item.get("AccountId", str, default="")
    stat = item.part_or_none("MetricStat")
    if stat is None:
        expression = item.need("Expression", str)
        return Metric(key, None, expression, returned, item.get("Period", int), account=account)
    return Metric(
        key,
        _series(stat.part("Metric"), stat.need("Stat", str)),
        returned=returned,
        period=stat.need("Period", int),
        unit=stat.get("Unit", str, default=""),
        account=account,
    )


def _series(metric: Answer, statistic: str) -> Series:
    """A metric without dimensions may lack the list of them."""
    dimensions = sorted(
        (each.need("Name", str), each.need("Value", str)) for each in metric.parts_or_empty("Dimensions")
    )
    return Series(metric.need("Namespace", str), metric.need("MetricName", str), tuple(dimensions), statistic)


def _composite(alarm: Answer) -> Alarm:
    return Alarm(
        **_common(alarm),
        kind="composite",
        rule=alarm.need("AlarmRule", str),
        suppressor=alarm.get("ActionsSuppressor", str),
        suppressed_by=alarm.get("ActionsSuppressedBy", str),
    )


def _log(alarm: Answer) -> Alarm:
    return Alarm(**_common(alarm), kind="log", opaque=_kind("an alarm on logs"), **_state(alarm))


def _kind(what: str) -> Unavailable:
    return Unavailable(Reason.NOT_HERE, None, f"it is {what}, and may watch it: the checklist can say what it watches")


def _state(alarm: Answer) -> Mapping[str, Any]:
    """Neither is there where all is well and nothing is awaited."""
    warm_up = alarm.part_or_none("WarmUpConfiguration")
    return {
        "evaluation_state": alarm.get("EvaluationState", str),
        "configured": alarm.get("AlarmConfigurationUpdatedTimestamp", datetime),
        "warm_up": warm_up.get("WarmUpPeriodDurationInMinutes", int, 0) if warm_up else 0,
    }


def _common(alarm: Answer) -> dict[str, Any]:
    """Actions are left out where there are none, StateTransitionedTimestamp by older answers."""
    since = alarm.get("StateTransitionedTimestamp", datetime) or alarm.need("StateUpdatedTimestamp", datetime)
    return {
        "name": alarm.need("AlarmName", str),
        "arn": _arn(alarm),
        "actions_enabled": alarm.need("ActionsEnabled", bool),
        "actions": tuple(sorted(alarm.texts_or_empty("AlarmActions"))),
        "ok_actions": tuple(sorted(alarm.texts_or_empty("OKActions"))),
        "state": alarm.need("StateValue", str),
        "state_since": since,
    }
