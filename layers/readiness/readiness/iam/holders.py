"""Principals of an account that can perform an action on a resource, directly or by privilege escalation.

Root always can and is not listed: no policy of the account limits it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.arn import account_of
from readiness.iam.addressed import SESSION, with_policy_of
from readiness.iam.condition import RequestContext, hold
from readiness.iam.evaluate import Access, Identity, access, granted_by
from readiness.iam.match import ANY, literal, matches
from readiness.iam.statement import Statement

EDITS_OF = {
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    "user": ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy"),
    "policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
}
"""Actions that give a principal more permissions, by the type of the changed resource."""

ENTRIES_OF = {
    "role": ("iam:UpdateAssumeRolePolicy",),
    "user": ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    "group": ("iam:AddUserToGroup",),
}
"""Actions that let a principal act with the permissions of another."""

UNBINDS_OF = {
    "role": ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    "user": ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    "policy": EDITS_OF["policy"],
}
"""Actions that remove a permissions boundary."""

UNFORBIDS_OF = {
    "role": ("iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    "user": ("iam:DeleteUserPolicy", "iam:DetachUserPolicy"),
    "group": ("iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:RemoveUserFromGroup"),
}
"""Actions that remove a Deny."""

CHANGES = ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
"""Actions that make a function do something else with its role: other code, another layer or handler."""

UPDATES = ("cloudformation:UpdateStack", "cloudformation:ExecuteChangeSet")
"""Actions that change a stack with its service role, without PassRole.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

CLOUDFORMATION = "cloudformation.amazonaws.com"
PASSING = "iam:PassRole"
PASSED_TO = "iam:passedtoservice"
ASSUME = "sts:AssumeRole"
KINDS = (EDITS_OF, ENTRIES_OF, UNBINDS_OF, UNFORBIDS_OF)
PUT_POLICY = "dynamodb:PutResourcePolicy"
"""The action that grants access in the resource's policy."""

DELETE_POLICY = "dynamodb:DeleteResourcePolicy"
"""The action that removes a Deny in the resource's policy."""

IN_IAM = tuple(dict.fromkeys(way for kind in KINDS for ways in kind.values() for way in ways))
WAYS = (*IN_IAM, PASSING, ASSUME, *CHANGES, *UPDATES, PUT_POLICY, DELETE_POLICY)
HELD = frozenset({Access.DIRECT, Access.CONDITIONAL})


class EscalationPath(NamedTuple):
    """An action on a resource that gives the permission; principals in `to` need no policy for it."""

    action: str
    resource: str
    to: str = ""
    services: tuple[str, ...] | None = None


class Holder(Struct, frozen=True):
    """A principal that can, how, and by which action on which resource."""

    arn: str
    access: Access
    action: str
    resource: str


def holders(
    identities: Iterable[Identity],
    action: str,
    resource: str,
    *,
    functions: Mapping[str, Collection[str]] = MappingProxyType({}),
    policy: tuple[Statement, ...] | None = None,
) -> Iterator[Holder]:
    """Yield the principals that can perform the action on the resource, a whole ARN, in the order given.

    `functions` are the ARNs of functions by the ARN of their role. `policy` are the statements of the resource's
    policy, None where such resources have none.

    Indirect access is one step: changing the policies of a principal, acting as one that can, changing a function that
    runs as one, changing the resource's policy, or removing the boundary or the Deny that alone prevents it. Changing
    policies does not help where a boundary prevents the action.
    """
    alone = list(identities)
    known = [with_policy_of(resource, policy or (), identity) for identity in alone]
    found = [access(identity, action, resource) for identity in known]
    paths = list(_open(known, found, action, resource))
    running = [
        arn for each, may in zip(known, found, strict=True) if may in HELD for arn in functions.get(each.arn, ())
    ]
    paths += [EscalationPath(way, arn) for arn in running for way in CHANGES]
    if policy is not None:
        paths.append(EscalationPath(PUT_POLICY, resource))
        if any(_kept_out(*each, action, resource) for each in zip(alone, known, found, strict=True)):
            paths.append(EscalationPath(DELETE_POLICY, resource))
    escalation = EscalationPaths(paths)
    for own, identity, may in zip(alone, known, found, strict=True):
        if may in HELD:
            yield Holder(identity.arn, may, action, resource)
        elif way := escalation.way(identity, {PUT_POLICY} if _denied(own, action, resource) else ()):
            yield Holder(identity.arn, Access.INDIRECT, *way)
        elif may is Access.BOUNDED:
            yield Holder(identity.arn, Access.BOUNDED, action, resource)


