"""Reading an answer of AWS that may lack members: each read declares what the member's absence means.

AWS's models mark almost no member of an answer as required, so a fact says for each that it reads whether it is
*needed* (`need`, `part`, `parts`), has a *default* that AWS documents (`get`, `part_or_none`, `parts_or_empty`), or is
there in some states only (`bound`). A needed member that is absent, null or of another type raises `Unreadable` with
INCOMPLETE_ANSWER, so only what needs it is UNKNOWN: `deferred` keeps that for one field of a fact, `each_of` for one
element of a list.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from readiness.model import Fact, Gone, Reason, Unavailable, Unreadable

T = TypeVar("T")

ABSENT: Any = object()

WIDER: Mapping[type, tuple[type, ...]] = {float: (float, int), list: (list, tuple), dict: (dict,)}
"""botocore hands over a whole number as int, whatever the model calls it."""


class Lacking:
    """Stands for a field that could not be read, until `Partial` takes it out of the way."""

    def __init__(self, why: Unavailable | Gone) -> None:
        """`why` is told to whoever reads the field; Gone: it went with the object that it was part of."""
        self.why = why


class Partial(Fact, dict=True):
    """Base of facts of which a single field may be unreadable, or gone: to read it raises `Unreadable` or `Gone`.

    A field that may be deferred has no default, and holds no `Partial` itself. The reasons are in the `__dict__`: they
    are not a field, so they are not compared and not stored.
    """

    def __post_init__(self) -> None:
        """Take deferred fields out of the instance, so that reading one ends in `__getattr__`."""
        values = zip(self.__struct_fields__, self._values(), strict=True)
        lacking = {name: value.why for name, value in values if isinstance(value, Lacking)}
        if lacking:
            for name in lacking:
                getattr(type(self), name).__delete__(self)  # a frozen Struct refuses `del`, its slot does not
            self.__dict__["_lacking"] = lacking

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partial) and type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[object, ...]:
        """Return all fields. Reading them here raises `Unreadable`; msgspec's own comparison, an AttributeError."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)

    if not TYPE_CHECKING:  # a type checker that saw it would take every misspelled field for one

        def __getattr__(self, name: str) -> Any:
            """Raise what kept the field from being read."""
            why = self.__dict__.get("_lacking", {}).get(name)
            if why is None:
                raise AttributeError(name)
            raise Gone(*why.args) if isinstance(why, Gone) else Unreadable({}, why)


def lacking(fact: object) -> Mapping[str, Unavailable | Gone]:
    """The fields of a fact that could not be read, by name, and why; empty where it is whole."""
    found: Mapping[str, Unavailable | Gone] = getattr(fact, "__dict__", {}).get("_lacking", {})
    return found


def deferred(read: Callable[[], T]) -> T:
    """What `read` returns; where that is unreadable or gone, a field that says so to whoever reads it."""
    try:
        return read()
    except Unreadable as unread:
        return cast("T", Lacking(unread.first))
    except Gone as gone:
        return cast("T", Lacking(gone))


