"""What a principal may do to a resource, by the policies of its own account.

It is an upper bound: an organisation's policies, session policies and the values of conditions can't be seen here, and
may forbid what this allows. A resource's own policy may allow more, and is not looked at.
"""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.condition import Context, hold
from readiness.iam.statement import Statement


class Access(StrEnum):
    """How far a principal may do something."""

    NONE = "no"
    DIRECT = "directly"
    CONDITIONAL = "under a condition"
    BOUNDED = "but for its permissions boundary"
    INDIRECT = "indirectly"


class Identity(Struct, frozen=True):
    """A role or a user, and all that decides about it.

    `statements` are those of its inline and attached policies, and of its groups'; `boundary` those of its permissions
    boundary, None without one. `policies` are the ARNs of the account's own policies among them, `groups` of its
    groups, `boundary_policy` of its boundary where that is the account's own. `trusted` are the principals that a
    role's trust policy lets assume it: ARNs, accounts or `*`; `services` are AWS's own among them, None where that is
    not known.
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
    """What its policies say of an action on a resource, a whole ARN; never INDIRECT.

    A boundary allows nothing by itself: it intersects.
    """
    granted = granted_by(identity.statements, action, resource)
    if identity.boundary is None or granted is Access.NONE:
        return granted
    within = granted_by(identity.boundary, action, resource)
    if within is Access.NONE:
        return Access.BOUNDED
    return Access.CONDITIONAL if Access.CONDITIONAL in (granted, within) else Access.DIRECT


def granted_by(statements: Collection[Statement], action: str, resource: str) -> Access:
    """NONE, CONDITIONAL or DIRECT. Only a Deny without a condition takes away, for no other is sure to hold."""
    covering = [statement for statement in statements if statement.covers(action, resource)]
    if any(not statement.allow and not statement.conditional for statement in covering):
        return Access.NONE
    allows = [statement for statement in covering if statement.allow]
    if not allows:
        return Access.NONE
    return Access.CONDITIONAL if all(statement.conditional for statement in allows) else Access.DIRECT


def settled(statements: Iterable[Statement], context: Context) -> Iterator[Statement]:
    """What they say of a request: without those that do not hold for it, nor the conditions of those that do."""
    for statement in statements:
        held = hold(statement.tests, context)
        if held is not False:
            yield statement if held is None else replace(statement, conditions=(), by_value=())
