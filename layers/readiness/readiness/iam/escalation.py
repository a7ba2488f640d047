"""By which actions a role could come by more than its own policies say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Iterator

from readiness.iam.evaluate import Identity
from readiness.iam.excess import Duty, Excess, Kind, said_by
from readiness.iam.reach import includes, lets_through, reaches, reaching, withheld
from readiness.iam.statement import Statement

ANYWHERE = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "lambda:UpdateFunctionCode",
)
"""They edit what somebody may do, or what somebody does."""

ON_EVERY_ROLE = ("iam:PassRole", "sts:AssumeRole")
"""They act as a role: as one that is named, that is what many functions are for."""


def escalations(identity: Identity, duty: Duty) -> Iterator[Excess]:
    """Each statement that allows such actions."""
    for statement in identity.statements:
        if statement.allow:
            found = {
                name: _through(identity, duty, name, _harmful(statement, duty, name)) for name in _names(statement)
            }
            left = {name: through for name, through in found.items() if through is not None}
            names = [name for name, through in left.items() if through] or list(left)
            if names:
                bounded = not any(left.values())
                yield said_by(statement, Kind.ESCALATES, tuple(names), bounded=bounded)


def _names(statement: Statement) -> list[str]:
    return [name for name in (*ANYWHERE, *ON_EVERY_ROLE) if statement.speaks_of(name)]


def _harmful(statement: Statement, duty: Duty, name: str) -> list[str]:
    """The patterns on which it allows the action so that it does harm."""
    return [pattern for pattern in reaching(statement, duty.partition, _service(name)) if _harms(pattern, duty, name)]


def _harms(pattern: str, duty: Duty, name: str) -> bool:
    if name in ON_EVERY_ROLE:
        return includes(pattern, f"arn:{duty.partition}:iam::{duty.account}:role/*")
    return reaches(pattern, duty.partition, _service(name))


def _through(identity: Identity, duty: Duty, name: str, patterns: list[str]) -> bool | None:
    """Whether the boundary lets it through; None where nothing is left of it."""
    left = [pattern for pattern in patterns if not withheld(identity.statements, name, pattern)]
    if not left:
        return None
    if identity.boundary is None:
        return True
    boundary = identity.boundary
    return any(lets_through(boundary, name, pattern, lambda at: _harms(at, duty, name)) for pattern in left)


def _service(name: str) -> str:
    """Whose resources the action is about: a role, whoever assumes it, is one of IAM's."""
    service = name.partition(":")[0]
    return "iam" if service == "sts" else service
