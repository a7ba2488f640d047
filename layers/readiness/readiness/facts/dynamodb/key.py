"""The KMS key of a table, its rotation and its policy."""

from datetime import datetime
from typing import TYPE_CHECKING

from readiness.aws.answer import Answer, Partial, deferred, listed
from readiness.aws.arn import region_of
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.change_events import KEY
from readiness.facts.dynamodb.table import TableDescription
from readiness.facts.iam.policy_text import describe_key, key_policy_text, statements_of
from readiness.iam.statement import Statement, about
from readiness.model import Fact, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

IMPORTED = "EXTERNAL"
GET_POLICY = "kms:GetKeyPolicy"


class TableKey(Partial):
    """The KMS key of a table. `manager` is KeyManager (AWS or CUSTOMER), `state` is KeyState, `origin` is Origin.

    `primary_arn` is the key itself, or the primary key of a multi-Region replica. `expires` is the earliest expiry of
    its imported key material, `deleted_on` the time of a scheduled deletion.
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
        """Return True for an enabled customer managed key."""
        return self.manager == "CUSTOMER" and self.state == "Enabled"

    @property
    def rotatable(self) -> bool:
        """Return True where AWS KMS can rotate the key: enabled, customer managed, key material from AWS KMS."""
        return self.living and self.origin == "AWS_KMS"


@fact("kms:DescribeKey", events=KEY, absent="the table is encrypted with an AWS owned key")
def table_key(aws: Aws, description: TableDescription) -> TableKey | None:
    """Return None for an AWS owned key, which no API describes. Reading a key of another account may be denied."""
    arn = _key_of(description)
    if arn is None:
        return None
    with existing(f"the key {arn}"):
        answer = describe_key(_client(aws, arn), arn)
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
    """Automatic key rotation, and its period in days."""

    enabled: bool
    period_days: int | None


@fact("kms:GetKeyRotationStatus")
def key_rotation(aws: Aws, key: TableKey) -> KeyRotation | None:
    """Return None if automatic rotation does not apply to the key. A replica key rotates with its primary key."""
    if not key.rotatable:
        return None
    with existing(f"the key {key.primary_arn}"):
        answered = _client(aws, key.primary_arn).get_key_rotation_status(KeyId=key.primary_arn)
    answer = Answer(answered, "kms:GetKeyRotationStatus")
    return KeyRotation(answer.need("KeyRotationEnabled", bool), answer.get("RotationPeriodInDays", int))


class ManualRotation(Fact):
    """The time of the last on-demand rotation, None: never; and the earliest expiry of imported key material."""

    latest: datetime | None
    expires: datetime | None = None
    material: str | None = None


@fact("kms:ListKeyRotations")
def manual_rotation(aws: Aws, key: TableKey, rotation: KeyRotation | None) -> ManualRotation | None:
    """Return None if automatic rotation is enabled, or on-demand rotation does not apply to the key.

    All imported key material is listed, including material pending rotation. For a multi-Region key with imported
    material only DescribeKey gives the earliest expiry.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    imported = key.living and key.origin == IMPORTED and not key.multi_region
    if not imported and (rotation is None or rotation.enabled):
        return None
    asked = key.arn if imported else key.primary_arn
    paginator = _client(aws, asked).get_paginator("list_key_rotations")
    pages = paginator.paginate(KeyId=asked, IncludeKeyMaterial="ALL_KEY_MATERIAL" if imported else "ROTATIONS_ONLY")
    with existing(f"the key {asked}"):
        entries = list(listed(pages, "Rotations", "kms:ListKeyRotations"))
    by_hand = [each.need("RotationDate", datetime) for each in entries if each.get("RotationType", str) == "ON_DEMAND"]
    expiring = [
        (expires, each.get("KeyMaterialId", str)) for each in entries if (expires := each.get("ValidTo", datetime))
    ]
    expires, material = min(expiring, key=lambda pair: pair[0], default=(None, None))
    return ManualRotation(max(by_hand, default=None), expires, material)


class KeyPolicy(Fact):
    """The KMS statements of the policy; its text is not kept."""

    statements: tuple[Statement, ...]


@fact(GET_POLICY, absent="no customer managed key")
def key_policy(aws: Aws, key: TableKey) -> KeyPolicy | None:
    """Return None for an AWS managed key. The policy of a key in another account cannot be read."""
    if key.manager != "CUSTOMER":
        return None
    with existing(f"the key {key.arn}"):
        text = key_policy_text(_client(aws, key.arn), key.arn)
    return KeyPolicy(tuple(about({"kms"}, statements_of(text, GET_POLICY, "the key policy"))))


def _key_of(description: TableDescription) -> str | None:
    """Return the ARN of the key, which AWS gives for every table with a KMS key of the account."""
    encryption = description.encryption
    if encryption is None or encryption.key_arn is not None:
        return encryption.key_arn if encryption else None
    if encryption.status in {"DISABLED", "DISABLING"}:
        return None
    raise Unreadable(
        {}, Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", "Table.SSEDescription.KMSMasterKeyArn")
    )


def _client(aws: Aws, arn: str) -> "KMSClient":
    """Return a KMS client in the key's Region: the primary of a replica key is in another Region."""
    return aws.client("kms", region_of(arn))


def _primary(key: Answer, arn: str) -> str:
    """Return the ARN of the primary key, which alone can be rotated; GetKeyRotationStatus answers for it."""
    replicated = key.part_or_none(REPLICATED)
    return replicated.part("PrimaryKey").need("Arn", str) if replicated else key.get("Arn", str, arn)
