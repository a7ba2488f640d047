"""Permissions of a role to write items whose partition keys are another program's, and to read a parameter of it.

A request that writes several items has all their partition keys in `dynamodb:LeadingKeys`, so the conditions are
evaluated for a request with the one key and for requests with a further key: `ForAllValues` in a Deny does not hold
once another key is added, and `ForAnyValue` in an Allow does.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
"""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from readiness.iam.condition import ABSENT, RequestContext
from readiness.iam.evaluate import Access, Identity, access, settled
from readiness.iam.match import ANY, matches
from readiness.iam.privilege import ITEM_WRITES, LEADING_KEYS
from readiness.iam.statement import Statement
from readiness.iam.violation import Violation, ViolationKind, violation_of

BULK_WRITE = "dynamodb:StartBulkPutItems"
"""It has no condition key for the partition keys that it writes."""

PARAMETER_READS = ("ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters")
PATH_READ = "ssm:GetParametersByPath"
"""Authorized by the path of the request, whatever lies below it."""

OTHER_KEY = "x"
MAY = frozenset({Access.DIRECT, Access.CONDITIONAL})


class Reserved(Struct, frozen=True):
    """Items of a table with a partition key such as `key`, and a parameter, to which only their owner needs access.

    `table` and `parameter` are ARNs.
    """

    table: str
    key: str
    parameter: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the ARNs of all paths above the parameter, with and without a slash at the end."""
        head, *names = self.parameter.split("/")
        above = ["/".join([head, *names[:depth]]) for depth in range(len(names))]
        return tuple(path for each in above for path in (each, f"{each}/") if path != head)


def reserved_access(identity: Identity, reserved: Reserved) -> Iterator[Violation]:
    """Yield a violation for each statement by which the role may write such items or read the parameter.

    What its permissions boundary does not allow, or a Deny of these requests denies, is left out. Conditions other than
    those on the leading keys are taken as met in an Allow, and as not met in a Deny.
    """
    yield from _by_statement(identity, ViolationKind.RESERVED_ITEMS, _writes(identity, reserved))
    reads = [(action, reserved.parameter) for action in PARAMETER_READS]
    reads += [(PATH_READ, path) for path in reserved.paths]
    allowed = [(action, arn, identity) for action, arn in reads if access(identity, action, arn) in MAY]
    yield from _by_statement(identity, ViolationKind.RESERVED_PARAMETER, allowed)


Allowed = tuple[str, str, Identity]
"""An action, a resource, and the principal with the statements that hold for the request."""


def _writes(identity: Identity, reserved: Reserved) -> Iterator[Allowed]:
    bulk = _within(identity, RequestContext({LEADING_KEYS: ABSENT}))
    asked = [(BULK_WRITE, bulk)]
    asked += [
        (action, within)
        for within in (_within(identity, request) for request in _requests(identity, reserved.key))
        for action in ITEM_WRITES
    ]
    for action, within in asked:
        if access(within, action, reserved.table) in MAY:
            yield action, reserved.table, within


def _by_statement(identity: Identity, kind: ViolationKind, allowed: Iterable[Allowed]) -> Iterator[Violation]:
    """Yield a violation for each statement that allows any of these requests, with their actions and resources."""
    found: dict[int, tuple[set[str], set[str]]] = {}
    for action, arn, within in allowed:
        for number, statement in enumerate(within.statements):
            if statement.allow and statement.covers(action, arn):
                actions, resources = found.setdefault(number, (set(), set()))
                actions.add(action)
                resources.update(pattern for pattern in statement.resources if matches(pattern, arn))
    for number, (actions, resources) in sorted(found.items()):
        statement = identity.statements[number]
        named = statement.resources if statement.but_resources else tuple(sorted(resources))
        yield violation_of(statement, kind, tuple(sorted(actions)), resources=named)


def _within(identity: Identity, request: RequestContext) -> Identity:
    """Return the principal with the statements that may hold for the request, and NOTHING in place of the others."""
    boundary = identity.boundary
    return replace(
        identity,
        statements=tuple(next(settled([each], request), NOTHING) for each in identity.statements),
        boundary=None if boundary is None else tuple(settled(boundary, request)),
    )


NOTHING = Statement(allow=True, actions=(), resources=())
"""Covers no action."""


def _requests(identity: Identity, key: str) -> Iterator[RequestContext]:
    """Yield a request for the key alone, and for the key with each other one that the conditions tell apart."""
    yield RequestContext({LEADING_KEYS: (key,)})
    written = (*identity.statements, *(identity.boundary or ()))
    for other in dict.fromkeys((OTHER_KEY, *_named(written))):
        yield RequestContext({LEADING_KEYS: (key, other)})


def _named(written: Collection[Statement]) -> Iterator[str]:
    """Yield a partition key for each value of the conditions on leading keys."""
    for statement in written:
        for test in statement.tests:
            if test.key.lower() == LEADING_KEYS:
                yield from (value.replace(ANY, "").replace("?", "x") for value in test.values or ())
