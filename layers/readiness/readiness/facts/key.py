"""The KMS key that encrypts a table, and how it is rotated."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from readiness.arn import region_of
from readiness.aws import Aws
from readiness.fact import fact
from readiness.facts.instant import utc, utc_or_none
from readiness.facts.table import TableDescription
from readiness.model import Gone

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_kms.type_defs import KeyMetadataTypeDef


@dataclass(frozen=True)
class TableKey:
    """The key. `manager` is AWS or CUSTOMER, `state` AWS's KeyState, `origin` where its material comes from.

    `primary_arn` is the key itself, or the primary that a multi-Region replica follows. `expires` is when imported
    material does, `deleted_on` when a scheduled deletion happens.
    """

    arn: str
    manager: str
    state: str
    origin: str
    primary_arn: str
    expires: datetime | None
    deleted_on: datetime | None

    @property
    def rotatable(self) -> bool:
        """Whether AWS can be told to rotate it: a living customer key with material that AWS made."""
        return self.manager == "CUSTOMER" and self.state == "Enabled" and self.origin == "AWS_KMS"


@fact("kms:DescribeKey")
def table_key(aws: Aws, description: TableDescription) -> TableKey | None:
    """None: AWS owns the key, and nothing can be asked of it. A key of another account may well be denied."""
    if description.encryption is None or description.encryption.key_arn is None:
        return None
    client = _client(aws, description.encryption.key_arn)
    try:
        answer = client.describe_key(KeyId=description.encryption.key_arn)["KeyMetadata"]
    except client.exceptions.NotFoundException:
        msg = f"the key {description.encryption.key_arn} does not exist"
        raise Gone(msg) from None
    return TableKey(
        arn=answer["Arn"],
        manager=answer["KeyManager"],
        state=answer["KeyState"],
        origin=answer["Origin"],
        primary_arn=_primary(answer),
        expires=utc_or_none(answer.get("ValidTo")),
        deleted_on=utc_or_none(answer.get("DeletionDate")),
    )


@dataclass(frozen=True)
class KeyRotation:
    """Whether AWS rotates the key by itself, and how often (days)."""

    enabled: bool
    period_days: int | None


@fact("kms:GetKeyRotationStatus")
def key_rotation(aws: Aws, key: TableKey) -> KeyRotation | None:
    """None: AWS owns the rotation, can't rotate such material, or the key is dead. A replica follows its primary."""
    if not key.rotatable:
        return None
    answer = _client(aws, key.primary_arn).get_key_rotation_status(KeyId=key.primary_arn)
    return KeyRotation(answer["KeyRotationEnabled"], answer.get("RotationPeriodInDays"))


@dataclass(frozen=True)
class ManualRotation:
    """When somebody last had the key rotated; None: never."""

    latest: datetime | None


@fact("kms:ListKeyRotations")
def manual_rotation(aws: Aws, key: TableKey, rotation: KeyRotation) -> ManualRotation | None:
    """None: AWS rotates the key by itself, so nobody has to."""
    if rotation.enabled:
        return None
    pages = _client(aws, key.primary_arn).get_paginator("list_key_rotations").paginate(KeyId=key.primary_arn)
    rotations = [rotation for page in pages for rotation in page["Rotations"]]
    by_hand = [utc(rotation["RotationDate"]) for rotation in rotations if rotation["RotationType"] == "ON_DEMAND"]
    return ManualRotation(max(by_hand, default=None))


def _client(aws: Aws, arn: str) -> "KMSClient":
    """KMS knows a key only in the Region of the key, and the primary of a replica lives in another."""
    return aws.client("kms", region_of(arn))


def _primary(answer: "KeyMetadataTypeDef") -> str:
    """GetKeyRotationStatus of a replica is answered for its primary, which alone can be told to rotate."""
    if "MultiRegionConfiguration" in answer:
        return answer["MultiRegionConfiguration"]["PrimaryKey"]["Arn"]
    return answer["Arn"]
