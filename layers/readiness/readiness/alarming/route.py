"""How sure it is that an alarm reaches somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from readiness.model import Unavailable


@dataclass(frozen=True)
class Route:
    """Whether an alarm reaches anybody, and `why` it does not for sure: the first broken link, in words.

    `unavailable` is set exactly where that is `unknown`.
    """

    status: Literal["pages", "doubtful", "silent", "unknown"]
    why: str = ""
    unavailable: Unavailable | None = None


PAGES = Route("pages")


def silent(why: str) -> Route:
    """It reaches nobody."""
    return Route("silent", why)


def doubtful(why: str) -> Route:
    """It may reach nobody."""
    return Route("doubtful", why)


def unknown(unavailable: Unavailable) -> Route:
    """Whom it reaches could not be read."""
    return Route("unknown", unavailable=unavailable)


def best(routes: Iterable[Route]) -> Route:
    """Of several ways, where one is enough, the best. ValueError where there are none."""
    return max(routes, key=lambda route: ("silent", "doubtful", "unknown", "pages").index(route.status))


def chain(links: Iterable[Route]) -> Route:
    """Of several links, all of which must hold, the first that is broken for sure, else the first that may be."""
    return min(links, key=lambda route: ("silent", "unknown", "doubtful", "pages").index(route.status), default=PAGES)
