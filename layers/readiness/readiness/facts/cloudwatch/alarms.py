"""The CloudWatch alarms of the account and Region, and the anomaly detection models of DynamoDB metrics."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from readiness.alarms.dynamodb import NAMESPACE
from readiness.alarms.firing import TOO_LITTLE, AlarmCondition
from readiness.alarms.series import Query, Series
from readiness.alarms.watched import ComparedValue, Metric, Watched, watched
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
"""All alarm types; without AlarmTypes, DescribeAlarms returns metric alarms only."""

NOT_READ = "CloudWatch Omni"
"""The service whose alerts, in spaces with permissions of their own, are not read."""

SCALING = frozenset({"application-autoscaling", "autoscaling"})


class Alarm(AlarmCondition, Fact):
    """One alarm. Its key is its ARN.

    `watches` are single series, `insights` are Metrics Insights queries. A composite alarm has neither. `opaque` is why
    its metrics are not known: it is on logs, on a PromQL query, or a member is missing. `actions` are AlarmActions,
    `ok_actions` are OKActions. `rule` is the AlarmRule of a composite alarm. `suppressor` is its ActionsSuppressor,
    `suppressed_by` is ActionsSuppressedBy, the reason why its actions are suppressed now. `evaluation_state` is None in
    normal operation. `warm_up` is the number of minutes after `configured` without evaluation and actions. `single`: it
    has one metric, which its notifications name, not a list of metrics.
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
    ok_actions: tuple[str, ...] = ()
    single: bool = True

    @property
    def heeds_too_little(self) -> bool:
        """True if low values breach its threshold, and high values do not."""
        return self.operator in TOO_LITTLE

    @property
    def scales(self) -> bool:
        """True if all of its actions are scaling actions."""
        return bool(self.actions) and all(SCALING.intersection(action.split(":")[2:3]) for action in self.actions)

    @property
    def grouped(self) -> bool:
        """True if it evaluates groups of series separately, and runs its actions for each."""
        return any(query.grouped for query in self.insights)

    def watching(self, series: Series) -> bool:
        """True if it watches the series, by its exact dimensions."""
        return any(watched.same(series) for watched in self.watches) or any(
            query.covers(series) for query in self.insights
        )

    def warming(self, at: datetime) -> bool:
        """True within its warm-up period."""
        return self.configured is not None and at - self.configured <= timedelta(minutes=self.warm_up)


def watchers(alarms: Iterable[Alarm], series: Series) -> list[Alarm]:
    """Return the alarms that watch the series, by its exact dimensions."""
    return [alarm for alarm in alarms if alarm.watching(series)]


def stuck(alarm: Alarm, now: datetime) -> bool:
    """True for an alarm in ALARM for more than 24 hours: its actions ran then, and do not for the next incident.

    A grouped alarm runs them again for each other group.
    """
    return alarm.state == "ALARM" and not alarm.grouped and now - alarm.state_since > STUCK


@fact(
    PERMISSION,
    events=(
        "monitoring:DeleteAlarms",
        "monitoring:PutMetricAlarm",
        "monitoring:PutCompositeAlarm",
        "monitoring:DisableAlarmActions",
        "monitoring:EnableAlarmActions",
        "monitoring:SetAlarmState",
        "monitoring:DeleteAnomalyDetector",
    ),
)
def alarms(aws: Aws) -> Each[Alarm]:
    """List all alarms.

    DescribeAlarms leaves composite alarms out without an error where the permission is for less than `*`: an alarm that
    pages through one then seems to be silent. See `composite_sight`.
    """
    return read_alarms(aws)


