"""A KMS key in the account lets its owner see, audit and revoke access to the data.

Without one, the data is encrypted with an AWS owned key, which nobody in the account can see or disable. A customer
managed key can also make the table inaccessible: after the key is disabled, reads fail within minutes while the table
status stays ACTIVE for about an hour, and after seven days DynamoDB archives the table.
"""

import json
from datetime import timedelta
from typing import Any

from readiness.aws.arn import region_of
from readiness.aws.time import minute
from readiness.engine.control import config, prowler, security_hub, well_architected
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, recovered, warned
from readiness.facts.dynamodb.key import IMPORTED, KeyPolicy, KeyRotation, ManualRotation, TableKey
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.table_roles import RolePolicies
from readiness.facts.recorded.now import Now
from readiness.iam.decrypting import Reading, left_to_iam, may_decrypt
from readiness.iam.evaluate import Access
from readiness.model import AddStatement, Call, Gone, Json, Reason, Remedy, Unavailable, Unreadable
from readiness.rules.shared.novel import novel
from readiness.rules.shared.transitional_state import TransitionalState, continued

rule = Rule(
    "1.2",
    "Encryption",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
    change_events_of=(TableDescription, TableKey),
)

CHANGE_LIMIT = timedelta(minutes=60)
ARCHIVED_AFTER = timedelta(days=7)
MATERIAL_LEFT = timedelta(days=30)
ROTATED_WITHIN = timedelta(days=365)
LOCKED_OUT = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
ARCHIVED = frozenset({"ARCHIVING", "ARCHIVED"})
MANUAL = frozenset({"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"})
"""Custom key stores: only their owner can rotate the key material."""

REVIVE = (
    "aws kms cancel-key-deletion --key-id {Arn} --region {region}; aws kms enable-key --key-id {Arn} --region {region}"
)
WRAP = (
    "aws kms get-parameters-for-import --key-id {Arn} --region {region} --wrapping-algorithm RSAES_OAEP_SHA_256"
    " --wrapping-key-spec RSA_4096"
)
IMPORTED_FILES = (
    " --import-token fileb://ImportToken.bin --encrypted-key-material fileb://EncryptedKeyMaterial.bin"
    " --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE"
)
# Imports the same key material again, wrapped with the public key that the first command prints.
IMPORT_AGAIN = f"{WRAP}; aws kms import-key-material --key-id {{Arn}} --region {{region}}{IMPORTED_FILES}"
# Imports new key material, wrapped in the same way, then rotates to it.
ROTATE_IMPORTED = (
    f"{WRAP}; aws kms import-key-material --key-id {{Arn}} --region {{region}} --import-type NEW_KEY_MATERIAL"
    f"{IMPORTED_FILES} && aws kms rotate-key-on-demand --key-id {{Arn}} --region {{region}}"
)
ENCRYPT = (
    "aws dynamodb update-table --table-name {table} --region {region} --sse-specification Enabled=true,SSEType=KMS"
)
# Without the key's ARN, DynamoDB would use the AWS managed key in place of the customer managed key.
SAME_KEY = f"{ENCRYPT},KMSMasterKeyId={{KMSMasterKeyArn}}"
SHOW_ENCRYPTION = (
    "aws dynamodb describe-table --table-name {table} --region {region} --query 'Table.[TableStatus,SSEDescription]'"
)
CONNECT = (
    'aws kms connect-custom-key-store --region {region} --custom-key-store-id "$(aws kms describe-key --key-id {Arn}'
    ' --region {region} --query KeyMetadata.CustomKeyStoreId --output text)"'
)
SHOW_KEY = "aws kms describe-key --key-id {Arn} --region {region}"
RESTORE = (
    "aws dynamodb restore-table-from-backup --target-table-name {table}-restored --backup-arn {ArchivalBackupArn}"
    " --region {region}"
)
THROUGH_DYNAMODB = {"StringEquals": {"kms:ViaService": "dynamodb.{region}.amazonaws.com"}}
ALLOW = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "{KeyArn}", "Condition": THROUGH_DYNAMODB}
DECRYPT = {
    "RoleName": "{RoleName}",
    "PolicyName": "decrypt-{table}",
    "PolicyDocument": Json({"Version": "2012-10-17", "Statement": [ALLOW]}),
}
CHANGING = frozenset({"Creating", "Updating"})
DEAD = frozenset({"Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Unavailable"})


