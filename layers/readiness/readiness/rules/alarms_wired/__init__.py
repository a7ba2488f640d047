"""Whoever is on call hears of throttling, of errors and of a sudden load before the customers say so.

CloudWatch takes any alarm, and an alarm on a series that nobody publishes waits for ever. `UserErrors` has no dimension
at all, so with a `TableName` it is dead; `ThrottledRequests` needs the `Operation`; the events of an index are not
among those of its table. AWS's own sample and the CDK have shipped such alarms.

From the metric the way goes on: through the actions of the alarm or of a composite one, the topic, its policy and its
key, the subscriptions and their filters, to somebody who is woken. One broken link is enough, and the first one is
named. What an alarm on logs or on a PromQL query watches can't be read: the checklist may say it, and where it does
not, and no other alarm watches, the answer is unknown. Alerts of CloudWatch Omni are not looked at.

An alarm counts only if it can go off, and in time. A throttled request is an event: its average, maximum and minimum
are never above 1. Its sum over a week tells of it a week later. Metric math is worked out with the one series high and
all others at zero: what needs two of them stays silent for one, and what is reached at zero never calls again.

An alarm that is in ALARM already calls nobody when it happens again. On the metrics of DynamoDB missing data is
ignored, whatever the alarm says of it, so one that went off for a throttle stays so until there is a datapoint of
zero, which only `FILL` provides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.alarms.dynamodb import USER_ERRORS, VECTOR_INDEX, series_of
from readiness.alarms.firing import fires
from readiness.alarms.route import Route, best
from readiness.alarms.scale import BYTES
from readiness.alarms.series import Series
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.anomaly_models import AnomalyModels
from readiness.facts.cloudwatch.dynamodb_alarms import DynamodbAlarms
from readiness.facts.cloudwatch.function_alarms import FunctionAlarms
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.queried_tags import QueriedTags
from readiness.facts.dynamodb.table import Table, TableDescription, TableIndex
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.drills import HOLDS, Drills
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Gone, Remedy, Status, Unavailable, Unreadable
from readiness.rules.alarms_wired.alarm_subscriptions import kept, pending, topics_of
from readiness.rules.alarms_wired.dead_alarms import alive
from readiness.rules.alarms_wired.lambda_alarms import exhausted
from readiness.rules.alarms_wired.lambda_alarms import throttled as throttled_functions
from readiness.rules.alarms_wired.spikes import Spike
from readiness.rules.shared.alarm_health import each_well, moving, not_noisy, of_alarms, patient, with_data
from readiness.rules.shared.in_place import changed
from readiness.rules.shared.new_alarm import BAND, as_json, banded, filled, options, put_alarm, put_math_alarm
from readiness.rules.shared.transition import Transition, continued
from readiness.rules.shared.watching import Operations, Watching, throttled, told

rule = Rule(
    "3.1",
    "Alarms on the table call somebody",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)

TRAINING_LIMIT = timedelta(days=15)
REDRIVEN = frozenset({"http", "https", "lambda", "sqs"})

HOW_AT_ONCE, HOW_OFTEN = (
    {
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "EvaluationPeriods": periods,
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
    }
    for threshold, periods in ((0, 5), (50, 3))
)
HOW_UNUSUAL = {
    "ComparisonOperator": "GreaterThanUpperThreshold",
    "ThresholdMetricId": BAND,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
}
AT_ONCE, OFTEN, UNUSUAL = map(options, (HOW_AT_ONCE, HOW_OFTEN, HOW_UNUSUAL))
SHOW = "aws cloudwatch describe-alarms --alarm-names {AlarmName} --region {region}"


class Training(Transition):
    """How far the model of an alarm on anomalies is trained, while it is not yet."""

    stored_as = "Training"


@rule.check(version=2, fix=put_math_alarm(AT_ONCE))
def throttling(  # noqa: PLR0913, PLR0917  each may show that somebody hears, or why nobody does
    table: Table,
    alarms: DynamodbAlarms,
    routes: Routes,
    operations: OperationsInUse | Unavailable,
    allowed: OperationsAllowed | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when requests to the table are throttled."""
    watching = Watching(alarms, routes, checklist.alarms, tags)
    route = throttled(watching, table.name, "", Operations(operations, allowed))
    return _told_of_throttles(watching, route, table.name, "")


