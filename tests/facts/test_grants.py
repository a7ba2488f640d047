"""What a policy of a queue, a topic or a key says of a role."""

import json
from typing import Any

import pytest

from readiness.facts.grants import Grants, grants
from readiness.iam.evaluate import Access
from tests.aws.account import ACCOUNT
from tests.rules.functions import ROLE

SEND = "sqs:SendMessage"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
SECURE = {"Bool": {"aws:SecureTransport": "true"}}


def said(effect: str, principal: Any = "*", *, key: str = "Principal", **other: Any) -> dict[str, Any]:
    return {"Effect": effect, key: principal, "Action": "sqs:*", "Resource": "*", **other}


def read(*statements: dict[str, Any]) -> Grants:
    return grants(json.dumps({"Statement": list(statements)}), SEND)


@pytest.mark.parametrize(
    ("statement", "itself", "by_account"),
    [
        pytest.param(said("Allow", {"AWS": ROLE}), Access.DIRECT, Access.DIRECT, id="the role"),
        pytest.param(said("Allow"), Access.DIRECT, Access.DIRECT, id="everybody"),
        pytest.param(said("Allow", {"AWS": ROOT}), Access.NONE, Access.DIRECT, id="its account"),
        pytest.param(said("Allow", {"AWS": ACCOUNT}), Access.NONE, Access.DIRECT, id="its account, by the number"),
        pytest.param(said("Allow", {"AWS": OTHER}), Access.NONE, Access.NONE, id="another role"),
        pytest.param(said("Allow", Condition=SECURE), Access.CONDITIONAL, Access.CONDITIONAL, id="under a condition"),
        pytest.param(said("Allow", Action="sqs:ReceiveMessage"), Access.NONE, Access.NONE, id="something else"),
    ],
)
def test_whom_it_admits(statement: dict[str, Any], itself: Access, by_account: Access) -> None:
    found = read(statement)
    assert (found.to(ROLE), found.to_account_of(ROLE)) == (itself, by_account)


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        pytest.param(said("Deny"), True, id="everybody"),
        pytest.param(said("Deny", {"AWS": ROOT}), True, id="its account"),
        pytest.param(said("Deny", {"AWS": OTHER}), False, id="another role"),
        pytest.param(said("Deny", Condition=SECURE), False, id="under a condition, which may not hold"),
        pytest.param(said("Deny", {"AWS": [OTHER, ROOT]}, key="NotPrincipal"), True, id="everybody but another role"),
        pytest.param(said("Deny", {"AWS": [ROLE, ROOT]}, key="NotPrincipal"), False, id="everybody but the role"),
    ],
)
def test_whom_it_refuses(statement: dict[str, Any], refused: bool) -> None:  # noqa: FBT001  a column of the table
    assert read(said("Allow"), statement).refuse(ROLE) is refused


def test_several_actions_must_all_be_admitted() -> None:
    text = json.dumps({"Statement": said("Allow", {"AWS": ROLE}, Action="kms:GenerateDataKey*")})
    assert grants(text, "kms:GenerateDataKey", "kms:Decrypt").to(ROLE) is Access.NONE


def test_one_of_several_actions_that_is_denied_is_enough() -> None:
    text = json.dumps({"Statement": [said("Allow", Action="*"), said("Deny", Action="kms:Decrypt")]})
    assert grants(text, "kms:GenerateDataKey", "kms:Decrypt").refuse(ROLE)
