"""Whether a role may put something into a queue, a topic or a bucket: by its own policies, or by those of the place."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from readiness.aws.arn import account_of, service_of
from readiness.engine.rule import failed, passed, warned
from readiness.facts.iam.grants import NOBODY, Grants
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import USES_OF_A_KEY, KeyOfTarget
from readiness.iam.evaluate import Access, Identity, access
from readiness.model import Unavailable, Unreadable, Verdict

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
    """A verdict on all roles that send there: `right` says how far one may do `what`."""
    rights: dict[str, Access] = {}
    unread: dict[str, Unavailable] = {}
    for role in sorted({sender.role for sender in target.senders}):
        match roles.of(role):
            case Unavailable() as why:
                unread[role] = why
            case identity:
                rights[role] = right(identity) if identity else Access.NONE
    worst = max(rights, key=lambda role: BADNESS.index(rights[role]), default="")
    actions = json.dumps([action for action, _ in _needed(target.arn)])
    evidence = {
        "RoleName": worst.rpartition("/")[2],
        "RoleNames": " ".join(role.rpartition("/")[2] for role in rights if rights[role] is not Access.DIRECT),
        "Arn": target.arn,
        "Actions": actions,
        "PolicyName": f"send-to-{_last(target.arn)}",
    }
    seen: dict[str, Any] = {"evidence": evidence}
    if rights and rights[worst] in {Access.NONE, Access.BOUNDED}:
        return failed(f"the role {evidence['RoleName']} may not {what}", **seen)
    if unread:
        raise Unreadable(unread)
    if rights and rights[worst] is Access.CONDITIONAL:
        return warned(f"the role {evidence['RoleName']} may {what} only under a condition", **seen)
    return passed(f"the roles may {what}")


def sent_by(target: FailureTarget) -> dict[str, Any]:
    """By whom, as far as the first of them goes: what a command needs to send it elsewhere."""
    sender = target.senders[0]
    return {
        "TargetArn": target.arn,
        "FunctionName": sender.function,
        "RoleName": _last(sender.role),
        "Qualifier": sender.qualifier,
        "UUID": sender.mapping,
    }


def may_send(identity: Identity, target: str, senders: Grants = NOBODY) -> Access:
    """What the policies of the role and of the target come to. A target of another account has to agree as well."""
    own = _worst(access(identity, *each) for each in _needed(target))
    if own is Access.BOUNDED:
        return own
    if _denied(identity, target) or senders.refuse(identity.arn):
        return Access.NONE
    if account_of(target) in {"", account_of(identity.arn)}:
        return _better(own, senders.to(identity.arn))
    return _worst([own, senders.to_account_of(identity.arn)])


def may_use(identity: Identity, key: KeyOfTarget) -> Access:
    """The role's own policies count only as far as the key's leaves it to the account."""
    own = _worst(access(identity, action, key.arn) for action in USES_OF_A_KEY)
    if key.users.refuse(identity.arn):
        return Access.NONE
    return _better(key.users.to(identity.arn), _worst([own, key.users.to_account_of(identity.arn)]))


def _needed(target: str) -> list[tuple[str, str]]:
    """Actions and resources: of a bucket, the objects in it and the bucket itself."""
    service = service_of(target)
    if service == "s3":
        return [("s3:PutObject", f"{target}/*"), ("s3:ListBucket", target)]
    return [(action, target) for action in NEEDED.get(service, ())]


def _denied(identity: Identity, target: str) -> bool:
    """Whether a Deny that knows no condition speaks of it: then no other policy helps."""
    return any(
        statement.covers(*each) and not statement.allow and not statement.conditional
        for each in _needed(target)
        for statement in identity.statements
    )


def _last(arn: str) -> str:
    """What tells it from others, as far as the name of a policy may have it."""
    return re.split(r"[:/]", arn)[-1][:LONGEST]


def _worst(found: Iterable[Access]) -> Access:
    return max(found, key=BADNESS.index, default=Access.NONE)


def _better(one: Access, other: Access) -> Access:
    return min(one, other, key=BADNESS.index)
