"""Resources that a pattern matches, compared with a resource that it should be limited to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections.abc import Callable, Collection, Iterable, Iterator

from readiness.iam.evaluate import Access, granted_by
from readiness.iam.match import ANY, WILD, apart, literal, matches
from readiness.iam.statement import Statement

PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = 1, 2, 3, 4, 5


def scoped(pattern: str, arn: str) -> bool:
    """Return True where the pattern matches only the resource and its sub-resources.

    `table/shop*` is not scoped to `table/shop`, because it also matches `table/shop-staging`; `table/shop/*` is. A
    wildcard for the partition is allowed: an account is in one partition only.
    """
    return _within(_filled(pattern, arn, PARTITION), arn)


def nearly_scoped(pattern: str, arn: str) -> bool:
    """Return True where only wildcards for the Region and the account keep it from being scoped."""
    return _within(at_home(pattern, arn), arn)


def at_home(pattern: str, arn: str) -> str:
    """Return the pattern with the ARN's partition, Region and account in place of matching wildcards."""
    return _filled(pattern, arn, PARTITION, REGION, ACCOUNT)


def _within(pattern: str, arn: str) -> bool:
    return pattern == arn or literal(pattern).startswith(f"{arn}/")


def _filled(pattern: str, arn: str, *places: int) -> str:
    """Return the pattern with the ARN's fields in those places, where it has a matching wildcard."""
    fields, real = pattern.split(":", RESOURCE), arn.split(":", RESOURCE)
    if len(fields) < len(real):
        return pattern
    for place in places:
        if matches(fields[place], real[place]):
            fields[place] = real[place]
    return ":".join(fields)


def examples(patterns: Iterable[str], arn: str, kind: str) -> Iterator[str]:
    """Yield ARNs of sub-resources of that kind, such as `index`: any, and one for each pattern that names its own."""
    yield f"{arn}/{kind}/any"
    for pattern in patterns:
        near = at_home(pattern, arn)
        head, _, name = near.removeprefix(f"{arn}/").partition("/")
        if name and _within(near, arn) and matches(head, kind):
            yield f"{arn}/{kind}/" + name.replace(ANY, "any").replace("?", "x")


def reaching(statement: Statement, partition: str, service: str) -> list[str]:
    """Return the statement's patterns for resources of the service; `*` for a NotResource that leaves any of them."""
    if not statement.but_resources:
        return [pattern for pattern in statement.resources if reaches(pattern, partition, service)]
    whole = f"arn:{partition}:{service}:*:*:*"
    return [] if any(includes(pattern, whole) for pattern in statement.resources) else [ANY]


def reaches(pattern: str, partition: str, service: str) -> bool:
    """Return True where the pattern matches a resource of the service."""
    fields = pattern.split(":", REGION)
    if WILD.search(fields[0]):
        return True
    if len(fields) <= SERVICE or not matches(fields[PARTITION], partition):
        return False
    return matches(fields[SERVICE], service)


def includes(pattern: str, narrower: str) -> bool:
    """Return True where everything that matches the second pattern surely matches the first."""
    return pattern == narrower or (matches(pattern, narrower) and not (ANY in narrower and "?" in pattern))


def withheld(
    statements: Collection[Statement], action: str, pattern: str, harmful: Callable[[str], bool] = lambda _: True
) -> bool:
    """Return True where a Deny without a condition covers all that the pattern matches, or leaves no harm."""
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
    """Return True where a boundary allows something harmful of an action on what the pattern matches."""
    if not WILD.search(pattern):
        return granted_by(boundary, action, pattern) is not Access.NONE
    allows = (statement for statement in boundary if statement.allow and statement.speaks_of(action))
    return not withheld(boundary, action, pattern, harmful) and any(
        statement.but_resources or any(harmful(at) and not apart(at, pattern) for at in statement.resources)
        for statement in allows
    )