@rule.check(version=2, fix=put_math_alarm(AT_ONCE))
def index_throttling(  # noqa: PLR0913, PLR0917  each may show that somebody hears, or why nobody does
    table: Table,
    index: TableIndex,
    alarms: DynamodbAlarms,
    routes: Routes,
    operations: OperationsInUse | Unavailable,
    allowed: OperationsAllowed | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when requests to an index are throttled, of which the events of its table say nothing."""
    watching = Watching(alarms, routes, checklist.alarms, tags)
    route = throttled(watching, table.name, index.name, Operations(operations, allowed))
    return _told_of_throttles(watching, route, table.name, index.name)


@rule.check(version=2, fix=put_math_alarm(OFTEN))
def user_errors(table: Table, alarms: DynamodbAlarms, routes: Routes, checklist: Checklist) -> Verdict:  # noqa: ARG001  the table among those that it is about
    """Somebody hears when DynamoDB refuses requests as wrong, of whatever table of the account and Region."""
    watching = Watching(alarms, routes, checklist.alarms, QueriedTags({}))
    per_minute = checklist.alarms.events_per_minute
    heard = watching.heard(USER_ERRORS, lambda alarm, one: not_noisy(alarm, one, per_minute))
    route = watching.unless_opaque(best([heard, *watching.vouched("user-errors")]))
    metrics = filled(USER_ERRORS, period=FIVE_MINUTES)
    route = changed(route, alarms.watching(USER_ERRORS), [USER_ERRORS], {"Metrics": metrics, **HOW_OFTEN})
    return told(route, "wrong requests", _alarm("DynamoDB UserErrors", metrics, routes))


@rule.check(version=2, fix=put_math_alarm(UNUSUAL))
def read_spikes(  # noqa: PLR0913, PLR0917  what a threshold is compared with comes from several places
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when far more is read than usual."""
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, description.max_reads)
    return _unusual(watching, spike, series_of(READS, table.name), watching.vouched("reads"))


@rule.check(version=2, fix=put_math_alarm(UNUSUAL))
def write_spikes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when far more is written than usual."""
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, description.max_writes)
    return _unusual(watching, spike, series_of(WRITES, table.name), watching.vouched("writes"))


@rule.check(severity=Severity.LOW, required=False, version=2, fix=put_math_alarm(UNUSUAL))
def index_spikes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    index: TableIndex,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when far more than usual is read from an index or written to it."""
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, None)
    for metric in (READS, WRITES):
        verdict = _unusual(watching, spike, series_of(metric, table.name, index.name), ())
        if verdict.status is not Status.PASS:
            unwatched = metric == READS and not watching.watched(series_of(WRITES, table.name, index.name))
            both = _both(series_of(WRITES, table.name, index.name)) if unwatched else None
            return replace(verdict, status=Status.WARN, remedy=verdict.remedy or both)
    return verdict


@rule.check(severity=Severity.LOW, fix=put_math_alarm(UNUSUAL))
def vector_indexes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears of what is searched in a vector index or written to it, which the table's metrics leave out."""
    if not description.vector_indexes:
        return not_applicable("the table has no vector index")
    watching = Watching(alarms, routes, checklist.alarms, tags)
    found = {name: _of_vectors(watching, table.name, name) for name in description.vector_indexes}
    name = next((name for name, route in found.items() if route.status in {"doubtful", "silent"}), "")
    seen = _alarm(f"{table.name} {name} vectors", banded(_vectors(table.name, name)[0]), routes) if name else {}
    return _advised({f"the vector index {name}": route for name, route in found.items()}, seen)


