"""A stand-in for the rule of this name: whether an alarm watches what the rule wants watched, whoever hears it."""

from collections.abc import Iterator

from readiness.alarming.series import series
from readiness.each import Each
from readiness.facts.alarms import Alarm
from readiness.facts.paging import Routes
from readiness.facts.table import Table, TableDescription
from readiness.rule import Rule, Severity, Verdict, failed, passed

rule = Rule("3.1", "Alarms", Severity.HIGH, "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/")

DYNAMODB = "AWS/DynamoDB"


def watched(alarms: Each[Alarm], *metrics: str, resource: str, said: str = "", **dimensions: str) -> Verdict:
    wanted = [series(DYNAMODB, metric, "Sum", **dimensions) for metric in metrics]
    covered = all(any(alarm.watching(each) for alarm in alarms) for each in wanted)
    return (passed if covered else failed)(said, resource=resource)


@rule.check(fix="aws cloudwatch put-metric-alarm")
def throttling(table: Table, description: TableDescription, alarms: Each[Alarm], routes: Routes) -> Iterator[Verdict]:
    """The table and each index."""
    events = ("ReadThrottleEvents", "WriteThrottleEvents")
    yield watched(alarms, *events, resource=table.arn, said=routes.topic, TableName=table.name)
    for index in description.indexes:
        dimensions = {"TableName": table.name, "GlobalSecondaryIndexName": index}
        yield watched(alarms, *events, resource=f"{table.arn}/index/{index}", **dimensions)


@rule.check(fix="aws cloudwatch put-metric-alarm")
def user_errors(table: Table, alarms: Each[Alarm]) -> Verdict:
    """The account and Region."""
    return watched(alarms, "UserErrors", resource=table.arn)


@rule.check(fix="aws cloudwatch put-metric-alarm")
def read_spikes(table: Table, alarms: Each[Alarm]) -> Verdict:
    """The table."""
    return watched(alarms, "ConsumedReadCapacityUnits", resource=table.arn, TableName=table.name)


@rule.check(fix="aws cloudwatch put-metric-alarm")
def write_spikes(table: Table, alarms: Each[Alarm]) -> Verdict:
    """The table."""
    return watched(alarms, "ConsumedWriteCapacityUnits", resource=table.arn, TableName=table.name)
