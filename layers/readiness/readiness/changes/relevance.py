"""Which calls can have changed the verdict of which checks, as the facts and the rules declare it.

A fact declares the calls that change its answer (`engine.fact`). The names are those of CloudTrail's events, which
Lambda's have a version in: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html.
"""

from collections.abc import Iterable, Iterator, Mapping

from readiness.changes.actor import VERSION
from readiness.engine.fact import events_of
from readiness.engine.rule import Rule
from readiness.rules import ASKED

Call = tuple[str, str]
"""CloudTrail's event source, such as `dynamodb.amazonaws.com`, and event name."""

GLOBAL = frozenset({"iam.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com"})
"""Recorded in one Region alone, us-east-1, since November 2021:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""


def plain(name: str) -> str:
    """The operation's name, without the version that Lambda's events bear."""
    return VERSION.sub("", name)


def relevant(rules: Iterable[Rule]) -> dict[str, tuple[Call, ...]]:
    """Return the calls that can have changed a verdict, by the id of the check, the most telling call first.

    Where a rule names the facts for all of its checks, they are found by the rule's own id.
    """
    return {name: tuple(map(_call, events)) for name, events in _declared(rules)}


def _declared(rules: Iterable[Rule]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for rule in rules:
        if rule.change_events_of is not None:
            yield rule.id, events_of(rule.change_events_of)
        for check in rule.checks:
            if rule.change_events_of is None or check.change_events_of is not None:
                yield check.id, check.events


def _call(event: str) -> Call:
    service, _, name = event.partition(":")
    return f"{service}.amazonaws.com", name


RELEVANT = relevant(ASKED)

_PLAIN = {name: frozenset((source, plain(event)) for source, event in calls) for name, calls in RELEVANT.items()}


def _moved() -> Mapping[Call, tuple[str, ...]]:
    """Return the ids by call. First comes the one to which the call is the most telling, a rule before a check."""
    ranked: dict[Call, list[tuple[int, bool, int]]] = {}
    for place, (name, calls) in enumerate(RELEVANT.items()):
        for rank, (source, event) in enumerate(calls):
            ranked.setdefault((source, plain(event)), []).append((rank, "/" in name, place))
    names = list(RELEVANT)
    return {call: tuple(names[place] for _, _, place in sorted(each)) for call, each in ranked.items()}


_MOVED = _moved()


def moved_by(source: str, name: str) -> tuple[str, ...]:
    """The rules and checks that a call can move; none where it concerns nothing that is judged."""
    return _MOVED.get((source, plain(name)), ())


def moves(source: str, name: str, check: str) -> bool:
    """Whether a call can have moved that check."""
    return (source, plain(name)) in _PLAIN.get(_key(check), ())


def calls_that_move(check: str) -> tuple[Call, ...]:
    """Event source and event name of what can have moved the check, the most telling first."""
    return RELEVANT.get(_key(check), ())


def _key(check: str) -> str:
    """By what the calls of the check are found: its own id, or its rule's."""
    return check if check in RELEVANT else check.partition("/")[0]
