"""Time to live, as DescribeTimeToLive tells it."""

from dataclasses import dataclass

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.table import Table, existing
from readiness.model import Gone


@dataclass(frozen=True)
class TimeToLive:
    """AWS's TimeToLiveStatus, and the attribute that holds when an item expires; None where it is off."""

    status: str
    attribute: str | None


@fact("dynamodb:DescribeTimeToLive")
def time_to_live(aws: Aws, table: Table) -> TimeToLive:
    """A table that is being created or deleted has none: AWS then answers with a ValidationException."""
    from botocore.exceptions import ClientError

    try:
        with existing(table):
            answer = aws.client("dynamodb").describe_time_to_live(TableName=table.name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationException":
            msg = f"the table {table.name} has no time to live while it is being created or deleted"
            raise Gone(msg) from None
        raise
    description = answer["TimeToLiveDescription"]
    return TimeToLive(description["TimeToLiveStatus"], description.get("AttributeName"))
