"""The declaration of rules: a module is a rule, and its functions are checks whose parameters are facts."""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from msgspec import Struct, field

from readiness.aws.command import pasted, template
from readiness.engine.control import Control
from readiness.engine.fact import Need, events_of, needs_of, standing
from readiness.model import Carry, Incident, Omission, Remedy, Severity, Status, Step, Verdict

Judge = Callable[..., Verdict] | Callable[..., Iterator[Verdict]]
J = TypeVar("J", bound=Judge)

ITEM = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
"""The item of a rule: a number such as 1.4, without leading zeros, so that each number is written in one way."""

MONITOR = "MON"
"""The item of a rule about the monitor itself. Such a rule is not an item of the checklist and is not counted."""


class Check(Struct, frozen=True, dict=True):
    """One check of a rule. Its id consists of the rule's id and the name of its function, and never changes.

    `dict=True` lets what a run reads at each place be cached.
    """

    rule: "Rule"
    function: Judge
    remedy: Remedy
    decide: str
    severity: Severity
    confirm: int
    version: int
    required: bool
    formerly: tuple[str, ...]
    change_events_of: tuple[type, ...] | None
    needs: Mapping[str, Need]
    controls: tuple[Control, ...] = ()

    @cached_property
    def name(self) -> str:
        """The id within the rule, such as `window`."""
        return _hyphens(self.function.__name__)

    @cached_property
    def id(self) -> str:
        """The id within the product, such as `pitr-enabled/window`."""
        return f"{self.rule.id}/{self.name}"

    @property
    def question(self) -> str:
        """The first paragraph of the check's docstring: the desired condition in a sentence."""
        return self._paragraph(0)

    @property
    def impact(self) -> str:
        """The second paragraph of the docstring: what a failure means for the table, its data or its users."""
        return self._paragraph(1)

    @property
    def fix(self) -> str:
        """The remediation command with the names of its values in braces, other braces doubled; empty without one."""
        return template(self.remedy)

    @property
    def command(self) -> str:
        """The remediation for documentation, with the names of its values in braces."""
        text = self.fix.replace("{{", "{").replace("}}", "}")
        return text if pasted(text, self.remedy.steps) else f"readiness fix {self.id}"

    def _paragraph(self, number: int) -> str:
        paragraphs = (inspect.getdoc(self.function) or "").split("\n\n")
        return " ".join(paragraphs[number].split()) if number < len(paragraphs) else ""

    @cached_property
    def axes(self) -> frozenset[type]:
        """The axes of the check. It runs once for each place on them."""
        return standing(self.needs)

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Return the change events that may change its verdict, the most relevant first."""
        listed = self.change_events_of if self.change_events_of is not None else self.rule.change_events_of
        return events_of(tuple(need.kind for need in self.needs.values()) if listed is None else listed)


class Rule(Struct):
    """One item of the checklist. Its id is the name of its module, its page the docstring of the module.

    `change_events_of` are the facts whose change events apply to all of its checks, the most relevant first. Without
    it, the change events of the facts that a check needs apply to it.
    """

    item: str
    title: str
    severity: Severity
    reference: str
    change_events_of: tuple[type, ...] | None = None
    checks: list[Check] = field(default_factory=list)

    def check(  # noqa: PLR0913  independent options, most of them unused
        self,
        *,
        on: type | None = None,
        fix: str | Step | Sequence[Step] = "",
        decide: str = "",
        severity: Severity | None = None,
        confirm: int = 1,
        version: int = 1,
        required: bool = True,
        formerly: tuple[str, ...] = (),
        change_events_of: tuple[type, ...] | None = None,
        controls: tuple[Control, ...] = (),
    ) -> Callable[[J], J]:
        """Add a check to the rule.

        The check runs once for each `on`, which is not passed to it. `fix` is the remediation: the calls that
        `readiness fix` makes, or a command that a person runs; either may contain `{table}` and keys of the evidence in
        braces, and other braces of a command are doubled. `decide` is what a person has to decide before the command.
        `confirm=2` is for facts that are eventually consistent. Raise `version` whenever verdicts change. An UNKNOWN of
        a check that is not `required` does not make the item UNKNOWN. `formerly` are former ids of the check, whose
        stored state it takes over. `change_events_of` are the facts whose change events apply to it, in place of those
        of the rule. `controls` are the controls of other standards and tools that it answers for.
        """

        def add(function: J) -> J:
            needs = needs_of(function, on)
            self.checks.append(
                Check(
                    self,
                    function,
                    remedy_of(fix),
                    decide,
                    severity or self.severity,
                    confirm,
                    version,
                    required,
                    formerly,
                    change_events_of,
                    needs,
                    controls,
                )
            )
            return function

        return add

    @property
    def own(self) -> bool:
        """True if the rule is about the monitor and is not an item of the checklist."""
        return self.item == MONITOR

    @property
    def number(self) -> tuple[int, ...]:
        """Return the item's number for sorting: 1.10 comes after 1.9. Empty for a rule about the monitor."""
        return () if self.own else number_of(self.item)

    @property
    def module(self) -> str:
        """The module of the rule, which is that of its checks."""
        return self.checks[0].function.__module__

    @property
    def id(self) -> str:
        """The id of the rule, such as `pitr-enabled`."""
        return _hyphens(self.module.rpartition(".")[2])

    @property
    def page(self) -> str:
        """The docstring of the rule's module. Its first paragraph states in a sentence why the rule matters."""
        return inspect.cleandoc(sys.modules[self.module].__doc__ or "")

    @property
    def why(self) -> str:
        """The first paragraph of the page, which states why the rule matters."""
        return self.page.partition("\n\n")[0]


