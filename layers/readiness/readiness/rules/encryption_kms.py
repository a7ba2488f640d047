"""With a KMS key in the account, who may read the data can be told, audited and stopped.

Without one the data is encrypted too, with a key that AWS owns and nobody in the account can see or withdraw. A
customer key is also a way to lose the table: the table goes on saying ACTIVE for an hour after its key was disabled,
while reads fail within minutes, and a week later it is archived.
"""

import json
from datetime import timedelta
from typing import Any

from readiness.aws.arn import region_of
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.dynamodb.key import IMPORTED, KeyRotation, ManualRotation, TableKey
from readiness.facts.dynamodb.table import Encryption, Table, TableDescription
from readiness.facts.iam.key_policy import KeyPolicy
from readiness.facts.iam.table_roles import RolePolicies
from readiness.facts.recorded.now import Now
from readiness.iam.decrypting import Reading, left_to_iam, may_decrypt
from readiness.iam.evaluate import Access
from readiness.model import Gone, Reason, Remedy, Unavailable, Unreadable
from readiness.rules.shared.novel import novel
from readiness.rules.shared.transition import Transition, continued

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
"""Key stores, of which nobody but their owner can rotate the material."""

REVIVE = (
    "aws kms cancel-key-deletion --key-id {Arn} --region {region}; aws kms enable-key --key-id {Arn} --region {region}"
)
WRAP = (
    "aws kms get-parameters-for-import --key-id {Arn} --region {region} --wrapping-algorithm RSAES_OAEP_SHA_256"
    " --wrapping-key-spec RSA_4096"
)
# The same material again, wrapped by the public key that the first command prints.
IMPORT_AGAIN = (
    f"{WRAP}; aws kms import-key-material --key-id {{Arn}} --region {{region}} --import-token fileb://ImportToken.bin"
    " --encrypted-key-material fileb://EncryptedKeyMaterial.bin --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE"
)
# Other material, wrapped likewise, and then put to use.
ROTATE_IMPORTED = (
    f"{WRAP}; aws kms import-key-material --key-id {{Arn}} --region {{region}} --import-type NEW_KEY_MATERIAL"
    " --import-token fileb://ImportToken.bin --encrypted-key-material fileb://EncryptedKeyMaterial.bin"
    " --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE && aws kms rotate-key-on-demand --key-id {Arn} --region {region}"
)
ENCRYPT = (
    "aws dynamodb update-table --table-name {table} --region {region} --sse-specification Enabled=true,SSEType=KMS"
)
# Without its name AWS would take a key of its own in place of the customer's.
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
NAME_IN_KEY = (
    "aws kms get-key-policy --key-id {KeyArn} --policy-name default --region {region} --query Policy --output text"
    " | jq --argjson more {Statement} '.Statement += [$more]' > key-policy.json"
    " && aws kms put-key-policy --key-id {KeyArn} --policy-name default --region {region}"
    " --policy file://key-policy.json"
)
CHANGING = frozenset({"Creating", "Updating"})
DEAD = frozenset({"Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Unavailable"})


class EncryptionChange(Transition):
    """A change of the encryption that was under way."""

    stored_as = "EncryptionChange"


