"""CloudWatch alarms notify on-call of throttling, errors and sudden load before customers report them.

CloudWatch accepts any alarm, and an alarm on a metric that is never published stays in INSUFFICIENT_DATA forever.
`UserErrors` has no dimensions, so an alarm with `TableName` never has data; `ThrottledRequests` needs the dimension
`Operation`; the throttle events of an index are not counted in those of its table. An AWS sample and the CDK have
shipped such alarms.

The route from the metric to a person is followed link by link: the actions of the alarm or of a composite alarm, the
SNS topic, its access policy and KMS key, the subscriptions and their filter policies. The first broken link is
reported. The metric of a log alarm or of a PromQL alarm cannot be read: `alarms.vouched` in the checklist can state it;
without that, and without another alarm, the status is UNKNOWN. Alerts of CloudWatch Omni are not read.

An alarm counts only if it can enter ALARM, and in time. A throttled request is one event: its Average, Maximum and
Minimum are never above 1, and its Sum over a week reports it a week late. Metric math is evaluated with one metric high
and all others at zero: an expression that needs two metrics stays OK for one, and a threshold that is breached at zero
keeps the alarm in ALARM.

Actions run only when the state changes to ALARM, so an alarm that stays in ALARM does not notify of the next incident.
For DynamoDB metrics CloudWatch ignores missing data, whatever TreatMissingData says: after a throttle the alarm stays
in ALARM until there is a datapoint of zero, which only `FILL` provides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.alarms.dynamodb import USER_ERRORS, VECTOR_INDEX, series_of
from readiness.alarms.firing import fires
from readiness.alarms.route import Route, best
from readiness.alarms.scale import BYTES, CONCURRENCY, Scale, errors
from readiness.alarms.series import Series, series
from readiness.aws.time import minute
from readiness.engine.control import config, prowler, security_hub, well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.cloudwatch.alarm_actions import Mute
from readiness.facts.cloudwatch.alarm_indexes import OF_ACCOUNT, DynamodbAlarms, FunctionAlarms, throttles_of
from readiness.facts.cloudwatch.alarm_rules import AlarmRule, AlarmRuleTargets
from readiness.facts.cloudwatch.alarms import Alarm, AnomalyModels
from readiness.facts.dynamodb.consumption import FIVE_MINUTES, READS, WRITES, Consumption
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.table import Table, TableDescription, TableIndex
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.attestations import HOLDS, Drills
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sns.receivers import ReceiverPolicy, ReceiverQueue
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes, TopicKey
from readiness.model import Gone, Remedy, Status, Unavailable, Unreadable
from readiness.rules.alarms_wired.alarm_subscriptions import kept, pending, topics_of
from readiness.rules.alarms_wired.dead_alarms import publishes
from readiness.rules.alarms_wired.spikes import Spike
from readiness.rules.shared.alarm_health import (
    evaluates_several_periods,
    health_verdicts,
    not_noisy,
    not_stuck,
    of_alarms,
    with_data,
)
from readiness.rules.shared.new_alarm import BAND, as_json, banded, changed, filled, put_alarm, put_math_alarm
from readiness.rules.shared.transitional_state import TransitionalState, continued
from readiness.rules.shared.watching import Operations, Watching, alarm_verdict, throttled

rule = Rule(
    "3.1",
    "CloudWatch alarms",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    change_events_of=(
        Alarm,
        Mute,
        TopicAttributes,
        Subscription,
        Filtering,
        TopicKey,
        AlarmRule,
        AlarmRuleTargets,
        ReceiverPolicy,
        ReceiverQueue,
    ),
)

TRAINING_LIMIT = timedelta(days=15)
USED = {READS: "reads", WRITES: "writes"}
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
SHOW = "aws cloudwatch describe-alarms --alarm-names {AlarmName} --region {region}"


ACTIONS = (
    *security_hub("CloudWatch.15", "CloudWatch.17", related=True),
    *config("cloudwatch-alarm-action-check", "cloudwatch-alarm-action-enabled-check", related=True),
    *well_architected("OPS08", "REL06"),
    *prowler("cloudwatch_alarm_actions_alarm_state_configured", "cloudwatch_alarm_actions_enabled", related=True),
)
"""Those about the actions of all alarms. These checks are about the actions of the alarms that watch the table."""


class Training(TransitionalState):
    """The training state of an anomaly detection model that is not trained yet."""

    stored_as = "Training"


@rule.check(version=2, fix=put_math_alarm(HOW_AT_ONCE), controls=ACTIONS)
def throttling(  # noqa: PLR0913, PLR0917  each may complete the route to on-call, or break it
    table: Table,
    alarms: DynamodbAlarms,
    routes: Routes,
    operations: OperationsInUse | Unavailable,
    allowed: OperationsAllowed | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on read and write throttling of the table reach on-call?

    Throttled requests go unnoticed until customers report errors.
    """
    watching = Watching(alarms, routes, checklist.alarms, tags)
    return _throttling(watching, table.name, "", Operations(operations, allowed))


