"""Outsiders that the policy of a table or stream allows, and principals other than Lambda that can assume a role.

The policy of a table covers its indexes; backups and imports cannot have one.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from collections.abc import Iterable, Iterator

from readiness.iam.statement import Statement
from readiness.iam.strangers import (
    SOMEBODY,
    Certainty,
    Home,
    account_of,
    accounts_in,
    anonymous,
    principals_of,
    services_for,
)
from readiness.iam.violation import Violation, ViolationKind, violation_of

LAMBDA = "Service:lambda.amazonaws.com"
ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


def strangers(trust: Iterable[Statement], account: str) -> Iterator[Violation]:
    """Yield each statement of the trust policy that allows others, with its conditions evaluated."""
    home = Home(account)
    for statement in trust:
        if statement.allow and any(map(statement.speaks_of, ASSUMING)):
            if anyone(statement):
                yield from _anybody(statement, home, account)
            elif others := tuple(
                who for who in statement.principals if who != LAMBDA and _let_in(who, statement, home)
            ):
                yield _letting_in(statement, ViolationKind.OTHERS, others)


def anyone(statement: Statement) -> bool:
    """Return True for all principals, or all except some."""
    return statement.but_principals or any(who == "*" or who.endswith(":*") for who in statement.principals)


def _anybody(statement: Statement, home: Home, account: str) -> Iterator[Violation]:
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


SERVICE, FEDERATED, CANONICAL = "Service", "Federated", "CanonicalUser"

REPLICATION = "replication.dynamodb.amazonaws.com"
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables_MA_security.html"""

DOUBTS = {Certainty.UNTOLD: ViolationKind.UNTOLD, Certainty.IF_NOT_OURS: ViolationKind.ORGANIZATION}


def outsiders(statements: Iterable[Statement], home: Home) -> Iterator[Violation]:
    """Yield public access, access of untrusted accounts, and services that may act for any account."""
    for statement in statements:
        if statement.allow:
            yield from _everybody(statement, home) if anyone(statement) else _named(statement, home)


def _everybody(statement: Statement, home: Home) -> Iterator[Violation]:
    """Yield what a statement gives to everybody; a condition on a foreign account counts as that account."""
    certainty = max(principals_of(statement, home, SOMEBODY), anonymous(statement, home))
    if certainty is Certainty.YES:
        yield _of_all(statement, ViolationKind.PUBLIC)
        return
    foreign = [
        account
        for account in accounts_in(statement, home)
        if principals_of(statement, home, account) or services_for(statement, home, account)
    ]
    if foreign:
        yield violation_of(statement, ViolationKind.FOREIGN, principals=tuple(foreign))
    if certainty:
        yield _of_all(statement, DOUBTS[certainty])
    yield from _deputies(statement, services_for(statement, home, SOMEBODY), ("services of AWS",))


def _of_all(statement: Statement, kind: ViolationKind) -> Violation:
    return violation_of(statement, kind, principals=statement.principals, but_principals=statement.but_principals)


def _named(statement: Statement, home: Home) -> Iterator[Violation]:
    foreign = tuple(who for who in statement.principals if _foreign(who, statement, home))
    if foreign:
        yield violation_of(statement, ViolationKind.FOREIGN, principals=foreign)
    users = tuple(who for who in statement.principals if who.startswith(f"{CANONICAL}:"))
    if users:
        yield violation_of(statement, ViolationKind.UNTOLD, principals=users)
    for who in statement.principals:
        kind, _, service = who.partition(":")
        if kind == SERVICE:
            yield from _service(statement, home, service)


def _service(statement: Statement, home: Home, service: str) -> Iterator[Violation]:
    """Yield the access of a service: the conditions limit the accounts that it acts for."""
    foreign = tuple(
        f"{service} for {account}"
        for account in accounts_in(statement, home)
        if services_for(statement, home, account, service)
    )
    if foreign:
        yield violation_of(
            statement, ViolationKind.REPLICATED if service == REPLICATION else ViolationKind.FOREIGN, principals=foreign
        )
    else:
        yield from _deputies(statement, services_for(statement, home, SOMEBODY, service), (service,))


def _deputies(statement: Statement, certainty: Certainty, who: tuple[str, ...]) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
    if certainty:
        yield violation_of(statement, DOUBTS.get(certainty, ViolationKind.DEPUTY), principals=who)


def _foreign(principal: str, statement: Statement, home: Home) -> bool:
    """Return True for a principal of an untrusted account; a deleted principal does not count."""
    kind, _, who = principal.partition(":")
    if kind in {SERVICE, CANONICAL}:
        return False
    if kind == FEDERATED:
        return account_of(who) not in home.accounts
    account = account_of(principal)
    if account in home.accounts or not (account or kind == "arn"):
        return False
    return principals_of(statement, home, account, principal) is not Certainty.NO
