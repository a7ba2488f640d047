"""Permissions of a role to write to its functions' log groups, and to those of others.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from collections.abc import Iterator

from readiness.iam.evaluate import Access, Identity, access
from readiness.iam.match import matches
from readiness.iam.reach import lets_through, reaching, withheld
from readiness.iam.statement import Statement
from readiness.iam.violation import Baseline, Violation, ViolationKind, violation_of

NEEDED = ("logs:CreateLogStream", "logs:PutLogEvents")
WRITES = (*NEEDED, "logs:DeleteLogGroup", "logs:DeleteLogStream")
BY_AWS = ("AWSLambda*ExecutionRole", "CloudWatchLambda*ExecutionRolePolicy")
"""AWS managed policies for functions, which name no log group."""

GROUP = ":log-group:"


def logs(identity: Identity, managed: tuple[str, ...], baseline: Baseline) -> Iterator[Violation]:
    """Yield each own log group that it cannot write to, and each statement that allows other log groups."""
    for group in baseline.log_groups:
        yield from _own(identity, baseline, group)
    for statement in identity.statements:
        if statement.allow:
            yield from _others(identity, statement, managed, baseline)


def _own(identity: Identity, baseline: Baseline, group: str) -> Iterator[Violation]:
    place = f"{baseline.partition}:logs:{baseline.region}:{baseline.account}"
    stream = f"arn:{place}{GROUP}{group}:log-stream:2026/11/24/[$LATEST]any"
    found = {action: access(identity, action, stream) for action in NEEDED}
    for kind, levels in (
        (ViolationKind.MUTE, {Access.NONE, Access.BOUNDED}),
        (ViolationKind.HARDLY_LOGS, {Access.CONDITIONAL}),
    ):
        lacking = tuple(action for action in NEEDED if found[action] in levels)
        if lacking:
            bounded = all(found[action] is Access.BOUNDED for action in lacking)
            yield Violation(kind, actions=lacking, resources=(group,), bounded=bounded)


def _others(
    identity: Identity, statement: Statement, managed: tuple[str, ...], baseline: Baseline
) -> Iterator[Violation]:
    def harmful(pattern: str) -> bool:
        return not any(_of_group(pattern, group) for group in baseline.log_groups)

    other = list(filter(harmful, reaching(statement, baseline.partition, "logs")))
    spoken = [action for action in WRITES if statement.speaks_of(action)]
    if _by_aws(statement, managed) and set(spoken) <= set(NEEDED):
        return
    left = [at for at in other if not all(withheld(identity.statements, each, at, harmful) for each in spoken)]
    if left:
        resources = statement.resources if statement.but_resources else left
        through = identity.boundary is None or any(
            lets_through(identity.boundary, action, at, harmful) for action in spoken for at in left
        )
        yield violation_of(
            statement, ViolationKind.OTHER_LOGS, tuple(spoken), resources=tuple(sorted(resources)), bounded=not through
        )


def _of_group(pattern: str, group: str) -> bool:
    """Return True for a pattern of that log group only, in any Region."""
    _, _, rest = pattern.partition(GROUP)
    return rest == group or rest.startswith(f"{group}:")


def _by_aws(statement: Statement, managed: tuple[str, ...]) -> bool:
    return statement.policy in managed and any(matches(pattern, statement.policy) for pattern in BY_AWS)
