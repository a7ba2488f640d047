"""The KMS key that encrypts a table, and how it is rotated."""

from datetime import datetime
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer, Partial, deferred, listed
from readiness.aws.arn import region_of
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import TableDescription
from readiness.model import Fact, Gone, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

IMPORTED = "EXTERNAL"


class TableKey(Partial):
    """The key. `manager` is AWS or CUSTOMER, `state` AWS's KeyState, `origin` where its material comes from.

    `primary_arn` is the key itself, or the primary that a multi-Region replica follows. `expires` is when the first of
    its imported materials does, `deleted_on` when a scheduled deletion happens.
    """

    arn: str
    manager: str
    state: str
    origin: str
    primary_arn: str
    multi_region: bool
    expires: datetime | None
    deleted_on: datetime | None

    @property
    def living(self) -> bool:
        """Whether it is a customer key in use."""
        return self.manager == "CUSTOMER" and self.state == "Enabled"

    @property
    def rotatable(self) -> bool:
        """Whether AWS can be told to rotate it: a living customer key with material that AWS made."""
        return self.living and self.origin == "AWS_KMS"


@fact("kms:DescribeKey")
def table_key(aws: Aws, description: TableDescription) -> TableKey | None:
    """None: AWS owns the key, and nothing can be asked of it. A key of another account may well be denied."""
    arn = _key_of(description)
    if arn is None:
        return None
    client = _client(aws, arn)
    try:
        answered = client.describe_key(KeyId=arn)
    except client.exceptions.NotFoundException:
        msg = f"the key {arn} does not exist"
        raise Gone(msg) from None
    answer = Answer(answered, "kms:DescribeKey").part("KeyMetadata")
    return TableKey(
        arn=answer.get("Arn", str, arn),
        manager=deferred(lambda: answer.need("KeyManager", str)),
        state=deferred(lambda: answer.need("KeyState", str)),
        origin=deferred(lambda: answer.need("Origin", str)),
        primary_arn=deferred(lambda: _primary(answer, arn)),
        multi_region=deferred(lambda: answer.get("MultiRegion", bool, default=answer.has(REPLICATED))),
        expires=deferred(lambda: answer.get("ValidTo", datetime)),
        deleted_on=deferred(lambda: answer.get("DeletionDate", datetime)),
    )


REPLICATED = "MultiRegionConfiguration"


class KeyRotation(Fact):
    """Whether AWS rotates the key by itself, and how often (days)."""

    enabled: bool
    period_days: int | None


@fact("kms:GetKeyRotationStatus")
def key_rotation(aws: Aws, key: TableKey) -> KeyRotation | None:
    """None: AWS owns the rotation, can't rotate such material, or the key is dead. A replica follows its primary."""
    if not key.rotatable:
        return None
    answered = _client(aws, key.primary_arn).get_key_rotation_status(KeyId=key.primary_arn)
    answer = Answer(answered, "kms:GetKeyRotationStatus")
    return KeyRotation(answer.need("KeyRotationEnabled", bool), answer.get("RotationPeriodInDays", int))


class ManualRotation(Fact):
    """When somebody last had the key rotated, None: never; and when the first of its imported materials expires."""

    latest: datetime | None
    expires: datetime | None = None
    material: str | None = None


@fact("kms:ListKeyRotations")
def manual_rotation(aws: Aws, key: TableKey, rotation: KeyRotation | None) -> ManualRotation | None:
    """None: AWS rotates the key by itself, or nobody can by this call: the key is dead, or of another kind.

    Of imported material all is listed, that too which waits to be used. Of a multi-Region key with such material
    DescribeKey alone is asked, which tells when the first of it expires.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    imported = key.living and key.origin == IMPORTED and not key.multi_region
    if not imported and (rotation is None or rotation.enabled):
        return None
    asked = key.arn if imported else key.primary_arn
    paginator = _client(aws, asked).get_paginator("list_key_rotations")
    pages = paginator.paginate(KeyId=asked, IncludeKeyMaterial="ALL_KEY_MATERIAL" if imported else "ROTATIONS_ONLY")
    entries = list(listed(pages, "Rotations", "kms:ListKeyRotations"))
    by_hand = [each.need("RotationDate", datetime) for each in entries if each.get("RotationType", str) == "ON_DEMAND"]
    expiring = [
        (expires, each.get("KeyMaterialId", str)) for each in entries if (expires := each.get("ValidTo", datetime))
    ]
    expires, material = min(expiring, key=lambda pair: pair[0], default=(None, None))
    return ManualRotation(max(by_hand, default=None), expires, material)


def _key_of(description: TableDescription) -> str | None:
    """AWS names the key of every table that is encrypted with one of the account."""
    encryption = description.encryption
    if encryption is None or encryption.key_arn is not None:
        return encryption.key_arn if encryption else None
    if encryption.status in {"DISABLED", "DISABLING"}:
        return None
    raise Unreadable(
        {}, Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", "Table.SSEDescription.KMSMasterKeyArn")
    )


def _client(aws: Aws, arn: str) -> "KMSClient":
    """KMS knows a key only in the Region of the key, and the primary of a replica lives in another."""
    return aws.client("kms", region_of(arn))


def _primary(key: Answer, arn: str) -> str:
    """GetKeyRotationStatus of a replica is answered for its primary, which alone can be told to rotate."""
    replicated = key.part_or_none(REPLICATED)
    return replicated.part("PrimaryKey").need("Arn", str) if replicated else key.get("Arn", str, arn)