@rule.check(version=2, fix=ENCRYPT)
def on(description: TableDescription, now: Now, before: EncryptionChange | None) -> Verdict:
    """Encryption with a KMS key of the account is on."""
    encryption = description.encryption
    if encryption is None:
        return failed("the table is encrypted with a key that AWS owns", watched={"SSEType": None})
    if encryption.kind is None or encryption.status is None:
        raise Unreadable({}, Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", "Table.SSEDescription"))
    seen = _encryption_seen(encryption)
    if encryption.kind != "KMS":
        return failed(f"encryption is of the type {encryption.kind}, not KMS", **seen)
    if encryption.status in {"ENABLING", "UPDATING"}:
        change = continued(EncryptionChange, before, encryption.status, now)
        judge = failed if change.overdue(now, CHANGE_LIMIT) else warned
        message = f"encryption is {encryption.status} since {change.since:%Y-%m-%d %H:%M} UTC"
        return judge(message, carry=change, remedy=Remedy(SHOW_ENCRYPTION), **seen)
    if encryption.status in {"DISABLED", "DISABLING"}:
        remedy = Remedy(SAME_KEY) if encryption.key_arn else None
        return failed(f"encryption with KMS is {encryption.status}", remedy=remedy, **seen)
    if encryption.status != "ENABLED":
        return novel("dynamodb:DescribeTable", "SSEDescription.Status", encryption.status)
    return passed("the table is encrypted with a KMS key", **seen)


@rule.check(severity=Severity.CRITICAL, version=2, fix=REVIVE.replace("{Arn}", "{KMSMasterKeyArn}"))
def accessible(description: TableDescription) -> Verdict:
    """DynamoDB can use the key, so that the data can be read."""
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
    if since is not None:
        deadline = f"{since + ARCHIVED_AFTER:%Y-%m-%d %H:%M} UTC"
        return failed(f"the key is out of reach: the table is archived on {deadline}", evidence=evidence, remedy=remedy)
    if description.status == LOCKED_OUT:
        message = "the key is out of reach: after seven days of that AWS archives the table"
        return failed(message, evidence=evidence, remedy=remedy)
    return passed("DynamoDB can use the key", evidence=evidence)


@rule.check(severity=Severity.CRITICAL, version=2, fix=REVIVE)
def key(key: TableKey) -> Verdict:
    """The key is enabled, and nobody has scheduled its deletion."""
    seen = _key_seen(key)
    if key.state in DEAD:
        ends = f", and is deleted on {key.deleted_on:%Y-%m-%d}" if key.deleted_on else ""
        remedy = {"PendingImport": Remedy(IMPORT_AGAIN), "Unavailable": Remedy(CONNECT)}.get(key.state)
        return failed(f"the table's key is {key.state}{ends}", remedy=remedy, **seen)
    if key.state in CHANGING:
        return warned(f"the table's key is {key.state}", **seen)
    if key.state != "Enabled":
        return novel("kms:DescribeKey", "KeyState", key.state)
    return passed("the table's key is enabled", **seen)


@rule.check(
    severity=Severity.MEDIUM,
    version=2,
    fix="aws kms enable-key-rotation --key-id {Arn} --rotation-period-in-days 365 --region {Region}",
)
def rotation(key: TableKey, rotation: KeyRotation | None, manual: ManualRotation | None, now: Now) -> Verdict:
    """A customer key is rotated, by AWS itself where AWS made its material."""
    if rotation is None:
        return _rotated_by_hand(key, manual, now)
    seen: dict[str, Any] = {
        "evidence": {"Arn": key.primary_arn, "Region": region_of(key.primary_arn)},
        "watched": {"KeyRotationEnabled": rotation.enabled, "RotationPeriodInDays": rotation.period_days},
    }
    if rotation.enabled:
        return passed("AWS rotates the key", **seen)
    latest = manual.latest if manual else None
    if latest is not None and now.at - latest <= ROTATED_WITHIN:
        return warned(f"the key is rotated by hand, last on {latest:%Y-%m-%d}", **seen)
    return failed("the key is not rotated", **seen)


@rule.check(version=2, fix=IMPORT_AGAIN)
def material(key: TableKey, manual: ManualRotation | Unavailable | None, now: Now) -> Verdict:
    """No material that was imported into the key expires within 30 days."""
    seen = _key_seen(key)
    if key.origin == "AWS_KMS":
        return passed("AWS made the key's material", **seen)
    if key.origin in MANUAL:
        return passed(f"the key's material is kept in a key store ({key.origin}), where AWS lets none expire", **seen)
    if key.origin != IMPORTED:
        return novel("kms:DescribeKey", "Origin", key.origin)
    listed = manual if isinstance(manual, ManualRotation) else ManualRotation(None)
    first = min(filter(None, (key.expires, listed.expires)), default=None)
    soon = first is not None and first - now.at < MATERIAL_LEFT
    if isinstance(manual, Unavailable) and not soon:
        raise Unreadable({}, manual)
    if first is None:
        return passed("the key's imported material does not expire", **seen)
    judge = failed if soon else passed
    named = {"KeyMaterialId": listed.material} if listed.material and listed.expires == first else {}
    evidence = {**seen["evidence"], "ValidTo": first.isoformat(), **named}
    return judge(f"the key's imported material expires on {first:%Y-%m-%d}", evidence=evidence, watched=seen["watched"])


@rule.check(
    severity=Severity.MEDIUM,
    confirm=2,
    version=2,
    required=False,
    fix="aws iam put-role-policy --role-name {RoleName} --policy-name decrypt-{table} --policy-document"
    ' \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"\'{KeyArn}\'",'
    '"Condition":{{"StringEquals":{{"kms:ViaService":"dynamodb.\'{region}\'.amazonaws.com"}}}}}}]}}\''
    " && aws kms get-key-policy --key-id {KeyArn} --policy-name default --region {region} --query Policy --output text",
)
def grants(table: Table, key: TableKey, policy: KeyPolicy, role: RolePolicies | Gone) -> Verdict:
    """Each role of the table's functions may decrypt with the key, be it through DynamoDB alone."""
    if isinstance(role, Gone):
        return not_applicable(str(role))
    identity, reading = role.principal.identity, Reading(table.arn, key.arn)
    evidence = {"RoleName": role.principal.name, "KeyArn": key.arn}
    allowed = may_decrypt(identity, policy.statements, reading)
    if allowed is Access.DIRECT:
        return passed("the role may decrypt with the table's key", evidence=evidence)
    if allowed is Access.CONDITIONAL:
        message = "the role may decrypt with the table's key only under conditions that can't be judged here"
        return warned(message, evidence=evidence)
    if left_to_iam(policy.statements, identity.arn, reading) is not Access.NONE:
        return warned(
            "neither its own policies nor the key's let the role decrypt with the table's key", evidence=evidence
        )
    return warned(
        "the policy of the table's key neither names the role nor leaves it to IAM: only a grant could let it decrypt",
        evidence=evidence,
        remedy=Remedy(NAME_IN_KEY, {"Statement": _decrypts(table, identity.arn)}),
    )


def _decrypts(table: Table, role: str) -> str:
    """What lets the role decrypt with a key by the key's own policy, through DynamoDB alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{table.region}.amazonaws.com"}},
    }
    return json.dumps(statement, separators=(",", ":"))


def _archived(description: TableDescription) -> Verdict:
    """What is left of it is a backup, which AWS restores under another name, or its own once the table is deleted."""
    evidence = {"TableStatus": description.status, "ArchivalBackupArn": description.archive}
    remedy = Remedy(RESTORE) if description.archive else Remedy("aws dynamodb list-backups --region {region}")
    return failed(
        f"the table is {description.status}: its key was out of reach for seven days", evidence=evidence, remedy=remedy
    )


def _rotated_by_hand(key: TableKey, manual: ManualRotation | None, now: Now) -> Verdict:
    """What AWS can't be told to rotate."""
    seen = _key_seen(key)
    if not key.living or key.origin not in {*MANUAL, IMPORTED}:
        return not_applicable("the key is not one that AWS could be told to rotate")
    if key.origin in MANUAL:
        message = f"the key's material is in a key store ({key.origin}): rotate it by hand, on a written schedule"
        return warned(message, remedy=Remedy(SHOW_KEY), **seen)
    remedy = Remedy(ROTATE_IMPORTED)
    if key.multi_region:
        message = (
            "the key's material is imported and the key is multi-Region: AWS does not rotate it;"
            " rotate it by hand, on a written schedule"
        )
        return warned(message, remedy=Remedy(SHOW_KEY), **seen)
    latest = manual.latest if manual else None
    if latest is None:
        return warned("the key's material is imported, and was never rotated", remedy=remedy, **seen)
    said = f"the key's imported material was last rotated on {latest:%Y-%m-%d}"
    if now.at - latest > ROTATED_WITHIN:
        return warned(f"{said}, and that is more than a year ago", remedy=remedy, **seen)
    return passed(said, **seen)


def _encryption_seen(encryption: Encryption) -> dict[str, Any]:
    configured = {"SSEType": encryption.kind, "KMSMasterKeyArn": encryption.key_arn}
    return {"evidence": {"Status": encryption.status, **configured}, "watched": configured}


def _key_seen(key: TableKey) -> dict[str, Any]:
    configured = {"KeyState": key.state, "Origin": key.origin}
    return {"evidence": {"Arn": key.arn, "KeyManager": key.manager, **configured}, "watched": configured}
