"""How a fact is declared: a Struct, a subclass of `Fact`, and, in the same module, the function that fetches it.

The function's annotations are the declaration. Its return type is the fact's identity, its parameters are what it
needs, and the decorator names the IAM actions its calls take. There is no registry: a type's source is found in the
type's own module. Annotations are read at run time, so modules of facts and rules must not postpone their evaluation.
"""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from inspect import Parameter, signature
from types import MappingProxyType, NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from msgspec import Struct

from readiness.engine.each import Each
from readiness.model import Carry, Given, Gone, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

F = TypeVar("F", bound=Callable[..., Any])


def once(function: F) -> F:
    """`functools.cache`, for functions of classes: the type checker does not believe that a class can be hashed."""
    return cast("F", cache(function))


EVENT = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9_]*")
"""A change event: CloudTrail's event source without `.amazonaws.com`, and the event name."""

TELLABLE = frozenset({NoneType, Unavailable, Gone})


class Need(Struct, frozen=True):
    """What a parameter asks for: a `kind` of fact, one or `each`, and which of None, Unavailable, Gone it is told.

    What is not `passed` is no parameter: the asker stands on it and needs no value of it.
    """

    kind: type
    each: bool = False
    told: frozenset[type] = frozenset()
    passed: bool = True


class Source(Struct, frozen=True):
    """Where a fact comes from. A source without `actions` is pure.

    `events` are the change events after which it may be another, such as `dynamodb:UpdateTable`. `resources` are the
    ARN patterns that an action needs, where they are not the usual ones of its service.
    """

    function: Callable[..., Any]
    identity: type
    axis: bool
    needs: Mapping[str, Need]
    actions: tuple[str, ...]
    resources: Mapping[str, tuple[str, ...]]
    events: tuple[str, ...]
    keeps: timedelta | None
    witnesses: type | None

    @property
    def service(self) -> str:
        """The IAM prefix of its first action: whose rate limit its calls count against."""
        return self.actions[0].partition(":")[0]


def fact(
    *actions: str,
    on: type | None = None,
    resources: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    events: tuple[str, ...] = (),
    keeps: timedelta | None = None,
    witnesses: type | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the source of the fact that the function returns.

    `actions` are the IAM actions of its calls. `on` is what there is one such fact for each of, and none where it is
    absent, without a parameter for its value. `resources` are the ARN patterns that an action needs, if they are not
    the usual ones of its service (`report.permissions`); `{table}` is the table, `{replica}` the table in any Region,
    `{staging}` its staging table. `events` are the calls that change its answer, as CloudTrail names them:
    the event source without `.amazonaws.com`, a colon, and the event name. `keeps` is how long an answer may be reused
    by later runs. `witnesses` is the axis whose element is gone when this fact is: then every check that stands on the
    element fails.

    TypeError: the identity is not a class of the function's own module, or has a source already, or an event is not
    named so.
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
        source = Source(function, identity, axis, needs_of(function, on), actions, resources, events, keeps, witnesses)
        function.__fact__ = source  # type: ignore[attr-defined]  # the one mark a source carries
        return function

    return declare


ANY_RESOURCE = ("*",)
"""For an action that AWS takes no resource for: `ListTables`, say, lists all tables or none."""

STANDS_ON = "(on)"
"""In place of a parameter's name."""


@once
def needs_of(function: Callable[..., Any], on: type | None = None) -> Mapping[str, Need]:
    """What a fact or a check asks for, by parameter name. TypeError where an annotation is missing or says nothing."""
    hints = get_type_hints(function)
    unknown = [name for name in signature(function).parameters if name not in hints]
    if unknown:
        msg = f"{_name(function)}: {', '.join(unknown)} has no annotation"
        raise TypeError(msg)
    variadic = {Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL}
    if any(parameter.kind in variadic for parameter in signature(function).parameters.values()):
        msg = f"{_name(function)}: a parameter that takes any number of arguments names no fact"
        raise TypeError(msg)
    needs = {name: _need(function, name, hint) for name, hint in hints.items() if name != "return"}
    return needs | ({STANDS_ON: Need(on, passed=False)} if on else {})


@once
def source_of(identity: type) -> Source:
    """The one source of a fact. TypeError where the type's module declares none."""
    for source in _sources(identity.__module__):
        if source.identity is identity:
            return source
    msg = f"{identity.__module__}.{identity.__name__}: no fact of its module returns it"
    raise TypeError(msg)


@once
def witness_of(axis: type) -> Source | None:
    """The fact that says whether an element of the axis exists, if its module declares one."""
    return next((source for source in _sources(axis.__module__) if source.witnesses is axis), None)


@once
def events_of(identities: tuple[type, ...]) -> tuple[str, ...]:
    """Return the change events of facts, each once, in the order of the facts.

    A pure fact that declares none has those of the facts that it is made of.
    """
    found: dict[str, None] = {}
    for identity in identities:
        if issubclass(identity, Given):
            continue
        source = source_of(identity)
        made_of = () if source.actions else tuple(need.kind for need in source.needs.values())
        found |= dict.fromkeys(source.events or events_of(made_of))
    return tuple(found)


@once
def axes_of(identity: type) -> frozenset[type]:
    """The axes along which there is one such fact each. What is given at the root has none."""
    if issubclass(identity, Given):
        return frozenset(identity.on)
    source = source_of(identity)
    own = {identity} if source.axis else set()
    return standing(source.needs) | own


def standing(needs: Mapping[str, Need]) -> frozenset[type]:
    """The axes on which an asker of these needs stands: those of everything that it asks one of."""
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
    hint = get_type_hints(function).get("return")
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
