"""Operations that are used on a table, and operations that its functions are allowed."""

from collections.abc import Mapping

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
"""The operation of a consumer of the table's stream, whose throttling is its own."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "BatchExecuteStatement": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "ExecuteStatement": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "ExecuteTransaction": ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    "TransactGetItems": ("GetItem",),
    "TransactWriteItems": ("ConditionCheckItem",),
}
"""Permissions of operations that have no IAM action of the same name.

A transaction of writes needs only the permissions of those writes, and the monitor makes such transactions on every
run, so their metric proves nothing. ConditionCheckItem, which only transactions need, is used in their place.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""


class OperationsInUse(Fact):
    """The names of operations that succeeded in the last two weeks, such as `PutItem`, sorted."""

    names: tuple[str, ...]


@fact(PERMISSION)
def operations_in_use(aws: Aws, table: Table) -> OperationsInUse:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html: listed for two weeks."""
    pages = aws.client("cloudwatch").get_paginator("list_metrics")
    asked = pages.paginate(
        Namespace=NAMESPACE,
        MetricName="SuccessfulRequestLatency",
        Dimensions=[{"Name": TABLE, "Value": table.name}],
    )
    named = (dimension for metric in listed(asked, "Metrics", PERMISSION) for dimension in metric.parts("Dimensions"))
    found = {each.need("Value", str) for each in named if each.need("Name", str) == OPERATION}
    return OperationsInUse(tuple(sorted(found)))


class OperationsAllowed(Fact):
    """Operations that the roles of the table's functions are allowed; None: there are no functions."""

    names: frozenset[str] | None
    unread: Unavailable | None = None


@fact()
def operations_allowed(
    table: Table, roles: Each[TableRole], principals: Each[Principal], policy: ResourcePolicy | Unavailable
) -> OperationsAllowed:
    """Return an upper bound: permissions under a condition are included."""
    known, unlisted = roles.readable()
    found, unread = principals.readable()
    arns = {role.arn for role in known}
    own = [each for each in found if each.arn in arns]
    unread = unread or next((each.incomplete for each in own if each.incomplete), None)
    identities = [each.at_least for each in own if not each.unread_boundary]
    statements = () if isinstance(policy, Unavailable) else policy.statements

    def may(operation: str) -> bool:
        actions = [f"dynamodb:{action}" for action in ACTIONS.get(operation, (operation,))]
        return any(
            access(each, action, table.arn) is not Access.NONE
            or granted_by(tuple(addressed(statements, each.arn)), action, table.arn) is not Access.NONE
            for each in identities
            for action in actions
        )

    why = unlisted or unread or (policy if isinstance(policy, Unavailable) else None)
    if not arns:
        return OperationsAllowed(None, why)
    return OperationsAllowed(frozenset(filter(may, OPERATIONS)), why)
