"""The log groups that the functions of a table write to."""

from collections import defaultdict

from readiness.aws.answer import listed
from readiness.aws.arn import LATEST, qualifier_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import SourcesByFunction
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion
from readiness.model import Fact

STANDARD = "STANDARD"
PASSED_ON = "DELIVERY"
WITHOUT_METRICS = frozenset({PASSED_ON, "INFREQUENT_ACCESS"})
"""Classes of whose logs CloudWatch makes no metrics, neither by filters nor of the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
"""


class FunctionLogGroup(Fact):
    """A log group that a live version of a function of the table writes to, whether it exists or not.

    Its key is its ARN. `functions` are the names of those that write to it. `invoked`: a version does that is invoked,
    and not only a `$LATEST` beside which there are aliases.
    """

    name: str
    arn: str
    functions: tuple[str, ...]
    invoked: bool = True


@fact()
def function_log_groups(
    table: Table, configurations: Each[Configuration], versions: Each[LiveVersion], sources: SourcesByFunction
) -> Each[FunctionLogGroup]:
    """One each, however many functions share it."""
    configured, unread = configurations.readable()
    idle = _idle(versions, sources)
    functions: defaultdict[str, set[str]] = defaultdict(set)
    invoked: set[str] = set()
    for each in configured:
        functions[each.log_group].add(each.function)
        if each.version != LATEST or each.function not in idle:
            invoked.add(each.log_group)
    prefix = f"arn:{table.arn.split(':')[1]}:logs:{table.region}:{table.account}:log-group:"
    groups = (
        FunctionLogGroup(name, prefix + name, tuple(sorted(who)), name in invoked) for name, who in functions.items()
    )
    return Each({group.arn: group for group in groups}, unread)


def _idle(versions: Each[LiveVersion], sources: SourcesByFunction) -> set[str]:
    """The functions whose `$LATEST` nothing leads to, while something leads to other versions."""
    known = versions.readable()[0]
    led = {version.function for version in known if version.version != LATEST}
    latest = {version.function for version in known if version.version == LATEST and version.aliases}
    latest |= {
        version.function
        for version in known
        if any(qualifier_of(source.function) == LATEST for source in sources.of.get(version.function_arn, ()))
    }
    return led - latest


class LogGroup(Fact):
    """What DescribeLogGroups says. `kind` is AWS's logGroupClass; `retention_days` is None where logs never expire."""

    kind: str
    retention_days: int | None


@fact("logs:DescribeLogGroups")
def log_group(aws: Aws, group: FunctionLogGroup) -> LogGroup | None:
    """None: there is no group of exactly that name. What is asked for is a prefix, which others may have too."""
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group.name)
    answers = listed(pages, "logGroups", "logs:DescribeLogGroups")
    found = next((answer for answer in answers if answer.need("logGroupName", str) == group.name), None)
    return LogGroup(found.get("logGroupClass", str, STANDARD), found.get("retentionInDays", int)) if found else None
