"""A quote, session or coupon that could not be written is counted, and somebody is called.

A handler that catches the error and answers with a 500 has succeeded as far as Lambda can tell: its Errors metric stays
at zero. So the function itself has to say that a write failed, in its logs or as a metric in them, and an alarm has to
listen. A batch write raises nothing for the items that it leaves as `UnprocessedItems`, and the reasons of a cancelled
transaction are one per item: both are for the code to count. A condition that does not hold may be quite in order.

An alarm matches one exact set of dimensions. Powertools adds `service` to whatever a function publishes, and then an
alarm on the domain alone never goes off. That nothing was published yet proves nothing, for a healthy shop has no
failures: a filter that would count them does, or one datapoint, of zero too. A filter counts only what it is given: it
has to be on the group to which the version logs that is invoked, be it not `$LATEST`, and its pattern has to match.

Whether a function's role may write to the log group at all is judged with the role, by iam-least-privilege.
"""

from typing import Any

from readiness.alarms import remedies
from readiness.alarms.route import best, silent
from readiness.aws.arn import LATEST
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.cloudwatch.alarms import NOT_READ, Alarm, stuck, watchers
from readiness.facts.cloudwatch.failure_filters import FailureFilters
from readiness.facts.cloudwatch.failure_metrics import FailureDimensions, FailureMetric, FailureSeries
from readiness.facts.cloudwatch.log_groups import PASSED_ON, STANDARD, WITHOUT_METRICS, FunctionLogGroup, LogGroup
from readiness.facts.cloudwatch.mutes import Mute
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.invocations import Invocations
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.lambda_.tags import FunctionTags
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Unavailable, Unreadable
from readiness.rules.shared.configured import unselected, unset
from readiness.rules.shared.in_place import changed
from readiness.rules.shared.new_alarm import at_first, put_alarm
from readiness.rules.shared.novel import novel
from readiness.rules.shared.watching import mended, opaque
from readiness.rules.write_failures_audited.counters import (
    UNCOUNTED,
    best_groups,
    covered,
    elsewhere,
    ever,
    heard,
    joined,
    named,
    own_filters,
    uncounted,
    unwatched,
    vouched,
)

rule = Rule(
    "2.3",
    "Audit logging",
    Severity.HIGH,
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Lambda.html",
    change_events_of=(
        LogGroup,
        FailureFilters,
        Alarm,
        Mute,
        Configuration,
        Function,
        LiveVersion,
        FunctionTags,
        EventSource,
        TopicAttributes,
        Subscription,
        Filtering,
    ),
)

RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html: no other days."""

DROPS_INFO = frozenset({"ERROR", "WARN"})
KEEPS_INFO = frozenset({"TRACE", "DEBUG", "INFO"})

LIST = (
    "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text;"
    " echo 'those that use the table belong into names of [functions] in the checklist'"
)
KEEP = "aws logs put-retention-policy --log-group-name {LogGroupName} --retention-in-days {Keep} --region {region}"
LOG_AS_JSON = (
    "aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    " --logging-config LogFormat=JSON,ApplicationLogLevel=INFO,LogGroup={LogGroup}"
    " --query LastUpdateStatus --output text;"
    " echo 'what an alias serves is frozen: publish a version, then let the alias route to it'"
)
# The class of a group is for ever, so the functions get another group.
OTHER_GROUP = (
    "aws logs create-log-group --log-group-name {LogGroupName}-standard --region {region}"
    " && aws logs put-retention-policy --log-group-name {LogGroupName}-standard --retention-in-days {Keep}"
    " --region {region} && for name in $(echo {Functions}); do aws lambda update-function-configuration"
    ' --function-name "$name" --region {region} --logging-config "$(aws lambda get-function-configuration'
    ' --function-name "$name" --region {region} --query LoggingConfig --output json'
    " | jq -c --arg group {LogGroupName}-standard '.LogGroup = $group')\""
    " --query LastUpdateStatus --output text; done;"
    " echo 'each role must be allowed to write there, and what an alias serves is frozen: publish a version'"
)
# With dimensions there can be no default value: the alarm has to take silence for health.
COUNT = (
    'for group in $(echo {LogGroupNames}); do aws logs put-metric-filter --log-group-name "$group"'
    " --filter-name {FilterName} --region {region}"
    " --filter-pattern '{{ $.event = \"write_failure\" && $.domain = \"'{Domain}'\" }}' --metric-transformations"
    " metricName={MetricName},metricNamespace={Namespace},metricValue=1,dimensions={{{Dimension}='$.domain'}}; done;"
    ' echo \'the function has to log {{"event": "write_failure", "domain": "...", ...}} for each failed write\''
)
ALARM = put_alarm(
    "{AlarmName}",
    "--namespace {Namespace} --metric-name {MetricName} --dimensions Name={Dimension},Value={Domain}",
    "Sum",
)


@rule.check(on=Table, confirm=2, version=2, fix=LIST)
def functions(functions: Each[TableFunction], checklist: Checklist | None = None) -> Verdict:
    """There are functions whose logs could tell of failed writes, and the checklist names what counts them."""
    unsaid = checklist and unset(checklist, "write_failures.namespace", "write_failures.domains")
    if not functions:
        unsaid = unsaid or (checklist and unselected(checklist))
    if unsaid:
        return unsaid
    if not functions:
        return failed("no function is known to use the table, so none can tell of failed writes")
    return passed("there are functions that use the table")


@rule.check(fix=f"aws logs create-log-group --log-group-name {{LogGroupName}} --region {{region}} && {KEEP}")
def group(
    group: FunctionLogGroup, existing: LogGroup | None, invocations: Invocations | Unavailable, checklist: Checklist
) -> Verdict:
    """The log group exists that a function writes to."""
    evidence = _group(group, checklist)
    if existing:
        return passed("the log group exists")
    if isinstance(invocations, Unavailable):
        raise Unreadable({group.arn: invocations})
    invoked = [name for name in group.functions if invocations.of.get(name)]
    if invoked:
        return failed(f"there is no log group, and {joined(invoked)} ran in the last 7 days", evidence=evidence)
    if not invocations.of.keys() >= set(group.functions):
        raise Unreadable({group.arn: invocations.unread or UNCOUNTED})
    return warned(
        f"there is no log group, and {joined(group.functions)} did not run in the last 7 days", evidence=evidence
    )


@rule.check(fix=OTHER_GROUP)
def group_class(group: FunctionLogGroup, existing: LogGroup, checklist: Checklist) -> Verdict:
    """The log group is of the standard class, of which alone metrics are made for sure."""
    seen = {"evidence": {**_group(group, checklist), "logGroupClass": existing.kind}}
    if existing.kind == STANDARD:
        return passed("the log group is of the standard class")
    if existing.kind in WITHOUT_METRICS:
        return failed(f"no metrics are made of the logs of a group of the class {existing.kind}", **seen)
    return warned(f"whether metrics are made of the logs of the class {existing.kind} is not known", **seen)


@rule.check(severity=Severity.MEDIUM, fix=KEEP)
def retention(group: FunctionLogGroup, existing: LogGroup, checklist: Checklist) -> Verdict:
    """Logs are kept for as many days as the checklist wants, and not for ever."""
    days, wanted = existing.retention_days, checklist.functions.log_retention_days
    evidence = {**_group(group, checklist), "retentionInDays": days}
    watched = {"retentionInDays": days}
    if existing.kind == PASSED_ON:
        return not_applicable("the logs are only passed on, and kept for a day")
    if days is None:
        return warned("logs are kept for ever, with the personal data in them", evidence=evidence, watched=watched)
    if days < wanted:
        return failed(f"logs are kept for {_days(days)}, not {wanted}", evidence=evidence, watched=watched)
    return passed(f"logs are kept for {_days(days)}", evidence=evidence)


@rule.check(severity=Severity.LOW, fix=LOG_AS_JSON)
def structured(version: LiveVersion, configuration: Configuration, metric: FailureMetric | Unavailable) -> Verdict:
    """What a function logs is JSON, in which a failed write can be found, or metrics were seen to be made of it."""
    if configuration.log_format == "JSON":
        return passed("it logs JSON")
    if isinstance(metric, Unavailable):
        raise Unreadable({version.arn: metric})
    if any(metric.seen.values()):
        return passed("it logs text, and failed writes were counted")
    return warned(f"{_served(version)}it logs text, and no failed write was ever counted", **_logging(configuration))


@rule.check(fix=LOG_AS_JSON)
def level(version: LiveVersion, configuration: Configuration) -> Verdict:
    """No line that tells of a failed write is dropped for its level."""
    chosen = configuration.log_level
    if chosen == "FATAL":
        return failed(f"{_served(version)}all below FATAL is dropped, errors among it", **_logging(configuration))
    if chosen in DROPS_INFO:
        message = (
            f"{_served(version)}lines below {chosen} are dropped, and with them metrics,"
            " for a line without a level counts as INFO"
        )
        return warned(message, **_logging(configuration))
    if chosen is not None and chosen not in KEEPS_INFO:
        return novel("lambda:GetFunctionConfiguration", "LoggingConfig.ApplicationLogLevel", chosen)
    return passed("no line of the level INFO or above is dropped")


@rule.check(version=2, fix=COUNT)
def counted(  # noqa: PLR0913, PLR0917  each may show that failures are counted, or why they are not
    wanted: FailureSeries,
    filters: FailureFilters | Unavailable,
    metric: FailureMetric | Unavailable,
    dimensions: FailureDimensions | Unavailable,
    alarms: Each[Alarm],
    served: Each[FunctionLogGroup],
    groups: Each[LogGroup],
) -> Verdict:
    """Failed writes of the domain are counted, under its dimension alone, wherever they are logged."""
    if not isinstance(metric, Unavailable) and metric.seen.get(wanted.domain):
        return passed("it was counted within the last 14 days")
    if isinstance(filters, Unavailable):
        raise Unreadable({wanted.key: filters})
    coverage = covered(wanted, filters, served, groups)
    if coverage.whole:
        return passed("a metric filter counts what the functions log of failed writes")
    ever(wanted, metric)  # it was not, unless that is not known
    names = best_groups(wanted.domain, groups, coverage.blind)
    if not names:
        return _nowhere(wanted, served)
    lacking = {*coverage.blind, *coverage.doubtful}
    evidence = {
        **named(wanted),
        "LogGroupName": names[0],
        "LogGroupNames": " ".join([name for name in names if name in lacking] or names[:1]),
        "FilterName": f"{wanted.domain}-write-failure",
        "Uncovered": [*coverage.blind, *coverage.doubtful],
    }
    if coverage.seen or coverage.doubtful:
        return warned(coverage.lacking, evidence=evidence)
    others = elsewhere(wanted, own_filters(filters, served), dimensions)
    why = uncounted(wanted, coverage, others)
    if not why and watchers(alarms, wanted.series):
        return warned("an alarm watches it, and nothing is known to count it", evidence=evidence)
    message = why or "nothing is known to count the failed writes of the domain"
    return failed(message, evidence={**evidence, "Elsewhere": others})


@rule.check(version=3, fix=ALARM)
def alarmed(  # noqa: PLR0913, PLR0917  the last says what is enough, and what can't be read
    wanted: FailureSeries,
    alarms: Each[Alarm],
    routes: Routes,
    metric: FailureMetric | Unavailable,
    filters: FailureFilters | Unavailable,
    now: Now,
    checklist: Checklist,
) -> Verdict:
    """An alarm on exactly that count reaches somebody."""
    known, settings = list(alarms), checklist.alarms
    watching = watchers(known, wanted.series)
    names = joined([alarm.name for alarm in watching])
    evidence = {**named(wanted), "Alarms": names, "AlarmName": wanted.key, "TopicArn": routes.topic}
    seen = {"evidence": evidence}
    ways = {alarm.name: heard(wanted, alarm, routes, settings, filters) for alarm in watching}
    ways |= vouched(known, routes, settings)
    route = best(ways.values()) if ways else silent(unwatched(wanted, known))
    route = changed(route, watching, [wanted.series], at_first(wanted.series, "Sum"))
    if route.status == "silent" and (may := opaque(known, routes, settings)):
        raise Unreadable({wanted.key: may})
    if route.unavailable:
        raise Unreadable({wanted.key: route.unavailable})
    if route.status == "silent":
        return failed(route.why, **mended(route, {"evidence": {**evidence, "NotRead": NOT_READ}}))
    if route.status == "doubtful":
        return warned(route.why, **mended(route, seen))
    paging = [alarm for alarm in known if alarm.name in ways and ways[alarm.name].status == "pages"]
    if all(stuck(alarm, now.at) for alarm in paging):
        message = f"{names}: in ALARM for more than a day, so that the next failure calls nobody"
        return warned(message, evidence=evidence, remedy=remedies.reset(paging[0].arn))
    if any(alarm.warming(now.at) for alarm in paging) and all(alarm.state == "INSUFFICIENT_DATA" for alarm in paging):
        message = f"{names}: waits for its first data, and calls nobody until then (WarmUpConfiguration)"
        return warned(message, evidence=evidence, remedy=remedies.show(paging[0].arn))
    if all(alarm.state == "INSUFFICIENT_DATA" for alarm in paging) and not ever(wanted, metric):
        return warned(f"no data was ever seen by {names}", evidence=evidence, remedy=remedies.show(paging[0].arn))
    return passed(f"somebody is called by {joined([alarm.name for alarm in paging])}", **seen)


def _nowhere(wanted: FailureSeries, served: Each[FunctionLogGroup]) -> Verdict:
    if served.unlisted:
        raise Unreadable({wanted.key: served.unlisted})
    return not_applicable("no function is known that could count them")


def _group(group: FunctionLogGroup, checklist: Checklist) -> dict[str, Any]:
    """With as many days to keep its logs as AWS has a choice for."""
    wanted = checklist.functions.log_retention_days
    keep = next((days for days in RETENTIONS if days >= wanted), RETENTIONS[-1])
    return {"LogGroupName": group.name, "Functions": " ".join(group.functions), "Keep": keep}


def _logging(configuration: Configuration) -> dict[str, Any]:
    evidence = {
        "FunctionName": configuration.function,
        "Version": configuration.version,
        "LogFormat": configuration.log_format,
        "ApplicationLogLevel": configuration.log_level,
        "LogGroup": configuration.log_group,
    }
    return {"evidence": evidence}


def _served(version: LiveVersion) -> str:
    """Who runs it: all others would have to name the version."""
    if version.version == LATEST:
        return ""
    if not version.aliases:
        return f"version {version.version}, which is invoked by its number: " if version.numbered else ""
    return f"{joined(version.aliases)} {'serves' if len(version.aliases) == 1 else 'serve'} version {version.version}: "


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
