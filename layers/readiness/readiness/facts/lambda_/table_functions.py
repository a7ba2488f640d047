"""Which functions belong to a table, and why; and which may write to it, but nobody has said that they do. Pure."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from readiness.aws.arn import unqualified
from readiness.checklist import FunctionSettings, fits_name
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.tags import FunctionTags
from readiness.facts.recorded.checklist import Checklist
from readiness.iam.addressed import with_policy_of
from readiness.iam.evaluate import Access, Identity, access
from readiness.iam.privilege import ITEM_WRITES
from readiness.iam.reach import examples
from readiness.model import Carry, Fact, Gone, Unavailable, Unreadable

LAMBDA = "Service:lambda.amazonaws.com"
ITEM_READS = frozenset(
    {
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:GetItem",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:Scan",
    }
)
AT_THE_LAST_LOOK = "it could reach the table at the last look"

T = TypeVar("T")


class TableFunction(Fact):
    """A function that belongs to the table. Its key is its ARN, without a qualifier.

    `signals` say why, each in a few words: "named in the checklist", "its environment names the table", ...
    `selected`: it belongs only because the checklist's tags or patterns select it and its role may use the table.
    """

    name: str
    arn: str
    role: str
    signals: tuple[str, ...]
    selected: bool = False


class SelectedBefore(Carry):
    """The names of the functions that belonged by being selected and by their rights alone, at the last look."""

    stored_as = "SelectedBefore"

    names: tuple[str, ...]


@fact()
def table_functions(  # noqa: PLR0913, PLR0917  each may be a reason why a function belongs
    table: Table,
    checklist: Checklist,
    functions: Each[Function],
    sources: Each[EventSource],
    tags: FunctionTags | Unavailable,
    principals: Each[Principal],
    policy: ResourcePolicy | Unavailable | Gone,
    before: SelectedBefore | None,
) -> Each[TableFunction]:
    """Those that are named, that name the table or read its stream, or that are selected and may use it.

    One that belongs by what could be read belongs, whatever else was denied. One that might by what could not be read
    is unavailable itself where that was its own, unless it belonged at the last look; where it was a whole listing,
    this one is not whole either.
    """
    signs = Signs(table, checklist.functions, sources, tags, principals, policy, before)

    def judge(function: Function) -> TableFunction | None:
        signals, selected = signs.of(function)
        return TableFunction(function.name, function.arn, function.role, signals, selected) if signals else None

    return _each(functions, judge)


class Unclassified(Fact):
    """A function that may write to the table, and belongs to it by no other signal. Its key is its ARN."""

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
    policy: ResourcePolicy | Unavailable | Gone,
) -> Each[Unclassified]:
    """What is undecided for want of something is so here too."""
    signs = Signs(table, checklist.functions, sources, tags, principals, policy)

    def judge(function: Function) -> Unclassified | None:
        hint = signs.hint(function)
        return Unclassified(function.name, function.arn, (hint,)) if hint else None

    return _each(functions, judge)


class Selected(Fact):
    """The names of the functions that the checklist's tags or patterns select, and that can not reach the table."""

    without_access: tuple[str, ...]


@fact()
def selected(  # noqa: PLR0913, PLR0917  each may be a reason why a function belongs
    table: Table,
    checklist: Checklist,
    functions: Each[Function],
    sources: Each[EventSource],
    tags: FunctionTags | Unavailable,
    principals: Each[Principal],
    policy: ResourcePolicy | Unavailable | Gone,
) -> Selected:
    """Those that are known for sure."""
    signs = Signs(table, checklist.functions, sources, tags, principals, policy)
    return Selected(tuple(sorted(each.name for each in functions.readable()[0] if signs.vain(each))))


