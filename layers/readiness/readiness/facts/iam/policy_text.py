"""Policies that AWS returns as text: their statements, and what they grant to an AWS service."""

from readiness.iam.service_access import Grant, ServiceCall, grants_to
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable


def statements_of(text: str, permission: str | None, name: str = "") -> tuple[Statement, ...]:
    """Return the statements of a policy; none for an empty text. `name` is that of the policy in messages.

    Unreadable: the text is not a policy. `permission` is the IAM action of the call that returned it.
    """
    try:
        return statements_in(text, name) if text else ()
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, permission, str(why))) from None


def granted(policy: str, call: ServiceCall, permission: str) -> tuple[Grant, ...]:
    """Return the grants of a policy to a service. Unreadable: see `statements_of`."""
    return tuple(grants_to(call, statements_of(policy, permission)))
