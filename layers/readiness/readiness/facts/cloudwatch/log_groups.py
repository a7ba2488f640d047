"""The log groups of a table's functions."""

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
"""Log classes without metrics, neither by metric filters nor by the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
"""


class FunctionLogGroup(Fact):
    """A log group of a live version of a function of the table; it need not exist.

    Its key is its ARN. `functions` are the names of the functions that write to it. `invoked`: one of the versions is
    invoked, not only a `$LATEST` beside aliases.
    """

    name: str
    arn: str
    functions: tuple[str, ...]
    invoked: bool = True


@fact()
def function_log_groups(
    table: Table, configurations: Each[Configuration], versions: Each[LiveVersion], sources: SourcesByFunction
) -> Each[FunctionLogGroup]:
    """List each group once, however many functions share it."""
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
    """Return the functions with an alias or source on another version, and none on `$LATEST`."""
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
    """A log group (DescribeLogGroups). `kind` is logGroupClass; `retention_days` is None for logs that never expire."""

    kind: str
    retention_days: int | None


@fact(
    "logs:DescribeLogGroups",
    events=("logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"),
    absent="no log group of that name",
)
def log_group(aws: Aws, group: FunctionLogGroup) -> LogGroup | None:
    """Return None where no group has exactly that name; the request takes a prefix."""
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group.name)
    answers = listed(pages, "logGroups", "logs:DescribeLogGroups")
    found = next((answer for answer in answers if answer.need("logGroupName", str) == group.name), None)
    return LogGroup(found.get("logGroupClass", str, STANDARD), found.get("retentionInDays", int)) if found else None
