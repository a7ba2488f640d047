"""Permissions that one set of policies grants and another does not: a role's, and its reviewed ones.

Both are read in the same way, for all services: patterns are expanded into actions.
"""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.catalogue import named, spelled_out
from readiness.iam.condition import implies
from readiness.iam.evaluate import Access, Identity
from readiness.iam.match import ANY, apart
from readiness.iam.reach import includes
from readiness.iam.statement import Statement


class Right(Struct, frozen=True):
    """A pattern of actions and of ARNs, and the granting policy; BOUNDED where the boundary does not allow it."""

    action: str
    resource: str
    policy: str
    access: Access = Access.DIRECT


def beyond(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """Yield what the principal's statements grant and the reviewed ones do not, and missing reviewed Denies."""
    for statement, right in _beyond(identity.statements, reviewed):
        left = [(right.action, right.resource)] if identity.boundary is None else _left(identity.boundary, right)
        held = all(_granted(reviewed, statement, action, resource) for action, resource in left)
        yield _told(replace(right, access=Access.BOUNDED) if held else right)
    for denied in reviewed:
        if not denied.allow and not _denied(identity.statements, denied):
            yield Right(f"no Deny of {', '.join(denied.actions)}", ", ".join(denied.resources), denied.policy)


def short_of(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """Yield what the reviewed statements grant and the principal's do not, including parts that a Deny removes."""
    yield from (_told(right) for _, right in _beyond(reviewed, identity.statements))
    for denying in identity.statements:
        if _takes_away(denying) and not _denied(reviewed, denying):
            yield from (_told(right) for right in _parts(denying, reviewed))


def _parts(denying: Statement, reviewed: Collection[Statement]) -> Iterator[Right]:
    """Yield parts of reviewed resource patterns that a Deny removes."""
    spared = [each for each in reviewed if _takes_away(each)]
    for statement in reviewed:
        if not statement.allow or statement.but_resources or denying.but_resources:
            continue
        for pattern in () if statement.but_actions else statement.actions:
            for action in spelled_out(pattern):
                if not denying.speaks_of(action):
                    continue
                for place in denying.resources:
                    narrower = any(place != wide and includes(wide, place) for wide in statement.resources)
                    if narrower and not any(_covers(each, action, place) for each in spared):
                        yield Right(action, place, denying.policy)


def _told(right: Right) -> Right:
    """Return the right with AWS's capitals."""
    return replace(right, action=named(right.action))


def _beyond(one: Collection[Statement], other: Collection[Statement]) -> Iterator[tuple[Statement, Right]]:
    """Yield each right with the statement that grants it."""
    denying = [statement for statement in one if _takes_away(statement)]
    for statement in one:
        if statement.allow:
            for action, resource in _grants(statement, denying, other):
                yield statement, Right(action, resource, statement.policy)


def _grants(
    statement: Statement, denying: Collection[Statement], other: Collection[Statement]
) -> Iterator[tuple[str, str]]:
    """Yield what an Allow grants, no Deny beside it removes, and the others do not grant."""
    for pattern in (ANY,) if statement.but_actions else statement.actions:
        for place in (ANY,) if statement.but_resources else statement.resources:
            if not _granted(other, statement, pattern, place):
                for action, resource in dict.fromkeys(_spared(pattern, place, denying)):
                    denied = any(_covers(each, action, resource) for each in denying)
                    if not (
                        denied or _excepted(statement, action, resource) or _granted(other, statement, action, resource)
                    ):
                        yield action, resource


def _spared(pattern: str, place: str, denying: Iterable[Statement]) -> Iterator[tuple[str, str]]:
    """Yield the actions and resources that a Deny with NotAction or NotResource, not both, leaves."""
    patterns, denies = [pattern], list(denying)
    for each in denies:
        if each.but_actions and not each.but_resources and any(includes(at, place) for at in each.resources):
            patterns = [left for wide in patterns for left in _common(wide, each.actions)]
    for action in (action for wide in patterns for action in spelled_out(wide)):
        places = [place]
        for each in denies:
            if each.but_resources and not each.but_actions and any(includes(on, action) for on in each.actions):
                places = [left for wide in places for left in _common(wide, each.resources)]
        yield from ((action, left) for left in places)


def _excepted(statement: Statement, action: str, resource: str) -> bool:
    """Return True where NotAction or NotResource of a statement excepts the action or resource."""
    actions = statement.actions if statement.but_actions else ()
    resources = statement.resources if statement.but_resources else ()
    return any(includes(but, action) for but in actions) or any(includes(but, resource) for but in resources)


def _left(boundary: Collection[Statement], right: Right) -> list[tuple[str, str]]:
    """Return the actions and resources of a right that a boundary may allow."""
    if any(_covers(each, right.action, right.resource) for each in boundary if _takes_away(each)):
        return []
    return [
        (action, resource)
        for statement in boundary
        if statement.allow
        for action in _common(right.action, (ANY,) if statement.but_actions else statement.actions)
        for resource in _common(right.resource, (ANY,) if statement.but_resources else statement.resources)
        if not _excepted(statement, action, resource)
    ]


def _common(pattern: str, others: Collection[str]) -> list[str]:
    """Return the patterns that match both the pattern and one of the others: the narrower of each two."""
    near = (other for other in others if not apart(pattern, other))
    return [other if includes(pattern, other) else pattern for other in near]


def _granted(statements: Collection[Statement], as_by: Statement, action: str, resource: str) -> bool:
    covering = [each for each in statements if _covers(each, action, resource, as_by if each.allow else None)]
    return not any(map(_takes_away, covering)) and any(each.allow and _under(as_by, each) for each in covering)


def _under(one: Statement, other: Statement) -> bool:
    """Return True where `one` holds only where `other` holds, by their conditions."""
    return all(any(implies(mine, theirs) for mine in one.tests) for theirs in other.tests)


def _takes_away(statement: Statement) -> bool:
    return not (statement.allow or statement.conditional)


def _covers(statement: Statement, action: str, resource: str, as_by: Statement | None = None) -> bool:
    """Return True where the statement surely covers the patterns, less what `as_by` excepts."""
    but_actions = as_by.actions if as_by and as_by.but_actions else ()
    but_resources = as_by.resources if as_by and as_by.but_resources else ()
    return _fits(statement.actions, action, but_actions, but=statement.but_actions) and _fits(
        statement.resources, resource, but_resources, but=statement.but_resources
    )


def _fits(patterns: Collection[str], narrower: str, less: Collection[str], *, but: bool) -> bool:
    if not but:
        return any(includes(pattern, narrower) for pattern in patterns)
    return all(apart(pattern, narrower) or any(includes(each, pattern) for each in less) for pattern in patterns)


def _denied(statements: Iterable[Statement], denied: Statement) -> bool:
    """Return True where the statements deny at least as much, under no more conditions."""
    alike = [each for each in statements if not each.allow and _under(denied, each)]

    def taken(action: str, resource: str) -> bool:
        return any(_covers(each, action, resource, denied) for each in alike)

    return all(
        taken(pattern, resource) or all(taken(action, resource) for action in spelled_out(pattern))
        for pattern in ((ANY,) if denied.but_actions else denied.actions)
        for resource in ((ANY,) if denied.but_resources else denied.resources)
    )