class Answer:
    """One object in an answer of AWS. Times are in UTC.

    `permission` is the IAM action of the call; `path` is where the object stands in the answer, such as
    `Table.SSEDescription`.
    """

    __slots__ = ("_members", "_path", "permission")

    def __init__(self, members: object, permission: str, path: str = "") -> None:
        """`members` as botocore parsed them; what is no object has none."""
        self._members: Mapping[str, Any] = members if isinstance(members, Mapping) else {}
        self._path = path
        self.permission = permission

    def need(self, name: str, kind: type[T]) -> T:
        """The member. Unreadable: it is absent."""
        value = self._read(name, kind)
        if value is ABSENT:
            raise self._incomplete(name)
        return cast("T", value)

    @overload
    def get(self, name: str, kind: type[T]) -> T | None: ...
    @overload
    def get(self, name: str, kind: type[T], default: T) -> T: ...
    def get(self, name: str, kind: type[T], default: T | None = None) -> T | None:
        """The member, or what AWS documents that its absence means. Unreadable: it is of another type."""
        value = self._read(name, kind)
        if value is ABSENT:
            if self._members.get(name) is not None:
                raise self._incomplete(name)
            return default
        return cast("T", value)

    def bound(self, name: str, kind: type[T], *, here: bool) -> T | None:
        """A member that is there in some states only: needed where `here`, else None where it is absent."""
        return self.need(name, kind) if here else self.get(name, kind)

    def part(self, name: str) -> "Answer":
        """The object of that name. Unreadable: it is absent."""
        return self._at(name, self.need(name, dict))

    def part_or_none(self, name: str) -> "Answer | None":
        """The object of that name; None where AWS documents that its absence says that there is none."""
        members = self.get(name, dict)
        return None if members is None else self._at(name, members)

    def parts(self, name: str) -> list["Answer"]:
        """The objects of a list. Unreadable: the list is absent, which is not an empty one."""
        return self._all(name, self.need(name, list))

    def parts_or_empty(self, name: str) -> list["Answer"]:
        """The objects of a list that AWS documents to leave out where it is empty."""
        return self._all(name, self.get(name, list, []))

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list. Unreadable: the list is absent."""
        return self._strings(name, self.need(name, list))

    def texts_or_empty(self, name: str) -> tuple[str, ...]:
        """The texts of a list that AWS documents to leave out where it is empty."""
        return self._strings(name, self.get(name, list, []))

    def number(self, name: str) -> int:
        """A number that AWS writes as text, as in the attributes of queues and topics. Unreadable: there is none."""
        return self._parsed(name, self.need(name, str), int)

    def document(self, name: str) -> "Answer | None":
        """An object that AWS writes as JSON text; None where the text is absent or empty. Unreadable: it is no JSON."""
        text = self.get(name, str)
        return self._at(name, self._parsed(name, text, _an_object)) if text else None

    @property
    def members(self) -> Mapping[str, Any]:
        """All of them, as botocore parsed them: for a call that is to be given back what another answered."""
        return self._members

    def has(self, name: str) -> bool:
        """Whether the member is there, where its presence alone is the answer."""
        return self._members.get(name) is not None

    def incomplete(self, name: str) -> Unavailable:
        """What is said of a member that can't be used."""
        return Unavailable(Reason.INCOMPLETE_ANSWER, self.permission, f"{self._path}.{name}".lstrip("."))

    def _read(self, name: str, kind: type) -> Any:
        value = self._members.get(name)
        fits = isinstance(value, WIDER.get(kind, (kind,))) and not (kind is not bool and isinstance(value, bool))
        if not fits and not (kind is object and value is not None):
            return ABSENT
        return value.astimezone(UTC) if isinstance(value, datetime) else value

    def _incomplete(self, name: str) -> Unreadable:
        return Unreadable({}, self.incomplete(name))

    def _at(self, name: str, members: object) -> "Answer":
        return Answer(members, self.permission, f"{self._path}.{name}".lstrip("."))

    def _all(self, name: str, members: list[Any]) -> list["Answer"]:
        return [self._at(f"{name}[]", each) for each in members]

    def _strings(self, name: str, values: list[Any]) -> tuple[str, ...]:
        if not all(isinstance(value, str) for value in values):
            raise self._incomplete(name)
        return tuple(values)

    def _parsed(self, name: str, text: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(text)
        except ValueError:
            raise self._incomplete(name) from None


def listed(pages: Iterable[object], name: str, permission: str, *, absent_is_empty: bool = False) -> Iterator[Answer]:
    """The objects of a list that comes in pages. Unreadable: a page lacks the list, unless AWS documents that."""
    for page in pages:
        answer = Answer(page, permission)
        yield from answer.parts_or_empty(name) if absent_is_empty else answer.parts(name)


def _an_object(text: str) -> object:
    """ValueError: the text is no JSON, or says something else than an object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        msg = "no object"
        raise ValueError(msg)  # noqa: TRY004  a text is wrong, not a type
    return value
