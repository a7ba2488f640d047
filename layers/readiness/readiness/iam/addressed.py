"""Resource-based policies as they apply to a role or user of the same account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from readiness.iam.condition import ABSENT, RequestContext, Seen
from readiness.iam.evaluate import Identity, settled
from readiness.iam.match import ANY, apart, matches
from readiness.iam.reach import at_home, includes
from readiness.iam.statement import Statement

SESSION = ":assumed-role/"
WHO_ASKS = ("aws:federated", "aws:principal", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorg", "aws:user")
"""Prefixes of condition keys that identify the caller, directly or behind a service (`aws:source...`)."""

PARTS = ("index/*", "stream/*")
"""Resources of a table that a policy can cover."""


def with_policy_of(table: str, policy: Iterable[Statement], identity: Identity) -> Identity:
    """Return the principal with the table's resource-based policy added to its own policies.

    Within an account either is enough to allow. `table` is the table's ARN: its policy applies to the table only,
    whatever resources it names. A permissions boundary limits what is granted to a role's ARN, and nothing that is
    granted to a user, a session or everybody; its Deny limits all of it. Conditions on the caller are evaluated.
    """
    known = RequestContext(of_role(identity.arn) if identity.kind == "role" else of_user(identity.arn))
    said = [(statement, about(table, statement)) for statement in settled(addressed(policy, identity.arn), known)]
    found = tuple(narrowed for _, narrowed in said if narrowed)
    if not found:
        return identity
    free = tuple(
        narrowed
        for statement, narrowed in said
        if narrowed and statement.allow and not _to_the_role(statement, identity)
    )
    return replace(
        identity,
        statements=(*identity.statements, *found),
        boundary=None if identity.boundary is None else (*identity.boundary, *free),
    )


def about(table: str, statement: Statement) -> Statement | None:
    """Return the statement limited to the table and its indexes and streams; None where it covers none of them."""
    named = any(matches(pattern, table) for pattern in statement.resources)
    resources = [table] if statement.but_resources != named else []
    if statement.but_resources:
        resources += [f"{table}/{part}" for part in PARTS if _leaves(f"{table}/{part}", statement)]
    else:
        below = [f"{table}/{part}" for part in PARTS]
        for pattern in statement.resources:
            covered = [part for part in below if includes(pattern, part)]
            home = at_home(pattern, table)
            resources += covered or ([home] if home.startswith(f"{table}/") else [])
    distinct = tuple(dict.fromkeys(resources))
    return replace(statement, resources=distinct, but_resources=False) if distinct else None


def _leaves(pattern: str, statement: Statement) -> bool:
    """Return True where a NotResource lets an Allow possibly, or a Deny certainly, cover the pattern."""
    if statement.allow:
        return not any(includes(but, pattern) for but in statement.resources)
    return all(apart(but, pattern) for but in statement.resources)


def _to_the_role(statement: Statement, identity: Identity) -> bool:
    named = not statement.but_principals and ANY not in statement.principals
    return identity.kind == "role" and named and identity.arn in statement.principals


def addressed(statements: Iterable[Statement], principal: str) -> Iterator[Statement]:
    """Yield the statements for the principal, a session of it (no Deny) or everybody, and a Deny for its account."""
    for statement in statements:
        named = {ANY, principal}
        if not statement.allow and not statement.but_principals:
            named |= {*account_of(principal)}
        session = session_of(principal) if statement.allow != statement.but_principals else None
        found = any(who in named or (session and who.startswith(session)) for who in statement.principals)
        if statement.but_principals != found:
            yield statement


def by_who_asks(statement: Statement) -> bool:
    """Return True where a policy allows several principals and limits them by a condition on the caller."""
    many = statement.but_principals or ANY in statement.principals
    return many and any(test.key.lower().startswith(WHO_ASKS) for test in statement.tests)


def of_role(role: str) -> Mapping[str, Seen]:
    """Return the condition keys with a known value in every request of a role."""
    account, _ = account_of(role)
    return {
        "aws:principalaccount": (account,),
        "aws:principalarn": (role,),
        "aws:principalisawsservice": ("false",),
        "aws:principalservicename": ABSENT,
        "aws:principalservicenameslist": ABSENT,
        "aws:principaltype": ("AssumedRole",),
        "aws:securetransport": ("true",),
        "kms:calleraccount": (account,),
    }


def of_user(user: str) -> Mapping[str, Seen]:
    """Return the same for a user."""
    return {**of_role(user), "aws:principaltype": ("User",)}


def account_of(principal: str) -> tuple[str, str]:
    """Return both spellings of the account of a role or user."""
    arn, partition, iam, region, account, _ = principal.split(":", 5)
    return account, f"{arn}:{partition}:{iam}:{region}:{account}:root"


def session_of(principal: str) -> str | None:
    """Return the prefix of the ARNs of a role's sessions, which have no path; None for a user."""
    _, partition, _, _, account, name = principal.split(":", 5)  # a path may have colons
    kind, _, path = name.partition("/")
    return f"arn:{partition}:sts::{account}{SESSION}{path.rpartition('/')[2]}/" if kind == "role" else None
