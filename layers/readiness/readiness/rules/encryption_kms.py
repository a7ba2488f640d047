"""With a KMS key in the account, who may read the data can be told, audited and stopped.

Without one the data is encrypted too, with a key that AWS owns and nobody in the account can see or withdraw. A
customer key is also a way to lose the table: the table goes on saying ACTIVE for an hour after its key was disabled,
while reads fail within minutes, and a week later it is archived.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from readiness.arn import region_of
from readiness.facts.key import KeyRotation, ManualRotation, TableKey
from readiness.facts.key_policy import KeyPolicy
from readiness.facts.now import Now
from readiness.facts.table import Encryption, Table, TableDescription
from readiness.facts.table_roles import RolePolicies
from readiness.iam.decrypting import Reading, left_to_iam, may_decrypt
from readiness.iam.evaluate import Access
from readiness.judging.transition import Transition, continued
from readiness.model import Gone
from readiness.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned

rule = Rule(
    "1.2",
    "The table is encrypted with a KMS key",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
)

CHANGE_LIMIT = timedelta(minutes=60)
ARCHIVED_AFTER = timedelta(days=7)
MATERIAL_LEFT = timedelta(days=30)
ROTATED_WITHIN = timedelta(days=365)
LOCKED_OUT = frozenset({"INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVING", "ARCHIVED"})
DEAD = frozenset({"Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Unavailable"})


@dataclass(frozen=True)
class EncryptionChange(Transition):
    """A change of the encryption that was under way."""


@rule.check(
    fix="aws dynamodb update-table --table-name {table} --region {region}"
    " --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/aws/dynamodb"
)
def on(description: TableDescription, now: Now, before: EncryptionChange | None) -> Verdict:
    """Encryption with a KMS key of the account is on."""
    encryption = description.encryption
    if encryption is None:
        return failed("the table is encrypted with a key that AWS owns", watched={"SSEType": None})
    seen = _encryption_seen(encryption)
    if encryption.kind != "KMS":
        return failed(f"encryption is of the type {encryption.kind}, not KMS", **seen)
    if encryption.status in {"ENABLING", "UPDATING"}:
        change = continued(EncryptionChange, before, encryption.status, now)
        judge = failed if change.overdue(now, CHANGE_LIMIT) else warned
        return judge(f"encryption is {encryption.status} since {change.since:%Y-%m-%d %H:%M} UTC", carry=change, **seen)
    if encryption.status != "ENABLED":
        return failed(f"encryption with KMS is {encryption.status}", **seen)
    return passed("the table is encrypted with a KMS key", **seen)


@rule.check(
    severity=Severity.CRITICAL,
    fix="aws kms enable-key --key-id {KMSMasterKeyArn} --region {region}",
)
def accessible(description: TableDescription) -> Verdict:
    """DynamoDB can use the key, so that the data can be read."""
    encryption = description.encryption
    since = encryption.inaccessible_since if encryption else None
    evidence = {
        "TableStatus": description.status,
        "KMSMasterKeyArn": encryption.key_arn if encryption else None,
        "InaccessibleEncryptionDateTime": since.isoformat() if since else None,
    }
    if since is not None:
        deadline = f"{since + ARCHIVED_AFTER:%Y-%m-%d %H:%M} UTC"
        return failed(f"the key is out of reach: the table is archived on {deadline}", evidence=evidence)
    if description.status in LOCKED_OUT:
        return failed(f"the key is out of reach: the table is {description.status}", evidence=evidence)
    return passed("DynamoDB can use the key", evidence=evidence)


@rule.check(
    severity=Severity.CRITICAL,
    fix="aws kms cancel-key-deletion --key-id {Arn} --region {region};"
    " aws kms enable-key --key-id {Arn} --region {region}",
)
def key(key: TableKey) -> Verdict:
    """The key is enabled, and nobody has scheduled its deletion."""
    seen = _key_seen(key)
    if key.state in DEAD:
        ends = f", and is deleted on {key.deleted_on:%Y-%m-%d}" if key.deleted_on else ""
        return failed(f"the table's key is {key.state}{ends}", **seen)
    if key.state != "Enabled":
        return warned(f"the table's key is {key.state}", **seen)
    return passed("the table's key is enabled", **seen)


@rule.check(
    severity=Severity.MEDIUM,
    fix="aws kms enable-key-rotation --key-id {Arn} --rotation-period-in-days 365 --region {Region}",
)
def rotation(key: TableKey, rotation: KeyRotation | None, manual: ManualRotation | None, now: Now) -> Verdict:
    """A customer key with material that AWS made is rotated, best by AWS itself."""
    if rotation is None:
        return not_applicable("the key is not one that AWS could be told to rotate")
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


@rule.check(
    fix="aws dynamodb update-table --table-name {table} --region {region}"
    " --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/aws/dynamodb"
)
def material(key: TableKey, now: Now) -> Verdict:
    """AWS made the key's material; what was imported or is kept elsewhere does not expire within 30 days."""
    seen = _key_seen(key)
    if key.origin == "AWS_KMS":
        return passed("AWS made the key's material", **seen)
    if key.expires is not None and key.expires - now.at < MATERIAL_LEFT:
        return failed(f"the key's imported material expires on {key.expires:%Y-%m-%d}", **seen)
    return warned(f"the key's material is {key.origin}: it has to be rotated by hand, on a written schedule", **seen)


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
    )


def _encryption_seen(encryption: Encryption) -> dict[str, Any]:
    configured = {"SSEType": encryption.kind, "KMSMasterKeyArn": encryption.key_arn}
    return {"evidence": {"Status": encryption.status, **configured}, "watched": configured}


def _key_seen(key: TableKey) -> dict[str, Any]:
    configured = {"KeyState": key.state, "Origin": key.origin}
    return {"evidence": {"Arn": key.arn, "KeyManager": key.manager, **configured}, "watched": configured}
