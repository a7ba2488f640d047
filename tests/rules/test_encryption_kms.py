import json
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.facts.dynamodb.key import KeyPolicy, KeyRotation, ManualRotation
from readiness.facts.dynamodb.table import Encryption, Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies
from readiness.iam.evaluate import Identity
from readiness.iam.statement import Statement, statements, statements_in
from readiness.model import AddStatement, Gone, Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules import encryption_kms
from readiness.rules.encryption_kms import EncryptionChange, accessible, grants, key, material, on, rotation, rule
from tests.rules import facts
from tests.rules.facts import AT, KEY, NOW, ago, description, encryption
from tests.rules.remedied import remedied


@pytest.mark.parametrize(
    ("found", "before", "status"),
    [
        pytest.param(encryption(), None, Status.PASS, id="a table under a KMS key passes"),
        pytest.param(None, None, Status.FAIL, id="a table on the AWS-owned key fails"),
        pytest.param(encryption(kind="AES256"), None, Status.FAIL, id="AES256 is not KMS"),
        pytest.param(encryption(status="DISABLING"), None, Status.FAIL, id="being switched off fails"),
        pytest.param(encryption(status="DISABLED"), None, Status.FAIL, id="switched off fails"),
        pytest.param(encryption(status="ENABLING"), None, Status.WARN, id="being switched on is in between"),
        pytest.param(
            encryption(status="UPDATING"),
            EncryptionChange("UPDATING", ago(minutes=60)),
            Status.WARN,
            id="a switch of the key takes an hour",
        ),
        pytest.param(
            encryption(status="UPDATING"),
            EncryptionChange("UPDATING", ago(minutes=61)),
            Status.FAIL,
            id="and no longer",
        ),
    ],
)
def test_on(found: Encryption | None, before: EncryptionChange | None, status: Status) -> None:
    assert on(description(encryption=found), NOW, before).status is status


def test_another_key_is_drift() -> None:
    switched = on(description(encryption=encryption(key_arn="arn:aws:kms:us-east-1:1:key/2")), NOW, None)
    assert switched.watched != on(description(), NOW, None).watched


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param({}, Status.PASS, id="a key in reach passes"),
        pytest.param({"encryption": None}, Status.PASS, id="the key that AWS owns is always in reach"),
        pytest.param({"status": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"}, Status.FAIL, id="one without its key fails"),
        pytest.param({"status": "ARCHIVED"}, Status.FAIL, id="an archived table fails"),
    ],
)
def test_accessible(found: dict[str, Any], status: Status) -> None:
    assert accessible(description(**found)).status is status


def test_the_day_of_archiving_is_named() -> None:
    verdict = accessible(description(encryption=encryption(inaccessible_since=ago(days=2))))
    assert verdict.status is Status.FAIL
    assert "2026-11-29 03:00 UTC" in verdict.message


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Enabled", Status.PASS),
        ("Updating", Status.WARN),
        ("Creating", Status.WARN),
        ("Disabled", Status.FAIL),
        ("PendingDeletion", Status.FAIL),
        ("PendingReplicaDeletion", Status.FAIL),
        ("PendingImport", Status.FAIL),
        ("Unavailable", Status.FAIL),
    ],
)
def test_key(state: str, status: Status) -> None:
    assert key(facts.key(state=state)).status is status


def test_the_day_of_deletion_is_named() -> None:
    assert "2026-11-24" in key(facts.key(state="PendingDeletion", deleted_on=AT)).message


OFF = KeyRotation(enabled=False, period_days=None)


