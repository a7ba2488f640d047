import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.facts.dynamodb.key import KeyPolicy, TableKey, key_policy, table_key
from readiness.facts.dynamodb.table import Table, table_description
from readiness.model import Reason, Unreadable
from tests.aws.account import ACCOUNT, Account, encrypt

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


def test_the_policy_that_a_key_is_made_with_is_about_its_account(furnished: Account, table: Table) -> None:
    (found,) = read(furnished, table).statements
    assert (found.principals, found.actions) == ((ROOT,), ("kms:*",))


def test_what_is_about_no_key_is_left_out(furnished: Account, table: Table) -> None:
    assert read(furnished, table, statement("*", Action="s3:GetObject")) == KeyPolicy(())


def test_what_conditions_compare_with_is_kept_of_what_dynamodb_is_known_to_say(
    furnished: Account, table: Table
) -> None:
    condition = {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com", "aws:PrincipalTag/team": "a"}}
    (found,) = read(furnished, table, statement("*", Condition=condition)).statements
    assert [each.values for each in found.tests] == [None, ("dynamodb.us-east-1.amazonaws.com",)]


def test_the_key_that_aws_manages_is_not_asked(furnished: Account, table: Table) -> None:
    assert key_policy(furnished.aws, key_of(furnished, table)) is None
    assert "kms:GetKeyPolicy" not in furnished.calls


def test_of_the_text_nothing_is_kept(furnished: Account, table: Table) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:tenant": "hunter2"}}
    assert "hunter2" not in repr(read(furnished, table, statement("*", Condition=condition)))


def test_a_policy_that_is_none_is_not_made_up_for(furnished: Account, table: Table) -> None:
    furnished.alter("kms", "GetKeyPolicy", lambda answer: answer.update(Policy="secret"))
    with pytest.raises(Unreadable) as unread:
        read(furnished, table)
    assert (unread.value.first.reason, unread.value.first.detail) == (
        Reason.MALFORMED,
        "the key policy: is not a policy document",
    )


def test_an_answer_without_the_policy_is_no_policy_without_statements(furnished: Account, table: Table) -> None:
    furnished.alter("kms", "GetKeyPolicy", lambda answer: answer.pop("Policy"))
    with pytest.raises(Unreadable) as unread:
        read(furnished, table)
    assert unread.value.first.reason is Reason.INCOMPLETE_ANSWER


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("kms", "GetKeyPolicy", "AccessDeniedException")
    with pytest.raises(ClientError, match="GetKeyPolicy"):
        read(furnished, table)
