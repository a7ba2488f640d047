"""Permissions of a role to write to its functions' log groups, and to those of others.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from collections.abc import Iterator

from readiness.iam.evaluate import Access, Identity, access
from readiness.iam.excess import Duty, Excess, Kind, said_by
from readiness.iam.match import matches
from readiness.iam.reach import lets_through, reaching, withheld
from readiness.iam.statement import Statement

NEEDED = ("logs:CreateLogStream", "logs:PutLogEvents")
WRITES = (*NEEDED, "logs:DeleteLogGroup", "logs:DeleteLogStream")
BY_AWS = ("AWSLambda*ExecutionRole", "CloudWatchLambda*ExecutionRolePolicy")
"""AWS managed policies for functions, which name no log group."""

GROUP = ":log-group:"


def logs(identity: Identity, managed: tuple[str, ...], duty: Duty) -> Iterator[Excess]:
    """Yield each own log group that it cannot write to, and each statement that allows other log groups."""
    for group in duty.log_groups:
        yield from _own(identity, duty, group)
    for statement in identity.statements:
        if statement.allow:
            yield from _others(identity, statement, managed, duty)


def _own(identity: Identity, duty: Duty, group: str) -> Iterator[Excess]:
    stream = f"arn:{duty.partition}:logs:{duty.region}:{duty.account}{GROUP}{group}:log-stream:2026/11/24/[$LATEST]any"
    found = {action: access(identity, action, stream) for action in NEEDED}
    for kind, levels in (
        (Kind.MUTE, {Access.NONE, Access.BOUNDED}),
        (Kind.HARDLY_LOGS, {Access.CONDITIONAL}),
    ):
        lacking = tuple(action for action in NEEDED if found[action] in levels)
        if lacking:
            bounded = all(found[action] is Access.BOUNDED for action in lacking)
            yield Excess(kind, actions=lacking, resources=(group,), bounded=bounded)


def _others(identity: Identity, statement: Statement, managed: tuple[str, ...], duty: Duty) -> Iterator[Excess]:
    patterns = reaching(statement, duty.partition, "logs")
    other = [pattern for pattern in patterns if _of_others(pattern, duty)]
    spoken = [action for action in WRITES if statement.speaks_of(action)]
    if _by_aws(statement, managed) and set(spoken) <= set(NEEDED):
        return
    left = [
        at
        for at in other
        if not all(withheld(identity.statements, action, at, lambda left: _of_others(left, duty)) for action in spoken)
    ]
    if left:
        resources = statement.resources if statement.but_resources else left
        bounded = not any(_gets_through(identity, action, at, duty) for action in spoken for at in left)
        yield said_by(statement, Kind.OTHER_LOGS, tuple(spoken), resources=tuple(sorted(resources)), bounded=bounded)


def _gets_through(identity: Identity, action: str, at: str, duty: Duty) -> bool:
    """Return True where its boundary allows a log group of others."""
    if identity.boundary is None:
        return True
    return lets_through(identity.boundary, action, at, lambda let: _of_others(let, duty))


def _of_others(pattern: str, duty: Duty) -> bool:
    return not any(_of_group(pattern, group) for group in duty.log_groups)


def _of_group(pattern: str, group: str) -> bool:
    """Return True for a pattern of that log group only, in any Region."""
    _, _, rest = pattern.partition(GROUP)
    return rest == group or rest.startswith(f"{group}:")


def _by_aws(statement: Statement, managed: tuple[str, ...]) -> bool:
    return statement.policy in managed and any(matches(pattern, statement.policy) for pattern in BY_AWS)
