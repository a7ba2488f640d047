"""Policies that AWS returns as text, with what they grant to a service, and KMS keys with theirs."""

from readiness.alarms.encryption import Key
from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, region_of
from readiness.aws.client import Aws, existing
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


class OwnedKey(Key, frozen=True):
    """A key. `policy` is empty for an AWS managed key."""

    policy: str


def read_key(aws: Aws, key: str, owner: str) -> OwnedKey:
    """Return the key, by ID, alias or ARN, of the queue or topic `owner`. Gone: the key does not exist."""
    client = aws.client("kms", region_of(owner))
    with existing(f"the key {key}"):
        described = Answer(client.describe_key(KeyId=_whole(key, owner)), "kms:DescribeKey").part("KeyMetadata")
        arn, manager, state = (described.need(name, str) for name in ("Arn", "KeyManager", "KeyState"))
        if manager == "AWS":
            return OwnedKey(arn, manager, state, "")
        policy = Answer(client.get_key_policy(KeyId=arn, PolicyName="default"), "kms:GetKeyPolicy")
        return OwnedKey(arn, manager, state, policy.need("Policy", str))


def _whole(key: str, owner: str) -> str:
    """Return the key with the account of its owner: an ID or alias without an ARN is in that account."""
    if key.startswith("arn:"):
        return key
    partition = owner.split(":")[1]
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition}:kms:{region_of(owner)}:{account_of(owner)}:{name}"