@pytest.mark.parametrize(
    ("found", "manual", "status"),
    [
        pytest.param(KeyRotation(enabled=True, period_days=365), None, Status.PASS, id="a key that AWS rotates passes"),
        pytest.param(None, None, Status.NOT_APPLICABLE, id="one that AWS can't be told to rotate is not asked"),
        pytest.param(OFF, ManualRotation(None), Status.FAIL, id="a key that nobody ever rotated fails"),
        pytest.param(OFF, ManualRotation(ago(days=365)), Status.WARN, id="by hand within a year is fragile"),
        pytest.param(OFF, ManualRotation(ago(days=366)), Status.FAIL, id="by hand more than a year ago fails"),
    ],
)
def test_rotation(found: KeyRotation | None, manual: ManualRotation | None, status: Status) -> None:
    assert rotation(facts.key(), found, manual, NOW).status is status


def test_rotation_is_mended_on_the_primary() -> None:
    primary = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
    verdict = rotation(facts.key(primary_arn=primary), OFF, ManualRotation(None), NOW)
    assert verdict.evidence == {"Arn": primary, "Region": "eu-west-1"}


IMPORTED = {"origin": "EXTERNAL"}


@pytest.mark.parametrize(
    ("found", "manual", "status"),
    [
        pytest.param(IMPORTED, ManualRotation(ago(days=40)), Status.PASS, id="rotated on demand 40 days ago"),
        pytest.param(IMPORTED, ManualRotation(ago(days=365)), Status.PASS, id="rotated on demand a year ago"),
        pytest.param(IMPORTED, ManualRotation(ago(days=366)), Status.WARN, id="longer ago"),
        pytest.param(IMPORTED, ManualRotation(None), Status.WARN, id="never"),
        pytest.param(
            {**IMPORTED, "multi_region": True},
            ManualRotation(ago(days=1)),
            Status.WARN,
            id="imported material of a multi-Region key is rotated by hand",
        ),
        pytest.param({"origin": "AWS_CLOUDHSM"}, None, Status.WARN, id="material in a module of one's own"),
        pytest.param({"origin": "EXTERNAL_KEY_STORE"}, None, Status.WARN, id="material in an external store"),
        pytest.param(
            {**IMPORTED, "state": "PendingImport"}, None, Status.NOT_APPLICABLE, id="that the key is dead is said once"
        ),
        pytest.param({"manager": "AWS"}, None, Status.NOT_APPLICABLE, id="AWS rotates its own keys"),
    ],
)
def test_rotation_of_a_key_whose_material_aws_did_not_make(
    found: dict[str, Any], manual: ManualRotation | None, status: Status
) -> None:
    assert rotation(facts.key(**found), None, manual, NOW).status is status


@pytest.mark.parametrize(
    ("found", "manual", "status"),
    [
        pytest.param({}, None, Status.PASS, id="material that AWS made passes"),
        pytest.param(IMPORTED, ManualRotation(None), Status.PASS, id="imported material that does not expire passes"),
        pytest.param({"origin": "AWS_CLOUDHSM"}, None, Status.PASS, id="nothing expires in a module of one's own"),
        pytest.param({**IMPORTED, "expires": ago(days=-30)}, None, Status.PASS, id="30 days are left"),
        pytest.param({**IMPORTED, "expires": ago(days=-29)}, None, Status.FAIL, id="less than 30 days are left"),
        pytest.param(
            {**IMPORTED, "expires": ago(days=-300)},
            ManualRotation(None, expires=ago(days=-29), material="b1"),
            Status.FAIL,
            id="any material that is listed counts",
        ),
    ],
)
def test_material(found: dict[str, Any], manual: ManualRotation | None, status: Status) -> None:
    assert material(facts.key(**found), manual, NOW).status is status


DENIED = Unavailable(Reason.ACCESS_DENIED, "kms:ListKeyRotations")


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param({}, Status.PASS, id="of material that AWS made nothing is asked"),
        pytest.param({**IMPORTED, "expires": ago(days=-29)}, Status.FAIL, id="what the key itself says is enough"),
    ],
)
def test_a_list_that_is_denied_hides_nothing_of_the_material(found: dict[str, Any], status: Status) -> None:
    assert material(facts.key(**found), DENIED, NOW).status is status