class Signs(Struct, frozen=True, dict=True):
    """What speaks for a function's belonging to one table.

    `dict=True` is for what each function asks for again: the readers of the stream, and what a role may do.
    """

    table: Table
    wanted: FunctionSettings
    sources: Each[EventSource]
    tags: FunctionTags | Unavailable
    principals: Each[Principal]
    policy: ResourcePolicy | Unavailable | Gone
    before: SelectedBefore | None = None

    def of(self, function: Function) -> tuple[tuple[str, ...], bool]:
        """Why it belongs, and whether by selection and rights alone; empty where it does not.

        Unreadable: it might, by what could not be read.
        """
        if self._foreign(function):
            return (), False
        certain, picked = tuple(self._certain(function)), tuple(self._picked(function))
        if certain:
            return (*certain, *picked), False
        try:
            if picked and self._reaches(function):
                return (*picked, "its role may use the table"), True
            self._ensure_rest_read(function, picked=bool(picked))
        except Unreadable:
            if self.before and function.name in self.before.names:
                return (*picked, AT_THE_LAST_LOOK), True
            raise
        return (), False

    def hint(self, function: Function) -> str:
        """That it may write to the table where it does not belong; empty otherwise. Unreadable: likewise."""
        if self._foreign(function) or any(self._certain(function)) or any(self._picked(function)):
            return ""
        if not self._writes(function):
            return ""
        self._ensure_rest_read(function, picked=False)
        return "its role may write to the table"

    def vain(self, function: Function) -> bool:
        """Whether it is selected, and surely does not belong."""
        if self._foreign(function) or not any(self._picked(function)):
            return False
        try:
            return not self.of(function)[0]
        except Unreadable:
            return False

    def _foreign(self, function: Function) -> bool:
        return fits_name(function.name, self.wanted.not_ours)

    def _certain(self, function: Function) -> Iterator[str]:
        if function.name in self.wanted.names:
            yield "named in the checklist"
        if self.table.name in function.tables:
            yield "its environment names the table"
        if function.arn in self._readers:
            yield "reads the table's stream"

    def _picked(self, function: Function) -> Iterator[str]:
        """By what the checklist selects it: that alone is not enough."""
        yield from (f"fits {pattern}" for pattern in self.wanted.name_patterns if fits_name(function.name, (pattern,)))
        if self._tagged(function):
            yield "tagged " + " and ".join(f"{key}={value}" for key, value in sorted(self.wanted.tags.items()))

    def _tagged(self, function: Function) -> bool:
        if not self.wanted.tags or isinstance(self.tags, Unavailable):
            return False
        return self.wanted.tags.items() <= self.tags.of.get(function.arn, {}).items()

    def _reaches(self, function: Function) -> bool:
        """Whether its role may do anything with items. Unreadable, of the function itself: that is not known."""
        try:
            return self._writes(function) or self._may(function, ITEM_READS)
        except Unreadable as unread:
            raise Unreadable({function.arn: unread.first}) from None

    def _writes(self, function: Function) -> bool:
        return self._may(function, ITEM_WRITES)

    def _may(self, function: Function, actions: frozenset[str]) -> bool:
        asked = function.role, actions
        if asked not in self._uses:
            self._uses[asked] = self._allowed(function.role, actions)
        return self._uses[asked]

    def _allowed(self, role: str, actions: frozenset[str]) -> bool:
        """By the role's own policies or by the table's. Unreadable: one of them could not be read."""
        if role not in self.principals:
            return False
        principal = self.principals[role]
        if not _runs_functions(principal):
            return False
        if isinstance(self.policy, ResourcePolicy):
            return _may(with_policy_of(self.table.arn, self.policy.statements, principal.identity), actions, self.table)
        if _may(principal.identity, actions, self.table):
            return True
        if isinstance(self.policy, Unavailable):
            raise Unreadable({}, self.policy)
        return False

    def _ensure_rest_read(self, function: Function, *, picked: bool) -> None:
        """Unreadable: it might belong by what could not be read."""
        if function.unread:
            raise Unreadable({function.arn: function.unread})
        if unlisted := self.sources.readable()[1]:
            raise Unreadable({}, unlisted)
        if picked or not self.wanted.tags or not isinstance(self.tags, Unavailable):
            return
        try:
            tags_matter = self._reaches(function)
        except Unreadable:
            tags_matter = True
        if tags_matter:
            raise Unreadable({}, self.tags)

    @cached_property
    def _uses(self) -> dict[tuple[str, frozenset[str]], bool]:
        """What is known already of a role and actions."""
        return {}

    @cached_property
    def _readers(self) -> frozenset[str]:
        """The functions that any stream of the table is polled for, those it had before included."""
        stream = f"{self.table.arn}/stream/"
        sources, _ = self.sources.readable()
        return frozenset(unqualified(each.function) for each in sources if (each.source or "").startswith(stream))


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


def _runs_functions(principal: Principal) -> bool:
    return any(
        statement.allow and statement.speaks_of("sts:AssumeRole") and LAMBDA in statement.principals
        for statement in principal.trust
    )


def _may(identity: Identity, actions: frozenset[str], table: Table) -> bool:
    """Whether it may do any of them with the items of the table, by way of an index too."""
    places = (table.arn, *examples((at for each in identity.statements for at in each.resources), table.arn, "index"))
    granted = (access(identity, action, at) for at in dict.fromkeys(places) for action in actions)
    return any(each in {Access.DIRECT, Access.CONDITIONAL} for each in granted)
