"""The log groups that the functions of a table write to."""

from collections import defaultdict
from dataclasses import dataclass

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.live_versions import Configuration
from readiness.facts.table import Table

STANDARD = "STANDARD"
PASSED_ON = "DELIVERY"
WITHOUT_METRICS = frozenset({PASSED_ON, "INFREQUENT_ACCESS"})
"""Classes of whose logs CloudWatch makes no metrics, neither by filters nor of the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
"""


@dataclass(frozen=True)
class FunctionLogGroup:
    """A log group that a live version of a function of the table writes to, whether it exists or not.

    Its key is its ARN. `functions` are the names of those that write to it.
    """

    name: str
    arn: str
    functions: tuple[str, ...]


@fact()
def function_log_groups(table: Table, configurations: Each[Configuration]) -> Each[FunctionLogGroup]:
    """One each, however many functions share it."""
    configured, unread = configurations.readable()
    functions: defaultdict[str, set[str]] = defaultdict(set)
    for each in configured:
        functions[each.log_group].add(each.function)
    prefix = f"arn:{table.arn.split(':')[1]}:logs:{table.region}:{table.account}:log-group:"
    groups = (FunctionLogGroup(name, prefix + name, tuple(sorted(who))) for name, who in functions.items())
    return Each({group.arn: group for group in groups}, unread)


@dataclass(frozen=True)
class LogGroup:
    """What DescribeLogGroups says. `kind` is AWS's logGroupClass; `retention_days` is None where logs never expire."""

    kind: str
    retention_days: int | None


@fact("logs:DescribeLogGroups")
def log_group(aws: Aws, group: FunctionLogGroup) -> LogGroup | None:
    """None: there is no group of exactly that name. What is asked for is a prefix, which others may have too."""
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group.name)
    answers = (answer for page in pages for answer in page["logGroups"])
    found = next((answer for answer in answers if answer["logGroupName"] == group.name), None)
    return LogGroup(found.get("logGroupClass", STANDARD), found.get("retentionInDays")) if found else None
