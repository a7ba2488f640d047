"""The declaration of facts: a subclass of `Fact`, and the function in the same module that fetches it.

The annotations of the function are the declaration. Its return type is the identity of the fact, its parameters are
the facts that it needs, and the decorator names the IAM actions of its calls. There is no registry: the source of a
type is in the module of the type. Annotations are read at run time, so modules of facts and rules must not postpone
their evaluation.
"""

import hashlib
import re
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, cast, get_args, get_origin

from msgspec import Struct

from readiness.engine.each import Each
from readiness.model import Carry, Given, Gone, Unavailable, Unreadable

P = ParamSpec("P")
R = TypeVar("R")

F = TypeVar("F", bound=Callable[..., Any])


def once(function: F) -> F:
    """Apply `functools.cache` to a function of classes, which type checkers do not accept as hashable."""
    return cast("F", cache(function))


EVENT = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9_]*")
"""A change event: CloudTrail's event source without `.amazonaws.com`, and the event name."""

VERSION = re.compile(r"\d{8}(v\d+)?$")
"""The version at the end of the event names of Lambda."""

REVISION = 16
"""The kept length of the digest of a revision, in characters."""

TELLABLE = frozenset({NoneType, Unavailable, Gone})


class Need(Struct, frozen=True):
    """A parameter of a fact or check: the `kind` of fact, and `each` for all facts of that kind.

    `told` are those of None, Unavailable and Gone that the parameter accepts. A need that is not `passed` is not a
    parameter: it determines the axes only.
    """

    kind: type
    each: bool = False
    told: frozenset[type] = frozenset()
    passed: bool = True


class Keeps(Struct, frozen=True):
    """The age up to which later runs reuse an answer of a fact, and its conditions.

    `otherwise` is a shorter age, zero for none, that applies unless the last verdicts of `while_passing` were PASS.
    These are the ids of rules or checks; without them, all checks that rest on the fact. `settled` returns False for an
    answer that is about to change, with which the shorter age applies to all facts that have this `settled`.
    `revision` is a parameter of the fact and a member of its value, such as `function.revision`, that changes with the
    answer: an answer of another revision is not reused, and none is reused while the revision is None or empty text.
    With `asked`, the revision is what is asked for, such as the series of a metric: the answer has an age of its own.
    `passing_by` returns True for an answer that is not reused in any case, because it changes without a new revision.
    """

    age: timedelta
    otherwise: timedelta | None = None
    while_passing: tuple[str, ...] = ()
    settled: Callable[[Any], bool] | None = None
    revision: str = ""
    asked: bool = False
    passing_by: Callable[[Any], bool] = staticmethod(lambda _answer: False)

    def revision_of(self, arguments: Mapping[str, Any]) -> str:
        """Return the revision in the arguments of the fact; empty if none is declared or known."""
        if not self.revision:
            return ""
        parameter, _, name = self.revision.partition(".")
        try:
            value = getattr(arguments[parameter], name)
        except (Unreadable, Gone):
            return ""
        if value is None or isinstance(value, str):
            return value or ""
        return hashlib.sha256(repr(value).encode()).hexdigest()[:REVISION]


class Source(Struct, frozen=True):
    """The source of a fact: the function that returns it, as `fact` declares it. A source without `actions` is pure."""

    function: Callable[..., Any]
    identity: type
    axis: bool
    needs: Mapping[str, Need]
    actions: tuple[str, ...]
    resources: Mapping[str, tuple[str, ...]]
    events: tuple[str, ...]
    keeps: Keeps | None
    witnesses: type | None
    absent: str

    @property
    def name(self) -> str:
        """The name of the fact in log lines, with its module."""
        return f"{self.identity.__module__}.{self.identity.__qualname__}"

    @property
    def service(self) -> str:
        """The IAM prefix of its first action, whose limit of concurrent calls applies."""
        return self.actions[0].partition(":")[0]


