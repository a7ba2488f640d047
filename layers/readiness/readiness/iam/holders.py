"""Who, in a whole account, may do something to a resource: at once, or by first making themselves able to.

The account's root is always one of them, and is not listed: no policy of the account can bind it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.iam.addressed import SESSION, with_policy_of
from readiness.iam.condition import Context, hold
from readiness.iam.evaluate import Access, Identity, access, granted_by
from readiness.iam.match import ANY, literal, matches
from readiness.iam.statement import Statement

EDITS_OF = {
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    "user": ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
    "group": ("iam:PutGroupPolicy", "iam:AttachGroupPolicy"),
    "policy": ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
}
"""What gives a principal more rights, by the kind of resource that is edited."""

ENTRIES_OF = {
    "role": ("iam:UpdateAssumeRolePolicy",),
    "user": ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    "group": ("iam:AddUserToGroup",),
}
"""What lets a principal act with the rights of another."""

UNBINDS_OF = {
    "role": ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
    "user": ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    "policy": EDITS_OF["policy"],
}
"""What lifts the boundary of a principal that nothing else holds back."""

UNFORBIDS_OF = {
    "role": ("iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    "user": ("iam:DeleteUserPolicy", "iam:DetachUserPolicy"),
    "group": ("iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:RemoveUserFromGroup"),
}
"""What takes away the Deny of a principal that nothing else holds back."""

CHANGES = ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
"""What makes a function do something else with the rights of its role: other code, another layer or handler."""

UPDATES = ("cloudformation:UpdateStack", "cloudformation:ExecuteChangeSet")
"""What changes a stack in the name of its service role, which who updates it need not be able to pass.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

CLOUDFORMATION = "cloudformation.amazonaws.com"
PASSING = "iam:PassRole"
PASSED_TO = "iam:passedtoservice"
ASSUME = "sts:AssumeRole"
KINDS = (EDITS_OF, ENTRIES_OF, UNBINDS_OF, UNFORBIDS_OF)
PUT_POLICY = "dynamodb:PutResourcePolicy"
"""What lets somebody in by the resource's own policy."""

DELETE_POLICY = "dynamodb:DeleteResourcePolicy"
"""What takes away a Deny that stands there."""

IN_IAM = tuple(dict.fromkeys(way for kind in KINDS for ways in kind.values() for way in ways))
WAYS = (*IN_IAM, PASSING, ASSUME, *CHANGES, *UPDATES, PUT_POLICY, DELETE_POLICY)
HELD = frozenset({Access.DIRECT, Access.CONDITIONAL})


class Door(NamedTuple):
    """An action that, done to the resource, makes a holder. `to` are those who need no policy that allows it.

    `services` are those that a role can be passed to; None where that is not known, no matter, or none so far.
    """

    action: str
    resource: str
    to: str = ""
    services: tuple[str, ...] | None = None


class Holder(Struct, frozen=True):
    """A principal that may do it, how far, and by which action on which resource."""

    arn: str
    access: Access
    action: str
    resource: str


class Surroundings(Struct, frozen=True):
    """What else in the account may make a holder.

    `functions` are the ARNs of those that run as a role, by its ARN. `policy` are the statements of the resource's own
    policy, None where such resources have none.
    """

    functions: Mapping[str, Collection[str]] = field(default_factory=dict)
    policy: tuple[Statement, ...] | None = None


def holders(
    identities: Iterable[Identity], action: str, resource: str, around: Surroundings | None = None
) -> Iterator[Holder]:
    """Those that may do the action to the resource, a whole ARN, in the order given.

    Indirect is one step: who may edit the policies of a principal, act as one that may do it, change a function that
    runs as one, edit the resource's own policy, or take away the boundary or the Deny that alone holds one back.
    Editing opens no door where a boundary holds back whatever the policies say.
    """
    around = around or Surroundings()
    alone = list(identities)
    known = [with_policy_of(resource, around.policy or (), identity) for identity in alone]
    found = [access(identity, action, resource) for identity in known]
    doors = list(_open(known, found, action, resource)) + list(_changes(known, found, around))
    if around.policy is not None:
        doors.append(Door(PUT_POLICY, resource))
        if any(_kept_out(*each, action, resource) for each in zip(alone, known, found, strict=True)):
            doors.append(Door(DELETE_POLICY, resource))
    way_in = Doors(doors)
    for own, identity, may in zip(alone, known, found, strict=True):
        if may in HELD:
            yield Holder(identity.arn, may, action, resource)
        elif way := way_in.way(identity, {PUT_POLICY} if _denied(own, action, resource) else ()):
            yield Holder(identity.arn, Access.INDIRECT, *way)
        elif may is Access.BOUNDED:
            yield Holder(identity.arn, Access.BOUNDED, action, resource)


