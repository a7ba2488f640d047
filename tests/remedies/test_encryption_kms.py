"""What is printed as the remedy of a key that the table or its functions can't use mends that key."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.kms.models import kms_backends

from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION, encrypt
from tests.remedies.patient import Patient

FUNCTION = "babesclub-cart"
ROLE = "cart-role"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
ITEMS = ["dynamodb:GetItem"]


def keyed(patient: Patient, *statements: dict[str, Any]) -> str:
    """The table is encrypted with a customer key of that policy; its ARN, by which moto does not find every key."""
    policy = json.dumps(shop.document(*statements or (ROOT,)))
    arn: str = patient.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    keys = kms_backends[ACCOUNT][REGION].keys
    keys[arn] = keys[arn.rpartition("/")[2]]
    encrypt(patient.world.account, arn)
    return arn


@pytest.mark.parametrize("dying", [False, True], ids=["switched off", "to be deleted"])
def test_a_key_that_is_dead_is_enabled_and_the_table_can_be_read(patient: Patient, *, dying: bool) -> None:
    """Of moto the table does not say that its key is out of reach."""
    kms, key = patient.client("kms"), keyed(patient)
    since = {"InaccessibleEncryptionDateTime": datetime.now(UTC)}

    def locked_out(answer: dict[str, Any]) -> None:
        if not kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]:
            answer["Table"]["SSEDescription"] = {**answer["Table"]["SSEDescription"], **since}

    patient.world.account.alter("dynamodb", "DescribeTable", locked_out)
    kms.schedule_key_deletion(KeyId=key) if dying else kms.disable_key(KeyId=key)
    patient.bad("encryption-kms/accessible")
    patient.heal("encryption-kms/key")
    patient.content("encryption-kms/accessible")
    kms.schedule_key_deletion(KeyId=key) if dying else kms.disable_key(KeyId=key)
    patient.heal("encryption-kms/accessible")


def test_a_key_that_is_not_rotated(patient: Patient) -> None:
    keyed(patient)
    patient.heal("encryption-kms/rotation")


@pytest.mark.parametrize("to_iam", [True, False], ids=["leaves it to IAM", "does not leave it to IAM"])
def test_a_role_that_may_not_decrypt_with_a_key_that(patient: Patient, *, to_iam: bool) -> None:
    """Else the key itself names the role, and what it says besides stays."""
    admin = {**ROOT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}}
    key = keyed(patient, ROOT if to_iam else admin)
    shop.function(patient.client, FUNCTION, shop.role(patient.client, ROLE, shop.allow(ITEMS, "*")))
    patient.heal("encryption-kms/grants")
    policy = json.loads(patient.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert policy["Statement"][0] == (ROOT if to_iam else admin)
    assert [each["Action"] for each in policy["Statement"][1:]] == ([] if to_iam else ["kms:Decrypt"])
