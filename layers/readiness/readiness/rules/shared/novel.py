"""A value that AWS did not have when this release was made: what it means is not known, so nothing is concluded."""

from typing import NoReturn

from readiness.model import Reason, Unavailable, Unreadable


def novel(permission: str, member: str, value: str) -> NoReturn:
    """Unreadable, always: nobody here has a word for the value of the member, in the answer of the call."""
    raise Unreadable({}, Unavailable(Reason.SDK_TOO_OLD, permission, f"{member} is {value}"))
