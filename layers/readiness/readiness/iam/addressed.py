"""Which statements of a resource's own policy are about a role or user.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Iterable, Iterator, Mapping

from readiness.iam.condition import ABSENT, Seen
from readiness.iam.match import ANY
from readiness.iam.statement import Statement


def addressed(statements: Iterable[Statement], principal: str) -> Iterator[Statement]:
    """What is said of its ARN or of everybody, and what is denied to its whole account."""
    for statement in statements:
        denied = () if statement.allow or statement.but_principals else account_of(principal)
        if statement.but_principals != any(who in statement.principals for who in (ANY, principal, *denied)):
            yield statement


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


def account_of(principal: str) -> tuple[str, str]:
    """Both spellings of the account that a role or user is of."""
    arn, partition, iam, region, account, _ = principal.split(":", 5)
    return account, f"{arn}:{partition}:{iam}:{region}:{account}:root"
