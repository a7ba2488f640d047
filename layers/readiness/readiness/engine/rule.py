"""How a rule is declared: the module is the rule, and each of its checks a question that asks for what it needs."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct, field

from readiness.engine.fact import Need, needs_of, standing
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


class Rule(Struct):
    """One item of the checklist. Its id is its module's name, its page the module's docstring."""

    item: str
    title: str
    severity: Severity
    reference: str
    checks: list[Check] = field(default_factory=list)

    def check(  # noqa: PLR0913  each says one thing about the check, and most say nothing
        self,
        *,
        fix: str = "",
        severity: Severity | None = None,
        confirm: int = 1,
        version: int = 1,
        required: bool = True,
        formerly: tuple[str, ...] = (),
    ) -> Callable[[J], J]:
        """Add a check to the rule.

        `fix` is the command that mends it; `{table}` and the evidence's keys may stand in it, and other
        braces are doubled. `confirm=2` is for facts
        that are eventually consistent. Raise `version` whenever verdicts change. What a check that is not `required`
        could not read does not make the item UNKNOWN. `formerly` are ids it once had: it keeps their memory.
        """

        def add(function: J) -> J:
            needs = needs_of(function)
            self.checks.append(
                Check(self, function, fix, severity or self.severity, confirm, version, required, formerly, needs)
            )
            return function

        return add

    @property
    def own(self) -> bool:
        """It is about the monitor, and no item of the checklist."""
        return self.item == MONITOR

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
