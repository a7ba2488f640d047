"""Principals other than Lambda that can assume a function's role.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from collections.abc import Iterable, Iterator

from readiness.iam.statement import Statement
from readiness.iam.strangers import SOMEBODY, Certainty, Home, account_of, accounts_in, principals_of, services_for
from readiness.iam.violation import Violation, ViolationKind, violation_of

LAMBDA = "Service:lambda.amazonaws.com"
ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def strangers(trust: Iterable[Statement], account: str) -> Iterator[Violation]:
    """Yield each statement of the trust policy that allows others, with its conditions evaluated."""
    home = Home(account)
    for statement in trust:
        if statement.allow and any(map(statement.speaks_of, ASSUMING)):
            if anyone(statement):
                yield from _everybody(statement, home, account)
            elif others := tuple(
                who for who in statement.principals if who != LAMBDA and _let_in(who, statement, home)
            ):
                yield _letting_in(statement, ViolationKind.OTHERS, others)


def anyone(statement: Statement) -> bool:
    """Return True for all principals, or all except some."""
    return statement.but_principals or any(who == "*" or who.endswith(":*") for who in statement.principals)


def _everybody(statement: Statement, home: Home, account: str) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html."""
    certainty = principals_of(statement, home, SOMEBODY)
    federated = any(who.startswith("Federated:") for who in statement.principals)
    if certainty is Certainty.YES or federated:
        yield _letting_in(statement, ViolationKind.ANYONE, statement.principals)
    elif certainty or any(
        principals_of(statement, home, each) or services_for(statement, home, each)
        for each in (account, SOMEBODY, *accounts_in(statement, home))
    ):
        yield _letting_in(statement, ViolationKind.OTHERS, statement.principals)


def _let_in(principal: str, statement: Statement, home: Home) -> bool:
    """Return True where the conditions leave any access; conditions on federated users are not evaluated."""
    account = account_of(principal)
    return not account or principals_of(statement, home, account, principal) is not Certainty.NO


def _letting_in(statement: Statement, kind: ViolationKind, principals: tuple[str, ...]) -> Violation:
    """Return the violation; a trust policy has no other actions or resources."""
    return violation_of(
        statement, kind, actions=(), resources=(), principals=principals, but_principals=statement.but_principals
    )
