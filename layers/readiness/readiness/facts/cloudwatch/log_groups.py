"""The log groups of a table's functions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import LATEST, qualifier_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.event_sources import SourcesByFunction
from readiness.facts.lambda_.live_versions import Configuration, LiveVersion
from readiness.model import Fact

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PERMISSION = "logs:DescribeLogGroups"

AT_ONCE = 50
"""The number of log groups that one call describes.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html: logGroupIdentifiers.
"""

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


class LogGroupBatches(Fact):
    """The names of the log groups that one call describes, by the name of each of them."""

    of: Mapping[str, tuple[str, ...]]


@fact(on=Table)
def log_group_batches(groups: Each[FunctionLogGroup]) -> LogGroupBatches:
    """Return the batches, computed once for all log groups."""
    names = sorted(group.name for group in groups.readable()[0])
    batches = (tuple(names[start : start + AT_ONCE]) for start in range(0, len(names), AT_ONCE))
    return LogGroupBatches({name: batch for batch in batches for name in batch})


class LogGroup(Fact):
    """A log group (DescribeLogGroups). `kind` is logGroupClass; `retention_days` is None for logs that never expire."""

    kind: str
    retention_days: int | None


@fact(
    PERMISSION,
    events=("logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"),
    absent="no log group of that name",
)
def log_group(aws: Aws, group: FunctionLogGroup, batches: LogGroupBatches) -> LogGroup | None:
    """Return None where no group has exactly that name. The groups of a batch share one call."""
    batch = batches.of[group.name]
    found = shared((PERMISSION, batch), lambda: _described(aws, batch))
    if group.name not in found:
        return None
    answer = found[group.name]
    return LogGroup(answer.get("logGroupClass", str, STANDARD), answer.get("retentionInDays", int))


def _described(aws: Aws, names: Sequence[str]) -> Each[Answer]:
    """Return the log groups of these names that exist, and others that a prefix matches."""
    client = aws.client("logs")
    try:
        return _listed(client, [{"logGroupIdentifiers": list(names)}])
    except client.exceptions.InvalidParameterException:  # one of the names may be invalid
        return _listed(client, [{"logGroupNamePrefix": name} for name in names])


def _listed(client: "CloudWatchLogsClient", requests: Iterable[Any]) -> Each[Answer]:
    paginator = client.get_paginator("describe_log_groups")
    answers = (listed(paginator.paginate(**request), "logGroups", PERMISSION) for request in requests)
    return each_of(chain.from_iterable(answers), lambda each: each.need("logGroupName", str), lambda each: each)
