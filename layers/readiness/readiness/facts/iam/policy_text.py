"""Policies that AWS returns as text, with what they grant to a service, and KMS keys with theirs."""

from typing import TYPE_CHECKING

from readiness.alarms.encryption import Key
from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, region_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws, existing
from readiness.iam.service_access import Grant, ServiceCall, grants_to
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


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
        described = describe_key(client, _whole(key, owner))
        arn, manager, state = (described.need(name, str) for name in ("Arn", "KeyManager", "KeyState"))
        if manager == "AWS":
            return OwnedKey(arn, manager, state, "")
        return OwnedKey(arn, manager, state, key_policy_text(client, arn))


def describe_key(client: "KMSClient", arn: str) -> Answer:
    """Return the metadata of a key, by the ARN of the key or an alias, which the facts of a collection share."""
    answered = shared(("kms:DescribeKey", arn), lambda: client.describe_key(KeyId=arn))
    return Answer(answered, "kms:DescribeKey").part("KeyMetadata")


def key_policy_text(client: "KMSClient", arn: str) -> str:
    """Return the policy of a key, which the facts of a collection share."""
    answered = shared(("kms:GetKeyPolicy", arn), lambda: client.get_key_policy(KeyId=arn, PolicyName="default"))
    return Answer(answered, "kms:GetKeyPolicy").need("Policy", str)


def _whole(key: str, owner: str) -> str:
    """Return the key with the account of its owner: an ID or alias without an ARN is in that account."""
    if key.startswith("arn:"):
        return key
    partition = owner.split(":")[1]
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition}:kms:{region_of(owner)}:{account_of(owner)}:{name}"
