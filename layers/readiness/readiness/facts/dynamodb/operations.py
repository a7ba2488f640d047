"""Which operations are used on a table, and which of them a function of the table may do."""

from collections.abc import Iterable, Mapping

from readiness.alarms.dynamodb import NAMESPACE, OPERATION, OPERATIONS, TABLE
from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import TableRole
from readiness.iam.addressed import addressed
from readiness.iam.evaluate import Access, access, granted_by
from readiness.model import Fact, Unavailable

PERMISSION = "cloudwatch:ListMetrics"

STREAM = "GetRecords"
"""What a consumer of the table's stream does, whose throttling is its own."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "BatchExecuteStatement": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "ExecuteStatement": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "ExecuteTransaction": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "TransactGetItems": ("GetItem",),
    "TransactWriteItems": ("ConditionCheckItem",),
}
"""By what an operation is allowed that has no permission of its own name.

A transaction may consist of writes alone, which any function may do that writes. The monitor makes some in every run,
so that their metric is no sign of others: whoever may check conditions, which only transactions do, is taken to.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""


class OperationsInUse(Fact):
    """Their names, such as `PutItem`, sorted: those of which anything succeeded within two weeks."""

    names: tuple[str, ...]


@fact(PERMISSION)
def operations_in_use(aws: Aws, table: Table) -> OperationsInUse:
    """All pages. CloudWatch lists a metric for two weeks, and a new one only after up to 15 minutes.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
    """
    pages = (
        aws.client("cloudwatch")
        .get_paginator("list_metrics")
        .paginate(
            Namespace=NAMESPACE,
            MetricName="SuccessfulRequestLatency",
            Dimensions=[{"Name": TABLE, "Value": table.name}],
        )
    )
    named = (dimension for metric in listed(pages, "Metrics", PERMISSION) for dimension in metric.parts("Dimensions"))
    found = {each.need("Value", str) for each in named if each.need("Name", str) == OPERATION}
    return OperationsInUse(tuple(sorted(found)))


class OperationsAllowed(Fact):
    """What the functions of the table may do to it, as far as their roles and its own policy say; and why maybe more.

    None where no function is known: then nobody can tell whose operations they are.
    """

    names: frozenset[str] | None
    unread: Unavailable | None = None


@fact()
def operations_allowed(
    table: Table, roles: Each[TableRole], principals: Each[Principal], policy: ResourcePolicy | Unavailable
) -> OperationsAllowed:
    """An upper bound: what holds under a condition counts."""
    known, unlisted = roles.readable()
    found, unread = principals.readable()
    arns = {role.arn for role in known}
    own = [each for each in found if each.identity.arn in arns]
    statements = () if isinstance(policy, Unavailable) else policy.statements

    def may(operation: str) -> bool:
        return any(
            access(each.identity, action, table.arn) is not Access.NONE
            or granted_by(tuple(addressed(statements, each.identity.arn)), action, table.arn) is not Access.NONE
            for each in own
            for action in _actions(operation)
        )

    why = unlisted or unread or (policy if isinstance(policy, Unavailable) else None)
    if not arns:
        return OperationsAllowed(None, why)
    return OperationsAllowed(frozenset(filter(may, OPERATIONS)), why)


def _actions(operation: str) -> Iterable[str]:
    return [f"dynamodb:{action}" for action in ACTIONS.get(operation, (operation,))]