@rule.check(version=2, fix=put_math_alarm(HOW_AT_ONCE), controls=ACTIONS)
def index_throttling(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    index: TableIndex,
    alarms: DynamodbAlarms,
    routes: Routes,
    operations: OperationsInUse | Unavailable,
    allowed: OperationsAllowed | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on read and write throttling of each global secondary index reach on-call?

    Throttled requests on the index go unnoticed; writes to the table are throttled with them.
    """
    watching = Watching(alarms, routes, checklist.alarms, tags)
    return _throttling(watching, table.name, index.name, Operations(operations, allowed))


@rule.check(on=Table, version=2, fix=put_math_alarm(HOW_OFTEN), controls=ACTIONS)
def user_errors(alarms: DynamodbAlarms, routes: Routes, checklist: Checklist) -> Verdict:
    """Does an alarm on UserErrors (HTTP 400 responses, all tables of the account and Region) reach on-call?

    Requests that DynamoDB rejects with HTTP 400 go unnoticed.
    """
    watching = Watching(alarms, routes, checklist.alarms, QueriedTags({}))
    per_minute = checklist.alarms.events_per_minute
    own = watching.route_of(USER_ERRORS, lambda alarm, one: not_noisy(alarm, one, per_minute))
    route = watching.unless_opaque(best([own, *watching.vouched("user-errors")]))
    metrics = filled(USER_ERRORS, period=FIVE_MINUTES)
    route = changed(route, alarms.watching(USER_ERRORS), [USER_ERRORS], {"Metrics": metrics, **HOW_OFTEN})
    return alarm_verdict(route, "UserErrors", _alarm("DynamoDB UserErrors", metrics, routes))


@rule.check(version=2, fix=put_math_alarm(HOW_UNUSUAL), controls=ACTIONS)
def read_spikes(  # noqa: PLR0913, PLR0917  a threshold is compared with values of several facts
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on unusual read consumption reach on-call?

    Unusual read traffic, and its costs, go unnoticed.
    """
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, description.max_reads)
    return _unusual(watching, spike, series_of(READS, table.name), watching.vouched("reads"))


@rule.check(version=2, fix=put_math_alarm(HOW_UNUSUAL), controls=ACTIONS)
def write_spikes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on unusual write consumption reach on-call?

    Unusual write traffic, and its costs, go unnoticed.
    """
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, description.max_writes)
    return _unusual(watching, spike, series_of(WRITES, table.name), watching.vouched("writes"))


@rule.check(severity=Severity.LOW, required=False, version=2, fix=put_math_alarm(HOW_UNUSUAL))
def index_spikes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    index: TableIndex,
    alarms: DynamodbAlarms,
    routes: Routes,
    consumption: Consumption | Unavailable,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Do alarms on unusual read and write consumption of each global secondary index reach on-call?"""
    watching, spike = Watching(alarms, routes, checklist.alarms, tags), Spike(consumption, None)
    for metric in (READS, WRITES):
        verdict = _unusual(watching, spike, series_of(metric, table.name, index.name), ())
        if verdict.status is not Status.PASS:
            unwatched = metric == READS and not watching.watched(series_of(WRITES, table.name, index.name))
            both = _both(series_of(WRITES, table.name, index.name)) if unwatched else None
            return replace(verdict, status=Status.WARN, remedy=verdict.remedy or both)
    return verdict


