"""The plan and its result as lines of at most 80 columns, but for commands."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.aws.command import lines, rendered
from readiness.cli.fix.effects import Values
from readiness.cli.fix.plan import Change, FindingPlan
from readiness.cli.fix.roles import RolePolicy
from readiness.engine.rule import Check
from readiness.model import Call, Finding, Omission
from readiness.printable import line, printable, wrapped

COLUMNS = 80
INDENT = "   "

DECIDE = "Readiness does not make this change: review the command below, and run it yourself."
NOTHING = "No command changes this: it changes by itself."


def head(check: Check, finding: Finding) -> Iterator[str]:
    """Yield the finding."""
    status = "not recorded" if finding.omission is Omission.NOT_RECORDED else str(finding.status)
    yield f"{check.rule.item} {check.rule.title}: {check.id}  {status}"
    yield from wrapped(line(finding.message), COLUMNS)


def of_change(number: int, change: Change) -> Iterator[str]:
    """Yield a change: its call, the values before and after, what cannot be undone, and the same as a command."""
    yield f"{number}. {change.name}"
    yield from labelled("before", _values(change.before))
    yield from labelled("after", _values(change.after))
    yield from labelled("no undo", change.lasting)
    yield from command(rendered(change.call))


def of_policy(policy: RolePolicy) -> Iterator[str]:
    """Yield a role's policy, and the command by which a person puts it."""
    yield f"{policy.path}: written; Readiness never changes the policy of a role. Review it, then:"
    yield from command(policy.command)
    yield from (f"{INDENT}{each}" for each in policy.text.rstrip().splitlines())


def by_hand(calls: Iterable[Call]) -> Iterator[str]:
    """Yield the calls that a person makes."""
    for call in calls:
        yield "For a person:"
        yield from command(rendered(call))


def decision(plan: FindingPlan) -> Iterator[str]:
    """Yield what a person has to decide, and the command."""
    text = plan.finding.remedy.command
    yield from labelled("decide", plan.check.decide or (DECIDE if text else NOTHING))
    yield from command(text) if text else ()


def command(text: str) -> Iterator[str]:
    """Yield a command on as many lines as it needs."""
    yield from (f"{INDENT}{each}" for each in lines(text, COLUMNS - len(INDENT)))


def _values(values: Values) -> str:
    return ", ".join(f"{printable(name)} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case bool():
            return "true" if value else "false"
        case str():
            return printable(value) or '""'
        case _:
            return printable(json.dumps(value, default=str, ensure_ascii=False))


def labelled(label: str, text: str) -> Iterator[str]:
    """Yield the text beside its label; nothing if it is empty."""
    width = 9
    if text:
        yield from wrapped(text, COLUMNS, f"{INDENT}{label:{width}}", INDENT + " " * width)
