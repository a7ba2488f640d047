"""What is too much in the policies of a role of the table. Pure, and dear: it is done again only after a change."""

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
from readiness.iam.excess import Duty, Excess
from readiness.iam.logs import logs
from readiness.iam.privilege import Privilege
from readiness.iam.statement import Statement
from readiness.iam.trust import strangers
from readiness.model import Fact, Gone, Unavailable, Unreadable


class RoleReview(Fact):
    """All that is more than the role needs, and that it lacks to write its logs.

    `needed` are the DynamoDB actions that the checklist lists for its functions. `unread` is why the table's own
    policy, which may give the role more, could not be read.
    """

    found: tuple[Excess, ...]
    needed: tuple[str, ...] = ()
    unread: Unavailable | None = None

    def certain(self) -> None:
        """Raise `Unreadable` unless all that gives it rights on the table was read."""
        if self.unread:
            raise Unreadable({}, self.unread)


@fact()
def role_review(
    table: Table,
    checklist: Checklist,
    role: TableRole,
    policies: RolePolicies | Gone,
    policy: ResourcePolicy | Unavailable,
) -> RoleReview | None:
    """By its own policies, about every service, and by the table's. None: IAM has no such role to review."""
    if isinstance(policies, Gone):
        return None
    needed = {action for function in role.functions for action in checklist.functions.allowed(function)}
    duty = Duty(table.arn, tuple(sorted(needed)), tuple(sorted(role.log_groups)))
    principal = policies.principal.whole()
    names = tuple(sorted({statement.policy for statement in principal.identity.statements}))
    said, unread = ((), policy) if isinstance(policy, Unavailable) else (policy.statements, None)
    values = tuple(statement.by_value for statement in said)
    asked = Asked(principal.arn, principal.digest, names, duty, said, values, principal)
    return RoleReview(reviewed(asked), duty.needed, unread)


class Asked(Struct, frozen=True):
    """A role and its duty, told apart by the digest of its policies: to compare all statements takes long.

    `policies` are their names, which messages give and no right depends on; `by_table` is the table's own policy,
    and `values` what its conditions compare with, which is no part of statements.
    """

    arn: str
    digest: str
    policies: tuple[str, ...]
    duty: Duty
    by_table: tuple[Statement, ...]
    values: tuple[tuple[Condition, ...], ...]
    principal: Principal

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[object, ...]:
        return (self.arn, self.digest, self.policies, self.duty, self.by_table, self.values)


@lru_cache(maxsize=1024)
def reviewed(asked: Asked) -> tuple[Excess, ...]:
    """What is too much; known at once in a process that was asked the same before."""
    managed, duty = asked.principal.managed, asked.duty
    identity = with_policy_of(duty.table, asked.by_table, asked.principal.identity)
    return (
        *Privilege(identity, managed, duty).excess(),
        *escalations(identity, duty),
        *logs(identity, managed, duty),
        *strangers(asked.principal.trust, duty.account),
    )