class EncryptionChange(TransitionalState):
    """State of an encryption change that is in progress."""

    stored_as = "EncryptionChange"


@rule.check(
    decide=(
        "Decide which KMS key protects the data: the AWS managed key, as in the command, or a customer "
        "managed key, whose owner can make the table unreadable."
    ),
    version=2,
    fix=ENCRYPT,
    controls=(
        *config("dynamodb-table-encrypted-kms"),
        *well_architected("SEC08"),
        *prowler("dynamodb_tables_kms_cmk_encryption_enabled"),
    ),
)
def on(description: TableDescription, now: Now, before: EncryptionChange | None) -> Verdict:
    """Is encryption at rest with a KMS key of the account enabled?

    Access to the data cannot be limited or revoked with a KMS key of the account.
    """
    encryption = description.encryption
    if encryption is None:
        message = "the table is encrypted with an AWS owned key, expected a KMS key of the account"
        return failed(message, subject="encryption with a KMS key was disabled", watched={"SSEType": None})
    if encryption.kind is None or encryption.status is None:
        raise Unreadable({}, Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", "Table.SSEDescription"))
    configured = {"SSEType": encryption.kind, "KMSMasterKeyArn": encryption.key_arn}
    seen: dict[str, Any] = {"evidence": {"Status": encryption.status, **configured}, "watched": configured}
    if encryption.kind != "KMS":
        subject = f"encryption type was changed to {encryption.kind}"
        return failed(f"encryption type is {encryption.kind}, expected KMS", subject=subject, **seen)
    if encryption.status in {"ENABLING", "UPDATING"}:
        change = continued(EncryptionChange, before, encryption.status, now)
        message = f"encryption status is {encryption.status}"
        return change.verdict(now, CHANGE_LIMIT, message, remedy=Remedy(SHOW_ENCRYPTION), **seen)
    if encryption.status in {"DISABLED", "DISABLING"}:
        remedy = Remedy(SAME_KEY) if encryption.key_arn else None
        message = f"encryption with KMS is {encryption.status}, expected ENABLED"
        return failed(message, subject="encryption with a KMS key was disabled", remedy=remedy, **seen)
    if encryption.status != "ENABLED":
        return novel("dynamodb:DescribeTable", "SSEDescription.Status", encryption.status)
    good = "the table is encrypted with a KMS key"
    return recovered(good, **seen)


@rule.check(
    decide=(
        "The owner of the key decides if it was disabled on purpose. After 7 days without the key, DynamoDB "
        "archives the table."
    ),
    severity=Severity.CRITICAL,
    version=2,
    fix=REVIVE.replace("{Arn}", "{KMSMasterKeyArn}"),
)
def accessible(description: TableDescription) -> Verdict:
    """Can DynamoDB use the KMS key of the table?

    Every read and write of the table fails. DynamoDB archives the table after 7 days without access to the key.
    """
    if description.status in ARCHIVED:
        return _archived(description)
    encryption = description.encryption
    since = encryption.inaccessible_since if encryption else None
    evidence = {
        "TableStatus": description.status,
        "KMSMasterKeyArn": encryption.key_arn if encryption else None,
        "InaccessibleEncryptionDateTime": since.isoformat() if since else None,
    }
    remedy = None if evidence["KMSMasterKeyArn"] else Remedy(SHOW_ENCRYPTION)
    if since is not None or description.status == LOCKED_OUT:
        when = f"at {minute(since + ARCHIVED_AFTER)}" if since else "after 7 days"
        message = f"the KMS key is inaccessible, the table will be archived {when}"
        return failed(message, subject="the table's KMS key became inaccessible", evidence=evidence, remedy=remedy)
    return recovered("DynamoDB can use the KMS key", evidence=evidence)


@rule.check(
    decide="The owner of the key decides if it was disabled or scheduled for deletion on purpose.",
    severity=Severity.CRITICAL,
    version=2,
    fix=REVIVE,
    controls=(
        *security_hub("KMS.3"),
        *config("kms-cmk-not-scheduled-for-deletion"),
        *prowler("kms_cmk_not_deleted_unintentionally"),
    ),
)
def key(key: TableKey) -> Verdict:
    """Is the KMS key enabled and not scheduled for deletion?

    Reads and writes fail as soon as DynamoDB can no longer use the key. After a deleted key, the data is lost.
    """
    seen = _key_seen(key)
    if key.state in DEAD:
        deletion = f", it will be deleted on {key.deleted_on:%Y-%m-%d}" if key.deleted_on else ""
        remedy = {"PendingImport": Remedy(IMPORT_AGAIN), "Unavailable": Remedy(CONNECT)}.get(key.state)
        message = f"state of the KMS key is {key.state}, expected Enabled{deletion}"
        return failed(message, subject=f"state of the KMS key was changed to {key.state}", remedy=remedy, **seen)
    if key.state in CHANGING:
        return warned(f"state of the KMS key is {key.state}, expected Enabled", **seen)
    if key.state != "Enabled":
        return novel("kms:DescribeKey", "KeyState", key.state)
    return recovered("the KMS key is enabled", **seen)


@rule.check(
    severity=Severity.MEDIUM,
    version=2,
    fix=Call("kms", "EnableKeyRotation", {"KeyId": "{Arn}", "RotationPeriodInDays": 365}, "{Region}"),
    controls=(
        *security_hub("KMS.4", related=True),
        *config("cmk-backing-key-rotation-enabled", related=True),
        *prowler("kms_cmk_rotation_enabled", related=True),
    ),
)
def rotation(key: TableKey, rotation: KeyRotation | None, manual: ManualRotation | None, now: Now) -> Verdict:
    """Is the customer managed key rotated, by AWS KMS where it generated the key material?"""
    if rotation is None:
        return _rotated_by_hand(key, manual, now)
    seen: dict[str, Any] = {
        "evidence": {"Arn": key.primary_arn, "Region": region_of(key.primary_arn)},
        "watched": {"KeyRotationEnabled": rotation.enabled, "RotationPeriodInDays": rotation.period_days},
    }
    if rotation.enabled:
        return passed("automatic key rotation is enabled", **seen)
    latest = manual.latest if manual else None
    if latest is not None and now.at - latest <= ROTATED_WITHIN:
        return warned(f"automatic key rotation is disabled, last rotated on demand on {latest:%Y-%m-%d}", **seen)
    return failed("automatic key rotation is disabled", subject="automatic key rotation was disabled", **seen)


@rule.check(decide="The owner of the key material imports it again: only they have it.", version=2, fix=IMPORT_AGAIN)
def material(key: TableKey, manual: ManualRotation | Unavailable | None, now: Now) -> Verdict:
    """Does the imported key material stay valid for at least 30 days?

    When the key material expires, the key cannot be used, and every read and write of the table fails.
    """
    seen = _key_seen(key)
    if key.origin == "AWS_KMS":
        return passed("AWS KMS generated the key material, which does not expire", **seen)
    if key.origin in MANUAL:
        return passed(f"the key material is in a custom key store ({key.origin}) and does not expire", **seen)
    if key.origin != IMPORTED:
        return novel("kms:DescribeKey", "Origin", key.origin)
    listed = manual if isinstance(manual, ManualRotation) else ManualRotation(None)
    first = min(filter(None, (key.expires, listed.expires)), default=None)
    soon = first is not None and first - now.at < MATERIAL_LEFT
    if isinstance(manual, Unavailable) and not soon:
        raise Unreadable({}, manual)
    if first is None:
        return passed("the imported key material does not expire", **seen)
    judge = failed if soon else passed
    named = {"KeyMaterialId": listed.material} if listed.material and listed.expires == first else {}
    evidence = {**seen["evidence"], "ValidTo": first.isoformat(), **named}
    wanted = f", expected at least {MATERIAL_LEFT.days} days left" if soon else ""
    message = f"the imported key material expires on {first:%Y-%m-%d}{wanted}"
    return judge(message, evidence=evidence, watched=seen["watched"])


@rule.check(
    severity=Severity.MEDIUM,
    confirm=2,
    version=2,
    required=False,
    fix=Call("iam", "PutRolePolicy", DECRYPT, ""),
)
def grants(table: Table, key: TableKey, policy: KeyPolicy, role: RolePolicies | Gone) -> Verdict:
    """Can each role of the table's functions decrypt with the key, at least through DynamoDB?"""
    if isinstance(role, Gone):
        return not_applicable(str(role))
    identity, reading = role.principal.identity, Reading(table.arn, key.arn)
    evidence = {"RoleName": role.principal.name, "KeyArn": key.arn}
    allowed = may_decrypt(identity, policy.statements, reading)
    if allowed is Access.DIRECT:
        return passed("the role can decrypt with the table's KMS key", evidence=evidence)
    if allowed is Access.CONDITIONAL:
        message = "the role can decrypt with the table's KMS key only under conditions that cannot be evaluated"
        return warned(message, evidence=evidence)
    if left_to_iam(policy.statements, identity.arn, reading) is not Access.NONE:
        message = "the role cannot decrypt with the table's KMS key: no policy of the role or of the key allows it"
        return warned(message, evidence=evidence)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": identity.arn},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{table.region}.amazonaws.com"}},
    }
    message = "the key policy allows neither the role nor IAM policies: the role can decrypt only with a KMS grant"
    remedy = Remedy(steps=(AddStatement(key.arn, json.dumps(statement, separators=(",", ":"))),))
    return warned(message, evidence=evidence, remedy=remedy)


