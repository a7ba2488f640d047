"""`Each`: all facts of one type below where the asker stands, never silently fewer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from readiness.aws.answer import Answer
from readiness.model import Gone, Unavailable, Unreadable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Each(Generic[T_co]):
    """A collection that knows what it could not read, keyed by the axis key, in the order of the keys.

    Iterating, `in`, `[]`, `len` and `bool` answer where the answer is certain, and raise `Unreadable` where an
    unread element or an incomplete listing could change it: `any(bad(x) for x in each)` is True as soon as one
    readable element is bad, and unknown, not False, if none is and some could not be read.

    Elements that are gone or absent are not iterated and not counted.
    """

    def __init__(
        self,
        elements: Mapping[str, T_co | Unavailable | Gone | None],
        unlisted: Unavailable | None = None,
    ) -> None:
        """`unlisted` says why the listing itself may lack elements; None where it is whole."""
        self._elements = {key: elements[key] for key in sorted(elements)}
        self._unlisted = unlisted

    @property
    def unlisted(self) -> Unavailable | None:
        """Why the listing may lack elements; None where it is whole."""
        return self._unlisted

    def readable(self) -> tuple[list[T_co], Unavailable | None]:
        """Every readable element, and why there may be more; None where that is all. For who makes an `Each` of it."""
        elements: list[T_co] = []
        try:
            for element in self:
                elements.append(element)  # noqa: PERF402  what came before the exception stays
        except Unreadable as unread:
            return elements, unread.first
        return elements, None

    def answers(self) -> Mapping[str, T_co | Unavailable | Gone | None]:
        """Every key with its answer as it is, failures included: for the planner, which has to make places of them."""
        return self._elements

    def __iter__(self) -> Iterator[T_co]:
        """Yield every readable element, then raise `Unreadable` if that was not all."""
        for element in self._elements.values():
            if not isinstance(element, (Unavailable, Gone)) and element is not None:
                yield element
        self._certain()

    def __contains__(self, key: str) -> bool:
        """Whether there is an element of that key."""
        if key not in self._elements:
            self._listed()
            return False
        element = self._elements[key]
        if isinstance(element, Unavailable):
            raise Unreadable({key: element})
        return element is not None and not isinstance(element, Gone)

    def __getitem__(self, key: str) -> T_co:
        """Return the element of that key; raise `Gone`, or `KeyError` where there is none."""
        if key not in self._elements:
            self._listed()
            raise KeyError(key)
        element = self._elements[key]
        if isinstance(element, Unavailable):
            raise Unreadable({key: element})
        if isinstance(element, Gone):
            raise element
        if element is None:
            raise KeyError(key)
        return element

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(True for _ in self)

    def __repr__(self) -> str:
        """Keys only: the elements may hold more than a log should."""
        return f"Each({list(self._elements)}, unlisted={self._unlisted})"

    def _listed(self) -> None:
        if self._unlisted is not None:
            raise Unreadable({}, self._unlisted)

    def _certain(self) -> None:
        unread = {key: element for key, element in self._elements.items() if isinstance(element, Unavailable)}
        if unread or self._unlisted is not None:
            raise Unreadable(unread, self._unlisted)


def each_of(answers: Iterable[Answer], key: Callable[[Answer], str], make: Callable[[Answer], T | None]) -> Each[T]:
    """What is made of every object, by its key; None of one that does not count.

    One that lacks something is Unavailable under its key; one without a key, or a list that breaks off, leaves the
    listing incomplete.
    """
    elements: dict[str, Any] = {}
    unlisted: Unavailable | None = None
    following = iter(answers)
    while True:
        try:
            answer = next(following, None)
            if answer is None:
                return Each(elements, unlisted)
            name = key(answer)
        except Unreadable as unread:
            unlisted = unlisted or unread.first
            continue
        try:
            elements[name] = make(answer)
        except Unreadable as unread:
            elements[name] = unread.first
