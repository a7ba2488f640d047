"""Whom a table's own policy lets in besides its account.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html
"""

from collections.abc import Collection, Iterable, Iterator

from readiness.iam.excess import Excess, Kind, said_by
from readiness.iam.statement import Statement
from readiness.iam.trust import anyone

RESTRICTING = frozenset(
    {
        "aws:ec2instancesourcevpc",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
    }
)
"""Keys that DynamoDB itself takes as a restriction. It refuses policies that compare them with wildcards."""

COMPARING = frozenset({"arnequals", "arnlike", "bool", "stringequals", "stringequalsignorecase", "stringlike"})


def outsiders(statements: Iterable[Statement], account: str, trusted: Collection[str]) -> Iterator[Excess]:
    """Each statement that lets in everybody, or accounts that nobody trusts."""
    for statement in statements:
        if statement.allow and anyone(statement):
            if not any(map(_restricts, statement.conditions)):
                yield said_by(statement, Kind.PUBLIC, principals=statement.principals)
        elif statement.allow:
            foreign = tuple(who for who in statement.principals if _foreign(who, {account, *trusted}))
            if foreign:
                yield said_by(statement, Kind.FOREIGN, principals=foreign)


def _restricts(condition: str) -> bool:
    """Whether it holds only where the request has the key, and has it of one of the values."""
    operator, _, key = condition.lower().partition(" ")
    return operator.removeprefix("foranyvalue:") in COMPARING and key in RESTRICTING


def _foreign(principal: str, known: Collection[str]) -> bool:
    """A service is not foreign, and what is left of a principal that was deleted is nobody."""
    kind, _, who = principal.partition(":")
    if kind == "Service":
        return False
    arn = who if kind == "Federated" else principal
    if arn.startswith("arn:"):
        return arn.split(":")[4] not in known
    return kind == "Federated" or (principal.isdecimal() and principal not in known)