@pytest.mark.parametrize("expires", [None, ago(days=-30)])
def test_without_the_list_no_imported_material_is_known_to_last(expires: datetime | None) -> None:
    with pytest.raises(Unreadable) as unread:
        material(facts.key(**IMPORTED, expires=expires), DENIED, NOW)
    assert unread.value.first == DENIED


def test_expiring_material_whose_id_is_not_known_is_not_named() -> None:
    verdict = material(facts.key(**IMPORTED), ManualRotation(None, expires=ago(days=-3)), NOW)
    assert verdict.status is Status.FAIL
    assert "KeyMaterialId" not in verdict.evidence


def test_expiring_material_is_named() -> None:
    verdict = material(facts.key(**IMPORTED), ManualRotation(None, expires=ago(days=-3), material="b1"), NOW)
    assert verdict.evidence["KeyMaterialId"] == "b1"
    assert "2026-11-27" in verdict.message


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        pytest.param(lambda: key(facts.key(state="Frozen")), "KeyState", id="a state of the key"),
        pytest.param(
            lambda: material(facts.key(origin="QUANTUM"), None, NOW), "Origin", id="where material comes from"
        ),
        pytest.param(
            lambda: on(description(encryption=encryption(status="MELTING")), NOW, None),
            "SSEDescription.Status",
            id="a state of the encryption",
        ),
    ],
)
def test_a_value_that_aws_did_not_have_yet_concludes_nothing(asked: Callable[[], Verdict], member: str) -> None:
    with pytest.raises(Unreadable) as unread:
        asked()
    assert unread.value.first.reason is Reason.SDK_TOO_OLD
    assert unread.value.first.detail.startswith(member)


@pytest.mark.parametrize("missing", ["kind", "status"])
def test_a_description_that_lacks_its_kind_or_status_is_no_verdict(missing: str) -> None:
    with pytest.raises(Unreadable):
        on(description(encryption=encryption(**{missing: None})), NOW, None)


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(lambda: material(facts.key(**IMPORTED, expires=AT), None, NOW), id="it is about to expire"),
        pytest.param(lambda: key(facts.key(state="PendingImport", **IMPORTED)), id="it has expired"),
        pytest.param(lambda: rotation(facts.key(**IMPORTED), None, ManualRotation(None), NOW), id="it is not rotated"),
    ],
)
def test_imported_material_is_mended_by_importing_it_and_never_by_another_key(verdict: Callable[[], Verdict]) -> None:
    found = verdict()
    (asked,) = (each for each in rule.checks if each.name == "material")
    command = found.remedy.command if found.remedy else asked.fix
    assert "kms import-key-material" in command
    assert "update-table" not in command


def test_no_remedy_names_the_key_that_aws_manages() -> None:
    """AWS refuses the default key where it is named."""
    assert not any("alias/aws/dynamodb" in each.fix for each in rule.checks)
    assert next(each.fix for each in rule.checks if each.name == "on").endswith("Enabled=true,SSEType=KMS")


@pytest.mark.parametrize(
    ("verdict", "command"),
    [
        pytest.param(
            lambda: on(description(encryption=encryption(status="DISABLING")), NOW, None),
            encryption_kms.SAME_KEY,
            id="encryption that is switched off goes on with the key that it had",
        ),
        pytest.param(
            lambda: on(description(encryption=encryption(status="UPDATING")), NOW, None),
            encryption_kms.SHOW_ENCRYPTION,
            id="a change that is under way is looked at, and not made anew with another key",
        ),
        pytest.param(
            lambda: accessible(description(status="INACCESSIBLE_ENCRYPTION_CREDENTIALS", encryption=None)),
            encryption_kms.SHOW_ENCRYPTION,
            id="a key that AWS does not name is looked for",
        ),
        pytest.param(
            lambda: key(facts.key(state="Unavailable")),
            encryption_kms.CONNECT,
            id="a key whose store is out of reach is reached again by connecting it",
        ),
    ],
)
def test_what_mends(verdict: Callable[[], Verdict], command: str) -> None:
    remedy = verdict().remedy
    assert remedy
    assert remedy.command == command


