"""What one set of policies grants that another does not: a role's own, and those that were reviewed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from readiness.iam.catalogue import spoken_of
from readiness.iam.evaluate import Access, Identity
from readiness.iam.match import apart, matches
from readiness.iam.reach import includes, withheld
from readiness.iam.statement import Statement

SERVICE = "dynamodb"


@dataclass(frozen=True)
class Right:
    """An action, or a pattern of them, on what a pattern of ARNs fits, and the policy that grants it.

    `access` is BOUNDED where a permissions boundary keeps it back.
    """

    action: str
    resource: str
    policy: str
    access: Access = Access.DIRECT


def beyond(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """What the principal's statements grant, and the others do not.

    One under the conditions of a reviewed grant, or under more, goes no further; what they compare with is not known.
    A reviewed Deny that the principal lacks leaves it what was to be taken away.
    """
    for statement, right in _beyond(identity.statements, reviewed):
        left = [(right.action, right.resource)] if identity.boundary is None else _left(identity.boundary, right)
        held = all(_granted(reviewed, statement, action, resource) for action, resource in left)
        yield replace(right, access=Access.BOUNDED) if held else right
    for denied in reviewed:
        if not denied.allow and not any(_denies(statement, denied) for statement in identity.statements):
            yield Right(f"no Deny of {', '.join(denied.actions)}", ", ".join(denied.resources), denied.policy)


def short_of(identity: Identity, reviewed: Collection[Statement]) -> Iterator[Right]:
    """What the reviewed statements grant, and the principal's do not."""
    return (right for _, right in _beyond(reviewed, identity.statements))


def _beyond(one: Collection[Statement], other: Collection[Statement]) -> Iterator[tuple[Statement, Right]]:
    """Each with the statement that grants it."""
    for statement in one:
        if statement.allow:
            for action in _actions(statement):
                for resource in ("*",) if statement.but_resources else statement.resources:
                    if not withheld(one, action, resource) and not _granted(other, statement, action, resource):
                        yield statement, Right(action, resource, statement.policy)


def _left(boundary: Collection[Statement], right: Right) -> list[tuple[str, str]]:
    """What a boundary may leave of a right: actions, or patterns of them, and on what."""
    if withheld(boundary, right.action, right.resource):
        return []
    return [
        (action, resource)
        for statement in boundary
        if statement.allow
        for action in _common(right.action, ("*",) if statement.but_actions else statement.actions)
        for resource in _common(right.resource, ("*",) if statement.but_resources else statement.resources)
    ]


def _common(pattern: str, others: Collection[str]) -> list[str]:
    """What fits the pattern and any of the others: the narrower of two where one is, else the pattern itself."""
    near = (other for other in others if not apart(pattern, other))
    return [other if includes(pattern, other) else pattern for other in near]


def _actions(statement: Statement) -> list[str]:
    """Those of DynamoDB one by one, so that a pattern and a list can be compared; the others as they are written."""
    spelled = [action.name.lower() for action in spoken_of(statement, SERVICE)]
    if statement.but_actions:
        return [*spelled, "*"]
    return spelled + [action for action in statement.actions if action.partition(":")[0] != SERVICE]


def _granted(statements: Collection[Statement], as_by: Statement, action: str, resource: str) -> bool:
    return not withheld(statements, action, resource) and any(
        statement.allow
        and {*statement.conditions} <= {*as_by.conditions}
        and (statement == _of(as_by, statement) or _covers(statement, action, resource))
        for statement in statements
    )


def _of(one: Statement, other: Statement) -> Statement:
    """The same statement, as if it were written where the other is."""
    return Statement(
        allow=one.allow,
        actions=one.actions,
        resources=one.resources,
        but_actions=one.but_actions,
        but_resources=one.but_resources,
        conditions=other.conditions,
        policy=other.policy,
        sid=other.sid,
    )


def _covers(statement: Statement, action: str, resource: str) -> bool:
    """Surely: of what is about all but some, nothing is sure."""
    return (
        not (statement.but_actions or statement.but_resources)
        and any(matches(pattern, action) for pattern in statement.actions)
        and any(includes(pattern, resource) for pattern in statement.resources)
    )


def _denies(statement: Statement, denied: Statement) -> bool:
    """Whether it takes away at least as much, under no more conditions."""
    if statement.allow or not {*statement.conditions} <= {*denied.conditions}:
        return False
    return statement == _of(denied, statement) or all(
        _covers(statement, action, resource) for action in denied.actions for resource in denied.resources
    )
