"""The calls that can have changed the verdict of each check, as the facts and the rules declare them.

A fact declares the calls that change its answer (`engine.fact`). The names are those of CloudTrail's events. Those of
Lambda end in a version: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from readiness.engine.fact import VERSION, events_of
from readiness.engine.rule import Rule
from readiness.rules import ASKED

Call = tuple[str, str]
"""CloudTrail's event source, such as `dynamodb.amazonaws.com`, and event name."""

GLOBAL = frozenset({"iam.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com"})
"""Services that are recorded in one Region only, us-east-1 in the `aws` partition, since November 2021:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""

HOME_OF_GLOBAL = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region where calls to global services are recorded, by partition."""


def plain(name: str) -> str:
    """Return the operation's name, without the version that Lambda's events have."""
    return VERSION.sub("", name)


def relevant(rules: Iterable[Rule]) -> dict[str, tuple[Call, ...]]:
    """Return the calls that can have changed a verdict, by check id or rule id, the most specific call first."""
    declared: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        if rule.change_events_of is not None:
            declared[rule.id] = events_of(rule.change_events_of)
        for check in rule.checks:
            if rule.change_events_of is None or check.change_events_of is not None:
                declared[check.id] = check.events
    return {name: tuple(map(_call, events)) for name, events in declared.items()}


def _call(event: str) -> Call:
    service, _, name = event.partition(":")
    return f"{service}.amazonaws.com", name


@cache
def _relevant() -> dict[str, tuple[Call, ...]]:
    """Return the calls that the rules of the product declare. Cached on first use: most runs do not need them."""
    return relevant(ASKED)


@cache
def _plain_calls(key: str) -> frozenset[Call]:
    return frozenset((source, plain(name)) for source, name in _relevant().get(key, ()))


@cache
def _moved() -> Mapping[Call, tuple[str, ...]]:
    """Return the ids by call. The id for which the call is most specific comes first, a rule before a check."""
    ranked: dict[Call, list[tuple[int, bool, int]]] = {}
    for place, (key, calls) in enumerate(_relevant().items()):
        for rank, (source, name) in enumerate(calls):
            ranked.setdefault((source, plain(name)), []).append((rank, "/" in key, place))
    keys = list(_relevant())
    return {call: tuple(keys[place] for _, _, place in sorted(each)) for call, each in ranked.items()}


def moved_by(source: str, name: str) -> tuple[str, ...]:
    """Return the ids of the rules and checks that a call can affect; empty if it affects none."""
    return _moved().get((source, plain(name)), ())


def moves(source: str, name: str, check: str) -> bool:
    """Return True if a call can affect that check."""
    return (source, plain(name)) in _plain_calls(_key(check))


def calls_that_move(check: str) -> tuple[Call, ...]:
    """Return event source and event name of the calls that can affect the check, the most specific first."""
    return _relevant().get(_key(check), ())


def _key(check: str) -> str:
    """Return the key of the check's calls: its own id, or the id of its rule."""
    return check if check in _relevant() else check.partition("/")[0]
