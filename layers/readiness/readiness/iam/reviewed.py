"""What one set of policies grants that another does not: a role's own, and those that were reviewed.

Both are read alike, over every service: patterns are spelled out into the actions that they stand for.
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
    """An action, or a pattern of them, on what a pattern of ARNs fits, and the policy that grants it.

    `access` is BOUNDED where a permissions boundary keeps it back.
    """

    action: str
    resource: str
    policy: str
    access: Access = Access.DIRECT


def beyond(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """What the principal's statements grant, and the others do not.

    One under the conditions of a reviewed grant, or under more, goes no further. A reviewed Deny that the principal
    lacks leaves it what was to be taken away.
    """
    for statement, right in _beyond(identity.statements, reviewed):
        left = [(right.action, right.resource)] if identity.boundary is None else _left(identity.boundary, right)
        held = all(_granted(reviewed, statement, action, resource) for action, resource in left)
        yield _told(replace(right, access=Access.BOUNDED) if held else right)
    for denied in reviewed:
        if not denied.allow and not _denied(identity.statements, denied):
            yield Right(f"no Deny of {', '.join(denied.actions)}", ", ".join(denied.resources), denied.policy)


def short_of(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """What the reviewed statements grant, and the principal's do not, were it a part that a Deny takes away."""
    yield from (_told(right) for _, right in _beyond(reviewed, identity.statements))
    for denying in identity.statements:
        if _takes_away(denying) and not _denied(reviewed, denying):
            yield from (_told(right) for right in _parts(denying, reviewed))


def _parts(denying: Statement, reviewed: Collection[Statement]) -> Iterator[Right]:
    """What a Deny takes away of patterns of resources that were reviewed, without taking all of any."""
    spared = [each for each in reviewed if _takes_away(each)]
    for statement in reviewed:
        if not statement.allow or statement.but_resources or denying.but_resources:
            continue
        for pattern in () if statement.but_actions else statement.actions:
            for action in spelled_out(pattern):
                if not denying.speaks_of(action):
                    continue
                for place in _within(statement.resources, denying.resources):
                    if not any(_covers(each, action, place) for each in spared):
                        yield Right(action, place, denying.policy)


def _within(wide: Collection[str], narrow: Collection[str]) -> list[str]:
    """Those that fit one of the wider patterns and are not it."""
    return [each for each in narrow if any(each != pattern and includes(pattern, each) for pattern in wide)]


def _told(right: Right) -> Right:
    """As AWS writes the action."""
    return replace(right, action=named(right.action))


def _beyond(one: Collection[Statement], other: Collection[Statement]) -> Iterator[tuple[Statement, Right]]:
    """Each with the statement that grants it."""
    denying = [statement for statement in one if _takes_away(statement)]
    for statement in one:
        if statement.allow:
            for action, resource in _grants(statement, denying, other):
                yield statement, Right(action, resource, statement.policy)


def _grants(
    statement: Statement, denying: Collection[Statement], other: Collection[Statement]
) -> Iterator[tuple[str, str]]:
    """What an Allow grants that no Deny beside it takes away, and that the others do not grant."""
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
    """The actions of a pattern one by one, where a Deny of all but some actions or resources leaves them.

    Of a Deny of both it is not known what it leaves.
    """
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
    """Whether a statement about all but some is not about that, for a Deny left just what it excepts."""
    actions = statement.actions if statement.but_actions else ()
    resources = statement.resources if statement.but_resources else ()
    return any(includes(but, action) for but in actions) or any(includes(but, resource) for but in resources)


def _left(boundary: Collection[Statement], right: Right) -> list[tuple[str, str]]:
    """What a boundary may leave of a right: actions, or patterns of them, and on what."""
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
    """What fits the pattern and any of the others: the narrower of two where one is, else the pattern itself."""
    near = (other for other in others if not apart(pattern, other))
    return [other if includes(pattern, other) else pattern for other in near]


def _granted(statements: Collection[Statement], as_by: Statement, action: str, resource: str) -> bool:
    covering = [each for each in statements if _covers(each, action, resource, as_by if each.allow else None)]
    return not any(map(_takes_away, covering)) and any(each.allow and _under(as_by, each) for each in covering)


def _under(one: Statement, other: Statement) -> bool:
    """Whether the one holds only where the other does, by the conditions of both."""
    return all(any(implies(mine, theirs) for mine in one.tests) for theirs in other.tests)


def _takes_away(statement: Statement) -> bool:
    return not (statement.allow or statement.conditional)


def _covers(statement: Statement, action: str, resource: str, as_by: Statement | None = None) -> bool:
    """Surely, patterns included. What they stand for is without what `as_by`, which grants them, excepts."""
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
    """Whether they take away at least as much, under no more conditions."""
    alike = [each for each in statements if not each.allow and _under(denied, each)]

    def taken(action: str, resource: str) -> bool:
        return any(_covers(each, action, resource, denied) for each in alike)

    return all(
        taken(pattern, resource) or all(taken(action, resource) for action in spelled_out(pattern))
        for pattern in ((ANY,) if denied.but_actions else denied.actions)
        for resource in ((ANY,) if denied.but_resources else denied.resources)
    )
