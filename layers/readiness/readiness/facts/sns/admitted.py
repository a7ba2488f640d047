"""The statements about an AWS service in the policy of a topic, queue, function or key."""

from readiness.alarms.grant import Grant, grants
from readiness.iam.statement import Malformed
from readiness.model import Reason, Unavailable, Unreadable


def granted(policy: str, action: str, resource: str, account: str, service: str, permission: str) -> tuple[Grant, ...]:  # noqa: PLR0913, PLR0917  all parts of the call
    """Return the grants to a service; none for an empty policy.

    Raises Unreadable for a malformed one, with `permission`, that of the call that returned it.
    """
    try:
        return tuple(grants(policy, action, resource, account, service))
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, permission, str(why))) from None