class Doors:
    """All doors of an account, and who may go through them.

    A set of resources is a number, a bit for each: there may be thousands of them, and thousands who may.
    """

    def __init__(self, doors: Iterable[Door]) -> None:
        """In any order."""
        listed = list(doors)
        self._resources = sorted({door.resource for door in listed})
        bits = {resource: 1 << place for place, resource in enumerate(self._resources)}
        self._by_action: dict[str, int] = defaultdict(int)
        self._open_to: dict[str, int] = defaultdict(int)
        for door in listed:
            if door.to:
                self._open_to[door.to] |= bits[door.resource]
            else:
                self._by_action[door.action] |= bits[door.resource]
        self._passed_to: dict[str | None, int] = defaultdict(int)
        for door in listed:
            for service in (None,) if door.services is None else door.services:
                self._passed_to[service] |= bits[door.resource] if door.action == PASSING else 0
        self._reached: dict[str, int] = {}

    def way(self, identity: Identity, but: Collection[str] = ()) -> tuple[str, str] | None:
        """The first action and resource by which it could become able to; some actions would not help it."""
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
        """The roles that trust it by name. A boundary binds a role that is named, and a user only by what it denies."""
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
        """The roles that its conditions let it pass to a service that each of them trusts."""
        passable = 0
        for service, roles in self._passed_to.items():
            known = Context({} if service is None else {PASSED_TO: (service,)})
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


def _open(known: Sequence[Identity], found: Sequence[Access], action: str, resource: str) -> Iterator[Door]:
    for each, may in zip(known, found, strict=True):
        if each.boundary is None or granted_by(each.boundary, action, resource) is not Access.NONE:
            yield from _doors(EDITS_OF, each)
            if may is Access.NONE and _forbidden(each, action, resource):
                yield from _doors(UNFORBIDS_OF, each)
        if may is Access.BOUNDED:
            yield from _doors(UNBINDS_OF, replace(each, policies=(each.boundary_policy,)))
        if may in HELD:
            yield from _doors(ENTRIES_OF, each)
            yield from _trusting(each)
            yield from _running(each, resource)


def _denied(identity: Identity, action: str, resource: str) -> bool:
    """Whether it is, by its own policies or its boundary, whatever another policy allows."""
    every = (*identity.statements, *(identity.boundary or ()))
    return any(each.covers(action, resource) for each in every if not each.allow and not each.conditional)


def _changes(known: Sequence[Identity], found: Sequence[Access], around: Surroundings) -> Iterator[Door]:
    for each, may in zip(known, found, strict=True):
        if may in HELD:
            yield from (Door(way, arn) for arn in around.functions.get(each.arn, ()) for way in CHANGES)


def _kept_out(alone: Identity, known: Identity, may: Access, action: str, resource: str) -> bool:
    """Whether the resource's own policy alone keeps it from it."""
    return may is Access.NONE and known is not alone and access(alone, action, resource) in HELD


def _doors(kinds: Mapping[str, tuple[str, ...]], to: Identity) -> Iterator[Door]:
    for kind, arns in ((to.kind, (to.arn,)), ("group", to.groups), ("policy", to.policies)):
        yield from (Door(action, arn) for action in kinds.get(kind, ()) for arn in arns if arn)


def _forbidden(identity: Identity, action: str, resource: str) -> bool:
    allows = [statement for statement in identity.statements if statement.allow]
    return granted_by(allows, action, resource) is not Access.NONE


def _trusting(role: Identity) -> Iterator[Door]:
    """A trust policy that names the principal is enough; one that trusts the account leaves it to its policies."""
    account = role.arn.split(":")[4]
    for who in role.trusted:
        whole = who == account or who.split(":")[4:] == [account, "root"]
        yield Door(ASSUME, role.arn, "" if whole else who.rpartition("/")[0] if SESSION in who else who)


def _running(role: Identity, resource: str) -> Iterator[Door]:
    """What services of AWS do in its name: those it is passed to, and CloudFormation to stacks that have it already."""
    if role.kind != "role":
        return
    yield Door(PASSING, role.arn, services=role.services or None)
    if CLOUDFORMATION in (role.services or ()):
        _, partition, _, region, account, _ = resource.split(":", 5)
        stacks = f"arn:{partition}:cloudformation:{region}:{account}:stack/*/*"
        yield from (Door(way, stacks) for way in UPDATES)


def _names(identity: Identity) -> tuple[str, ...]:
    """What a trust policy may call it. A session of a role has the name of the role, without its path."""
    _, partition, _, _, account, name = identity.arn.split(":", 5)  # a path may have colons
    return identity.arn, ANY, f"arn:{partition}:sts::{account}{SESSION}{name.rpartition('/')[2]}"


def _ways(statement: Statement) -> frozenset[str]:
    """Which of the ways it speaks of."""
    named = frozenset().union(*map(_named, statement.actions))
    return frozenset(WAYS) - named if statement.but_actions else named


@lru_cache(maxsize=32768)
def _named(pattern: str) -> frozenset[str]:
    return frozenset(way for way in WAYS if matches(pattern, way.lower()))
