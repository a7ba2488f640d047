"""Excess permissions of a role of the table. Pure and slow: results are cached until something changes."""

from functools import lru_cache

from msgspec import Struct

from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies, TableRole
from readiness.facts.recorded.checklist import Checklist
from readiness.iam.addressed import with_policy_of
from readiness.iam.condition import Condition
from readiness.iam.escalation import escalations
from readiness.iam.logs import logs
from readiness.iam.privilege import Privilege
from readiness.iam.reserved import Reserved, reserved_access
from readiness.iam.statement import Statement
from readiness.iam.trust import strangers
from readiness.iam.violation import Baseline, Violation
from readiness.model import Fact, Gone, Unavailable, Unreadable

OWN_ROW = "READINESS#x"
"""A partition key of an item of the monitor, which all begin like this."""


class RoleReview(Fact):
    """All excess permissions of the role, and missing permissions to write its logs.

    `needed` are the DynamoDB actions that the checklist lists for its functions. `own_rows` are the permissions to
    write the items of the monitor, or to read the key that signs them; None in a snapshot of a release that did not
    evaluate them. `unread` is why the table's resource-based policy could not be read.
    """

    found: tuple[Violation, ...]
    needed: tuple[str, ...] = ()
    own_rows: tuple[Violation, ...] | None = None
    unread: Unavailable | None = None

    def certain(self) -> None:
        """Raise Unreadable unless every policy that grants access to the table was read."""
        if self.unread:
            raise Unreadable({}, self.unread)


@fact(absent="the role does not exist")
def role_review(
    table: Table,
    checklist: Checklist,
    role: TableRole,
    policies: RolePolicies | Gone,
    policy: ResourcePolicy | Unavailable,
) -> RoleReview | None:
    """Return None if the role does not exist."""
    if isinstance(policies, Gone):
        return None
    needed = {action for function in role.functions for action in checklist.functions.allowed(function)}
    baseline = Baseline(table.arn, tuple(sorted(needed)), tuple(sorted(role.log_groups)))
    principal = policies.principal.whole()
    names = tuple(sorted({statement.policy for statement in principal.identity.statements}))
    said, unread = ((), policy) if isinstance(policy, Unavailable) else (policy.statements, None)
    values = tuple(statement.by_value for statement in said)
    asked = ReviewKey(principal.arn, principal.digest, names, baseline, said, values, principal)
    return RoleReview(reviewed(asked), baseline.needed, own_rows(asked), unread)


class ReviewKey(Struct, frozen=True):
    """A role and its needs, as a cache key with the digest of its policies: comparing all statements is slow.

    `policies` are their names, which only messages use. `by_table` is the table's resource-based policy, and `values`
    are the values of its conditions, which statements do not hold.
    """

    arn: str
    digest: str
    policies: tuple[str, ...]
    baseline: Baseline
    by_table: tuple[Statement, ...]
    values: tuple[tuple[Condition, ...], ...]
    principal: Principal

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReviewKey) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[object, ...]:
        return (self.arn, self.digest, self.policies, self.baseline, self.by_table, self.values)


@lru_cache(maxsize=1024)
def reviewed(asked: ReviewKey) -> tuple[Violation, ...]:
    """Return the excess permissions, from the cache where they are known."""
    managed, baseline = asked.principal.managed, asked.baseline
    identity = with_policy_of(baseline.table, asked.by_table, asked.principal.identity)
    return (
        *Privilege(identity, managed, baseline).violations(),
        *escalations(identity, baseline),
        *logs(identity, managed, baseline),
        *strangers(asked.principal.trust, baseline.account),
    )


@lru_cache(maxsize=1024)
def own_rows(asked: ReviewKey) -> tuple[Violation, ...]:
    """Return the permissions on items of the monitor and on its signing key, from the cache where they are known."""
    table = asked.baseline.table
    identity = with_policy_of(table, asked.by_table, asked.principal.identity)
    return tuple(reserved_access(identity, Reserved(table, OWN_ROW, signing_key(asked.baseline))))


def signing_key(baseline: Baseline) -> str:
    """Return the ARN of the parameter with the key that signs the items of the monitor."""
    place, name = f"{baseline.region}:{baseline.account}", baseline.table.partition("/")[2]
    path = f"readiness/{baseline.account}/{baseline.region}/{name}/key"
    return f"arn:{baseline.partition}:ssm:{place}:parameter/{path}"
