"""The route of an alarm to on-call, and how certain it is."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from readiness.iam.service_access import Grant, admits
from readiness.model import PartlyCompared, Remedy, Unavailable


class Route(PartlyCompared, Struct, frozen=True):
    """The route of an alarm to on-call. `why` names the first broken link; it is empty where the alarm pages.

    `unavailable` is set exactly where the status is `unknown`. `remedy` repairs that link; None where a person has to
    look, or where no alarm exists yet. `alarm` is the ARN of the alarm that cannot enter ALARM, if that is the broken
    link. Both follow from `why`, so they do not count in comparisons.
    """

    compared = ("status", "why", "unavailable")

    status: Literal["pages", "doubtful", "silent", "unknown"]
    why: str = ""
    unavailable: Unavailable | None = None
    remedy: Remedy | None = None
    alarm: str = ""


PAGES = Route("pages")


def silent(why: str, remedy: Remedy | None = None) -> Route:
    """Return a route that reaches nobody."""
    return Route("silent", why, remedy=remedy)


def doubtful(why: str, remedy: Remedy | None = None) -> Route:
    """Return a route that may reach nobody."""
    return Route("doubtful", why, remedy=remedy)


def unknown(unavailable: Unavailable) -> Route:
    """Return a route that could not be read."""
    return Route("unknown", unavailable=unavailable)


def admitted(grants: Iterable[Grant], source: str, policy: str, who: str, remedy: Remedy) -> Route:
    """Return the route past a policy for `who`, a service on behalf of a source, an ARN. `policy` is its name."""
    match admits(grants, source):
        case "yes":
            return PAGES
        case "maybe":
            return doubtful(f"{policy} allows {who} only under conditions that are not evaluated", remedy)
        case "no":
            return silent(f"{policy} does not allow {who}", remedy)


def best(routes: Iterable[Route]) -> Route:
    """Return the best of several routes, one of which is enough. Raises ValueError where there are none."""
    return max(routes, key=lambda route: ("silent", "doubtful", "unknown", "pages").index(route.status))


def chain(links: Iterable[Route]) -> Route:
    """Return the first link that is broken for certain, else the first that may be: all links must hold."""
    return min(links, key=lambda route: ("silent", "unknown", "doubtful", "pages").index(route.status), default=PAGES)