def test_a_key_that_names_no_role_gets_one_statement_more_and_the_role_may() -> None:
    remedy = grants(THE_TABLE, facts.key(), KeyPolicy(()), role()).remedy
    assert remedy
    [step] = remedy.steps
    assert isinstance(step, AddStatement)
    assert step.resource == facts.key().arn
    more = statements_in(json.dumps({"Statement": [json.loads(step.statement)]}))
    assert grants(THE_TABLE, facts.key(), KeyPolicy(tuple(more)), role()).status is Status.PASS


def test_an_archived_table_is_restored_from_its_archive() -> None:
    verdict = accessible(description(status="ARCHIVED", archive="arn:aws:dynamodb:us-east-1:1:table/t/backup/1"))
    assert verdict.status is Status.FAIL
    assert verdict.remedy
    assert "restore-table-from-backup" in verdict.remedy.command


ROLE = "arn:aws:iam::123456789012:role/shop/cart"
ROOT = "arn:aws:iam::123456789012:root"
REGION = "us-east-1"
THE_TABLE = Table(
    "babesclub-commerce", f"arn:aws:dynamodb:{REGION}:123456789012:table/babesclub-commerce", "123456789012", REGION
)
STRANGER = "999988887777"


def use(*principals: str, allow: bool = True, resource: str = KEY, when: Mapping[str, Any] | None = None) -> Statement:
    """A statement about decrypting with the key, under conditions."""
    written = {
        "Effect": "Allow" if allow else "Deny",
        "Action": "kms:Decrypt",
        "Resource": resource,
        "Condition": when or {},
        **({"Principal": {"AWS": list(principals)}} if principals else {}),
    }
    (statement,) = statements({"Version": "2012-10-17", "Statement": written})
    return statement


def equal(key: str, *values: str, operator: str = "StringEquals") -> Mapping[str, Any]:
    return {operator: {key: list(values)}}


DELEGATED = use(ROOT, resource="*")
VIA_DYNAMODB = equal("kms:ViaService", f"dynamodb.{REGION}.amazonaws.com")
TENANT = equal("aws:PrincipalTag/tenant", "s3cret")


def judged(policy: list[Statement], *own: Statement) -> Verdict:
    return grants(THE_TABLE, facts.key(), KeyPolicy(tuple(policy)), role(*own))


