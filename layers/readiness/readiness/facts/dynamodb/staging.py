"""The table that load is put on instead of the table."""

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription, described
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact, Gone

MOST_ACCESSED = "DynamoDBContributorInsights-PKC-"
"""How the name of the rule begins that counts what is consumed of each partition key.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
"""


class Staging(Fact):
    """Its name, and what DescribeTable says of it."""

    name: str
    description: TableDescription


@fact("dynamodb:DescribeTable")
def staging(aws: Aws, table: Table, checklist: Checklist) -> Staging | None:
    """None: none is configured, or there is none, as where it is made for a test and deleted again."""
    name = checklist.drills.staging(table.name)
    if not name:
        return None
    prefix = table.arn.removesuffix(table.name)
    try:
        return Staging(name, described(aws, Table(name, prefix + name, table.account, table.region)))
    except Gone:
        return None


THE_TABLE = "the table"


class Insights(Struct, frozen=True):
    """Contributor Insights of `THE_TABLE` or of one of its indexes. `rule` counts what is accessed, if any does."""

    place: str
    status: str
    rule: str


class StagingInsights(Fact):
    """Those of the staging table first, then those of each index."""

    of: tuple[Insights, ...]


@fact("dynamodb:DescribeContributorInsights")
def staging_insights(aws: Aws, staging: Staging) -> StagingInsights | None:
    """None: the table was deleted meanwhile, as an index may be, which is then left out.

    In the mode THROTTLED_KEYS there is no rule that counts what is accessed.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html
    """
    own = _insights(aws, staging.name)
    if own is None:
        return None
    indexes = (_insights(aws, staging.name, index) for index in staging.description.indexes)
    return StagingInsights((own, *filter(None, indexes)))


def _insights(aws: Aws, table: str, index: str = "") -> Insights | None:
    client = aws.client("dynamodb")
    try:
        if index:
            answered = client.describe_contributor_insights(TableName=table, IndexName=index)
        else:
            answered = client.describe_contributor_insights(TableName=table)
    except client.exceptions.ResourceNotFoundException:
        return None
    answer = Answer(answered, "dynamodb:DescribeContributorInsights")
    status = answer.need("ContributorInsightsStatus", str)
    named = answer.texts if status == "ENABLED" else answer.texts_or_empty
    rule = next((rule for rule in named("ContributorInsightsRuleList") if rule.startswith(MOST_ACCESSED)), "")
    return Insights(f"the index {index}" if index else THE_TABLE, status, rule)
