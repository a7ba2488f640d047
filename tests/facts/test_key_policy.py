import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.facts.key import TableKey, table_key
from readiness.facts.key_policy import KeyPolicy, key_policy
from readiness.facts.table import Table, table_description
from readiness.model import Reason, Unreadable
from tests.aws.account import ACCOUNT, Account, encrypt

ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop/cart"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def statement(principal: Any, **other: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*", **other}


def read(account: Account, table: Table, *statements: dict[str, Any]) -> KeyPolicy:
    """The policy of a customer key on which these statements were put; without any, the one it was made with."""
    kms = account.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    encrypt(account, arn)
    if statements:
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps({"Statement": statements}))
    policy = key_policy(account.aws, key_of(account, table))
    assert policy
    return policy


def key_of(account: Account, table: Table) -> TableKey:
    found = table_key(account.aws, table_description(account.aws, table))
    assert found
    return found


def test_the_policy_that_a_key_is_made_with_leaves_it_to_iam(furnished: Account, table: Table) -> None:
    policy = read(furnished, table)
    assert list(policy.leaves_to_iam(ROLE)) == list(policy.statements)
    assert not list(policy.names(ROLE))


def test_the_key_that_aws_manages_is_not_asked(furnished: Account, table: Table) -> None:
    assert key_policy(furnished.aws, key_of(furnished, table)) is None
    assert "kms:GetKeyPolicy" not in furnished.calls


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(statement({"AWS": ROLE}), id="its ARN"),
        pytest.param(statement({"AWS": [ROLE, f"arn:aws:iam::{ACCOUNT}:role/other"]}), id="its ARN among others"),
        pytest.param(statement("*"), id="everybody"),
        pytest.param(statement({"AWS": ROOT}, Effect="Deny"), id="a Deny for its whole account"),
    ],
)
def test_a_role_is_named_by(furnished: Account, table: Table, written: dict[str, Any]) -> None:
    assert list(read(furnished, table, written).names(ROLE))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}), id="another role"),
        pytest.param(statement({"AWS": "arn:aws:iam::999999999999:root"}), id="another account"),
        pytest.param(statement({"Service": "dynamodb.amazonaws.com"}), id="a service"),
        pytest.param(statement({"AWS": ROLE}, Action="s3:GetObject"), id="what is about no key"),
    ],
)
def test_a_role_is_not_named_by(furnished: Account, table: Table, written: dict[str, Any]) -> None:
    policy = read(furnished, table, written)
    assert not [*policy.names(ROLE), *policy.leaves_to_iam(ROLE)]


@pytest.mark.parametrize(("spared", "named"), [(ROLE, False), (f"{ROLE}2", True)])
def test_a_deny_for_all_but_some_names_the_others(
    furnished: Account,
    table: Table,
    spared: str,
    named: bool,  # noqa: FBT001  a column of the table
) -> None:
    denied = {"Effect": "Deny", "NotPrincipal": {"AWS": [spared, ROOT]}, "Action": "kms:Decrypt", "Resource": "*"}
    assert bool(list(read(furnished, table, denied).names(ROLE))) is named


@pytest.mark.parametrize("spelled", [ROOT, ACCOUNT])
def test_an_account_is_spelled_in_two_ways(furnished: Account, table: Table, spelled: str) -> None:
    assert list(read(furnished, table, statement({"AWS": spelled})).leaves_to_iam(ROLE))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}, True, id="DynamoDB"),
        pytest.param({"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}, True, id="DynamoDB anywhere"),
        pytest.param(
            {"StringEquals": {"kms:viaService": ["s3.us-east-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com"]}},
            True,
            id="DynamoDB among others",
        ),
        pytest.param({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False, id="another service"),
        pytest.param({"StringEquals": {"KMS:viaservice": "s3.us-east-1.amazonaws.com"}}, False, id="in any case"),
        pytest.param({"StringLike": {"kms:ViaService": "dynamodb.eu-*"}}, False, id="DynamoDB in another Region"),
        pytest.param({"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, True, id="any but one"),
        pytest.param({"StringEquals": {"kms:CallerAccount": ACCOUNT}}, True, id="any service"),
    ],
)
def test_what_holds_for_other_services_alone_is_left_out(
    furnished: Account,
    table: Table,
    condition: dict[str, Any],
    holds: bool,  # noqa: FBT001  a column of the table
) -> None:
    policy = read(furnished, table, statement({"AWS": "*"}, Condition=condition), statement("nobody"))
    assert bool(list(policy.names(ROLE))) is holds


def test_of_the_text_nothing_is_kept(furnished: Account, table: Table) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:tenant": "hunter2"}}
    assert "hunter2" not in repr(read(furnished, table, statement("*", Condition=condition)))


def test_a_policy_that_is_none_is_not_made_up_for(furnished: Account, table: Table) -> None:
    furnished.alter("kms", "GetKeyPolicy", lambda answer: answer.update(Policy="secret"))
    with pytest.raises(Unreadable) as unread:
        read(furnished, table)
    assert (unread.value.first.reason, unread.value.first.detail) == (
        Reason.MALFORMED,
        "the key policy: is no policy document",
    )


def test_a_value_that_is_no_text_is_compared_as_text(furnished: Account, table: Table) -> None:
    condition = {"StringEquals": {"kms:ViaService": True}}
    assert read(furnished, table, statement("*", Condition=condition)) == KeyPolicy(())


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("kms", "GetKeyPolicy", "AccessDeniedException")
    with pytest.raises(ClientError, match="GetKeyPolicy"):
        read(furnished, table)