@rule.check(severity=Severity.LOW, fix=put_math_alarm(HOW_UNUSUAL))
def vector_indexes(  # noqa: PLR0913, PLR0917  likewise
    table: Table,
    description: TableDescription,
    alarms: DynamodbAlarms,
    routes: Routes,
    tags: QueriedTags | Unavailable,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on the search or write load of each vector index reach on-call?"""
    if not description.vector_indexes:
        return not_applicable("no vector index")
    watching = Watching(alarms, routes, checklist.alarms, tags)
    found = {
        name: watching.unless_opaque(best(watching.route_of(one, _any_bytes) for one in _vectors(table.name, name)))
        for name in description.vector_indexes
    }
    name = next((name for name, route in found.items() if route.status in {"doubtful", "silent"}), "")
    seen = _alarm(f"{table.name} {name} vectors", banded(_vectors(table.name, name)[0]), routes) if name else {}
    return _advised({f"vector index {name}": route for name, route in found.items()}, seen)


@rule.check(
    on=Table,
    severity=Severity.LOW,
    required=False,
    fix=put_alarm("lambda-throttles", series("AWS/Lambda", "Throttles"), "Sum"),
)
def function_throttles(
    functions: Each[TableFunction],
    alarms: FunctionAlarms,
    routes: Routes,
    checklist: Checklist,
) -> Verdict:
    """Do alarms on Lambda throttles of the table's functions reach on-call?"""
    if not functions:
        return not_applicable("no function uses the table")
    watching, scale = Watching(alarms, routes, checklist.alarms), errors(checklist.alarms.events_per_minute)
    found = {f"Throttles of {each.name}": _of_lambda(watching, throttles_of(each.name), scale) for each in functions}
    return _advised(dict(sorted(found.items())), {"evidence": {"TopicArn": routes.topic}})


@rule.check(
    decide="Decide at which concurrency on-call is notified: all functions of the account share its limit.",
    on=Table,
    severity=Severity.LOW,
    required=False,
    fix="aws cloudwatch put-metric-alarm --region {region} --alarm-name lambda-concurrency --namespace AWS/Lambda"
    " --metric-name ConcurrentExecutions --statistic Maximum --period 60 --evaluation-periods 1"
    ' --threshold "${{THRESHOLD:?set it to 80 % of AccountLimit.ConcurrentExecutions, see aws lambda'
    ' get-account-settings}}" --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching'
    ' --alarm-actions "${{TOPIC:?set it to the ARN of the topic of on-call}}"',
)
def concurrency(
    functions: Each[TableFunction],
    alarms: FunctionAlarms,
    routes: Routes,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on the Lambda concurrency of the account reach on-call?"""
    if not functions:
        return not_applicable("no function uses the table")
    route = _of_lambda(Watching(alarms, routes, checklist.alarms), OF_ACCOUNT, CONCURRENCY)
    return _advised({"ConcurrentExecutions of the account": route}, {"evidence": {"TopicArn": routes.topic}})


@rule.check(
    decide=(
        "Decide what the alarm was for. An alarm whose metric is not published never enters ALARM: delete it,"
        " or correct its metric."
    ),
    severity=Severity.MEDIUM,
    version=2,
    fix="aws cloudwatch delete-alarms --alarm-names {AlarmName} --region {region}",
)
def dead(table: Table, description: TableDescription, alarms: DynamodbAlarms) -> Iterator[Verdict]:
    """Is the metric of every alarm on the table published?"""
    found = of_alarms(alarms.about(table.name), lambda alarm: publishes(alarm, table.name, description))
    yield from health_verdicts(found, "the metric of every alarm on the table is published")


@rule.check(
    decide="Find out if the incident is over. If it is, reset the alarm, so that the next one notifies.",
    severity=Severity.MEDIUM,
    version=2,
    fix="aws cloudwatch set-alarm-state --alarm-name {AlarmName} --state-value OK"
    " --state-reason 'reset so that actions run for the next incident' --region {region}",
)
def stuck(table: Table, alarms: DynamodbAlarms, now: Now) -> Iterator[Verdict]:
    """Has no alarm on the table been in ALARM for more than 24 hours?"""
    found = of_alarms(alarms.about(table.name), lambda alarm: not_stuck(alarm, now))
    yield from health_verdicts(found, "no alarm on the table has been in ALARM for more than 24 hours")


@rule.check(severity=Severity.LOW, fix=f"{SHOW}; echo 'put the alarm again with EvaluationPeriods 3'")
def steady(table: Table, alarms: DynamodbAlarms) -> Iterator[Verdict]:
    """Does every alarm with FILL evaluate several periods, because the data of the newest arrives late?"""
    good = "every alarm with FILL evaluates several periods"
    yield from health_verdicts(of_alarms(alarms.about(table.name), evaluates_several_periods), good)


@rule.check(
    decide="Find out why the metric has no data: a wrong dimension, or no traffic.",
    severity=Severity.MEDIUM,
    version=2,
    fix=SHOW,
)
def fed(
    table: Table, alarms: DynamodbAlarms, consumption: Consumption | Unavailable, models: AnomalyModels, now: Now
) -> Iterator[Verdict]:
    """Do alarms on metrics that are published all the time have data?"""
    without = [alarm for alarm in alarms.of.get(table.name, ()) if alarm.state == "INSUFFICIENT_DATA"]
    found = of_alarms(without, lambda alarm: with_data(alarm, table.name, consumption, models, now))
    yield from health_verdicts(found, "no alarm on consumed capacity lacks data")


@rule.check(
    decide="Nothing to do: CloudWatch trains the model by itself, within 15 days.",
    severity=Severity.MEDIUM,
    fix="aws cloudwatch describe-anomaly-detectors --namespace AWS/DynamoDB --metric-name {MetricName}"
    " --region {region} --query 'AnomalyDetectors[].[SingleMetricAnomalyDetector,StateValue]'",
)
def trained(
    table: Table, alarms: DynamodbAlarms, models: AnomalyModels, now: Now, before: Each[Training]
) -> Iterator[Verdict]:
    """Are the models of anomaly detection alarms on the table trained?"""
    compared = [alarm for alarm in alarms.of.get(table.name, ()) if alarm.band and len(alarm.watches) == 1]
    if not compared:
        yield not_applicable("no anomaly detection alarm on the table")
    for alarm in compared:
        [one] = alarm.watches
        state, evidence = models.state(one), {"AlarmName": alarm.name, "MetricName": one.metric}
        earlier = before.answers().get(alarm.arn)
        training = continued(Training, earlier if isinstance(earlier, Training) else None, state or "none", now)
        yield replace(_trained(alarm, state, training, now), resource=alarm.arn, evidence=evidence)


@rule.check(
    decide="The owner of each endpoint confirms the subscription, within 3 days of the request.",
    severity=Severity.MEDIUM,
    fix="aws sns list-subscriptions-by-topic --topic-arn {TopicArn} --region {region} --output text"
    " --query \"Subscriptions[?SubscriptionArn=='PendingConfirmation'].[Protocol,Endpoint]\";"
    " echo 'ask each of them to confirm the subscription: the link is valid for 3 days'",
)
def confirmed(table: Table, alarms: DynamodbAlarms, topics: Each[TopicAttributes]) -> Iterator[Verdict]:
    """Are all subscriptions of the alarms' SNS topics confirmed?"""
    found = {arn: topics.answers().get(arn) for arn in topics_of(alarms, table)}
    yield from health_verdicts(
        {
            arn: ({"TopicArn": arn}, pending(arn, attributes))
            for arn, attributes in found.items()
            if attributes and not isinstance(attributes, Gone)
        },
        "all subscriptions of the alarms' topics are confirmed",
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
    """Does each subscription of the alarms' SNS topics have a dead-letter queue for undelivered messages?"""
    topics, filters = topics_of(alarms, table), filterings.answers()
    known, unread = subscriptions.readable()
    mine = [each for each in known if each.protocol in REDRIVEN and each.arn.rpartition(":")[0] in topics]
    yield from health_verdicts(
        {each.arn: ({"SubscriptionArn": each.arn}, kept(each, filters.get(each.arn))) for each in mine},
        "subscriptions of the alarms' topics have a dead-letter queue",
    )
    if unread:
        raise Unreadable({}, unread)


@rule.check(
    decide="Find out why the delivery failed, correct it, and test again.",
    severity=Severity.MEDIUM,
    fix="readiness alarms --drill {AlarmName} --table {table}",
)
def drilled(drills: Drills, now: Now) -> Verdict:
    """Was the notification of the last alarm drill delivered?"""
    if not drills.made or now.at - drills.made[-1].at > HOLDS:
        return not_applicable(f"no alarm drill within {HOLDS.days} days")
    last = drills.made[-1]
    seen = {"evidence": {"AlarmName": last.alarm, "Drilled": minute(last.at), "By": last.by}}
    drill = f"the drill of {last.alarm} on {last.at:%Y-%m-%d}"
    if last.delivered is None:
        return warned(f"delivery of {drill} could not be read", **seen)
    return passed(f"{drill} was delivered", **seen) if last.delivered else failed(f"{drill} was not delivered", **seen)


def _throttling(watching: Watching, table: str, index: str, operations: Operations) -> Verdict:
    route = throttled(watching, table, index, operations)
    events = [series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")]
    metrics = filled(*events, period=60)
    known = [alarm for one in events for alarm in watching.alarms.watching(one)]
    route = changed(route, known, events, {"Metrics": metrics, **HOW_AT_ONCE})
    name = f"{' '.join(filter(None, (table, index)))} throttled"
    return alarm_verdict(route, "throttling", _alarm(name, metrics, watching.routes))


def _unusual(watching: Watching, spike: Spike, one: Series, vouched: Iterable[Route]) -> Verdict:
    route = watching.unless_opaque(best([watching.route_of(one, spike.able), *vouched]))
    metrics = banded(one)
    route = changed(route, watching.alarms.watching(one), [one], {"Metrics": metrics, **HOW_UNUSUAL})
    return alarm_verdict(route, f"unusual {USED[one.metric]}", _alarm(_named_unusual(one), metrics, watching.routes))


def _named_unusual(one: Series) -> str:
    return " ".join([*(value for _, value in reversed(one.dimensions)), f"unusual {USED[one.metric]}"])


def _both(other: Series) -> Remedy:
    """Create the alarm of the verdict and the one on the other series, which has none either."""
    also = put_math_alarm(HOW_UNUSUAL, "OtherAlarmName", "OtherMetrics")
    values = {"OtherAlarmName": _named_unusual(other), "OtherMetrics": as_json(banded(other))}
    return Remedy(steps=(put_math_alarm(HOW_UNUSUAL), also), values=values)


def _vectors(table: str, index: str) -> list[Series]:
    """Return the search and the write series of a vector index, in bytes.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearchMonitoring.html
    """
    return [series_of(f"Vector{way}RequestBytes", table, **{VECTOR_INDEX: index}) for way in ("Search", "Write")]


def _any_bytes(alarm: Alarm, one: Series) -> Route:
    """Return the route for any load: AWS documents no limit in bytes."""
    return fires(alarm, one, BYTES)


def _of_lambda(watching: Watching, series: Iterable[Series], scale: Scale) -> Route:
    """Return the best route for any of the series: a throttled invocation fails before it reaches the table."""
    return watching.unless_opaque(watching.best_of(series, lambda alarm, one: fires(alarm, one, scale), "no alarm"))


def _advised(found: Mapping[str, Route], seen: Mapping[str, Any]) -> Verdict:
    """Return WARN naming each metric without a certain route. Raises Unreadable where the route of one is unknown."""
    reasons: dict[str, list[str]] = {
        route.why: [] for route in found.values() if route.status in {"doubtful", "silent"}
    }
    for what, route in found.items():
        reasons.get(route.why, []).append(what)
    if reasons:
        said = [f"{' and '.join(of)}: {why}" for why, of in reasons.items()]
        return warned(f"no alarm is certain to reach on-call for {'; '.join(said)}", **seen)
    if unread := {what: route.unavailable for what, route in found.items() if route.unavailable}:
        raise Unreadable(unread)
    return passed(f"alarms reach on-call for {' and '.join(found)}", **seen)


def _alarm(name: str, metrics: Sequence[Mapping[str, Any]], routes: Routes) -> dict[str, Any]:
    """Return the evidence that the command for a new alarm needs."""
    return {"evidence": {"AlarmName": name, "Metrics": as_json(metrics), "TopicArn": routes.topic}}


def _trained(alarm: Alarm, state: str | None, training: Training, now: Now) -> Verdict:
    if state == "TRAINED":
        return passed(f"alarm {alarm.name}: anomaly detection model is TRAINED")
    if state is None:
        message = f"alarm {alarm.name}: no anomaly detection model since {minute(training.since)}"
        return warned(message, carry=training)
    wanted = f", expected TRAINED within {TRAINING_LIMIT.days} days"
    return training.verdict(now, TRAINING_LIMIT, f"alarm {alarm.name}: anomaly detection model is {state}", wanted)
