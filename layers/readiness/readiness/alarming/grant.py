"""Whether the policy of a topic or a key lets a service of AWS, such as CloudWatch, do something on behalf of an alarm.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from readiness.iam.match import ANY, matches
from readiness.iam.statement import Statement, statements_in

SERVICE = "cloudwatch.amazonaws.com"
SOURCE = "aws:sourcearn"
ABSENT = ("aws:principal", "aws:sourceowner")
"""How the keys begin that a request has not, unless it is known what they are."""

Condition = tuple[str, str, list[Any]]
"""An operator, a key, and what it is compared with."""

Compare = Callable[[str, str], bool]

COMPARE: Mapping[str, Compare] = {
    "arnequals": matches,
    "arnlike": matches,
    "bool": lambda wanted, value: wanted.lower() == value,
    "stringequals": lambda wanted, value: wanted == value,
    "stringequalsignorecase": lambda wanted, value: wanted.lower() == value.lower(),
    "stringlike": matches,
}
"""How an operator of a condition compares what is wanted with what is; with Not in its name, the contrary."""


@dataclass(frozen=True)
class Grant:
    """A statement that is about the service and may hold. `sources` are patterns of the alarms that it is about.

    It is not `sure` where it depends on what can't be known before an alarm goes off.
    """

    allow: bool
    sources: tuple[str, ...]
    sure: bool


def admits(grants: Iterable[Grant], alarm: str) -> Literal["yes", "maybe", "no"]:
    """Whether the service may do it for the alarm, by its ARN."""
    about = [grant for grant in grants if any(matches(pattern, alarm) for pattern in grant.sources)]
    allows = [grant for grant in about if grant.allow]
    denies = [grant for grant in about if not grant.allow]
    if not allows or any(deny.sure for deny in denies):
        return "no"
    return "yes" if any(allow.sure for allow in allows) and not denies else "maybe"


def grants(policy: str, action: str, resource: str, account: str, service: str = SERVICE) -> Iterator[Grant]:
    """What a policy says of an action of the service on the resource, for alarms of that account."""
    known = _context(account, service)
    for statement, conditions in _read(policy):
        held = [_is_about(service, statement), statement.covers(action, resource)]
        held += [_holds(*condition, known) for condition in conditions]
        if False not in held:
            patterns = [found for condition in conditions if (found := _sources(*condition)) is not None]
            sure = None not in held and len(patterns) <= 1
            yield Grant(statement.allow, patterns[0] if patterns else (ANY,), sure)


def _read(policy: str) -> Iterator[tuple[Statement, list[Condition]]]:
    """The statements of a document, and under which conditions each of them holds."""
    if policy:
        written = _listed(json.loads(policy)["Statement"])
        yield from zip(statements_in(policy), map(_conditions, written), strict=True)


def _conditions(statement: Mapping[str, Any]) -> list[Condition]:
    return [
        (operator.lower(), key.lower(), _listed(wanted))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    ]


def _is_about(service: str, statement: Statement) -> bool | None:
    """Whether the service is among its principals: the policy that SNS makes for a topic names no other than `*`."""
    named = not {ANY, f"Service:{service}"}.isdisjoint(statement.principals)
    if statement.but_principals:
        return False if named else None
    return named


def _sources(operator: str, key: str, wanted: list[Any]) -> tuple[str, ...] | None:
    """The patterns of alarms that a condition admits; None where it is another condition."""
    plain = operator.removesuffix("ifexists")
    if key != SOURCE or plain not in COMPARE:
        return None
    return tuple(each for each in wanted if COMPARE[plain] is matches or not {"*", "?"} & set(each))


def _holds(operator: str, key: str, wanted: list[Any], known: Mapping[str, str]) -> bool | None:
    """Whether a condition is met when the service publishes; None where that can't be known."""
    if _sources(operator, key, wanted) is not None:
        return True
    plain = operator.removesuffix("ifexists").replace("not", "")
    negated, optional = "not" in operator, operator.endswith("ifexists")
    if plain not in COMPARE or (key not in known and not key.startswith(ABSENT)):
        return None
    if key not in known:
        return negated or optional
    return any(COMPARE[plain](str(each), known[key]) for each in wanted) is not negated


def _context(account: str, service: str) -> Mapping[str, str]:
    """What goes with a request of the service: of a principal's own attributes, it has none but these.

    The policy that SNS makes for a topic goes by the owner of the source, which only CloudWatch tells: others have to
    be let in, as https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html says.
    """
    owner = {"aws:sourceowner": account} if service == SERVICE else {}
    return {
        "aws:principalisawsservice": "true",
        "aws:principalservicename": service,
        "aws:securetransport": "true",
        "aws:sourceaccount": account,
        **owner,
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