class EscalationPaths:
    """All escalation paths of an account. A set of resources is an integer with one bit each."""

    def __init__(self, paths: Iterable[EscalationPath]) -> None:
        """The arguments may be in any order."""
        listed = list(paths)
        self._resources = sorted({path.resource for path in listed})
        bits = {resource: 1 << place for place, resource in enumerate(self._resources)}
        self._by_action: dict[str, int] = defaultdict(int)
        self._open_to: dict[str, int] = defaultdict(int)
        for path in listed:
            if path.to:
                self._open_to[path.to] |= bits[path.resource]
            else:
                self._by_action[path.action] |= bits[path.resource]
        self._passed_to: dict[str | None, int] = defaultdict(int)
        for path in listed:
            for service in (None,) if path.services is None else path.services:
                self._passed_to[service] |= bits[path.resource] if path.action == PASSING else 0
        self._reached: dict[str, int] = {}

    def way(self, identity: Identity, but: Collection[str] = ()) -> tuple[str, str] | None:
        """Return the first action and resource by which it could gain the permission, without the actions in `but`."""
        spoken = frozenset().union(*(_ways(statement) for statement in identity.statements if statement.allow))
        for action in WAYS if spoken else ():
            if (
                action in spoken
                and action not in but
                and (reached := self._granted(identity, action) & self._by_action[action])
            ):
                return action, self._first(reached)
        entered = self._entered(identity)
        return (ASSUME, self._first(entered)) if entered else None

    def _first(self, resources: int) -> str:
        return self._resources[(resources & -resources).bit_length() - 1]

    def _granted(self, identity: Identity, action: str) -> int:
        granted = self._allowed(identity.statements, action)
        return granted if identity.boundary is None else granted & self._allowed(identity.boundary, action)

    def _entered(self, identity: Identity) -> int:
        """Return the roles that trust it by name. A boundary limits a named role, and a user only by its Deny."""
        entered = 0
        for name in _names(identity):
            entered |= self._open_to.get(name, 0)
        if not entered:
            return 0
        entered &= ~self._denied(identity.statements, ASSUME)
        if identity.boundary is None:
            return entered
        return entered & (
            self._allowed(identity.boundary, ASSUME)
            if identity.kind == "role"
            else ~self._denied(identity.boundary, ASSUME)
        )

    def _allowed(self, statements: Sequence[Statement], action: str) -> int:
        allowed = 0
        for statement in statements:
            if statement.allow and action in _ways(statement):
                allowed |= self._about(statement) & (self._passable(statement) if action == PASSING else -1)
        return allowed & ~self._denied(statements, action) if allowed else 0

    def _passable(self, statement: Statement) -> int:
        """Return the roles that the statement's conditions allow to pass to a service that they trust."""
        passable = 0
        for service, roles in self._passed_to.items():
            known = RequestContext({} if service is None else {PASSED_TO: (service,)})
            passable |= 0 if hold(statement.tests, known) is False else roles
        return passable

    def _denied(self, statements: Sequence[Statement], action: str) -> int:
        denied = 0
        for statement in statements:
            if not statement.allow and not statement.conditional and action in _ways(statement):
                denied |= self._about(statement)
        return denied

    def _about(self, statement: Statement) -> int:
        about = 0
        for pattern in statement.resources:
            if pattern not in self._reached:
                self._reached[pattern] = self._reach(pattern)
            about |= self._reached[pattern]
        return ~about if statement.but_resources else about

    def _reach(self, pattern: str) -> int:
        plain = literal(pattern)
        place, reached = bisect_left(self._resources, plain), 0
        while place < len(self._resources) and self._resources[place].startswith(plain):
            if matches(pattern, self._resources[place]):
                reached |= 1 << place
            place += 1
        return reached


