"""The staging table for load tests."""

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription, described
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Fact, Gone

MOST_ACCESSED = "DynamoDBContributorInsights-PKC-"
"""Prefix of the name of the rule that counts the consumption per partition key.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
"""


class Staging(Fact):
    """The name and the description of the staging table."""

    name: str
    description: TableDescription


@fact("dynamodb:DescribeTable", resources={"dynamodb:DescribeTable": ("{staging}",)}, absent="no staging table")
def staging(aws: Aws, table: Table, checklist: Checklist) -> Staging | None:
    """Return None if no staging table is configured, or it does not exist, for example between tests."""
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
    """Contributor Insights of `THE_TABLE` or of an index. `rule` counts the most accessed keys; empty without one."""

    place: str
    status: str
    rule: str


class StagingInsights(Fact):
    """Contributor Insights of the staging table, then of each index."""

    of: tuple[Insights, ...]


@fact(
    "dynamodb:DescribeContributorInsights",
    resources={"dynamodb:DescribeContributorInsights": ("{staging}", "{staging}/index/*")},
    events=("dynamodb:UpdateContributorInsights",),
    absent="no staging table",
)
def staging_insights(aws: Aws, staging: Staging) -> StagingInsights | None:
    """Return None if the table was deleted meanwhile. A deleted index is left out.

    In the mode THROTTLED_KEYS no rule counts accessed keys.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html
    """
    own = _insights(aws, staging.name)
    if own is None:
        return None
    indexes = (_insights(aws, staging.name, index) for index in staging.description.indexes)
    return StagingInsights((own, *filter(None, indexes)))


def _insights(aws: Aws, table: str, index: str = "") -> Insights | None:
    client, at_index = aws.client("dynamodb"), {"IndexName": index} if index else {}
    try:
        answered = client.describe_contributor_insights(TableName=table, **at_index)
    except client.exceptions.ResourceNotFoundException:
        return None
    answer = Answer(answered, "dynamodb:DescribeContributorInsights")
    status = answer.need("ContributorInsightsStatus", str)
    named = answer.texts if status == "ENABLED" else answer.texts_or_empty
    rule = next((rule for rule in named("ContributorInsightsRuleList") if rule.startswith(MOST_ACCESSED)), "")
    return Insights(f"the index {index}" if index else THE_TABLE, status, rule)