@pytest.mark.parametrize(
    ("policy", "own", "status"),
    [
        pytest.param([DELEGATED], [use()], Status.PASS, id="the key leaves it to IAM, and the role's policy allows it"),
        pytest.param([use("123456789012")], [use()], Status.PASS, id="the account is spelled by its number"),
        pytest.param([DELEGATED], [], Status.WARN, id="what is left to IAM the role's policy has to allow"),
        pytest.param([DELEGATED], [use(resource=f"{KEY}0")], Status.WARN, id="another key is not this one"),
        pytest.param([DELEGATED], [use(), use(allow=False)], Status.WARN, id="the role's policy denies it"),
        pytest.param([DELEGATED, use("*", allow=False)], [use()], Status.WARN, id="the key's policy denies it to all"),
        pytest.param([DELEGATED, use(ROOT, allow=False)], [use()], Status.WARN, id="it denies it to the account"),
        pytest.param([], [use()], Status.WARN, id="a key that does not leave it to IAM is not opened by a policy"),
        pytest.param([use(STRANGER)], [use()], Status.WARN, id="it leaves it to another account"),
        pytest.param([use(ROLE, resource="*")], [], Status.PASS, id="the key's policy names the role"),
        pytest.param([use("*", when=VIA_DYNAMODB)], [], Status.PASS, id="it names everybody who comes by DynamoDB"),
        pytest.param([use(f"{ROLE}2")], [], Status.WARN, id="it names another role"),
        pytest.param([use(ROLE)], [use(allow=False)], Status.WARN, id="it names the role, whose own policy denies it"),
    ],
)
def test_grants(policy: list[Statement], own: list[Statement], status: Status) -> None:
    assert judged(policy, *own).status is status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param(VIA_DYNAMODB, Status.PASS, id="through DynamoDB here"),
        pytest.param(
            equal("kms:ViaService", "dynamodb.*.amazonaws.com", operator="StringLike"),
            Status.PASS,
            id="through DynamoDB anywhere",
        ),
        pytest.param(
            equal("KMS:viaservice", "s3.us-east-1.amazonaws.com", f"dynamodb.{REGION}.amazonaws.com"),
            Status.PASS,
            id="through DynamoDB among others",
        ),
        pytest.param(equal("kms:ViaService", "s3.us-east-1.amazonaws.com"), Status.WARN, id="through another service"),
        pytest.param(
            equal("kms:ViaService", "dynamodb.eu-west-1.amazonaws.com"), Status.WARN, id="through another Region"
        ),
        pytest.param(
            equal("kms:ViaService", "s3.us-east-1.amazonaws.com", operator="StringNotEquals"),
            Status.PASS,
            id="through any service but another",
        ),
        pytest.param(equal("kms:ViaService", "true", operator="Null"), Status.WARN, id="through no service"),
        pytest.param(equal("kms:CallerAccount", "123456789012"), Status.PASS, id="by this account"),
        pytest.param(equal("kms:CallerAccount", STRANGER), Status.WARN, id="by another account"),
        pytest.param(
            equal("kms:EncryptionContext:aws:dynamodb:tableName", "babesclub-commerce"), Status.PASS, id="of this table"
        ),
        pytest.param(
            equal("kms:EncryptionContext:aws:dynamodb:tableName", "babesclub-quotes"),
            Status.WARN,
            id="of another table",
        ),
        pytest.param(
            equal("kms:EncryptionContext:aws:dynamodb:tableName", "babesclub-*", operator="StringLike"),
            Status.PASS,
            id="of tables of such names",
        ),
        pytest.param(
            equal("kms:EncryptionContext:aws:dynamodb:subscriberId", "123456789012"),
            Status.PASS,
            id="of this subscriber",
        ),
        pytest.param(
            equal("kms:EncryptionContext:aws:dynamodb:subscriberId", STRANGER), Status.WARN, id="of another subscriber"
        ),
        pytest.param(equal("kms:EncryptionContext:tenant", "a"), Status.WARN, id="of what DynamoDB does not say"),
        pytest.param(
            equal("kms:EncryptionContextKeys", "aws:dynamodb:tableName", operator="ForAnyValue:StringEquals"),
            Status.PASS,
            id="of any table",
        ),
        pytest.param(equal("aws:PrincipalArn", ROLE, operator="ArnEquals"), Status.PASS, id="by the role"),
        pytest.param(equal("aws:PrincipalArn", f"{ROLE}2", operator="ArnEquals"), Status.WARN, id="by another role"),
        pytest.param(equal("kms:CallerAccount", "${aws:PrincipalAccount}"), Status.PASS, id="by whoever it is"),
        pytest.param(TENANT, Status.WARN, id="by who has a tag, which is not known"),
        pytest.param(
            equal("aws:SourceVpce", "vpce-1"), Status.WARN, id="by who comes from a network, which is not known"
        ),
    ],
)
def test_conditions_in_either_policy_are_compared_by_value(condition: Mapping[str, Any], status: Status) -> None:
    assert judged([DELEGATED], use(when=condition)).status is status, "in the role's"
    assert judged([use(ROLE, when=condition)]).status is status, "in the key's"
    assert judged([use(ROOT, when=condition)], use()).status is status, "in what leaves it to IAM"


