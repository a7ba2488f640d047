"""What is too much in the policies of a role of the table. Pure, and dear: it is done again only after a change."""

from dataclasses import dataclass, field
from functools import lru_cache

from readiness.fact import fact
from readiness.facts.checklist import Checklist
from readiness.facts.principals import Principal
from readiness.facts.table import Table
from readiness.facts.table_roles import RolePolicies, TableRole
from readiness.iam.escalation import escalations
from readiness.iam.excess import Duty, Excess
from readiness.iam.logs import logs
from readiness.iam.privilege import Privilege
from readiness.iam.trust import strangers
from readiness.model import Gone


@dataclass(frozen=True)
class RoleReview:
    """All that is more than the role needs, and that it lacks to write its logs.

    `needed` are the DynamoDB actions that the checklist lists for its functions.
    """

    found: tuple[Excess, ...]
    needed: tuple[str, ...] = ()


@fact()
def role_review(
    table: Table, checklist: Checklist, role: TableRole, policies: RolePolicies | Gone
) -> RoleReview | None:
    """None: IAM has no such role, and nothing to review."""
    if isinstance(policies, Gone):
        return None
    needed = {action for function in role.functions for action in checklist.functions.allowed(function)}
    duty = Duty(table.arn, tuple(sorted(needed)), tuple(sorted(role.log_groups)))
    principal = policies.principal
    names = tuple(sorted({statement.policy for statement in principal.identity.statements}))
    return RoleReview(reviewed(Asked(principal.arn, principal.digest, names, duty, principal)), duty.needed)


@dataclass(frozen=True)
class Asked:
    """A role and its duty, told apart by the digest of its policies: to compare all statements takes long.

    `policies` are their names, which messages give and no right depends on.
    """

    arn: str
    digest: str
    policies: tuple[str, ...]
    duty: Duty
    principal: Principal = field(compare=False, repr=False)


@lru_cache(maxsize=1024)
def reviewed(asked: Asked) -> tuple[Excess, ...]:
    """What is too much; known at once in a process that was asked the same before."""
    identity, managed, duty = asked.principal.identity, asked.principal.managed, asked.duty
    return (
        *Privilege(identity, managed, duty).excess(),
        *escalations(identity, duty),
        *logs(identity, managed, duty),
        *strangers(asked.principal.trust, duty.account),
    )
