"""Values that this release does not know: nothing is concluded from them."""

from typing import NoReturn

from readiness.model import Reason, Unavailable, Unreadable


def novel(permission: str, member: str, value: str) -> NoReturn:
    """Raise Unreadable, for a member of an API response whose value this release does not know."""
    raise Unreadable({}, Unavailable(Reason.SDK_TOO_OLD, permission, f"{member} is {value}"))
