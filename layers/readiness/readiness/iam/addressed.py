"""What a resource's own policy says of a role or user of its account, and what that adds to the principal's rights.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from readiness.iam.condition import ABSENT, Context, Seen
from readiness.iam.evaluate import Identity, settled
from readiness.iam.match import ANY, apart, matches
from readiness.iam.reach import at_home, includes
from readiness.iam.statement import Statement

SESSION = ":assumed-role/"
WHO_ASKS = ("aws:federated", "aws:principal", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorg", "aws:user")
"""What the keys begin with that tell one principal from another; `aws:source...` those that ask through a service."""

PARTS = ("index/*", "stream/*")
"""What a table has below it that a policy may let somebody use."""


def with_policy_of(table: str, policy: Iterable[Statement], identity: Identity) -> Identity:
    """The principal with all that the table's own policy says of it, as if its own policies said so.

    Within an account either side is enough to allow. `table` is the table's ARN: its policy is about nothing else,
    whatever resources it names. The permissions boundary of a role binds what is granted to the role's ARN, and
    nothing that is granted to a user, to a session or to everybody; what it denies binds all of it. Conditions on who
    asks are decided by their values.
    """
    known = Context(of_role(identity.arn) if identity.kind == "role" else of_user(identity.arn))
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
    """What a statement of the table's policy says of the table and what lies below it; None where it says nothing."""
    resources = [table] if _about(table, statement) else []
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


def _about(arn: str, statement: Statement) -> bool:
    return statement.but_resources != any(matches(pattern, arn) for pattern in statement.resources)


def _leaves(pattern: str, statement: Statement) -> bool:
    """Of a NotResource: whether an Allow may, or a Deny must, be about what the pattern fits."""
    if statement.allow:
        return not any(includes(but, pattern) for but in statement.resources)
    return all(apart(but, pattern) for but in statement.resources)


def _to_the_role(statement: Statement, identity: Identity) -> bool:
    named = not statement.but_principals and ANY not in statement.principals
    return identity.kind == "role" and named and identity.arn in statement.principals


def addressed(statements: Iterable[Statement], principal: str) -> Iterator[Statement]:
    """What is said of its ARN, of a session of it or of everybody, and what is denied to its whole account.

    One session is as good as all of them where it is allowed, and says nothing of the others where it is denied.
    """
    for statement in statements:
        named = {ANY, principal}
        if not statement.allow and not statement.but_principals:
            named |= {*account_of(principal)}
        session = session_of(principal) if statement.allow != statement.but_principals else None
        found = any(who in named or (session and who.startswith(session)) for who in statement.principals)
        if statement.but_principals != found:
            yield statement


def by_who_asks(statement: Statement) -> bool:
    """Whether a resource's policy lets in more than one by name, and a condition tells who of them is meant."""
    many = statement.but_principals or ANY in statement.principals
    return many and any(key.startswith(WHO_ASKS) for key in map(_key, statement.conditions))


def _key(condition: str) -> str:
    return condition.lower().partition(" ")[2]


def of_role(role: str) -> Mapping[str, Seen]:
    """What is known of every request that is made under a role, whatever it asks for."""
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
    """Likewise of those that a user makes."""
    return {**of_role(user), "aws:principaltype": ("User",)}


def account_of(principal: str) -> tuple[str, str]:
    """Both spellings of the account that a role or user is of."""
    arn, partition, iam, region, account, _ = principal.split(":", 5)
    return account, f"{arn}:{partition}:{iam}:{region}:{account}:root"


def session_of(principal: str) -> str | None:
    """What the ARNs of a role's sessions begin with, which have its name without its path; None for a user."""
    _, partition, _, _, account, name = principal.split(":", 5)  # a path may have colons
    kind, _, path = name.partition("/")
    return f"arn:{partition}:sts::{account}{SESSION}{path.rpartition('/')[2]}/" if kind == "role" else None
