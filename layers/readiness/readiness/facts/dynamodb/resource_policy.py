"""The policies on a table and on its stream, which may let in who has no policy of this account.

Nothing else of a table has one: its indexes are under its own, and to backups and imports none can be attached.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
"""

from typing import TYPE_CHECKING

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription, existing
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Fact, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSION = "dynamodb:GetResourcePolicy"


class ResourcePolicy(Fact):
    """Its statements; none where the table has no policy of its own."""

    statements: tuple[Statement, ...]


@fact(PERMISSION)
def resource_policy(aws: Aws, table: Table) -> ResourcePolicy:
    """A table without one and a table that is missing are told apart: AWS has an exception for each."""
    with existing(table):
        return ResourcePolicy(_statements(aws.client("dynamodb"), table.arn))


class StreamPolicy(Fact):
    """The stream that the table writes to, or wrote to last, and the statements of its policy."""

    arn: str
    statements: tuple[Statement, ...]


@fact(PERMISSION)
def stream_policy(aws: Aws, description: TableDescription) -> StreamPolicy | None:
    """None: the table has no stream, or AWS has deleted the one that was switched off."""
    if description.stream_arn is None:
        return None
    client = aws.client("dynamodb")
    try:
        return StreamPolicy(description.stream_arn, _statements(client, description.stream_arn))
    except client.exceptions.ResourceNotFoundException:
        return None


def _statements(client: "DynamoDBClient", arn: str) -> tuple[Statement, ...]:
    try:
        answer = client.get_resource_policy(ResourceArn=arn)
    except client.exceptions.PolicyNotFoundException:
        return ()
    try:
        return statements_in(Answer(answer, PERMISSION).need("Policy", str), "resource policy")
    except Malformed as why:
        unread = Unavailable(Reason.MALFORMED, PERMISSION, str(why))
        raise Unreadable({arn: unread}) from None