def test_what_can_not_be_known_is_told_apart_from_what_is_not_granted() -> None:
    message = "the role can decrypt with the table's KMS key only under conditions that cannot be evaluated"
    for verdict in (judged([DELEGATED], use(when=TENANT)), judged([use(ROLE), use("*", allow=False, when=TENANT)])):
        assert verdict.message == message
        assert "s3cret" not in repr(verdict)
    foreign = judged([DELEGATED], use(when=equal("kms:ViaService", "s3.us-east-1.amazonaws.com")))
    assert foreign.message.startswith("the role cannot decrypt with the table's KMS key")


@pytest.mark.parametrize(
    ("denied", "status"),
    [
        pytest.param(equal("aws:SecureTransport", "false", operator="Bool"), Status.PASS, id="without TLS"),
        pytest.param(
            equal("kms:ViaService", f"dynamodb.{REGION}.amazonaws.com", operator="StringNotEquals"),
            Status.PASS,
            id="to whoever does not come by DynamoDB",
        ),
        pytest.param(VIA_DYNAMODB, Status.WARN, id="to whoever does"),
        pytest.param(
            equal("kms:CallerAccount", "123456789012", operator="StringNotEquals"), Status.PASS, id="to others"
        ),
        pytest.param(TENANT, Status.WARN, id="to who has a tag, which is not known"),
    ],
)
def test_a_denial_counts_as_far_as_its_conditions_hold(denied: Mapping[str, Any], status: Status) -> None:
    assert judged([use(ROLE), use("*", allow=False, when=denied)]).status is status, "in the key's policy"
    assert judged([use(ROLE)], use(allow=False, when=denied)).status is status, "in the role's"


def test_a_key_that_denies_it_to_the_account_leaves_it_to_iam_all_the_same() -> None:
    verdict = judged([DELEGATED, use(ROOT, allow=False)], use())
    assert verdict.message.startswith("the role cannot decrypt with the table's KMS key")


def test_a_denial_for_all_but_some_is_one_for_the_others() -> None:
    for spared, status in ((ROLE, Status.PASS), (f"{ROLE}2", Status.WARN)):
        denial = replace(use(spared, ROOT, allow=False), but_principals=True)
        assert judged([use(ROLE), denial]).status is status


def test_a_boundary_holds_the_role_back() -> None:
    bounded = role(use(), boundary=(Statement(allow=True, actions=("dynamodb:*",), resources=("*",)),))
    assert grants(THE_TABLE, facts.key(), KeyPolicy((DELEGATED,)), bounded).status is Status.WARN


def test_a_policy_of_the_role_is_no_remedy_where_the_key_does_not_leave_it_to_iam() -> None:
    assert "neither the role nor IAM policies" in grants(THE_TABLE, facts.key(), KeyPolicy(()), role()).message


def test_a_role_that_is_gone_is_no_failure_of_the_encryption() -> None:
    assert (
        grants(THE_TABLE, facts.key(), KeyPolicy((DELEGATED,)), Gone("the role cart is gone")).status
        is Status.NOT_APPLICABLE
    )


def role(*own: Statement, boundary: tuple[Statement, ...] | None = None) -> RolePolicies:
    return RolePolicies(Principal(ROLE, "cart", Identity(ROLE, "role", own, boundary), (), (), "1"))


def test_the_remedy_is_a_policy_that_would_do() -> None:
    policy = KeyPolicy((DELEGATED,))
    (check,) = (check for check in rule.checks if check.name == "grants")
    words = shlex.split(remedied(check, grants(THE_TABLE, facts.key(), policy, role())))
    document = words[words.index("--policy-document") + 1]
    assert '"kms:ViaService":"dynamodb.us-east-1.amazonaws.com"' in document
    assert grants(THE_TABLE, facts.key(), policy, role(*statements_in(document))).status is Status.PASS
