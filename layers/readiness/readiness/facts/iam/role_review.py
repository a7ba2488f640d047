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
from readiness.iam.statement import Statement
from readiness.iam.trust import strangers
from readiness.iam.violation import Baseline, Violation
from readiness.model import Fact, Gone, PartlyCompared, Unavailable, Unreadable


class RoleReview(Fact):
    """All excess permissions of the role, and missing permissions to write its logs."""

    found: tuple[Violation, ...]
    needed: tuple[str, ...] = ()
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
    return RoleReview(reviewed(asked), baseline.needed, unread)


class ReviewKey(PartlyCompared, Struct, frozen=True):
    """A role and its needs, as a cache key with the digest of its policies: comparing all statements is slow.

    `policies` are their names, which only messages use. `by_table` is the table's resource-based policy, and `values`
    are the values of its conditions, which statements do not hold.
    """

    compared = ("arn", "digest", "policies", "baseline", "by_table", "values")

    arn: str
    digest: str
    policies: tuple[str, ...]
    baseline: Baseline
    by_table: tuple[Statement, ...]
    values: tuple[tuple[Condition, ...], ...]
    principal: Principal


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
