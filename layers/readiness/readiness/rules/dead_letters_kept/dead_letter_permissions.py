"""The permission of a role to send to a queue, topic or bucket: by its own policies, or by those of the target."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from readiness.aws.arn import account_of, service_of
from readiness.engine.rule import failed, recovered, warned
from readiness.facts.iam.grants import NOBODY, Grants
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import USES_OF_A_KEY, KeyOfTarget
from readiness.iam.evaluate import Access, Identity, access
from readiness.model import Unavailable, Unreadable, Verdict
from readiness.rules.dead_letters_kept.remedies import replacing

NEEDED = {
    "events": ("events:PutEvents",),
    "lambda": ("lambda:InvokeFunction",),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:SendMessage",),
}
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""

LONGEST = 100
"""The name of a policy may have 128 characters: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html."""

BADNESS = (Access.DIRECT, Access.CONDITIONAL, Access.BOUNDED, Access.NONE)


def judged(target: FailureTarget, roles: SendingRoles, right: Callable[[Identity], Access], what: str) -> Verdict:
    """Return the verdict on all roles that send to the target: `right` is the access of a role, `what` names it."""
    rights: dict[str, Access] = {}
    unread: dict[str, Unavailable] = {}
    for role in sorted({sender.role for sender in target.senders}):
        match roles.of(role):
            case Unavailable() as why:
                unread[role] = why
            case identity:
                rights[role] = right(identity) if identity else Access.NONE
    worst = max(rights, key=lambda role: BADNESS.index(rights[role]), default="")
    evidence = {
        "RoleName": worst.rpartition("/")[2],
        "RoleNames": " ".join(role.rpartition("/")[2] for role in rights if rights[role] is not Access.DIRECT),
        "Arn": target.arn,
        "Actions": json.dumps([action for action, _ in _needed(target.arn)]),
        "PolicyName": f"send-to-{_last(target.arn)}",
    }
    seen: dict[str, Any] = {"evidence": evidence}
    if rights and rights[worst] in {Access.NONE, Access.BOUNDED}:
        subject = f"role {evidence['RoleName']} does not allow {what} any more"
        return failed(f"role {evidence['RoleName']} does not allow {what}", subject=subject, **seen)
    if unread:
        raise Unreadable(unread)
    if rights and rights[worst] is Access.CONDITIONAL:
        return warned(f"role {evidence['RoleName']} allows {what} only under a condition", **seen)
    return recovered(f"the execution roles allow {what}")


def sent_by(target: FailureTarget) -> dict[str, Any]:
    """Return the first sender of the target as evidence, and the remedy that replaces its target."""
    sender = target.senders[0]
    evidence = {
        "TargetArn": target.arn,
        "FunctionName": sender.function,
        "RoleName": _last(sender.role),
        "Qualifier": sender.qualifier,
        "UUID": sender.mapping,
    }
    remedy = replacing(of_source=bool(sender.mapping), of_qualifier=bool(sender.qualifier))
    return {"evidence": evidence, "remedy": remedy}


def may_send(identity: Identity, target: str, senders: Grants = NOBODY) -> Access:
    """Return the access by the policies of the role and of the target; across accounts both must allow.

    An unconditional Deny overrides every other policy.
    """
    own = _worst(access(identity, *each) for each in _needed(target))
    if own is Access.BOUNDED:
        return own
    denied = any(
        statement.covers(*each) and not statement.allow and not statement.conditional
        for each in _needed(target)
        for statement in identity.statements
    )
    if denied or senders.refuse(identity.arn):
        return Access.NONE
    if account_of(target) in {"", account_of(identity.arn)}:
        return _better(own, senders.to(identity.arn))
    return _worst([own, senders.to_account_of(identity.arn)])


def may_use(identity: Identity, key: KeyOfTarget) -> Access:
    """Return the access to the key; the role's policies count only if the key policy delegates to the account."""
    own = _worst(access(identity, action, key.arn) for action in USES_OF_A_KEY)
    if key.users.refuse(identity.arn):
        return Access.NONE
    return _better(key.users.to(identity.arn), _worst([own, key.users.to_account_of(identity.arn)]))


def _needed(target: str) -> list[tuple[str, str]]:
    """Return the needed actions with their resources."""
    service = service_of(target)
    if service == "s3":
        return [("s3:PutObject", f"{target}/*"), ("s3:ListBucket", target)]
    return [(action, target) for action in NEEDED.get(service, ())]


def _last(arn: str) -> str:
    """Return the last part of an ARN, cut to the length of a policy name."""
    return re.split(r"[:/]", arn)[-1][:LONGEST]


def _worst(found: Iterable[Access]) -> Access:
    return max(found, key=BADNESS.index, default=Access.NONE)


def _better(one: Access, other: Access) -> Access:
    return min(one, other, key=BADNESS.index)
