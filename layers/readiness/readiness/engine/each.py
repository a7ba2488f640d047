"""`Each`: all facts of one type below a place. Facts that could not be read are never left out silently."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from readiness.aws.answer import Answer
from readiness.model import Gone, Unavailable, Unreadable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Each(Generic[T_co]):
    """A collection by axis key, sorted by key, that records the elements that could not be read.

    Iteration, `in`, `[]`, `len` and `bool` return a result if it is certain, and raise `Unreadable` if an unreadable
    element or an incomplete listing could change it. `any(bad(x) for x in each)` is True if one readable element is
    bad. It raises `Unreadable` if no readable element is bad and some elements could not be read.

    Elements that are gone or absent are neither iterated nor counted.
    """

    def __init__(
        self,
        elements: Mapping[str, T_co | Unavailable | Gone | None],
        unlisted: Unavailable | None = None,
    ) -> None:
        """`unlisted` is the reason why the listing may be incomplete; None if it is complete."""
        self._elements = {key: elements[key] for key in sorted(elements)}
        self.unlisted = unlisted

    def readable(self) -> tuple[list[T_co], Unavailable | None]:
        """Return the readable elements, and the first reason why there may be more; None if these are all."""
        elements: list[T_co] = []
        try:
            for element in self:
                elements.append(element)  # noqa: PERF402  elements before the exception are kept
        except Unreadable as unread:
            return elements, unread.first
        return elements, None

    def answers(self) -> Mapping[str, T_co | Unavailable | Gone | None]:
        """Return every key with its answer, including Unavailable, Gone and None."""
        return self._elements

    def __iter__(self) -> Iterator[T_co]:
        """Yield every readable element, then raise `Unreadable` if there are or may be others."""
        for element in self._elements.values():
            if not isinstance(element, (Unavailable, Gone)) and element is not None:
                yield element
        unread = {key: element for key, element in self._elements.items() if isinstance(element, Unavailable)}
        if unread or self.unlisted is not None:
            raise Unreadable(unread, self.unlisted)

    def __contains__(self, key: str) -> bool:
        """Return True if there is an element with that key. Unreadable: that is not known."""
        if key not in self._elements:
            self._listed()
            return False
        element = self._elements[key]
        if isinstance(element, Unavailable):
            raise Unreadable({key: element})
        return element is not None and not isinstance(element, Gone)

    def __getitem__(self, key: str) -> T_co:
        """Return the element with that key. Gone: it was deleted. KeyError: there is none. Unreadable: not known."""
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
        """Return the number of elements. Unreadable: that is not known."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Return True if there is an element. Unreadable: that is not known."""
        return any(True for _ in self)

    def __repr__(self) -> str:
        """Return the keys only, because elements may hold data that must not be logged."""
        return f"Each({list(self._elements)}, unlisted={self.unlisted})"

    def _listed(self) -> None:
        if self.unlisted is not None:
            raise Unreadable({}, self.unlisted)


def each_of(answers: Iterable[Answer], key: Callable[[Answer], str], make: Callable[[Answer], T | None]) -> Each[T]:
    """Return the results of `make` for all objects, by key. `make` returns None for an object that does not count.

    An object with a missing member is Unavailable under its key. An object without a key, or a list that cannot be
    read to its end, makes the listing incomplete.
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
