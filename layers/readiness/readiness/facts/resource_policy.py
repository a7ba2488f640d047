"""The policy on a table itself, which may let in who has no policy of this account."""

from dataclasses import dataclass

from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.table import Table, existing
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable

PERMISSION = "dynamodb:GetResourcePolicy"


@dataclass(frozen=True)
class ResourcePolicy:
    """Its statements; none where the table has no policy of its own."""

    statements: tuple[Statement, ...]


@fact(PERMISSION)
def resource_policy(aws: Aws, table: Table) -> ResourcePolicy:
    """A table without one and a table that is missing are told apart: AWS has an exception for each."""
    client = aws.client("dynamodb")
    with existing(table):
        try:
            text = client.get_resource_policy(ResourceArn=table.arn)["Policy"]
        except client.exceptions.PolicyNotFoundException:
            return ResourcePolicy(())
    try:
        return ResourcePolicy(statements_in(text, "resource policy"))
    except Malformed as why:
        unread = Unavailable(Reason.MALFORMED, PERMISSION, str(why))
        raise Unreadable({table.arn: unread}) from None