def _open(known: Sequence[Identity], found: Sequence[Access], action: str, resource: str) -> Iterator[EscalationPath]:
    for each, may in zip(known, found, strict=True):
        if each.boundary is None or granted_by(each.boundary, action, resource) is not Access.NONE:
            yield from _paths(EDITS_OF, each)
            allows = [statement for statement in each.statements if statement.allow]
            if may is Access.NONE and granted_by(allows, action, resource) is not Access.NONE:
                yield from _paths(UNFORBIDS_OF, each)
        if may is Access.BOUNDED:
            yield from _paths(UNBINDS_OF, replace(each, policies=(each.boundary_policy,)))
        if may in HELD:
            yield from _paths(ENTRIES_OF, each)
            yield from _trusting(each)
            yield from _running(each, resource)


def _denied(identity: Identity, action: str, resource: str) -> bool:
    """Return True where its policies or its boundary deny it, whatever another policy allows."""
    every = (*identity.statements, *(identity.boundary or ()))
    return any(each.covers(action, resource) for each in every if not each.allow and not each.conditional)


def _kept_out(alone: Identity, known: Identity, may: Access, action: str, resource: str) -> bool:
    """Return True where only the resource's policy denies it."""
    return may is Access.NONE and known is not alone and access(alone, action, resource) in HELD


def _paths(kinds: Mapping[str, tuple[str, ...]], to: Identity) -> Iterator[EscalationPath]:
    for kind, arns in ((to.kind, (to.arn,)), ("group", to.groups), ("policy", to.policies)):
        yield from (EscalationPath(action, arn) for action in kinds.get(kind, ()) for arn in arns if arn)


def _trusting(role: Identity) -> Iterator[EscalationPath]:
    """Yield the roles that a trust policy opens by name, and those that it opens to an account's policies."""
    account = account_of(role.arn)
    for who in role.trusted:
        whole = who == account or who.split(":")[4:] == [account, "root"]
        yield EscalationPath(ASSUME, role.arn, "" if whole else who.rpartition("/")[0] if SESSION in who else who)


def _running(role: Identity, resource: str) -> Iterator[EscalationPath]:
    """Yield PassRole to the role's services, and updates of stacks: CloudFormation has their role already."""
    if role.kind != "role":
        return
    yield EscalationPath(PASSING, role.arn, services=role.services or None)
    if CLOUDFORMATION in (role.services or ()):
        _, partition, _, region, account, _ = resource.split(":", 5)
        stacks = f"arn:{partition}:cloudformation:{region}:{account}:stack/*/*"
        yield from (EscalationPath(way, stacks) for way in UPDATES)


def _names(identity: Identity) -> tuple[str, ...]:
    """Return the names of the principal in trust policies. A session has the role's name without its path."""
    _, partition, _, _, account, name = identity.arn.split(":", 5)  # a path may have colons
    return identity.arn, ANY, f"arn:{partition}:sts::{account}{SESSION}{name.rpartition('/')[2]}"


def _ways(statement: Statement) -> frozenset[str]:
    """Return the escalation actions that the statement covers."""
    named = frozenset().union(*map(_named, statement.actions))
    return frozenset(WAYS) - named if statement.but_actions else named


@lru_cache(maxsize=32768)
def _named(pattern: str) -> frozenset[str]:
    return frozenset(way for way in WAYS if matches(pattern, way.lower()))
