"""Tags of a table by which Metrics Insights queries select it."""

from collections.abc import Mapping

from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.dynamodb_alarms import DynamodbAlarms
from readiness.facts.dynamodb.table import Table, existing
from readiness.model import Fact

PERMISSION = "dynamodb:ListTagsOfResource"


class QueriedTags(Fact):
    """The values of the tags that queries name. Other tags are not kept."""

    values: Mapping[str, str]


@fact(PERMISSION)
def queried_tags(aws: Aws, table: Table, alarms: DynamodbAlarms) -> QueriedTags:
    """Read the tags that queries name. No call is made if no query names a tag.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
    """
    keys = {label.key for alarm in alarms.querying for query in alarm.insights for label in query.tags}
    if not keys:
        return QueriedTags({})
    with existing(table):
        pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=table.arn)
        tags = {tag.need("Key", str): tag.need("Value", str) for tag in listed(pages, "Tags", PERMISSION)}
    return QueriedTags({key: tags[key] for key in sorted(keys & tags.keys())})
