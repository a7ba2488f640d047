"""Permissions of a principal on a resource, from the identity-based policies of its account.

The result is an upper bound: service control policies, session policies and condition values are not known here. A
resource-based policy may allow more, and is not evaluated here.
"""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.condition import RequestContext, hold
from readiness.iam.statement import Statement


class Access(StrEnum):
    """The kind of access of a principal: none, direct, conditional, bounded or indirect."""

    NONE = "no"
    DIRECT = "directly"
    CONDITIONAL = "under a condition"
    BOUNDED = "but for its permissions boundary"
    INDIRECT = "indirectly"


class Identity(Struct, frozen=True):
    """A role or a user with everything that decides its permissions.

    `statements` are those of its inline and attached policies and of its groups'; `boundary` those of its permissions
    boundary, None without one. `policies` are the ARNs of its customer managed policies, `groups` of its groups,
    `boundary_policy` of a customer managed boundary. `trusted` are the principals that a role's trust policy allows:
    ARNs, accounts or `*`; `services` are the AWS services among them, None where that is not known.
    """

    arn: str
    kind: Literal["role", "user"]
    statements: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None = None
    policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    boundary_policy: str = ""
    services: tuple[str, ...] | None = None


def access(identity: Identity, action: str, resource: str) -> Access:
    """Return how its policies and its boundary allow an action on a resource, a whole ARN; never INDIRECT."""
    granted = granted_by(identity.statements, action, resource)
    if identity.boundary is None or granted is Access.NONE:
        return granted
    within = granted_by(identity.boundary, action, resource)
    if within is Access.NONE:
        return Access.BOUNDED
    return Access.CONDITIONAL if Access.CONDITIONAL in (granted, within) else Access.DIRECT


def granted_by(statements: Collection[Statement], action: str, resource: str) -> Access:
    """Return NONE, CONDITIONAL or DIRECT. Only a Deny without a condition counts."""
    covering = [statement for statement in statements if statement.covers(action, resource)]
    if any(not statement.allow and not statement.conditional for statement in covering):
        return Access.NONE
    allows = [statement for statement in covering if statement.allow]
    if not allows:
        return Access.NONE
    return Access.CONDITIONAL if all(statement.conditional for statement in allows) else Access.DIRECT


def settled(statements: Iterable[Statement], context: RequestContext) -> Iterator[Statement]:
    """Yield the statements that may hold for a request; conditions that surely hold are removed."""
    for statement in statements:
        held = hold(statement.tests, context)
        if held is not False:
            yield statement if held is None else replace(statement, conditions=(), by_value=())
