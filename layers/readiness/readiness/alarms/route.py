"""How sure it is that an alarm reaches somebody."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from readiness.model import Remedy, Unavailable


class Route(Struct, frozen=True):
    """Whether an alarm reaches anybody, and `why` it does not for sure: the first broken link, in words.

    `unavailable` is set exactly where that is `unknown`. `remedy` mends that link; None where a person has to look, or
    where there is no link yet. `alarm` is the ARN of the one that can't go off, if that is the link. Neither says more
    than `why` does, so they do not tell routes apart.
    """

    status: Literal["pages", "doubtful", "silent", "unknown"]
    why: str = ""
    unavailable: Unavailable | None = None
    remedy: Remedy | None = None
    alarm: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Route) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[object, ...]:
        return (self.status, self.why, self.unavailable)


PAGES = Route("pages")


def silent(why: str, remedy: Remedy | None = None) -> Route:
    """It reaches nobody."""
    return Route("silent", why, remedy=remedy)


def doubtful(why: str, remedy: Remedy | None = None) -> Route:
    """It may reach nobody."""
    return Route("doubtful", why, remedy=remedy)


def unknown(unavailable: Unavailable) -> Route:
    """Whom it reaches could not be read."""
    return Route("unknown", unavailable=unavailable)


def best(routes: Iterable[Route]) -> Route:
    """Of several ways, where one is enough, the best. ValueError where there are none."""
    return max(routes, key=lambda route: ("silent", "doubtful", "unknown", "pages").index(route.status))


def chain(links: Iterable[Route]) -> Route:
    """Of several links, all of which must hold, the first that is broken for sure, else the first that may be."""
    return min(links, key=lambda route: ("silent", "unknown", "doubtful", "pages").index(route.status), default=PAGES)