def fact(  # noqa: PLR0913  each describes one property of the fact, and most facts have few
    *actions: str,
    on: type | None = None,
    resources: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    events: tuple[str, ...] = (),
    keeps: timedelta | Keeps | None = None,
    witnesses: type | None = None,
    absent: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the source of the fact that the function returns.

    `actions` are the IAM actions of its calls. `on` is a type that is not a parameter: there is one fact for each
    value of it, and None where it is absent. `resources` are the ARN patterns that an action needs, if they are not
    the usual ones of its service (`report.permissions`); `{table}` is the table, `{replica}` the table in any Region,
    `{staging}` its staging table. `events` are the calls that change its answer, as CloudTrail names them:
    the event source without `.amazonaws.com`, a colon, and the event name. `keeps` is the age up to which later runs
    may reuse an answer, or that age with its conditions. `witnesses` is an axis: if this fact is gone, the element of
    the axis does not exist, and every check on the element fails. `absent` says for people what None means, such as
    "no customer managed key": it is the message of checks that are not applicable then.

    TypeError: the identity is not a class of the function's own module, or has a source already, or the name of an
    event is malformed, or the revision names no member of a parameter.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        for event in events:
            if not EVENT.fullmatch(event):
                msg = f"{_name(function)}: found the event {event!r}, expected one such as 'dynamodb:UpdateTable'"
                raise TypeError(msg)
        identity, axis = _identity(function)
        if identity.__module__ != function.__module__:
            msg = f"{_name(function)}: {identity.__name__} is not a class of the fact's own module"
            raise TypeError(msg)
        if any(source.identity is identity for source in _sources(function.__module__)):
            msg = f"{_name(function)}: {identity.__name__} has a source already"
            raise TypeError(msg)
        needs = needs_of(function, on)
        kept = Keeps(keeps) if isinstance(keeps, timedelta) else keeps
        if kept and kept.revision:
            _assert_member(function, needs, kept.revision)
        source = Source(function, identity, axis, needs, actions, resources, events, kept, witnesses, absent)
        function.__fact__ = source  # type: ignore[attr-defined]  # identifies the function as a source
        return function

    return declare


ANY_RESOURCE = ("*",)
"""The resource of an action that supports no resource-level permissions, such as `ListTables`."""

STANDS_ON = "(on)"
"""The key of the need that `on` declares, in place of a parameter name."""


@once
def needs_of(function: Callable[..., Any], on: type | None = None) -> Mapping[str, Need]:
    """Return the needs of a fact or check by parameter name. TypeError: an annotation is missing or names no fact."""
    hints = _hints(function)
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    unknown = [name for name in parameters if name not in hints]
    if unknown:
        msg = f"{_name(function)}: {', '.join(unknown)} has no annotation"
        raise TypeError(msg)
    if code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        msg = f"{_name(function)}: a parameter that takes any number of arguments names no fact"
        raise TypeError(msg)
    needs = {name: _need(function, name, hints[name]) for name in parameters}
    return needs | ({STANDS_ON: Need(on, passed=False)} if on else {})


@once
def source_of(identity: type) -> Source:
    """Return the source of a fact. TypeError: the module of the type declares none."""
    for source in _sources(identity.__module__):
        if source.identity is identity:
            return source
    msg = f"{identity.__module__}.{identity.__name__}: no fact of its module returns it"
    raise TypeError(msg)


@once
def witness_of(axis: type) -> Source | None:
    """Return the source of the fact that shows if an element of the axis exists; None if its module declares none."""
    return next((source for source in _sources(axis.__module__) if source.witnesses is axis), None)


@once
def events_of(identities: tuple[type, ...]) -> tuple[str, ...]:
    """Return the change events of facts, each once, in the order of the facts.

    A pure fact that declares none has the events of the facts that it needs.
    """
    found: dict[str, None] = {}
    for identity in identities:
        if issubclass(identity, Given):
            continue
        source = source_of(identity)
        made_of = () if source.actions else tuple(need.kind for need in source.needs.values())
        found |= dict.fromkeys(source.events or events_of(made_of))
    return tuple(found)


def kept_types(needs: Mapping[str, Need]) -> Mapping[type, bool]:
    """Return the types of the facts with `keeps` that a fact or check with these needs rests on.

    True: it rests on the answers at all places, not only at its own.
    """
    found: dict[type, bool] = {}
    for need in needs.values():
        if not issubclass(need.kind, (Given, Carry)):
            for identity, all_places in _kept_types(need.kind).items():
                found[identity] = found.get(identity, False) or need.each or all_places
    return found


@once
def _kept_types(identity: type) -> Mapping[type, bool]:
    """Return the same for a fact, itself included."""
    source = source_of(identity)
    return {**kept_types(source.needs), **({identity: False} if source.keeps else {})}


@once
def ending_events(identity: type) -> frozenset[str]:
    """Return the change events of a fact, without their versions."""
    return frozenset(VERSION.sub("", event) for event in events_of((identity,)))


@once
def absence_of(identity: type) -> str:
    """Return what the absence of the fact means, for people; if its source does not say, what its needs say."""
    if issubclass(identity, Given):
        return ""
    source = source_of(identity)
    return source.absent or next(filter(None, (absence_of(need.kind) for need in source.needs.values())), "")


@once
def axes_of(identity: type) -> frozenset[type]:
    """Return the axes of a fact: there is one fact for each place on them. A fact given at the root has none."""
    if issubclass(identity, Given):
        return frozenset(identity.on)
    source = source_of(identity)
    own = {identity} if source.axis else set()
    return standing(source.needs) | own


def standing(needs: Mapping[str, Need]) -> frozenset[type]:
    """Return the axes of a fact or check with these needs: the axes of every need that is not `each`."""
    return frozenset().union(
        *(axes_of(need.kind) for need in needs.values() if not need.each and not issubclass(need.kind, Carry))
    )


def _sources(module: str) -> list[Source]:
    return [
        source
        for value in list(vars(sys.modules[module]).values())
        if isinstance(source := getattr(value, "__fact__", None), Source) and source.function.__module__ == module
    ]


def _identity(function: Callable[..., Any]) -> tuple[type, bool]:
    hint = _hints(function).get("return")
    kinds = [kind for kind in _alternatives(hint) if kind is not NoneType]
    if len(kinds) != 1:
        msg = f"{_name(function)}: a fact returns one type, or that type and None"
        raise TypeError(msg)
    axis = get_origin(kinds[0]) is Each
    identity = get_args(kinds[0])[0] if axis else kinds[0]
    if not isinstance(identity, type) or issubclass(identity, Given):
        msg = f"{_name(function)}: {identity} is not a class that a fact can be known by"
        raise TypeError(msg)
    return identity, axis


def _hints(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Return the annotations of a function. TypeError: the evaluation of one is postponed.

    `typing.get_type_hints` returns the same, more slowly.
    """
    hints: Mapping[str, Any] = function.__annotations__
    if any(isinstance(hint, str) for hint in hints.values()):
        msg = f"{_name(function)}: found an annotation that is text, expected a class"
        raise TypeError(msg)
    return hints


def _assert_member(function: Callable[..., Any], needs: Mapping[str, Need], path: str) -> None:
    """Raise TypeError if the path names no member of a parameter that is always one fact."""
    parameter, _, name = path.partition(".")
    need = needs.get(parameter)
    if need is None or need.each or need.told or not hasattr(need.kind, name):
        msg = f"{_name(function)}: {path} is no member of a parameter that is one fact"
        raise TypeError(msg)


def _need(function: Callable[..., Any], name: str, hint: object) -> Need:
    kinds = _alternatives(hint)
    told = frozenset(kind for kind in kinds if isinstance(kind, type)) & TELLABLE
    asked = [kind for kind in kinds if kind not in TELLABLE]
    each = len(asked) == 1 and get_origin(asked[0]) is Each
    wanted = get_args(asked[0])[0] if each else asked[0] if len(asked) == 1 else None
    if not isinstance(wanted, type) or (each and told):
        msg = f"{_name(function)}: {name} must ask for X, Each[X], X | None, X | Unavailable or X | Gone"
        raise TypeError(msg)
    if issubclass(wanted, Carry) and not each and NoneType not in told:
        msg = f"{_name(function)}: {name} is carried over, and there is none on a first run: ask for X | None"
        raise TypeError(msg)
    return Need(wanted, each, told)


def _alternatives(hint: object) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
