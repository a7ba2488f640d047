"""Who but Lambda may act as a function's role.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from collections.abc import Iterable, Iterator

from readiness.iam.excess import Excess, Kind, said_by
from readiness.iam.statement import Statement

LAMBDA = "Service:lambda.amazonaws.com"
ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def strangers(trust: Iterable[Statement]) -> Iterator[Excess]:
    """Each statement of a trust policy that lets in others."""
    for statement in trust:
        if statement.allow and any(map(statement.speaks_of, ASSUMING)):
            others = tuple(who for who in statement.principals if who != LAMBDA)
            if anyone(statement):
                yield _letting_in(statement, Kind.ANYONE, statement.principals)
            elif others:
                yield _letting_in(statement, Kind.OTHERS, others)


def anyone(statement: Statement) -> bool:
    """Whether it is about everybody, or about all but some."""
    return statement.but_principals or any(who == "*" or who.endswith(":*") for who in statement.principals)


def _letting_in(statement: Statement, kind: Kind, principals: tuple[str, ...]) -> Excess:
    """To assume the role is all that a trust policy can allow, and the role all that it is about."""
    return said_by(statement, kind, actions=(), resources=(), principals=principals)
