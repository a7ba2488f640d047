"""What the policy of a topic, queue, function or key says of a service of AWS."""

from readiness.alarms.grant import Grant, grants
from readiness.iam.statement import Malformed
from readiness.model import Reason, Unavailable, Unreadable


def granted(policy: str, action: str, resource: str, account: str, service: str, permission: str) -> tuple[Grant, ...]:  # noqa: PLR0913, PLR0917  who may do what, and who says so
    """Nothing where there is no policy. Unreadable: it is none; `permission` is that of the call that returned it."""
    try:
        return tuple(grants(policy, action, resource, account, service))
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, permission, str(why))) from None
