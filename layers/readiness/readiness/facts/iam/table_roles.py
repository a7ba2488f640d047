"""Execution roles of a table's functions, their policies, and their excess permissions."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from readiness.aws.arn import unqualified
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.own_rows import own_rows_of
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.checklist import Checklist
from readiness.iam.addressed import with_policy_of
from readiness.iam.condition import Condition
from readiness.iam.escalation import escalations
from readiness.iam.logs import logs
from readiness.iam.outsiders import strangers
from readiness.iam.privilege import Privilege
from readiness.iam.reserved import reserved_access
from readiness.iam.statement import Statement
from readiness.iam.violation import Baseline, Violation
from readiness.model import Fact, Gone, PartlyCompared, Unavailable, Unreadable


class TableRole(Fact):
    """The execution role of live versions of the table's `functions`. Its key is its ARN."""

    name: str
    arn: str
    functions: tuple[str, ...]
    log_groups: tuple[str, ...]
    unread: Unavailable | None = None

    def known(self) -> None:
        """Raise Unreadable unless all log groups of the role are known."""
        if self.unread:
            raise Unreadable({self.arn: self.unread})


@fact(on=Table)
def table_roles(functions: Each[TableFunction], configurations: Each[Configuration]) -> Each[TableRole]:
    """Return one element per role, even if several functions share it."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    log_groups: defaultdict[str, set[str]] = defaultdict(set)
    known, unlisted = functions.readable()
    configured, unread = configurations.readable()
    blind = _blind(known, configurations)
    for function in known:
        names[function.role].add(function.name)
    for each in configured:
        names[each.role].add(each.function)
        log_groups[each.role].add(each.log_group)
    roles = {
        arn: TableRole(
            name=arn.rpartition("/")[2],
            arn=arn,
            functions=tuple(sorted(names[arn])),
            log_groups=tuple(sorted(log_groups[arn])),
            unread=unread if any(name in blind for name in names[arn]) else None,
        )
        for arn in names
    }
    return Each(roles, unlisted or unread)


def _blind(functions: Iterable[TableFunction], configurations: Each[Configuration]) -> set[str]:
    """Return the functions with a version whose configuration is not known."""
    answers = configurations.answers()
    read = {each.function for each in answers.values() if isinstance(each, Configuration)}
    unread = {unqualified(arn) for arn, each in answers.items() if isinstance(each, Unavailable)}
    return {function.name for function in functions if function.name not in read or function.arn in unread}


class RolePolicies(Fact):
    """The role in IAM, with its policies."""

    principal: Principal


@fact()
def role_policies(role: TableRole, principals: Each[Principal]) -> RolePolicies:
    """Raise Gone where the function names a role that does not exist: it cannot run."""
    try:
        return RolePolicies(principals[role.arn])
    except KeyError:
        msg = f"the role {role.name} does not exist"
        raise Gone(msg) from None


class RoleReview(Fact):
    """All excess permissions of the role, and missing permissions to write its logs.

    `own_rows` are its permissions to write items of the monitor, or to read the key that signs them; None in a snapshot
    of a release that did not evaluate them. `unread` is why the table's resource-based policy could not be read,
    `unread_policies` an AWS managed policy of the role, and `unread_boundary` its permissions boundary: without it,
    only the names of the policies and the trust policy are evaluated.
    """

    found: tuple[Violation, ...]
    needed: tuple[str, ...] = ()
    own_rows: tuple[Violation, ...] | None = None
    unread: Unavailable | None = None
    unread_policies: Unavailable | None = None
    unread_boundary: Unavailable | None = None

    def certain(self) -> None:
        """Raise Unreadable unless the table's resource-based policy was read."""
        if self.unread:
            raise Unreadable({}, self.unread)

    def complete(self) -> None:
        """Raise Unreadable unless every policy of the role was read."""
        if self.unread_policies:
            raise Unreadable({}, self.unread_policies)
        self.bounded()

    def bounded(self) -> None:
        """Raise Unreadable unless the permissions boundary of the role was read, or it has none."""
        if self.unread_boundary:
            raise Unreadable({}, self.unread_boundary)


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
    names = tuple(sorted({statement.policy for statement in principal.known.statements}))
    said, unread = ((), policy) if isinstance(policy, Unavailable) else (policy.statements, None)
    values = tuple(statement.by_value for statement in said)
    asked = ReviewKey(principal.arn, principal.digest, names, baseline, said, values, principal)
    return RoleReview(
        reviewed(asked), baseline.needed, own_rows(asked), unread, principal.unread, principal.unread_boundary
    )


class ReviewKey(PartlyCompared, Struct, frozen=True):
    """A role and its needs, as a cache key with the digest of its policies: comparing all statements is slow."""

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
    identity = with_policy_of(baseline.table, asked.by_table, asked.principal.known)
    privilege = Privilege(identity, managed, baseline)
    if asked.principal.unread_boundary:
        return (*privilege.attached(), *strangers(asked.principal.trust, baseline.account))
    return (
        *privilege.violations(),
        *escalations(identity, baseline),
        *logs(identity, managed, baseline),
        *strangers(asked.principal.trust, baseline.account),
    )


@lru_cache(maxsize=1024)
def own_rows(asked: ReviewKey) -> tuple[Violation, ...]:
    """Return the permissions on the monitor's items and on their signing key, from the cache where they are known."""
    if asked.principal.unread_boundary:
        return ()
    identity = with_policy_of(asked.baseline.table, asked.by_table, asked.principal.known)
    return tuple(reserved_access(identity, own_rows_of(asked.baseline.table)))
