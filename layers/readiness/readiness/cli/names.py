"""The names of rules and checks as people type them, the same for every command.

A rule is its item or its id, such as `1.4` or `pitr-enabled`; a check is a rule and its name, such as `1.4/on` or
`pitr-enabled/on`. A part of an id may be its beginning, such as `pitr`, if no other id begins so. Case does not matter.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from readiness.cli.exits import Usage
from readiness.cli.mistakes import SIMILAR
from readiness.engine.rule import Check, Rule
from readiness.printable import printable
from readiness.rules import ASKED

T = TypeVar("T")

EXPECTED = "expected an item such as 1.4, a rule such as pitr-enabled, or a check such as pitr-enabled/on"
LISTED = "`readiness explain` lists them"

MOST_SUGGESTED = 3


class Named(NamedTuple):
    """The rule or the check of a name. `check` is None for a whole rule."""

    rule: Rule
    check: Check | None

    @property
    def id(self) -> str:
        """The id, such as `pitr-enabled` or `pitr-enabled/on`."""
        return self.check.id if self.check else self.rule.id

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks of the rule, or the one check."""
        return (self.check,) if self.check else tuple(self.rule.checks)


def named(text: str) -> Named:
    """Return the rule or the check of this name. Usage: there is none, or several begin so."""
    part, slash, name = text.partition("/")
    rule = _rule(part, text)
    return Named(rule, _check(rule, name) if slash else None)


def rule_of(text: str) -> Rule:
    """Return the rule of this name. Usage: there is none, or it is a check."""
    found = named(text)
    if found.check:
        raise Usage(f"found the check {found.id}, expected an item: {found.rule.item} or {found.rule.id}")
    return found.rule


def check_of(text: str) -> Check:
    """Return the check of this name. Usage: there is none, or it is a rule, whose checks are listed."""
    found = named(text)
    if found.check is None:
        checks = ", ".join(check.id for check in found.checks)
        raise Usage(f"found the item {found.id}, expected one of its checks: {checks}")
    return found.check


def chosen(texts: Sequence[str]) -> list[Rule]:
    """Return the named rules in checklist order, each with the named checks only; all rules if there are no names."""
    if not texts:
        return list(ASKED)
    found = [named(text) for text in texts]
    wanted = {check.id for each in found for check in each.checks}
    rules = (replace(rule, checks=[check for check in rule.checks if check.id in wanted]) for rule in ASKED)
    return [rule for rule in rules if rule.checks]


def picked(typed: str, known: Mapping[str, T]) -> T | None:
    """Return the value of this name, or of the only name that begins so. None: there is none.

    Usage: several begin so.
    """
    text = typed.casefold()
    if text in known:
        return known[text]
    begun = [name for name in known if text and name.startswith(text)]
    if len(begun) > 1:
        raise Usage(f"{typed!r} is the beginning of {_listed(begun)}: write more of it")
    return known[begun[0]] if begun else None


def nearest(name: str, known: Collection[str]) -> str:
    """Return the most similar known name as a question; all known names if none is similar."""
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f". Did you mean {printable(near[0])}?"
    return f"; expected one of {', '.join(map(printable, known))}"


def _rule(typed: str, whole: str) -> Rule:
    by_item = {rule.item.casefold(): rule for rule in ASKED}
    rule = by_item.get(typed.casefold()) or picked(typed, {rule.id: rule for rule in ASKED})
    if rule is None:
        near = _similar(typed)
        hint = f". Did you mean {' or '.join(near)}?" if near else f": {EXPECTED}; {LISTED}"
        raise Usage(f"unknown rule or check {whole!r}{hint}")
    return rule


def _check(rule: Rule, typed: str) -> Check:
    checks = {check.name: check for check in rule.checks}
    check = picked(typed, checks)
    if check is None:
        near = difflib.get_close_matches(typed.casefold(), checks, n=1, cutoff=SIMILAR)
        hint = f". Did you mean {rule.id}/{near[0]}?" if near else f"; {rule.id} has {', '.join(checks)}"
        raise Usage(f"unknown check {f'{rule.id}/{typed}'!r}{hint}")
    return check


def _similar(typed: str) -> list[str]:
    """Return the ids of the rule or the checks whose id, title or name is the most similar one."""
    known: dict[str, list[str]] = {}
    for rule in ASKED:
        known.setdefault(rule.id, []).append(rule.id)
        known.setdefault(rule.title.casefold(), []).append(rule.id)
        for check in rule.checks:
            known.setdefault(check.name, []).append(check.id)
    near = difflib.get_close_matches(typed.casefold(), known, n=1, cutoff=SIMILAR)
    return known[near[0]][:MOST_SUGGESTED] if near else []


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
