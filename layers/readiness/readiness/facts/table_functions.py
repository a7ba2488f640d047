"""Which functions belong to a table, and why; and which look as if they might, but nobody has said so. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from readiness.checklist import FunctionSettings, fits
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.checklist import Checklist
from readiness.facts.event_sources import EventSource
from readiness.facts.function_tags import FunctionTags
from readiness.facts.functions import Function
from readiness.facts.principals import Principal
from readiness.facts.table import Table
from readiness.iam.evaluate import Access, access
from readiness.iam.privilege import ITEM_WRITES
from readiness.model import Unavailable, Unreadable

LAMBDA = "Service:lambda.amazonaws.com"
FIELDS_OF_A_FUNCTION = 7

T = TypeVar("T")


@dataclass(frozen=True)
class TableFunction:
    """A function that belongs to the table. Its key is its ARN, without a qualifier.

    `signals` say why, each in a few words: "named in the checklist", "its environment names the table", ...
    """

    name: str
    arn: str
    role: str
    signals: tuple[str, ...]


@fact()
def table_functions(  # noqa: PLR0913, PLR0917  each may be a reason why a function belongs
    table: Table,
    checklist: Checklist,
    functions: Each[Function],
    sources: Each[EventSource],
    tags: FunctionTags | Unavailable,
    principals: Each[Principal],
) -> Each[TableFunction]:
    """Those that the checklist selects, that name the table or read its stream, or that may write to it and look so.

    One that belongs by what could be read belongs, whatever else was denied. One that might by what could not be read
    is unavailable itself where that was its own; where it was a whole listing, this one is not whole either.
    """
    signs = Signs(table, checklist.functions, sources, tags, principals)

    def judge(function: Function) -> TableFunction | None:
        signals = signs.of(function)
        return TableFunction(function.name, function.arn, function.role, signals) if signals else None

    return _each(functions, judge)


@dataclass(frozen=True)
class Unclassified:
    """A function that may write to the table, or is named as if it did, and belongs to it by no other signal."""

    name: str
    arn: str
    signals: tuple[str, ...]


@fact()
def unclassified(  # noqa: PLR0913, PLR0917  each may be a reason why a function belongs
    table: Table,
    checklist: Checklist,
    functions: Each[Function],
    sources: Each[EventSource],
    tags: FunctionTags | Unavailable,
    principals: Each[Principal],
) -> Each[Unclassified]:
    """What is undecided for want of something is so here too."""
    signs = Signs(table, checklist.functions, sources, tags, principals)

    def judge(function: Function) -> Unclassified | None:
        hint = signs.hint(function)
        return Unclassified(function.name, function.arn, (hint,)) if hint else None

    return _each(functions, judge)


@dataclass(frozen=True)
class Signs:
    """What speaks for a function's belonging to one table."""

    table: Table
    wanted: FunctionSettings
    sources: Each[EventSource]
    tags: FunctionTags | Unavailable
    principals: Each[Principal]

    def of(self, function: Function) -> tuple[str, ...]:
        """Why it belongs; empty where it does not. Unreadable: it might, by what could not be read."""
        if self._foreign(function):
            return ()
        if certain := tuple(self._certain(function)):
            return certain
        pattern = self._candidate(function)
        if pattern and self._may_write(function):
            return (f"its role may write to the table and its name fits {pattern}",)
        self._ensure_all_read(function)
        return ()

    def hint(self, function: Function) -> str:
        """The one thing that hints at it where it does not belong; empty where nothing does. Unreadable: likewise."""
        if self._foreign(function) or any(self._certain(function)):
            return ""
        pattern, writes = self._candidate(function), self._may_write(function)
        if bool(pattern) == writes:
            return ""
        self._ensure_all_read(function)
        return "its role may write to the table" if writes else f"its name fits {pattern}"

    def _foreign(self, function: Function) -> bool:
        return function.name not in self.wanted.names and fits(function.name, self.wanted.not_ours)

    def _certain(self, function: Function) -> Iterator[str]:
        if function.name in self.wanted.names:
            yield "named in the checklist"
        yield from (f"fits {pattern}" for pattern in self.wanted.name_patterns if fits(function.name, (pattern,)))
        if self._tagged(function):
            yield "tagged " + " and ".join(f"{key}={value}" for key, value in sorted(self.wanted.tags.items()))
        if self.table.name in function.tables:
            yield "its environment names the table"
        if function.arn in self._readers:
            yield "reads the table's stream"

    def _tagged(self, function: Function) -> bool:
        if not self.wanted.tags or isinstance(self.tags, Unavailable):
            return False
        return self.wanted.tags.items() <= self.tags.of.get(function.arn, {}).items()

    def _candidate(self, function: Function) -> str:
        return next((pattern for pattern in self.wanted.candidates if fits(function.name, (pattern,))), "")

    def _may_write(self, function: Function) -> bool:
        return function.role in self.principals and function.role in self._writers

    def _ensure_all_read(self, function: Function) -> None:
        if function.unread:
            raise Unreadable({function.arn: function.unread})
        if self._unlisted:
            raise Unreadable({}, self._unlisted)

    @cached_property
    def _unlisted(self) -> Unavailable | None:
        """Why any function may belong by what was denied of all."""
        if self.wanted.tags and isinstance(self.tags, Unavailable):
            return self.tags
        return self.sources.readable()[1]

    @cached_property
    def _readers(self) -> frozenset[str]:
        """The functions that any stream of the table is polled for, those it had before included."""
        stream = f"{self.table.arn}/stream/"
        sources, _ = self.sources.readable()
        return frozenset(_unqualified(each.function) for each in sources if (each.source or "").startswith(stream))

    @cached_property
    def _writers(self) -> frozenset[str]:
        principals, _ = self.principals.readable()
        return frozenset(each.arn for each in principals if _runs_functions(each) and _may_write(each, self.table.arn))


def _each(functions: Each[Function], judge: Callable[[Function], T | None]) -> Each[T]:
    found: dict[str, T | Unavailable | None] = {}
    known, unlisted = functions.readable()
    for function in known:
        try:
            found[function.arn] = judge(function)
        except Unreadable as unread:
            if unread.elements:
                found[function.arn] = unread.first
            unlisted = unlisted or unread.listing
    return Each({arn: each for arn, each in found.items() if each is not None}, unlisted)


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:FIELDS_OF_A_FUNCTION])


def _runs_functions(principal: Principal) -> bool:
    return any(
        statement.allow and statement.speaks_of("sts:AssumeRole") and LAMBDA in statement.principals
        for statement in principal.trust
    )


def _may_write(principal: Principal, table: str) -> bool:
    granted = (access(principal.identity, action, table) for action in ITEM_WRITES)
    return any(each in {Access.DIRECT, Access.CONDITIONAL} for each in granted)
