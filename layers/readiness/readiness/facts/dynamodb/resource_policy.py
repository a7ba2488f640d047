"""Resource-based policies of a table and of its stream.

The policy of a table covers its indexes; backups and imports cannot have one.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
"""

from typing import TYPE_CHECKING

from readiness.aws.answer import Answer
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.policy_text import statements_of
from readiness.iam.statement import Statement
from readiness.model import Fact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSION = "dynamodb:GetResourcePolicy"


class ResourcePolicy(Fact):
    """The statements of the policy; empty where the table has none."""

    statements: tuple[Statement, ...]


@fact(PERMISSION, events=("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"))
def resource_policy(aws: Aws, table: Table) -> ResourcePolicy:
    """Return the policy. A table without a policy and a missing table have different error codes."""
    with existing(f"the table {table.name}"):
        return ResourcePolicy(_statements(aws.client("dynamodb"), table.arn))


class StreamPolicy(Fact):
    """The latest stream of the table, and the statements of its policy."""

    arn: str
    statements: tuple[Statement, ...]


@fact(
    PERMISSION,
    resources={PERMISSION: ("{table}/stream/*",)},
    events=("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
)
def stream_policy(aws: Aws, description: TableDescription) -> StreamPolicy | None:
    """Return None if the table has no stream, or AWS deleted a disabled one."""
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
    return statements_of(Answer(answer, PERMISSION).need("Policy", str), PERMISSION, "resource policy")
