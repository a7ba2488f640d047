"""How a rule is declared: the module is the rule, and each of its checks a question that asks for what it needs."""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from msgspec import Struct, field

from readiness.engine.fact import Need, events_of, needs_of, standing
from readiness.model import Carry, Incident, Omission, Severity, Status, Verdict

Judge = Callable[..., Verdict] | Callable[..., Iterator[Verdict]]
J = TypeVar("J", bound=Judge)

MONITOR = "MON"
"""In place of an item's number: what a rule says of the monitor itself, which is no item and counts for none."""


class Check(Struct, frozen=True, dict=True):
    """One question of a rule. Its id, for ever, is the rule's id and the name of its function.

    `dict=True` is for `axes`, which a run asks for at each place.
    """

    rule: "Rule"
    function: Judge
    fix: str
    severity: Severity
    confirm: int
    version: int
    required: bool
    formerly: tuple[str, ...]
    change_events_of: tuple[type, ...] | None
    needs: Mapping[str, Need]

    @property
    def name(self) -> str:
        """The id within the rule, such as `window`."""
        return _hyphens(self.function.__name__)

    @property
    def id(self) -> str:
        """The id within the product, such as `pitr-enabled/window`."""
        return f"{self.rule.id}/{self.name}"

    @property
    def question(self) -> str:
        """What the check asks, as its docstring says it: the desired condition in a sentence."""
        return inspect.getdoc(self.function) or ""

    @property
    def command(self) -> str:
        """The remedy as people read it, with the names of its values in braces."""
        return self.fix.replace("{{", "{").replace("}}", "}")

    @cached_property
    def axes(self) -> frozenset[type]:
        """It runs once per place on these axes."""
        return standing(self.needs)

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Return the change events that may have changed its verdict, the most telling first."""
        listed = self.change_events_of if self.change_events_of is not None else self.rule.change_events_of
        return events_of(tuple(need.kind for need in self.needs.values()) if listed is None else listed)


class Rule(Struct):
    """One item of the checklist. Its id is its module's name, its page the module's docstring.

    `change_events_of` are the facts whose change events concern all of its checks, the most telling first; without it
    each check is concerned by those of the facts that it asks for.
    """

    item: str
    title: str
    severity: Severity
    reference: str
    change_events_of: tuple[type, ...] | None = None
    checks: list[Check] = field(default_factory=list)

    def check(  # noqa: PLR0913  each says one thing about the check, and most say nothing
        self,
        *,
        on: type | None = None,
        fix: str = "",
        severity: Severity | None = None,
        confirm: int = 1,
        version: int = 1,
        required: bool = True,
        formerly: tuple[str, ...] = (),
        change_events_of: tuple[type, ...] | None = None,
    ) -> Callable[[J], J]:
        """Add a check to the rule.

        It is asked once for each `on`, without a parameter for its value. `fix` is the command that mends it; `{table}`
        and the evidence's keys may stand in it, and other braces are doubled. `confirm=2` is for facts that are
        eventually consistent. Raise `version` whenever verdicts change. What a check that is not `required` could not
        read does not make the item UNKNOWN. `formerly` are ids it once had: it keeps their memory.
        `change_events_of` are the facts whose change events concern it, in place of those that the rule says.
        """

        def add(function: J) -> J:
            needs = needs_of(function, on)
            self.checks.append(
                Check(
                    self,
                    function,
                    fix,
                    severity or self.severity,
                    confirm,
                    version,
                    required,
                    formerly,
                    change_events_of,
                    needs,
                )
            )
            return function

        return add

    @property
    def own(self) -> bool:
        """It is about the monitor, and no item of the checklist."""
        return self.item == MONITOR

    @property
    def number(self) -> tuple[int, ...]:
        """Return the item's number for sorting: 1.10 comes after 1.9. Empty for a rule about the monitor."""
        return () if self.own else tuple(map(int, self.item.split(".")))

    @property
    def module(self) -> str:
        """The module that is this rule: that of its checks."""
        return self.checks[0].function.__module__

    @property
    def id(self) -> str:
        """Such as `pitr-enabled`."""
        return _hyphens(self.module.rpartition(".")[2])

    @property
    def page(self) -> str:
        """What the rule is about and why it matters: the first paragraph is the reason in a sentence."""
        return inspect.cleandoc(sys.modules[self.module].__doc__ or "")

    @property
    def why(self) -> str:
        """Why it matters: the first paragraph of its page."""
        return self.page.partition("\n\n")[0]


def rules_in(package: str, path: Iterable[str], without: Collection[str] = ()) -> tuple[Rule, ...]:
    """Return the rules that the modules of a package define, by item; those about the monitor come last.

    `without` names modules that define none. TypeError: another module defines none, a rule has no check or no item
    such as `1.4`, or two rules are the same item.
    """
    names = [found.name for found in iter_modules(path) if found.name not in without]
    rules = [_rule_in(f"{package}.{name}") for name in names]
    twice = [item for item, count in Counter(rule.item for rule in rules if not rule.own).items() if count > 1]
    if twice:
        modules = ", ".join(rule.module for rule in rules if rule.item == twice[0])
        msg = f"{modules}: each defines item {twice[0]}"
        raise TypeError(msg)
    return tuple(sorted(rules, key=lambda rule: (rule.own, rule.number, rule.id)))


def _rule_in(module: str) -> Rule:
    """Return the rule of the module, which is imported for it."""
    rule = getattr(import_module(module), "rule", None)
    if not isinstance(rule, Rule):
        msg = f"{module}: defines no `rule`"
        raise TypeError(msg)
    if not rule.checks:
        msg = f"{module}: its rule has no check"
        raise TypeError(msg)
    if rule.module != module:
        msg = f"{module}: its `rule` is that of {rule.module}"
        raise TypeError(msg)
    if not rule.own and not re.fullmatch(r"\d+\.\d+", rule.item):
        msg = f"{module}: found the item {rule.item!r}, expected a number such as 1.4"
        raise TypeError(msg)
    return rule


def passed(message: str, **more: Any) -> Verdict:
    """The facts were read and meet the rule."""
    return Verdict(Status.PASS, message, **more)


def warned(message: str, **more: Any) -> Verdict:
    """The rule is met, but in a fragile way or in a bounded transition."""
    return Verdict(Status.WARN, message, **more)


def failed(message: str, **more: Any) -> Verdict:
    """The facts were read and contradict the rule."""
    return Verdict(Status.FAIL, message, **more)


def not_applicable(message: str, **more: Any) -> Verdict:
    """The precondition was read to be absent."""
    return Verdict(Status.NOT_APPLICABLE, message, **more)


def not_recorded(message: str, **more: Any) -> Verdict:
    """A person has yet to record it: a failure, but none that anybody caused, and no blindness."""
    return Verdict(Status.FAIL, message, omission=Omission.NOT_RECORDED, **more)


def not_configured(message: str, **more: Any) -> Verdict:
    """Only the shop itself can say what is wanted, and nobody has: no failure, and not complete."""
    return Verdict(Status.NOT_APPLICABLE, message, omission=Omission.NOT_CONFIGURED, **more)


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


__all__ = [
    "MONITOR",
    "Carry",
    "Check",
    "Incident",
    "Rule",
    "Severity",
    "Status",
    "Verdict",
    "failed",
    "not_applicable",
    "not_configured",
    "not_recorded",
    "passed",
    "warned",
]
