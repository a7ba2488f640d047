"""The KMS keys that encrypt queues and topics, and their policies."""

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, region_of
from readiness.aws.client import Aws
from readiness.model import Gone


class OwnedKey(Struct, frozen=True):
    """A key. `manager` is AWS or CUSTOMER, `state` is AWS's KeyState. The `policy` of a key of AWS's own is empty."""

    arn: str
    manager: str
    state: str
    policy: str


def read_key(aws: Aws, key: str, owner: str) -> OwnedKey:
    """The key, an ID, an alias or an ARN, of the queue or topic of that ARN; and its policy, which AWS keeps its own.

    Gone: there is no such key.
    """
    client = aws.client("kms", region_of(owner))
    try:
        described = Answer(client.describe_key(KeyId=_whole(key, owner)), "kms:DescribeKey").part("KeyMetadata")
        arn, manager, state = (described.need(name, str) for name in ("Arn", "KeyManager", "KeyState"))
        if manager == "AWS":
            return OwnedKey(arn, manager, state, "")
        policy = Answer(client.get_key_policy(KeyId=arn, PolicyName="default"), "kms:GetKeyPolicy")
        return OwnedKey(arn, manager, state, policy.need("Policy", str))
    except client.exceptions.NotFoundException:
        msg = f"the key {key} does not exist"
        raise Gone(msg) from None


def _whole(key: str, owner: str) -> str:
    """An ID or an alias without an ARN means one of the account that owns the queue or topic."""
    if key.startswith("arn:"):
        return key
    partition = owner.split(":")[1]
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition}:kms:{region_of(owner)}:{account_of(owner)}:{name}"
