"""Which costs a budget or an anomaly monitor is about.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

Expression = Mapping[str, Any]
"""As AWS writes it: `And`, `Or`, `Not`, or one of `Dimensions`, `Tags` and others."""

Scope = Literal["service", "tag", "all"]
"""By what DynamoDB's costs are among them: its name, a tag of the table's, or because all costs are."""

SERVICES = {"SERVICE": "Amazon DynamoDB", "SERVICE_CODE": "AmazonDynamoDB"}
USAGE = "Usage"
"""The record type of what is used: budgets that leave out credits and refunds are written by record types.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CostTypes.html
"""

NOTHING: "Expression" = {"Or": []}
"""Costs that fit one of no expressions: none."""

LEAVES = ("CostCategories", "Dimensions", "Tags")
ABSENT = "ABSENT"
"""The one way to match that compares with no values."""

PLAIN = frozenset({"CASE_SENSITIVE", "EQUALS"})
OF_OLD = {
    "LinkedAccount": "LINKED_ACCOUNT",
    "RecordType": "RECORD_TYPE",
    "Region": "REGION",
    "Service": "SERVICE",
}
OF_AWS = "aws:"
OWNER = "user:"
"""What stands before the key of a tag that AWS has not made itself, where it is told apart."""


class Costs(Struct, frozen=True):
    """What a table's costs are known by."""

    account: str
    region: str
    tags: Mapping[str, str]

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Their values in the dimensions that are known beforehand."""
        return {**SERVICES, "LINKED_ACCOUNT": self.account, "REGION": self.region, "RECORD_TYPE": USAGE}


def scope(expression: Expression, costs: Costs) -> Scope | None:
    """By what the costs are among those of the expression; None where they are not, or can't be told to be."""
    if not expression:
        return "all"
    holds = _holds(expression, costs)
    if holds is False:
        return None
    named = set(_named(expression, costs))
    return "service" if "service" in named else "tag" if "tag" in named else "all" if holds else None


def whole(expression: Expression) -> bool:
    """Whether it is an expression as AWS documents it; one that lacks a part says something else without it."""
    if "And" in expression or "Or" in expression:
        parts = [*_objects(expression.get("And", [])), *_objects(expression.get("Or", []))]
        return bool(parts) and all(map(whole, parts))
    if "Not" in expression:
        return whole(_object(expression["Not"]))
    leaves = [_object(expression[name]) for name in LEAVES if name in expression]
    return bool(leaves) and all("Key" in leaf and ("Values" in leaf or ABSENT in _options(leaf)) for leaf in leaves)


def partial(expression: Expression, costs: Costs) -> bool:
    """Whether it names the costs, and asks for more than is known of all of them, as for one usage type."""
    return bool(expression) and _holds(expression, costs) is None


def tag_of(expression: Expression, costs: Costs) -> str:
    """The key of the first tag by which it names the costs; empty where it names none."""
    leaves = _leaves(expression)
    return next((_key(leaf["Tags"]) for leaf in leaves if "Tags" in leaf and _holds(leaf, costs)), "")


def of_old(filters: Mapping[str, Sequence[str]]) -> Expression:
    """The expression that says the same as CostFilters, in which budgets were written before 2025.

    Of a tag they have key and value in one, as in `user:Project$BabesClub`; without what stands before the key they
    match nothing.
    """
    named = [_of_old(name, values) for name, values in sorted(filters.items())]
    return {"And": named} if named else {}


def _of_old(name: str, values: Sequence[str]) -> Expression:
    if name != "TagKeyValue":
        return {"Dimensions": {"Key": OF_OLD.get(name, name), "Values": list(values)}}
    pairs = [value.partition("$") for value in values]
    tags = [{"Tags": {"Key": key, "Values": [value]}} for key, _, value in pairs if key.startswith((OWNER, OF_AWS))]
    return {"Or": tags} if tags else NOTHING


def _holds(expression: Expression, costs: Costs) -> bool | None:
    """Whether the costs are among those of the expression; None where that can't be known."""
    if "And" in expression:
        return _all(_holds(each, costs) for each in _objects(expression["And"]))
    if "Or" in expression:
        within = _all(_opposite(_holds(each, costs)) for each in _objects(expression["Or"]))
        return _opposite(within)
    if "Not" in expression:
        return _opposite(_holds(_object(expression["Not"]), costs))
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
    """What it names: not what it leaves out."""
    if "And" in expression or "Or" in expression:
        for each in (*expression.get("And", ()), *expression.get("Or", ())):
            yield from _leaves(each)
    elif "Not" not in expression:
        yield expression


def _key(tags: Mapping[str, Any]) -> str:
    key: str = tags.get("Key", "")
    return key.removeprefix(OWNER)


def _options(leaf: Mapping[str, Any]) -> Sequence[str]:
    """How it compares; letter by letter where nothing is said."""
    options = leaf.get("MatchOptions")
    return options if isinstance(options, (list, tuple)) else ()


def _object(value: Any) -> Expression:
    """What is no object says nothing."""
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Expression]:
    return [_object(each) for each in value] if isinstance(value, (list, tuple)) else [{"": value}]


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True


def _opposite(answer: bool | None) -> bool | None:  # noqa: FBT001  it is never written as a literal
    return None if answer is None else not answer
