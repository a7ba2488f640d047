"""The costs that the filter of a budget or an anomaly monitor covers.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from readiness.iam.comparing import all_of, any_of

Expression = Mapping[str, Any]
"""As AWS writes it: `And`, `Or`, `Not`, or one of `Dimensions`, `Tags` and others."""

Scope = Literal["service", "tag", "all"]
"""The coverage of costs by an expression: the DynamoDB service, a tag of the table, or all costs."""

SERVICES = {"SERVICE": "Amazon DynamoDB", "SERVICE_CODE": "AmazonDynamoDB"}
USAGE = "Usage"
"""The record type of usage: budgets without credits and refunds filter by record type.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CostTypes.html
"""

NOTHING: "Expression" = {"Or": []}
"""An expression that covers no costs."""

LEAVES = ("CostCategories", "Dimensions", "Tags")
ABSENT = "ABSENT"
"""The match option that compares with no values."""

PLAIN = frozenset({"CASE_SENSITIVE", "EQUALS"})
OF_OLD = {
    "LinkedAccount": "LINKED_ACCOUNT",
    "RecordType": "RECORD_TYPE",
    "Region": "REGION",
    "Service": "SERVICE",
}
OF_AWS = "aws:"
OWNER = "user:"
"""Prefix of the key of a user-defined tag."""


class Costs(Struct, frozen=True):
    """The account, Region and tags that identify the costs of a table."""

    account: str
    region: str
    tags: Mapping[str, str]

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Return the values of the dimensions that are known in advance."""
        return {**SERVICES, "LINKED_ACCOUNT": self.account, "REGION": self.region, "RECORD_TYPE": USAGE}


def scope(expression: Expression, costs: Costs) -> Scope | None:
    """Return how the expression covers the costs; None: it does not cover them, or that is not known."""
    if not expression:
        return "all"
    holds = _holds(expression, costs)
    if holds is False:
        return None
    named = set(_named(expression, costs))
    return "service" if "service" in named else "tag" if "tag" in named else "all" if holds else None


def whole(expression: Expression) -> bool:
    """Return True for a complete expression as AWS documents it: without one of its parts it means something else."""
    if "And" in expression or "Or" in expression:
        parts = [*_objects(expression.get("And", [])), *_objects(expression.get("Or", []))]
        return bool(parts) and all(map(whole, parts))
    if "Not" in expression:
        return whole(_object(expression["Not"]))
    leaves = [_object(expression[name]) for name in LEAVES if name in expression]
    return bool(leaves) and all("Key" in leaf and ("Values" in leaf or ABSENT in _options(leaf)) for leaf in leaves)


def partial(expression: Expression, costs: Costs) -> bool:
    """Return True where the expression covers only part of the costs, such as one usage type."""
    return bool(expression) and _holds(expression, costs) is None


def tag_of(expression: Expression, costs: Costs) -> str:
    """Return the key of the first tag by which the expression covers the costs; empty where it uses no tag."""
    leaves = _leaves(expression)
    return next((_key(leaf["Tags"]) for leaf in leaves if "Tags" in leaf and _holds(leaf, costs)), "")


def of_old(filters: Mapping[str, Sequence[str]]) -> Expression:
    """Return CostFilters, the form of budgets before 2025, with tags such as `user:Project$BabesClub`."""
    named = [_of_old(name, values) for name, values in sorted(filters.items())]
    return {"And": named} if named else {}


def _of_old(name: str, values: Sequence[str]) -> Expression:
    if name != "TagKeyValue":
        return {"Dimensions": {"Key": OF_OLD.get(name, name), "Values": list(values)}}
    pairs = [value.partition("$") for value in values]
    tags = [{"Tags": {"Key": key, "Values": [value]}} for key, _, value in pairs if key.startswith((OWNER, OF_AWS))]
    return {"Or": tags} if tags else NOTHING


def _holds(expression: Expression, costs: Costs) -> bool | None:
    """Return True where the expression covers the costs; None where that is not known."""
    if "And" in expression:
        return all_of(_holds(each, costs) for each in _objects(expression["And"]))
    if "Or" in expression:
        return any_of(_holds(each, costs) for each in _objects(expression["Or"]))
    if "Not" in expression:
        held = _holds(_object(expression["Not"]), costs)
        return None if held is None else not held
    if "Tags" in expression:
        tags = _object(expression["Tags"])
        return _fits(tags, costs.tags.get(_key(tags)))
    if "Dimensions" in expression:
        dimensions = _object(expression["Dimensions"])
        return _fits(dimensions, costs.dimensions.get(dimensions.get("Key", "")))
    return None


def _fits(leaf: Mapping[str, Any], value: str | None) -> bool | None:
    if value is None or not PLAIN.issuperset(_options(leaf)):
        return None
    return value in leaf.get("Values", ())


def _named(expression: Expression, costs: Costs) -> Iterator[Scope]:
    for leaf in _leaves(expression):
        if _holds(leaf, costs):
            if "Tags" in leaf:
                yield "tag"
            elif leaf["Dimensions"]["Key"] in SERVICES:
                yield "service"


def _leaves(expression: Expression) -> Iterator[Expression]:
    """Yield the leaves of the expression that include costs, without those below Not."""
    if "And" in expression or "Or" in expression:
        for each in (*expression.get("And", ()), *expression.get("Or", ())):
            yield from _leaves(each)
    elif "Not" not in expression:
        yield expression


def _key(tags: Mapping[str, Any]) -> str:
    key: str = tags.get("Key", "")
    return key.removeprefix(OWNER)


def _options(leaf: Mapping[str, Any]) -> Sequence[str]:
    """Return the match options; empty means case-sensitive equality."""
    options = leaf.get("MatchOptions")
    return options if isinstance(options, (list, tuple)) else ()


def _object(value: Any) -> Expression:
    """Return the mapping; empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Expression]:
    return [_object(each) for each in value] if isinstance(value, (list, tuple)) else [{"": value}]
