"""Tags of a table: those that the checklist demands, and those by which Metrics Insights queries select it."""

from collections.abc import Mapping

from readiness.aws.answer import listed
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarm_indexes import DynamodbAlarms
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact

PERMISSION = "dynamodb:ListTagsOfResource"


def tags_of(aws: Aws, table: Table) -> dict[str, str]:
    """Return all tags by ListTagsOfResource, which is current; the Resource Groups Tagging API is delayed."""
    with existing(f"the table {table.name}"):
        pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=table.arn)
        return {tag.need("Key", str): tag.need("Value", str) for tag in listed(pages, "Tags", PERMISSION)}


class TableTags(Fact):
    """The demanded tags, and the keys that are similar to one of them (`near`). Other tags are not kept."""

    values: Mapping[str, str]
    near: tuple[str, ...] = ()


@fact(PERMISSION, events=("dynamodb:TagResource", "dynamodb:UntagResource"))
def table_tags(aws: Aws, table: Table, checklist: Checklist) -> TableTags:
    """Read the tags."""
    wanted, tags = checklist.tags, tags_of(aws, table)
    alike = {_plain(key) for key in wanted}
    return TableTags(
        values={key: tags[key] for key in sorted(tags) if key in wanted},
        near=tuple(key for key in sorted(tags) if key not in wanted and _plain(key) in alike),
    )


def _plain(key: str) -> str:
    return key.strip().casefold()


class QueriedTags(Fact):
    """The values of the tags that queries name. Other tags are not kept."""

    values: Mapping[str, str]


@fact(PERMISSION)
def queried_tags(aws: Aws, table: Table, alarms: DynamodbAlarms) -> QueriedTags:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html."""
    keys = {label.key for alarm in alarms.querying for query in alarm.insights for label in query.tags}
    tags = tags_of(aws, table) if keys else {}
    return QueriedTags({key: tags[key] for key in sorted(keys & tags.keys())})
