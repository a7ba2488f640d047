"""TTL of a table, and the canary items of the monitor, which expire soon and show that TTL deletes items."""

from datetime import datetime
from typing import ClassVar

from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import DELETING, Table, TableDescription, status_of
from readiness.model import Fact, Given, Gone, Unavailable

CREATING = "CREATING"
WITH_ATTRIBUTE = frozenset({"ENABLED", "ENABLING"})


class TimeToLive(Partial):
    """TimeToLiveStatus, CREATING while the table is being created; the TTL attribute is None where TTL is disabled."""

    status: str
    attribute: str | None


@fact("dynamodb:DescribeTimeToLive", events=("dynamodb:UpdateTimeToLive",))
def time_to_live(aws: Aws, table: Table, description: TableDescription | Unavailable | Gone) -> TimeToLive:
    """Read TTL. DescribeTimeToLive raises ValidationException while the table is being created or deleted."""
    from botocore.exceptions import ClientError

    try:
        with existing(f"the table {table.name}"):
            answered = aws.client("dynamodb").describe_time_to_live(TableName=table.name)
    except ClientError as error:
        refused = error.response.get("Error", {}).get("Code") == "ValidationException"
        status = status_of(description) if refused else None
        if status == DELETING:
            msg = f"the table {table.name} is being deleted: DescribeTimeToLive does not return its status"
            raise Gone(msg) from None
        if status == CREATING:
            return TimeToLive(CREATING, None)
        raise
    answer = Answer(answered, "dynamodb:DescribeTimeToLive").part("TimeToLiveDescription")
    status = answer.need("TimeToLiveStatus", str)
    return TimeToLive(status, deferred(lambda: answer.bound("AttributeName", str, here=status in WITH_ATTRIBUTE)))


class Canaries(Given, Fact):
    """The expiry times of the canary items in the table, expired or not; deleted ones are not among them."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    expiries: tuple[datetime, ...]
