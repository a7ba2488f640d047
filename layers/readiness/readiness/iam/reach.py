"""How far patterns of resources reach, where it matters that they reach no further.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections.abc import Callable, Collection, Iterable, Iterator

from readiness.iam.evaluate import Access, granted_by
from readiness.iam.match import ANY, WILD, apart, literal, matches
from readiness.iam.statement import Statement

PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = 1, 2, 3, 4, 5


def scoped(pattern: str, arn: str) -> bool:
    """Whether the pattern reaches nothing but the resource and what lies below it.

    `table/shop*` is not scoped to `table/shop`, for it also reaches `table/shop-staging`; `table/shop/*` is. A wildcard
    for the partition reaches no further: an account is in one only.
    """
    return _within(_filled(pattern, arn, PARTITION), arn)


def nearly_scoped(pattern: str, arn: str) -> bool:
    """Whether it would be scoped if it named Region and account instead of having a wildcard for them."""
    return _within(at_home(pattern, arn), arn)


def at_home(pattern: str, arn: str) -> str:
    """The pattern with the partition, Region and account of the ARN, where it has wildcards that fit them."""
    return _filled(pattern, arn, PARTITION, REGION, ACCOUNT)


def _within(pattern: str, arn: str) -> bool:
    return pattern == arn or literal(pattern).startswith(f"{arn}/")


def _filled(pattern: str, arn: str, *places: int) -> str:
    """The pattern with the ARN's own fields in those places, where it has a wildcard that fits them."""
    fields, real = pattern.split(":", RESOURCE), arn.split(":", RESOURCE)
    if len(fields) < len(real):
        return pattern
    for place in places:
        if matches(fields[place], real[place]):
            fields[place] = real[place]
    return ":".join(fields)


def examples(patterns: Iterable[str], arn: str, kind: str) -> Iterator[str]:
    """ARNs of that kind below the resource, such as `index`: any, and one for each pattern that names its own."""
    yield f"{arn}/{kind}/any"
    for pattern in patterns:
        near = at_home(pattern, arn)
        head, _, name = near.removeprefix(f"{arn}/").partition("/")
        if name and _within(near, arn) and matches(head, kind):
            yield f"{arn}/{kind}/" + name.replace(ANY, "any").replace("?", "x")


def reaching(statement: Statement, partition: str, service: str) -> list[str]:
    """Its patterns that fit resources of the service; `*` where it is about all but some and leaves any of them."""
    if not statement.but_resources:
        return [pattern for pattern in statement.resources if reaches(pattern, partition, service)]
    whole = f"arn:{partition}:{service}:*:*:*"
    return [] if any(includes(pattern, whole) for pattern in statement.resources) else [ANY]


def reaches(pattern: str, partition: str, service: str) -> bool:
    """Whether the pattern fits any resource of the service."""
    fields = pattern.split(":", REGION)
    if WILD.search(fields[0]):
        return True
    if len(fields) <= SERVICE or not matches(fields[PARTITION], partition):
        return False
    return matches(fields[SERVICE], service)


def includes(pattern: str, narrower: str) -> bool:
    """Whether all that fits the second pattern surely fits the first."""
    return pattern == narrower or (matches(pattern, narrower) and not (ANY in narrower and "?" in pattern))


def withheld(
    statements: Collection[Statement], action: str, pattern: str, harmful: Callable[[str], bool] = lambda _: True
) -> bool:
    """Whether a Deny without a condition takes away the action on all that the pattern reaches, or leaves no harm.

    A Deny of all but some resources leaves just those.
    """
    return any(
        not (statement.allow or statement.conditional)
        and statement.speaks_of(action)
        and _takes(statement, pattern, harmful)
        for statement in statements
    )


def _takes(denying: Statement, pattern: str, harmful: Callable[[str], bool]) -> bool:
    if denying.but_resources:
        return all(apart(left, pattern) or not harmful(left) for left in denying.resources)
    return any(includes(denied, pattern) for denied in denying.resources)


def lets_through(boundary: Collection[Statement], action: str, pattern: str, harmful: Callable[[str], bool]) -> bool:
    """Whether a boundary leaves anything harmful of an action on what the pattern reaches."""
    if not WILD.search(pattern):
        return granted_by(boundary, action, pattern) is not Access.NONE
    allows = (statement for statement in boundary if statement.allow and statement.speaks_of(action))
    return not withheld(boundary, action, pattern, harmful) and any(
        statement.but_resources or any(harmful(at) and not apart(at, pattern) for at in statement.resources)
        for statement in allows
    )
