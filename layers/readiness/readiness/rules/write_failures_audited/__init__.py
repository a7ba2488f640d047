"""A write of a quote, session or coupon that fails is counted, and an alarm notifies on-call.

A handler that catches the error and returns a 500 is a success for Lambda: the Errors metric stays at zero. So the
function itself must report the failed write, in its logs or as a metric, and an alarm must watch that metric. A batch
write raises no error for the items in `UnprocessedItems`, and a cancelled transaction has one reason per item: the code
must count both. A failed condition check may be expected.

An alarm matches one exact set of dimensions. Powertools adds the dimension `service` to each metric, and then an alarm
on the domain alone never has data. A metric without data proves nothing, because a healthy application has no failures:
a metric filter that counts them does, or one datapoint, even of zero. A metric filter must be on the log group of the
version that is invoked, and its pattern must match.

The permission of a function's role to write to its log group is judged by iam-least-privilege.
"""

from typing import Any

from readiness.alarms import remedies
from readiness.alarms.route import best, silent
from readiness.alarms.series import series
from readiness.engine.control import config, prowler, security_hub
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.cloudwatch.alarm_actions import Mute
from readiness.facts.cloudwatch.alarms import NOT_READ, Alarm, stuck, watchers
from readiness.facts.cloudwatch.failure_metrics import FailureDimensions, FailureFilters, FailureMetric, FailureSeries
from readiness.facts.cloudwatch.log_groups import PASSED_ON, STANDARD, WITHOUT_METRICS, FunctionLogGroup, LogGroup
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion
from readiness.facts.lambda_.metrics import Invocations
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Call, Unavailable, Unreadable
from readiness.rules.shared.change_events import FUNCTIONS
from readiness.rules.shared.configured import LIST_FUNCTIONS, unselected, unset
from readiness.rules.shared.new_alarm import at_first, changed, put_alarm
from readiness.rules.shared.novel import novel
from readiness.rules.shared.versions import qualified
from readiness.rules.shared.watching import mended, opaque, vouched
from readiness.rules.write_failures_audited.counters import (
    UNCOUNTED,
    best_groups,
    covered,
    elsewhere,
    ever,
    heard,
    named,
    uncounted,
    unwatched,
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
        *FUNCTIONS,
        TopicAttributes,
        Subscription,
        Filtering,
    ),
)

RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Allowed values: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html."""

DROPS_INFO = frozenset({"ERROR", "WARN"})
KEEPS_INFO = frozenset({"TRACE", "DEBUG", "INFO"})

KEEP = Call("logs", "PutRetentionPolicy", {"logGroupName": "{LogGroupName}", "retentionInDays": "{Keep}"})
CREATE = Call("logs", "CreateLogGroup", {"logGroupName": "{LogGroupName}"})
LOG_AS_JSON = (
    "aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    " --logging-config LogFormat=JSON,ApplicationLogLevel=INFO,LogGroup={LogGroup}"
    " --query LastUpdateStatus --output text;"
    " echo 'published versions keep their configuration: publish a version and update the alias'"
)
# The class of a log group cannot be changed, so the functions log to a new one.
OTHER_GROUP = (
    "aws logs create-log-group --log-group-name {LogGroupName}-standard --region {region}"
    " && aws logs put-retention-policy --log-group-name {LogGroupName}-standard --retention-in-days {Keep}"
    " --region {region} && for name in $(echo {Functions}); do aws lambda update-function-configuration"
    ' --function-name "$name" --region {region} --logging-config "$(aws lambda get-function-configuration'
    ' --function-name "$name" --region {region} --query LoggingConfig --output json'
    " | jq -c --arg group {LogGroupName}-standard '.LogGroup = $group')\""
    " --query LastUpdateStatus --output text; done;"
    " echo 'allow each role to write to the new group, publish a version and update the alias'"
)
# A metric filter with dimensions has no default value, so the alarm treats missing data as not breaching.
COUNT = (
    'for group in $(echo {LogGroupNames}); do aws logs put-metric-filter --log-group-name "$group"'
    " --filter-name {FilterName} --region {region}"
    " --filter-pattern '{{ $.event = \"write_failure\" && $.domain = \"'{Domain}'\" }}' --metric-transformations"
    " metricName={MetricName},metricNamespace={Namespace},metricValue=1,dimensions={{{Dimension}='$.domain'}}; done;"
    ' echo \'the function must log {{"event": "write_failure", "domain": "...", ...}} for each failed write\''
)
ALARM = put_alarm("{AlarmName}", series("{Namespace}", "{MetricName}", **{"{Dimension}": "{Domain}"}), "Sum")


@rule.check(
    decide="Decide which functions write to the table, and name them in [functions] of the checklist.",
    on=Table,
    confirm=2,
    version=2,
    fix=LIST_FUNCTIONS,
)
def functions(functions: Each[TableFunction], checklist: Checklist | None = None) -> Verdict:
    """Does the table have functions, and does the checklist name the metric of their write failures?

    Failed writes are not counted, so nobody is alerted to lost data.
    """
    unconfigured = checklist and unset(checklist, "write_failures.namespace", "write_failures.domains")
    if not functions:
        unconfigured = unconfigured or (checklist and unselected(checklist))
    if unconfigured:
        return unconfigured
    if not functions:
        return failed("no functions of the table, expected at least one (functions of the checklist)")
    return passed("the table has functions")


@rule.check(fix=(CREATE, KEEP))
def group(
    group: FunctionLogGroup, existing: LogGroup | None, invocations: Invocations | Unavailable, checklist: Checklist
) -> Verdict:
    """Does the log group of each function exist?

    Log lines about failed writes are lost.
    """
    evidence = _group(group, checklist)
    if existing:
        return passed("the log group exists", subject=f"log group {group.name} exists again")
    if isinstance(invocations, Unavailable):
        raise Unreadable({group.arn: invocations})
    invoked = [name for name in group.functions if invocations.of.get(name)]
    if invoked:
        message = f"the log group does not exist, and {' and '.join(invoked)} ran in the last 7 days"
        return failed(message, subject=f"log group {group.name} was deleted", evidence=evidence)
    if not invocations.of.keys() >= set(group.functions):
        raise Unreadable({group.arn: invocations.unread or UNCOUNTED})
    message = f"the log group does not exist, and {' and '.join(group.functions)} did not run in the last 7 days"
    return warned(message, evidence=evidence)


@rule.check(
    decide=(
        "Decide when the functions log to a new log group: the class of a log group cannot be changed. The "
        "former logs stay in the former group."
    ),
    fix=OTHER_GROUP,
)
def group_class(group: FunctionLogGroup, existing: LogGroup, checklist: Checklist) -> Verdict:
    """Is the log group of the class STANDARD, from which CloudWatch creates metrics?

    Failed writes are logged and not counted, so no alarm can be raised.
    """
    seen = {"evidence": {**_group(group, checklist), "logGroupClass": existing.kind}}
    if existing.kind == STANDARD:
        return passed("log group class is STANDARD")
    if existing.kind in WITHOUT_METRICS:
        message = f"log group class is {existing.kind}, expected STANDARD: CloudWatch creates no metrics from it"
        return failed(message, subject=f"class of log group {group.name} became {existing.kind}", **seen)
    return warned(f"log group class is {existing.kind}, expected STANDARD", **seen)


@rule.check(
    severity=Severity.MEDIUM,
    fix=KEEP,
    controls=(
        *security_hub("CloudWatch.16", related=True),
        *config("cw-loggroup-retention-period-check", related=True),
        *prowler("cloudwatch_log_group_retention_policy_specific_days_enabled", related=True),
    ),
)
def retention(group: FunctionLogGroup, existing: LogGroup, checklist: Checklist) -> Verdict:
    """Are logs kept as many days as the checklist demands, and not forever?"""
    days, wanted = existing.retention_days, checklist.functions.log_retention_days
    evidence = {**_group(group, checklist), "retentionInDays": days}
    watched = {"retentionInDays": days}
    if existing.kind == PASSED_ON:
        return not_applicable(f"log group class is {PASSED_ON}, which keeps logs for 1 day")
    if days is None:
        return warned(f"logs are kept forever, expected {wanted} days", evidence=evidence, watched=watched)
    kept = "1 day" if days == 1 else f"{days} days"
    if days < wanted:
        subject = f"retention of log group {group.name} was changed to {kept}"
        return failed(f"logs are kept {kept}, expected {wanted}", subject=subject, evidence=evidence, watched=watched)
    return passed(f"logs are kept {kept}", evidence=evidence)


@rule.check(
    decide="Decide if the function can log JSON: text that it prints becomes part of a JSON line.",
    severity=Severity.LOW,
    fix=LOG_AS_JSON,
)
def structured(version: LiveVersion, configuration: Configuration, metric: FailureMetric | Unavailable) -> Verdict:
    """Does each invoked version log JSON, or were its write failures counted?"""
    if configuration.log_format == "JSON":
        return passed("log format is JSON")
    if isinstance(metric, Unavailable):
        raise Unreadable({version.arn: metric})
    if any(metric.seen.values()):
        return passed("log format is text, and write failures were counted")
    message = f"{qualified(version)}: log format is text, expected JSON: no write failure was ever counted"
    return warned(message, **_logging(configuration))


@rule.check(decide="Decide which lines the function logs. INFO costs more than ERROR.", fix=LOG_AS_JSON)
def level(version: LiveVersion, configuration: Configuration) -> Verdict:
    """Does the application log level keep the lines that report write failures?

    Log lines about failed writes are discarded.
    """
    chosen = configuration.log_level
    if chosen == "FATAL":
        return failed(
            f"{qualified(version)}: application log level is FATAL, expected INFO: errors are not logged",
            subject=f"{version.function}:{version.version}: log level was changed to FATAL",
            **_logging(configuration),
        )
    if chosen in DROPS_INFO:
        lost = "lines without a level, such as metrics, are not logged"
        message = f"{qualified(version)}: application log level is {chosen}, expected INFO: {lost}"
        return warned(message, **_logging(configuration))
    if chosen is not None and chosen not in KEEPS_INFO:
        return novel("lambda:GetFunctionConfiguration", "LoggingConfig.ApplicationLogLevel", chosen)
    return passed(f"application log level is {chosen or 'not set'}")


@rule.check(
    decide=("Decide how the function reports a failed write: the filter counts lines with the event and the domain."),
    version=2,
    fix=COUNT,
)
def counted(  # noqa: PLR0913, PLR0917  each is needed to find where failures are counted
    wanted: FailureSeries,
    filters: FailureFilters | Unavailable,
    metric: FailureMetric | Unavailable,
    dimensions: FailureDimensions | Unavailable,
    alarms: Each[Alarm],
    served: Each[FunctionLogGroup],
    groups: Each[LogGroup],
) -> Verdict:
    """Are the domain's write failures counted, with its dimension only, in every log group?

    Failed writes are not counted, so no alarm can be raised.
    """
    if not isinstance(metric, Unavailable) and metric.seen.get(wanted.domain):
        return passed("write failures were counted in the last 14 days")
    if isinstance(filters, Unavailable):
        raise Unreadable({wanted.key: filters})
    coverage = covered(wanted, filters, served, groups)
    if coverage.whole:
        return passed("a metric filter counts the write failures in the logs")
    ever(wanted, metric)  # raises where that is not known
    names = best_groups(wanted.domain, groups, coverage.blind)
    if not names:
        if served.unlisted:
            raise Unreadable({wanted.key: served.unlisted})
        return not_applicable("no log groups of the table's functions")
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
    others = elsewhere(wanted, filters, served, dimensions)
    why = uncounted(wanted, coverage, others)
    if not why and watchers(alarms, wanted.series):
        return warned("an alarm exists, but no metric filter counts the write failures", evidence=evidence)
    return failed(
        why or "no metric filter counts the write failures of the domain",
        subject=f"write failures of {wanted.domain} are no longer counted",
        evidence={**evidence, "Elsewhere": others},
    )


@rule.check(version=3, fix=ALARM)
def alarmed(  # noqa: PLR0913, PLR0917  each is a link between the metric and on-call
    wanted: FailureSeries,
    alarms: Each[Alarm],
    routes: Routes,
    metric: FailureMetric | Unavailable,
    filters: FailureFilters | Unavailable,
    now: Now,
    checklist: Checklist,
) -> Verdict:
    """Does an alarm on exactly that metric reach on-call?

    Failed writes go unnoticed until customers report them.
    """
    known, settings = list(alarms), checklist.alarms
    watching = watchers(known, wanted.series)
    names = " and ".join([alarm.name for alarm in watching])
    subject = f"no alarm on write failures of {wanted.domain} reaches on-call"
    evidence = {**named(wanted), "Alarms": names, "AlarmName": wanted.key, "TopicArn": routes.topic}
    seen = {"evidence": evidence}
    ways = {alarm.name: heard(wanted, alarm, routes, settings, filters) for alarm in watching}
    ways |= vouched(known, routes, settings, "write-failures")
    route = best(ways.values()) if ways else silent(unwatched(wanted, known))
    route = changed(route, watching, [wanted.series], at_first(wanted.series, "Sum"))
    if route.status == "silent" and (may := opaque(known, routes, settings)):
        raise Unreadable({wanted.key: may})
    if route.unavailable:
        raise Unreadable({wanted.key: route.unavailable})
    if route.status == "silent":
        return failed(route.why, subject=subject, **mended(route, {"evidence": {**evidence, "NotRead": NOT_READ}}))
    if route.status == "doubtful":
        return warned(route.why, **mended(route, seen))
    paging = [alarm for alarm in known if alarm.name in ways and ways[alarm.name].status == "pages"]
    if all(stuck(alarm, now.at) for alarm in paging):
        message = f"{names}: in ALARM for more than 24 hours, the next failure sends no notification"
        return warned(message, evidence=evidence, remedy=remedies.reset(paging[0].arn))
    if any(alarm.warming(now.at) for alarm in paging) and all(alarm.state == "INSUFFICIENT_DATA" for alarm in paging):
        message = f"{names}: sends no notification before its first data (WarmUpConfiguration)"
        return warned(message, evidence=evidence, remedy=remedies.show(paging[0].arn))
    if all(alarm.state == "INSUFFICIENT_DATA" for alarm in paging) and not ever(wanted, metric):
        message = f"{names}: INSUFFICIENT_DATA, no datapoint was ever seen"
        return warned(message, evidence=evidence, remedy=remedies.show(paging[0].arn))
    good = f"write failures of {wanted.domain} reach on-call"
    return passed(f"{' and '.join([alarm.name for alarm in paging])}: {good}", subject=f"{good} again", **seen)


def _group(group: FunctionLogGroup, checklist: Checklist) -> dict[str, Any]:
    """Return the log group as evidence, with the shortest allowed retention that meets the checklist."""
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
