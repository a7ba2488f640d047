"""What is printed as the remedy of a recovery that others may switch off, or of a replica, mends just that."""

import json
import tomllib
from datetime import date
from typing import Any

import pytest

from readiness.aws.client import Caller
from readiness.checklist import AllowedToggler, Pitr
from tests.aws import shop
from tests.aws.account import ACCOUNT, ARN, TABLE, make_table
from tests.remedies.patient import Patient

THERE = "eu-west-1"
HOSTILE = "/who'$(touch${IFS}ran)`touch${IFS}ran`\"/"
LISTED = AllowedToggler(f"arn:aws:iam::{ACCOUNT}:role/breakglass", "maria", date(2026, 11, 1))
TOGGLES = shop.allow(["dynamodb:UpdateContinuousBackups"], ARN)


@pytest.fixture
def held(patient: Patient) -> Patient:
    """A role and a user whose paths hold what a shell would run may switch recovery off."""
    iam, trust = patient.client("iam"), json.dumps(shop.document(shop.TRUSTS_LAMBDA))
    document = json.dumps(shop.document(TOGGLES))
    iam.create_role(Path=HOSTILE, RoleName="deploy", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="deploy", PolicyName="deploy", PolicyDocument=document)
    iam.create_user(Path=HOSTILE, UserName="joe")
    iam.put_user_policy(UserName="joe", PolicyName="deploy", PolicyDocument=document)
    return patient


def test_who_is_not_on_the_list_is_denied_and_keeps_what_it_has_besides(held: Patient) -> None:
    held.world.want(pitr=Pitr(allowed_togglers=(LISTED,)))
    held.heal("pitr-enabled/togglers")
    assert "deploy" in held.client("iam").list_role_policies(RoleName="deploy")["PolicyNames"]
    assert not (held.shell.folder / "ran").exists()


def test_the_lines_that_are_printed_are_a_list_of_who_may(held: Patient) -> None:
    [found] = held.bad("pitr-enabled/togglers-reviewed")
    printed = tomllib.loads(held.shell.type(found.remedy.command))
    assert not (held.shell.folder / "ran").exists()
    entries: list[dict[str, Any]] = printed["tables"]["pitr"]["allowed_togglers"]
    listed = tuple(AllowedToggler(**each) for each in entries)
    held.world.want(pitr=Pitr(allowed_togglers=listed))
    held.content("pitr-enabled/togglers-reviewed")
    held.content("pitr-enabled/togglers")


def test_a_table_that_is_being_deleted_is_restored_from_its_last_backup(patient: Patient) -> None:
    """Moto deletes at once, and keeps no backup of its own."""
    deleting = [{"TableStatus": "DELETING"}]
    patient.world.account.alter(
        "dynamodb", "DescribeTable", lambda answer: answer["Table"].update(deleting[0] if deleting else {})
    )
    [found] = patient.bad("pitr-enabled/kept")
    patient.client("dynamodb").create_backup(TableName=TABLE, BackupName="last")
    patient.world.delete_table()
    patient.shell.type(found.remedy.command)
    deleting.clear()
    patient.content("pitr-enabled/kept")


def test_a_replica_without_recovery_and_protection_gets_them_there(patient: Patient) -> None:
    there = Caller(patient.world.account.session, THERE).client("dynamodb")
    make_table(there)
    told = {"RegionName": THERE, "ReplicaArn": ARN.replace("us-east-1", THERE), "ReplicaStatus": "ACTIVE"}
    more = {"Replicas": [told], "MultiRegionConsistency": "EVENTUAL", "DisassociationProtectionEnabled": True}
    patient.world.account.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(more))
    there.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    there.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    patient.heal("pitr-enabled/replica-recovery")
    patient.heal("pitr-enabled/replica-protection")
