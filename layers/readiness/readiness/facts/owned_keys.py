"""The KMS keys that encrypt queues and topics, and their policies."""

from typing import TYPE_CHECKING

from readiness.arn import account_of, region_of
from readiness.aws import Aws
from readiness.model import Gone

if TYPE_CHECKING:
    from mypy_boto3_kms.type_defs import KeyMetadataTypeDef


def read_key(aws: Aws, key: str, owner: str) -> "tuple[KeyMetadataTypeDef, str]":
    """The key, an ID, an alias or an ARN, of the queue or topic of that ARN; and its policy, which AWS keeps its own.

    Gone: there is no such key.
    """
    client = aws.client("kms", region_of(owner))
    try:
        answer = client.describe_key(KeyId=_whole(key, owner))["KeyMetadata"]
        if answer["KeyManager"] == "AWS":
            return answer, ""
        return answer, client.get_key_policy(KeyId=answer["Arn"], PolicyName="default")["Policy"]
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
