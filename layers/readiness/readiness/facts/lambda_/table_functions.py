"""Functions of a table and the reasons why, and functions that can write to it without any. Pure."""

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
from readiness.facts.lambda_.functions import Function, FunctionTags
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
    """A function of the table. Its key is its ARN, without a qualifier.

    `signals` are the reasons, such as "named in the checklist" or "its environment names the table". `selected`: the
    only reason is that the checklist's tags or patterns select it and its role can use the table. `revision` is that of
    its `$LATEST`.
    """

    name: str
    arn: str
    role: str
    signals: tuple[str, ...]
    selected: bool = False
    revision: str = ""


class SelectedBefore(Carry):
    """The names of functions that were selected at the last run, and have no other reason."""

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
    """Return functions that are in the checklist, name the table, read its stream, or are selected and can use it.

    A function with a readable reason is included, whatever else was denied. A function whose only possible reason could
    not be read is unavailable, unless it was selected at the last run; where a whole listing could not be read, this
    one is incomplete too.
    """
    signs = Signs(table, checklist.functions, sources, tags, principals, policy, before)

    def judge(function: Function) -> TableFunction | None:
        signals, selected = signs.of(function)
        if not signals:
            return None
        return TableFunction(function.name, function.arn, function.role, signals, selected, function.revision)

    return _each(functions, judge)


class Unclassified(Fact):
    """A function that can write to the table and has no other reason to be one of its functions. Its key is its ARN."""

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
    """Return the functions. One for which that is not known is unavailable here too."""
    signs = Signs(table, checklist.functions, sources, tags, principals, policy)

    def judge(function: Function) -> Unclassified | None:
        hint = signs.hint(function)
        return Unclassified(function.name, function.arn, (hint,)) if hint else None

    return _each(functions, judge)


class Selected(Fact):
    """The names of functions that the checklist's tags or patterns select, and that cannot access the table."""

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
    """Return the functions for which that is certain."""
    signs = Signs(table, checklist.functions, sources, tags, principals, policy)
    return Selected(tuple(sorted(each.name for each in functions.readable()[0] if signs.vain(each))))


class Signs(Struct, frozen=True, dict=True):
    """The reasons for which a function is one of the table's."""

    table: Table
    wanted: FunctionSettings
    sources: Each[EventSource]
    tags: FunctionTags | Unavailable
    principals: Each[Principal]
    policy: ResourcePolicy | Unavailable | Gone
    before: SelectedBefore | None = None

    def of(self, function: Function) -> tuple[tuple[str, ...], bool]:
        """Return the reasons, and True for mere selection and permissions. Unreadable: one could not be read."""
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
        """Return that it can write to the table, where it has no other reason; else empty. Unreadable like `of`."""
        if self._foreign(function) or any(self._certain(function)) or any(self._picked(function)):
            return ""
        if not self._writes(function):
            return ""
        self._ensure_rest_read(function, picked=False)
        return "its role may write to the table"

    def vain(self, function: Function) -> bool:
        """Return True where it is selected and has certainly no access."""
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
        """Yield the patterns and tags that select it, which alone are no reason."""
        yield from (f"fits {pattern}" for pattern in self.wanted.name_patterns if fits_name(function.name, (pattern,)))
        if self._tagged(function):
            yield "tagged " + " and ".join(f"{key}={value}" for key, value in sorted(self.wanted.tags.items()))

    def _tagged(self, function: Function) -> bool:
        if not self.wanted.tags or isinstance(self.tags, Unavailable):
            return False
        return self.wanted.tags.items() <= self.tags.of.get(function.arn, {}).items()

    def _reaches(self, function: Function) -> bool:
        """Return True where its role can read or write items. Unreadable, of the function: that is not known."""
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
        """Evaluate the role's policies and the table's. Raise Unreadable where one of them could not be read."""
        if role not in self.principals:
            return False
        principal = self.principals[role]
        if not _runs_functions(principal):
            return False
        statements = self.policy.statements if isinstance(self.policy, ResourcePolicy) else ()
        if _may(with_policy_of(self.table.arn, statements, principal.at_least), actions, self.table):
            return True
        if why := principal.unread or (self.policy if isinstance(self.policy, Unavailable) else None):
            raise Unreadable({}, why)
        return False

    def _ensure_rest_read(self, function: Function, *, picked: bool) -> None:
        """Raise Unreadable where a reason could not be read."""
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
        """Cached results by role and actions."""
        return {}

    @cached_property
    def _readers(self) -> frozenset[str]:
        """The functions that poll any stream of the table, including former ones."""
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
    """Return True where any of the actions is allowed on the table or on its indexes."""
    places = (table.arn, *examples((at for each in identity.statements for at in each.resources), table.arn, "index"))
    granted = (access(identity, action, at) for at in dict.fromkeys(places) for action in actions)
    return any(each in {Access.DIRECT, Access.CONDITIONAL} for each in granted)