def read_alarms(aws: Aws, region: str | None = None) -> Each[Alarm]:
    """List the alarms of this Region, or of another.

    A page without any list is skipped only if it has a NextToken. The lists of metric and composite alarms are present
    even if empty; endpoints without log alarms leave that list out.
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
    """Return a metric alarm; it is opaque where a member of its condition is missing."""
    if alarm.has("EvaluationCriteria"):
        return Alarm(**_common(alarm), kind="promql", opaque=_kind("a PromQL query"), **_state(alarm))
    try:
        compared = _compared(alarm, account)
    except Unreadable as unread:
        compared = {"opaque": unread.first}
    return Alarm(**_common(alarm), kind="metric", **compared, **_state(alarm))


def _compared(alarm: Answer, account: str) -> dict[str, Any]:
    """Read the condition. DatapointsToAlarm is absent by default, Threshold for a band."""
    what = watched_by(alarm, account)
    periods = alarm.need("EvaluationPeriods", int)
    return {
        "watches": what.series,
        "insights": what.queries,
        "opaque": _kind("a query or function that cannot be identified") if what.opaque else None,
        "threshold": alarm.bound("Threshold", float, here=not what.band),
        "operator": alarm.need("ComparisonOperator", str),
        "periods": periods,
        "datapoints": alarm.get("DatapointsToAlarm", int, periods),
        **{name: getattr(what, name) for name in ComparedValue.__struct_fields__},
        "single": alarm.has("MetricName"),
    }


def watched_by(alarm: Answer, account: str) -> Watched:
    """Return what a metric alarm watches in the account; ThresholdMetricId is present for a band."""
    return watched(_metrics(alarm), alarm.get("ThresholdMetricId", str), account)


def _metrics(alarm: Answer) -> list[Metric]:
    """Return the metrics; an alarm on a single metric has its own members for it, and no Metrics, or an empty list."""
    if several := alarm.parts_or_empty("Metrics"):
        return [_one_of_several(each) for each in several]
    statistic = alarm.get("Statistic", str) or alarm.need("ExtendedStatistic", str)
    return [
        Metric(
            "m1", series_in(alarm, statistic), period=alarm.need("Period", int), unit=alarm.get("Unit", str, default="")
        )
    ]


def _one_of_several(item: Answer) -> Metric:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html."""
    key, returned = item.need("Id", str), item.get("ReturnData", bool, default=True)
    account = item.get("AccountId", str, default="")
    stat = item.part_or_none("MetricStat")
    if stat is None:
        expression = item.need("Expression", str)
        return Metric(key, None, expression, returned, item.get("Period", int), account=account)
    return Metric(
        key,
        series_in(stat.part("Metric"), stat.need("Stat", str)),
        returned=returned,
        period=stat.need("Period", int),
        unit=stat.get("Unit", str, default=""),
        account=account,
    )


def series_in(metric: Answer, statistic: str) -> Series:
    """Return the series; a metric without dimensions may lack the list."""
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
    return Alarm(**_common(alarm), kind="log", opaque=_kind("logs"), **_state(alarm))


def _kind(what: str) -> Unavailable:
    detail = f"watches {what}; state in alarms.vouched of the checklist which metric that is"
    return Unavailable(Reason.NOT_HERE, None, detail)


def _state(alarm: Answer) -> Mapping[str, Any]:
    """Read EvaluationState and WarmUpConfiguration, which are absent in normal operation."""
    return {
        "evaluation_state": alarm.get("EvaluationState", str),
        "configured": alarm.get("AlarmConfigurationUpdatedTimestamp", datetime),
        "warm_up": alarm.part_or_empty("WarmUpConfiguration").get("WarmUpPeriodDurationInMinutes", int, 0),
    }


def _common(alarm: Answer) -> dict[str, Any]:
    """Read the common members. Actions may be absent, and StateTransitionedTimestamp in older alarms."""
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


DESCRIBE_DETECTORS = "cloudwatch:DescribeAnomalyDetectors"


class AnomalyModels(Fact):
    """The models with their StateValue: PENDING_TRAINING, TRAINED_INSUFFICIENT_DATA or TRAINED."""

    of: tuple[tuple[Series, str], ...]

    def state(self, one: Series) -> str | None:
        """Return the state of the model for a series and its statistic; None for no model."""
        return next((state for series, state in self.of if series == one), None)


@fact(DESCRIBE_DETECTORS, events=("monitoring:DeleteAnomalyDetector",))
def anomaly_models(aws: Aws) -> AnomalyModels:
    """Read the models of single metrics: a model of metric math has no SingleMetricAnomalyDetector.

    A model without StateValue is not trained yet.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html
    """
    pages = aws.client("cloudwatch").get_paginator("describe_anomaly_detectors").paginate(Namespace=NAMESPACE)
    models = [
        (series_in(metric, metric.need("Stat", str)), model.get("StateValue", str, "PENDING_TRAINING"))
        for model in listed(pages, "AnomalyDetectors", DESCRIBE_DETECTORS)
        if (metric := model.part_or_none("SingleMetricAnomalyDetector"))
    ]
    return AnomalyModels(tuple(models))
