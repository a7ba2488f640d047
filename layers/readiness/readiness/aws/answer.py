"""Read a response of AWS that may lack members. Each read declares the meaning of an absent member.

The service models of AWS mark almost no member of a response as required. A fact therefore reads each member as
*required* (`need`, `part`, `parts`), as one with a *default* that AWS documents (`get`, `part_or_none`,
`part_or_empty`, `parts_or_empty`), or as one that is present in some states only (`bound`). A required member that is
absent, null or of another type raises `Unreadable` with INCOMPLETE_ANSWER. `deferred` limits that to one field of a
fact, and `each_of` to one element of a list; only checks that need it are UNKNOWN.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from readiness.model import Fact, Gone, PartlyCompared, Reason, Unavailable, Unreadable

T = TypeVar("T")

ABSENT: Any = object()

WIDER: Mapping[type, tuple[type, ...]] = {float: (float, int), list: (list, tuple), dict: (dict,)}
"""The Python types of a member. botocore returns a whole number as int, even for a float in the model."""


class Lacking:
    """The placeholder of a field that could not be read. `Partial` removes it."""

    def __init__(self, why: Unavailable | Gone) -> None:
        """`why` is raised when the field is read. Gone: the object that contains the field was deleted."""
        self.why = why


class Partial(PartlyCompared, Fact, dict=True):
    """Base class of facts with fields that may be unreadable. Reading such a field raises `Unreadable` or `Gone`.

    A field that may be deferred has no default, and contains no `Partial`. The reasons are in `__dict__`, not in a
    field, so they are neither compared nor stored.
    """

    def __post_init__(self) -> None:
        """Remove deferred fields from the instance, so that reading one calls `__getattr__`."""
        values = zip(self.__struct_fields__, self._compared(), strict=True)
        lacking = {name: value.why for name, value in values if isinstance(value, Lacking)}
        if lacking:
            for name in lacking:
                getattr(type(self), name).__delete__(self)  # a frozen Struct refuses `del`, its slot does not
            self.__dict__["_lacking"] = lacking

    def _compared(self) -> tuple[object, ...]:
        """Return all fields. Unreadable: a field is deferred; the comparison of msgspec would raise AttributeError."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)

    if not TYPE_CHECKING:  # with it, a type checker would accept misspelled fields

        def __getattr__(self, name: str) -> Any:
            """Raise the reason why the field could not be read."""
            why = self.__dict__.get("_lacking", {}).get(name)
            if why is None:
                raise AttributeError(name)
            raise Gone(*why.args) if isinstance(why, Gone) else Unreadable({}, why)


def lacking(fact: object) -> Mapping[str, Unavailable | Gone]:
    """Return the fields of a fact that could not be read, by name, with the reason; empty if the fact is complete."""
    found: Mapping[str, Unavailable | Gone] = getattr(fact, "__dict__", {}).get("_lacking", {})
    return found


def deferred(read: Callable[[], T]) -> T:
    """Return the result of `read`. If it raises Unreadable or Gone, return a field that raises it when it is read."""
    try:
        return read()
    except Unreadable as unread:
        return cast("T", Lacking(unread.first))
    except Gone as gone:
        return cast("T", Lacking(gone))


class Answer:
    """One object in a response, at `path`; times are in UTC. `permission` is the IAM action of the call."""

    __slots__ = ("_members", "_path", "permission")

    def __init__(self, members: object, permission: str, path: str = "") -> None:
        """`members` is the object as botocore parsed it. Any other value has no members."""
        self._members: Mapping[str, Any] = members if isinstance(members, Mapping) else {}
        self._path = path
        self.permission = permission

    def need(self, name: str, kind: type[T]) -> T:
        """Return the member. Unreadable: it is absent or of another type."""
        value = self._read(name, kind)
        if value is ABSENT:
            raise self._incomplete(name)
        return cast("T", value)

    @overload
    def get(self, name: str, kind: type[T]) -> T | None: ...
    @overload
    def get(self, name: str, kind: type[T], default: T) -> T: ...
    def get(self, name: str, kind: type[T], default: T | None = None) -> T | None:
        """Return the member, or the default that AWS documents for an absent one. Unreadable: it is of another type."""
        value = self._read(name, kind)
        if value is ABSENT:
            if self._members.get(name) is not None:
                raise self._incomplete(name)
            return default
        return cast("T", value)

    def bound(self, name: str, kind: type[T], *, here: bool) -> T | None:
        """Return a member that is present in some states only: required if `here`, else None if it is absent."""
        return self.need(name, kind) if here else self.get(name, kind)

    def part(self, name: str) -> "Answer":
        """Return the object with that name. Unreadable: it is absent."""
        return self._at(name, self.need(name, dict))

    def part_or_none(self, name: str) -> "Answer | None":
        """Return the object with that name; None if it is absent, for members that AWS documents as optional."""
        members = self.get(name, dict)
        return None if members is None else self._at(name, members)

    def part_or_empty(self, name: str) -> "Answer":
        """Return the object with that name. An absent object has no members, for members documented as optional."""
        return self._at(name, self.get(name, dict))

    def parts(self, name: str) -> list["Answer"]:
        """Return the objects of a list. Unreadable: the list is absent, which does not mean that it is empty."""
        return self._all(name, self.need(name, list))

    def parts_or_empty(self, name: str) -> list["Answer"]:
        """Return the objects of a list. An absent list is empty, for lists that AWS documents to leave out."""
        return self._all(name, self.get(name, list, []))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list. Unreadable: the list is absent, or contains something else."""
        return self._strings(name, self.need(name, list))

    def texts_or_empty(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list. An absent list is empty, for lists that AWS documents to leave out."""
        return self._strings(name, self.get(name, list, []))

    def parsed(self, name: str, parse: Callable[[str], T]) -> T:
        """Return the parsed text, such as a number. Unreadable: it is absent, or `parse` raises ValueError."""
        return self._parsed(name, self.need(name, str), parse)

    def number(self, name: str) -> int:
        """Return a number that AWS returns as text, such as an attribute of a queue. Unreadable: it is not a number."""
        return self.parsed(name, int)

    def document(self, name: str) -> "Answer | None":
        """Return an object that AWS returns as JSON text; None for no or empty text. Unreadable: no JSON object."""
        text = self.get(name, str)
        return self._at(name, self._parsed(name, text, _an_object)) if text else None

    @property
    def members(self) -> Mapping[str, Any]:
        """All members as botocore parsed them, for a call that takes the response of another call."""
        return self._members

    def has(self, name: str) -> bool:
        """Return True if the member is present, whatever its value."""
        return self._members.get(name) is not None

    def incomplete(self, name: str) -> Unavailable:
        """Return the reason for a member that cannot be used: INCOMPLETE_ANSWER, with the path of the member."""
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
    """Yield the objects of a paginated list. Unreadable: a page lacks the list, unless `absent_is_empty`."""
    for page in pages:
        answer = Answer(page, permission)
        yield from answer.parts_or_empty(name) if absent_is_empty else answer.parts(name)


def _an_object(text: str) -> object:
    """Return the object in the text. ValueError: the text is not a JSON object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        msg = "no object"
        raise ValueError(msg)  # noqa: TRY004  the text is malformed
    return value