def _archived(description: TableDescription) -> Verdict:
    """Return the verdict on an archived table: DynamoDB keeps a backup of it, which restores under another name.

    Under the same name it can be restored once the archived table is deleted.
    """
    why = "its KMS key was inaccessible for 7 days"
    return failed(
        f"table status is {description.status}: {why}",
        subject=f"the table was archived: {why}",
        evidence={"TableStatus": description.status, "ArchivalBackupArn": description.archive},
        remedy=Remedy(RESTORE if description.archive else "aws dynamodb list-backups --region {region}"),
    )


def _rotated_by_hand(key: TableKey, manual: ManualRotation | None, now: Now) -> Verdict:
    """Return the verdict on a key without automatic rotation in AWS KMS."""
    seen = _key_seen(key)
    if not key.living or key.origin not in {*MANUAL, IMPORTED}:
        return not_applicable("no key with automatic rotation")
    custom = f"is in a custom key store ({key.origin})" if key.origin in MANUAL else ""
    if custom or key.multi_region:
        why = custom or "is imported and the key is multi-Region: AWS KMS does not rotate it"
        message = f"the key material {why}{': ' if custom else ', '}rotate it on a schedule"
        return warned(message, remedy=Remedy(SHOW_KEY), **seen)
    remedy = Remedy(ROTATE_IMPORTED)
    latest = manual.latest if manual else None
    if latest is None:
        return warned("the imported key material was never rotated", remedy=remedy, **seen)
    message = f"the imported key material was last rotated on {latest:%Y-%m-%d}"
    if now.at - latest > ROTATED_WITHIN:
        return warned(f"{message}, expected within {ROTATED_WITHIN.days} days", remedy=remedy, **seen)
    return passed(message, **seen)


def _key_seen(key: TableKey) -> dict[str, Any]:
    configured = {"KeyState": key.state, "Origin": key.origin}
    return {"evidence": {"Arn": key.arn, "KeyManager": key.manager, **configured}, "watched": configured}
