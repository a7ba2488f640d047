"""Who, in a whole account, may do something to a resource: at once, or by first making themselves able to.

The account's root is always one of them, and is not listed: no policy of the account can bind it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from readiness.iam.evaluate import Access, Identity, access, granted_by

EDITS_OF = {
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    "user": ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy"),
    "policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
}
"""What gives a principal more rights, by the kind of resource that is edited."""

ENTRIES_OF = {
    "role": ("iam:PassRole", "iam:UpdateAssumeRolePolicy"),
    "user": ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    "group": ("iam:AddUserToGroup",),
}
"""What lets a principal act with the rights of another."""

ASSUME = "sts:AssumeRole"
SERVICES = frozenset({"iam", "sts"})
"""Whose actions make holders of principals that are none."""

Doors = dict[str, set[str]]
"""ARNs by the action that would open them."""


@dataclass(frozen=True)
class Holder:
    """A principal that may do it, how far, and by which action on which resource."""

    arn: str
    access: Access
    action: str
    resource: str


def holders(identities: Iterable[Identity], action: str, resource: str) -> Iterator[Holder]:
    """Those that may do the action to the resource, a whole ARN, in the order given.

    Indirect is one step: who may edit the policies of a principal, or act as one that may do it. What a boundary holds
    back opens no door, neither to itself nor to others.
    """
    known = list(identities)
    found = {identity.arn: access(identity, action, resource) for identity in known}
    acting = [each for each in known if found[each.arn] in {Access.DIRECT, Access.CONDITIONAL}]
    doors = _doors(known, acting, action, resource)
    for identity in known:
        if found[identity.arn] in {Access.DIRECT, Access.CONDITIONAL}:
            yield Holder(identity.arn, found[identity.arn], action, resource)
        elif way := _way(identity, doors, acting):
            yield Holder(identity.arn, Access.INDIRECT, *way)
        elif found[identity.arn] is Access.BOUNDED:
            yield Holder(identity.arn, Access.BOUNDED, action, resource)


def _doors(known: Sequence[Identity], acting: Sequence[Identity], action: str, resource: str) -> Doors:
    doors: Doors = {}
    for each in known:
        if each.boundary is None or granted_by(each.boundary, action, resource) is not Access.NONE:
            _open(doors, EDITS_OF, each)
    for each in acting:
        _open(doors, ENTRIES_OF, each)
    return doors


def _open(doors: Doors, kinds: Mapping[str, tuple[str, ...]], to: Identity) -> None:
    for kind, arns in ((to.kind, (to.arn,)), ("group", to.groups), ("policy", to.policies)):
        for action in kinds.get(kind, ()):
            doors.setdefault(action, set()).update(arns)


def _way(identity: Identity, doors: Doors, acting: Sequence[Identity]) -> tuple[str, str] | None:
    """The first action and resource by which it could become able to."""
    for action, arns in doors.items():
        if any(statement.allow and statement.speaks_of(action) for statement in identity.statements):
            for arn in sorted(arns):
                if access(identity, action, arn) in {Access.DIRECT, Access.CONDITIONAL}:
                    return action, arn
    return next(((ASSUME, role.arn) for role in acting if role.kind == "role" and _may_assume(identity, role)), None)


def _may_assume(identity: Identity, role: Identity) -> bool:
    """A trust policy that names the principal is enough; one that trusts the account leaves it to its policies."""
    may = access(identity, ASSUME, role.arn)
    if may is Access.BOUNDED:
        return False
    if identity.arn in role.trusted:
        return not _forbidden(identity, role)
    account = role.arn.split(":")[4]
    trusts_account = any(account in (who, *who.split(":")[4:5]) and _whole_account(who) for who in role.trusted)
    return ("*" in role.trusted or trusts_account) and may is not Access.NONE


def _forbidden(identity: Identity, role: Identity) -> bool:
    return any(
        not statement.allow and not statement.conditional and statement.covers(ASSUME, role.arn)
        for statement in identity.statements
    )


def _whole_account(trusted: str) -> bool:
    return trusted.isdecimal() or trusted.endswith(":root")
