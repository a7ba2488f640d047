"""The table that load is put on instead of the table."""

from dataclasses import dataclass

from readiness.answer import Answer
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.checklist import Checklist
from readiness.facts.table import Table, TableDescription, described
from readiness.model import Gone

MOST_ACCESSED = "DynamoDBContributorInsights-PKC-"
"""How the name of the rule begins that counts what is consumed of each partition key.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
"""


@dataclass(frozen=True)
class Staging:
    """Its name, and what DescribeTable says of it."""

    name: str
    description: TableDescription


@fact("dynamodb:DescribeTable")
def staging(aws: Aws, table: Table, checklist: Checklist) -> Staging | None:
    """None: there is none, as where it is made for a test and deleted again."""
    name = checklist.drills.staging(table.name)
    prefix = table.arn.removesuffix(table.name)
    try:
        return Staging(name, described(aws, Table(name, prefix + name, table.account, table.region)))
    except Gone:
        return None


THE_TABLE = "the table"


@dataclass(frozen=True)
class Insights:
    """Contributor Insights of `THE_TABLE` or of one of its indexes. `rule` counts what is accessed, if any does."""

    place: str
    status: str
    rule: str


@dataclass(frozen=True)
class StagingInsights:
    """Those of the staging table first, then those of each index."""

    of: tuple[Insights, ...]


@fact("dynamodb:DescribeContributorInsights")
def staging_insights(aws: Aws, staging: Staging) -> StagingInsights:
    """In the mode THROTTLED_KEYS there is no rule that counts what is accessed.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html
    """
    client = aws.client("dynamodb")
    found = []
    for index in ("", *staging.description.indexes):
        if index:
            answered = client.describe_contributor_insights(TableName=staging.name, IndexName=index)
        else:
            answered = client.describe_contributor_insights(TableName=staging.name)
        answer = Answer(answered, "dynamodb:DescribeContributorInsights")
        status = answer.need("ContributorInsightsStatus", str)
        named = answer.texts if status == "ENABLED" else answer.texts_or_empty
        rule = next((rule for rule in named("ContributorInsightsRuleList") if rule.startswith(MOST_ACCESSED)), "")
        place = f"the index {index}" if index else THE_TABLE
        found.append(Insights(place, status, rule))
    return StagingInsights(tuple(found))
