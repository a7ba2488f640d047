"""What no emulator can hold: the remedy is one that AWS would take, as far as its model says what that is."""

import shlex
from collections.abc import Mapping

import pytest

from readiness.rules import encryption_kms
from readiness.rules.iam_least_privilege import remedies as role_remedies
from readiness.rules.pitr_enabled import replica_tables as replicating
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.aws.shell import TOOLS, Shell
from tests.remedies.patient import Patient, named

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/6f0c3e1a-7f0e-4a55-9d3a-1f0d7a1f2b3c"
BACKUP = f"{ARN}/backup/01600000000000-abcdef12"
NAMES = {"table": TABLE, "arn": ARN, "account": ACCOUNT, "region": REGION, "ttl_attribute": "expiresAt"}
OF_KEY = {"Arn": KEY, "KMSMasterKeyArn": KEY, "KMSMasterKeyId": KEY, "ArchivalBackupArn": BACKUP}
THERE = {"Region": "eu-west-1", "ReplicaArn": ARN}
STREAM = {"ResourceArn": f"{ARN}/stream/2026-11-01T00:00:00.000"}

VALIDATED = (
    "billing-on-demand/maximum",
    "encryption-kms/on",
    "encryption-kms/material",
    "ttl-enabled/canary",
    "pitr-enabled/replication",
    "iam-least-privilege/stream-policy",
)
"""Checks whose remedies are validated, and not executed."""

COMMANDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a maximum that leaves room": (
        named("billing-on-demand/maximum").fix,
        {"EnoughReads": "600", "EnoughWrites": "-1"},
    ),
    "encryption with a key of the account": (named("encryption-kms/on").fix, {}),
    "encryption with the customer's key": (encryption_kms.SAME_KEY, OF_KEY),
    "material that is imported again": (encryption_kms.IMPORT_AGAIN, OF_KEY),
    "imported material that is rotated": (encryption_kms.ROTATE_IMPORTED, OF_KEY),
    "a key store that is connected": (encryption_kms.CONNECT, OF_KEY),
    "a table that was archived": (encryption_kms.RESTORE, OF_KEY),
    "time to live that is switched on": (named("ttl-enabled/on").fix, {}),
    "a replica that is looked at": (replicating.SHOW, THERE),
    "the key of a replica": (replicating.ENABLE_KEY, {**THERE, **OF_KEY}),
    "the policy of a replica": (replicating.SHOW_POLICY, THERE),
    "a Region that is enabled": (replicating.ENABLE_REGION, THERE),
    "the policy of a stream that is taken away": (role_remedies.TAKE_AWAY, STREAM),
    "the policy of a stream that is edited": (role_remedies.TAKE_OUT, STREAM),
    "a backup while recovery lags": (named("pitr-enabled/fresh").fix, {}),
    "why a function was not updated": (named("env-vars-set/updated").fix, {"FunctionName": "cart", "Version": "7"}),
}


REMEMBERING = """#!/bin/sh
printf '%s\\0' "$@" '' >> calls
echo '{}'
"""
"""An `aws` that asks nobody: what it is told, one word after the other, and an empty one at the end."""

VALIDATING = """
import contextlib, io, sys
from awscli.clidriver import create_clidriver

driver = create_clidriver()
for call in open("calls").read().split("\\0\\0")[:-1]:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        driver.main([*call.split("\\0"), "--endpoint-url", "http://127.0.0.1:9"])
    if "Could not connect" not in said.getvalue():
        sys.exit(f"{call}: {said.getvalue()}")
"""
"""The AWS CLI itself compares each with the model, and then reaches nobody; in one process, for it starts slowly."""


@pytest.fixture
def strict(patient: Patient) -> Shell:
    """A shell whose AWS CLI asks nobody."""
    told = patient.shell.folder / "bin/aws"
    told.write_text(REMEMBERING)
    told.chmod(0o755)
    (patient.shell.folder / "validating").write_text(VALIDATING)
    for name in ("ImportToken.bin", "EncryptedKeyMaterial.bin"):
        (patient.shell.folder / name).write_bytes(b"material")
    return patient.shell


def validate(shell: Shell, *commands: str) -> None:
    """AssertionError: AWS would not take one."""
    python = next(str(tools / "python3") for tools in TOOLS if (tools / "aws").exists())
    shell.type("\n".join(["set -e", *commands, f"{python} validating"]), AWS_MAX_ATTEMPTS="1", PYTHONPATH="")


def filled(command: str, values: Mapping[str, str]) -> str:
    return command.format_map({name: shlex.quote(value) for name, value in {**NAMES, **values}.items()})


def test_all_of_them_are_commands_that_aws_would_take(strict: Shell) -> None:
    validate(strict, *(filled(*each) for each in COMMANDS.values()))


@pytest.mark.parametrize(
    "wrong",
    [
        "aws dynamodb update-table --table-name {table} --sse-specification Enable=true",
        "aws dynamodb update-table --billing-mode PAY_PER_REQUEST",
        "aws kms connect-key-store --custom-key-store-id cks-1",
    ],
    ids=["an unknown member", "a parameter that is missing", "an unknown command"],
)
def test_what_aws_would_not_take_is_noticed(strict: Shell, wrong: str) -> None:
    with pytest.raises(AssertionError):
        validate(strict, filled(wrong, {}))


def test_a_replica_is_protected_by_a_member_that_the_model_has(patient: Patient) -> None:
    """The AWS CLI of the tests is older than it."""
    members = patient.client("dynamodb").meta.service_model.operation_model("UpdateTable").input_shape.members
    assert members["DisassociationProtectionEnabled"].type_name == "boolean"
    assert replicating.PROTECT.parameters == {"TableName": "{table}", "DisassociationProtectionEnabled": True}
