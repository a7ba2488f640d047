"""Policies that AWS returns as text: their statements, and what they grant to an AWS service."""

from readiness.iam.service_access import Grant, ServiceCall, grants_to
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable


def statements_of(text: str, permission: str | None, name: str = "") -> tuple[Statement, ...]:
    """Return the statements of a policy, `name` in messages; none for no text. Unreadable: it is malformed."""
    try:
        return statements_in(text, name) if text else ()
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, permission, str(why))) from None


def granted(policy: str, call: ServiceCall, permission: str) -> tuple[Grant, ...]:
    """Return the grants of a policy to a service. Unreadable: see `statements_of`."""
    return tuple(grants_to(call, statements_of(policy, permission)))