def remedy_of(fix: str | Step | Sequence[Step]) -> Remedy:
    """Return the remedy with this command, or with these steps."""
    if isinstance(fix, str):
        return Remedy(fix)
    return Remedy(steps=(fix,) if isinstance(fix, Step) else tuple(fix))


def number_of(item: str) -> tuple[int, ...]:
    """Return the number of an item for sorting."""
    return tuple(map(int, item.split(".")))


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
    """Import the module, and return its rule."""
    rule = getattr(import_module(module), "rule", None)
    if not isinstance(rule, Rule):
        why = "defines no `rule`"
    elif not rule.checks:
        why = "its rule has no check"
    elif rule.module != module:
        why = f"its `rule` is that of {rule.module}"
    elif not rule.own and not ITEM.fullmatch(rule.item):
        why = f"found the item {rule.item!r}, expected a number such as 1.4"
    else:
        return rule
    msg = f"{module}: {why}"
    raise TypeError(msg)


def passed(message: str, **more: Any) -> Verdict:
    """Return PASS: the facts were read and meet the rule."""
    return Verdict(Status.PASS, message, **more)


def recovered(message: str, **more: Any) -> Verdict:
    """Return PASS, where an alert on a change to it reads as the message with `again`."""
    return passed(message, subject=f"{message} again", **more)


def warned(message: str, **more: Any) -> Verdict:
    """Return WARN: the rule is met, but in a fragile way or in a transition of limited duration."""
    return Verdict(Status.WARN, message, **more)


def failed(message: str, **more: Any) -> Verdict:
    """Return FAIL: the facts were read and do not meet the rule."""
    return Verdict(Status.FAIL, message, **more)


def not_applicable(message: str, **more: Any) -> Verdict:
    """Return NOT_APPLICABLE: the facts were read and show that the precondition of the check is absent."""
    return Verdict(Status.NOT_APPLICABLE, message, **more)


def not_recorded(message: str, **more: Any) -> Verdict:
    """Return FAIL with NOT_RECORDED: a person has not recorded the evidence or the decision yet."""
    return Verdict(Status.FAIL, message, omission=Omission.NOT_RECORDED, **more)


def not_configured(message: str, **more: Any) -> Verdict:
    """Return NOT_APPLICABLE with NOT_CONFIGURED: a setting is missing. The checklist is not complete without it."""
    return Verdict(Status.NOT_APPLICABLE, message, omission=Omission.NOT_CONFIGURED, **more)


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


__all__ = [
    "ITEM",
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
    "number_of",
    "passed",
    "recovered",
    "remedy_of",
    "warned",
]