@rule.check(
    severity=Severity.LOW,
    required=False,
    fix=put_alarm("lambda-throttles", "--namespace AWS/Lambda --metric-name Throttles", "Sum"),
)
def function_throttles(
    table: Table,  # noqa: ARG001  where it stands
    functions: Each[TableFunction],
    alarms: FunctionAlarms,
    routes: Routes,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears when functions of the table are throttled by Lambda."""
    found = throttled_functions([each.name for each in functions], alarms, routes, checklist.alarms)
    if not found:
        return not_applicable("no function is known to use the table")
    return _advised({f"throttled calls of {name}": route for name, route in found.items()}, _topic(routes))


@rule.check(
    severity=Severity.LOW,
    required=False,
    fix="limit=$(aws lambda get-account-settings --region {region} --query AccountLimit.ConcurrentExecutions); "
    + put_alarm(
        "lambda-concurrency",
        "--namespace AWS/Lambda --metric-name ConcurrentExecutions",
        "Maximum",
        '"$((${{limit:?could not be read}} * 8 / 10))"',
    ),
)
def concurrency(
    table: Table,  # noqa: ARG001  where it stands
    functions: Each[TableFunction],
    alarms: FunctionAlarms,
    routes: Routes,
    checklist: Checklist,
) -> Verdict:
    """Somebody hears before all functions of the account together use up its concurrency."""
    if not functions:
        return not_applicable("no function is known to use the table")
    route = exhausted(alarms, routes, checklist.alarms)
    return _advised({"the account's concurrency (ConcurrentExecutions)": route}, _topic(routes))


@rule.check(
    severity=Severity.MEDIUM,
    version=2,
    fix="aws cloudwatch delete-alarms --alarm-names {AlarmName} --region {region}",
)
def dead(table: Table, description: TableDescription, alarms: DynamodbAlarms) -> Iterator[Verdict]:
    """No alarm on the table waits for what is never published."""
    found = of_alarms(alarms.about(table.name), lambda alarm: alive(alarm, table.name, description))
    yield from each_well(found, "every alarm on the table can go off")


@rule.check(
    severity=Severity.MEDIUM,
    version=2,
    fix="aws cloudwatch set-alarm-state --alarm-name {AlarmName} --state-value OK"
    " --state-reason 'so that the next time calls somebody' --region {region}",
)
def stuck(table: Table, alarms: DynamodbAlarms, now: Now) -> Iterator[Verdict]:
    """No alarm on the table has been in ALARM for more than a day."""
    found = of_alarms(alarms.about(table.name), lambda alarm: moving(alarm, now))
    yield from each_well(found, "no alarm on the table is stuck in ALARM")


@rule.check(severity=Severity.LOW, fix=f"{SHOW}; echo 'put it again with EvaluationPeriods of 3'")
def steady(table: Table, alarms: DynamodbAlarms) -> Iterator[Verdict]:
    """An alarm that fills gaps looks at several periods, for the newest may only seem to be a gap."""
    yield from each_well(of_alarms(alarms.about(table.name), patient), "no alarm takes a late datapoint for a gap")


@rule.check(severity=Severity.MEDIUM, version=2, fix=SHOW)
def fed(
    table: Table, alarms: DynamodbAlarms, consumption: Consumption | Unavailable, models: AnomalyModels, now: Now
) -> Iterator[Verdict]:
    """Alarms on what is published all the time have data."""
    without = [alarm for alarm in alarms.of.get(table.name, ()) if alarm.state == "INSUFFICIENT_DATA"]
    found = of_alarms(without, lambda alarm: with_data(alarm, table.name, consumption, models, now))
    yield from each_well(found, "every alarm on what is published all the time has data")


@rule.check(
    severity=Severity.MEDIUM,
    fix="aws cloudwatch describe-anomaly-detectors --namespace AWS/DynamoDB --metric-name {MetricName}"
    " --region {region} --query 'AnomalyDetectors[].[SingleMetricAnomalyDetector,StateValue]'",
)
def trained(
    table: Table, alarms: DynamodbAlarms, models: AnomalyModels, now: Now, before: Each[Training]
) -> Iterator[Verdict]:
    """The models of alarms on anomalies know what is to be expected."""
    compared = [alarm for alarm in alarms.of.get(table.name, ()) if alarm.band and len(alarm.watches) == 1]
    if not compared:
        yield not_applicable("no alarm on the table compares a metric with what is to be expected of it")
    for alarm in compared:
        [one] = alarm.watches
        state, evidence = models.state(one), {"AlarmName": alarm.name, "MetricName": one.metric}
        training = continued(Training, _earlier(before, alarm), state or "none", now)
        yield replace(_trained(alarm, state, training, now), resource=alarm.arn, evidence=evidence)


@rule.check(
    severity=Severity.MEDIUM,
    fix="aws sns list-subscriptions-by-topic --topic-arn {TopicArn} --region {region} --output text"
    " --query \"Subscriptions[?SubscriptionArn=='PendingConfirmation'].[Protocol,Endpoint]\";"
    " echo 'whoever is asked has to confirm, within three days'",
)
def confirmed(table: Table, alarms: DynamodbAlarms, topics: Each[TopicAttributes]) -> Iterator[Verdict]:
    """Whoever was asked to listen to the alarms' topics has confirmed it."""
    found = {arn: topics.answers().get(arn) for arn in topics_of(alarms, table)}
    yield from each_well(
        {
            arn: ({"TopicArn": arn}, pending(arn, attributes))
            for arn, attributes in found.items()
            if attributes and not isinstance(attributes, Gone)
        },
        "no subscription waits to be confirmed",
    )


@rule.check(
    severity=Severity.LOW,
    required=False,
    fix="aws sqs create-queue --queue-name {QueueName} --region {Region} --attributes {QueueAttributes} &&"
    " aws sns set-subscription-attributes --subscription-arn {SubscriptionArn} --attribute-name RedrivePolicy"
    " --attribute-value {RedrivePolicy} --region {Region}",
)
def redriven(
    table: Table, alarms: DynamodbAlarms, subscriptions: Each[Subscription], filterings: Each[Filtering]
) -> Iterator[Verdict]:
    """What a subscription of the alarms' topics can't be told waits in a queue, and is not dropped."""
    topics, filters = topics_of(alarms, table), filterings.answers()
    known, unread = subscriptions.readable()
    mine = [each for each in known if each.protocol in REDRIVEN and each.arn.rpartition(":")[0] in topics]
    yield from each_well(
        {each.arn: ({"SubscriptionArn": each.arn}, kept(each, filters.get(each.arn))) for each in mine},
        "what can't be delivered is kept",
    )
    if unread:
        raise Unreadable({}, unread)


@rule.check(severity=Severity.MEDIUM, fix="readiness alarms --drill {AlarmName} --table {table}")
def drilled(drills: Drills, now: Now) -> Verdict:
    """The last drill of an alarm within half a year reached who it calls."""
    if not drills.made or now.at - drills.made[-1].at > HOLDS:
        return not_applicable("no alarm was drilled within half a year")
    last = drills.made[-1]
    seen = {"evidence": {"AlarmName": last.alarm, "Drilled": f"{last.at:%Y-%m-%d %H:%M} UTC", "By": last.by}}
    drill = f"the drill of {last.alarm} on {last.at:%Y-%m-%d}"
    if last.delivered is None:
        return warned(f"whether {drill} reached anybody could not be seen", **seen)
    return (
        passed(f"{drill} reached who it calls", **seen) if last.delivered else failed(f"{drill} reached nobody", **seen)
    )


def _told_of_throttles(watching: Watching, route: Route, table: str, index: str) -> Verdict:
    events = [series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")]
    metrics = filled(*events, period=60)
    known = [alarm for one in events for alarm in watching.alarms.watching(one)]
    route = changed(route, known, events, {"Metrics": metrics, **HOW_AT_ONCE})
    name = f"{' '.join(filter(None, (table, index)))} throttled"
    return told(route, "throttling", _alarm(name, metrics, watching.routes))


def _unusual(watching: Watching, spike: Spike, one: Series, vouched: Iterable[Route]) -> Verdict:
    route = watching.unless_opaque(best([watching.heard(one, spike.able), *vouched]))
    metrics = banded(one)
    route = changed(route, watching.alarms.watching(one), [one], {"Metrics": metrics, **HOW_UNUSUAL})
    return told(route, _unusually(one), _alarm(_named_unusual(one), metrics, watching.routes))


def _unusually(one: Series) -> str:
    return f"unusual {'reads' if one.metric == READS else 'writes'}"


def _named_unusual(one: Series) -> str:
    return " ".join([*(value for _, value in reversed(one.dimensions)), _unusually(one)])


def _both(other: Series) -> Remedy:
    """Make the alarm of the verdict, and the one on the other series too, for nobody watches either."""
    making = put_math_alarm(UNUSUAL)
    also = making.replace("{AlarmName}", "{OtherAlarmName}").replace("{Metrics}", "{OtherMetrics}")
    values = {"OtherAlarmName": _named_unusual(other), "OtherMetrics": as_json(banded(other))}
    return Remedy(f"{making} && {also}", values)


def _vectors(table: str, index: str) -> list[Series]:
    """What is searched and what is written, in bytes.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearchMonitoring.html
    """
    return [series_of(f"Vector{way}RequestBytes", table, **{VECTOR_INDEX: index}) for way in ("Search", "Write")]


def _of_vectors(watching: Watching, table: str, index: str) -> Route:
    """Either of both is enough: how many bytes are too many, nobody can say."""
    heard = [watching.heard(one, lambda alarm, one: fires(alarm, one, BYTES)) for one in _vectors(table, index)]
    return watching.unless_opaque(best(heard))


def _advised(found: Mapping[str, Route], seen: Mapping[str, Any]) -> Verdict:
    """A warning of each of which nobody hears for sure. Unreadable: that is not known of one."""
    reasons: dict[str, list[str]] = {
        route.why: [] for route in found.values() if route.status in {"doubtful", "silent"}
    }
    for what, route in found.items():
        reasons.get(route.why, []).append(what)
    if reasons:
        said = [f"{' and '.join(of)}: {why}" for why, of in reasons.items()]
        return warned(f"nobody is sure to hear of {'; '.join(said)}", **seen)
    if unread := {what: route.unavailable for what, route in found.items() if route.unavailable}:
        raise Unreadable(unread)
    return passed(f"somebody hears of {' and '.join(found)}", **seen)


def _topic(routes: Routes) -> dict[str, Any]:
    return {"evidence": {"TopicArn": routes.topic}}


def _alarm(name: str, metrics: Sequence[Mapping[str, Any]], routes: Routes) -> dict[str, Any]:
    """What a command that makes the alarm takes."""
    return {"evidence": {"AlarmName": name, "Metrics": as_json(metrics), "TopicArn": routes.topic}}


def _trained(alarm: Alarm, state: str | None, training: Training, now: Now) -> Verdict:
    if state == "TRAINED":
        return passed(f"{alarm.name}: what is to be expected is known")
    since = f"since {training.since:%Y-%m-%d %H:%M} UTC"
    if state is None:
        return warned(f"{alarm.name}: there is no model of what is to be expected, {since}", carry=training)
    judge = failed if training.overdue(now, TRAINING_LIMIT) else warned
    return judge(f"{alarm.name}: what is to be expected is not known yet ({state}, {since})", carry=training)


def _earlier(before: Each[Training], alarm: Alarm) -> Training | None:
    try:
        return before[alarm.arn]
    except KeyError:
        return None
