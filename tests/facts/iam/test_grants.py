"""What a policy of a queue, a topic or a key says of a role."""

import json
from typing import Any

import pytest

from readiness.facts.iam.grants import Grants, grants
from readiness.iam.evaluate import Access
from readiness.model import Reason, Unreadable
from tests.aws.account import ACCOUNT
from tests.rules.functions import ROLE

SEND = "sqs:SendMessage"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
SECURE = {"Bool": {"aws:SecureTransport": "true"}}
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}
PERHAPS = {"StringEquals": {"aws:PrincipalTag/team": "carts"}}


def arn(operator: str, *wanted: str) -> dict[str, Any]:
    return {operator: {"aws:PrincipalArn": list(wanted)}}


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
        pytest.param(said("Allow", Condition=PERHAPS), Access.CONDITIONAL, Access.CONDITIONAL, id="under a condition"),
        pytest.param(said("Allow", Condition=SECURE), Access.DIRECT, Access.DIRECT, id="by TLS, as all do"),
        pytest.param(said("Allow", Condition=INSECURE), Access.NONE, Access.NONE, id="without TLS, as nobody does"),
        pytest.param(said("Allow", Condition=arn("ArnEquals", ROLE)), Access.DIRECT, Access.DIRECT, id="by its ARN"),
        pytest.param(said("Allow", Condition=arn("ArnEquals", OTHER)), Access.NONE, Access.NONE, id="by another ARN"),
        pytest.param(
            said("Allow", Condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}}),
            Access.NONE,
            Access.NONE,
            id="everybody of another account",
        ),
        pytest.param(
            said("Allow", {"AWS": ROOT}, Condition=arn("ArnLike", f"arn:aws:iam::{ACCOUNT}:role/*")),
            Access.NONE,
            Access.DIRECT,
            id="roles of its account",
        ),
        pytest.param(
            said("Allow", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}),
            Access.NONE,
            Access.NONE,
            id="every service of AWS, of which a role is none",
        ),
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
        pytest.param(said("Deny", Condition=PERHAPS), False, id="under a condition, which may not hold"),
        pytest.param(said("Deny", Condition=INSECURE), False, id="without TLS"),
        pytest.param(said("Deny", Condition=SECURE), True, id="by TLS"),
        pytest.param(said("Deny", Condition=arn("ArnNotEquals", ROLE)), False, id="all but the role, by a condition"),
        pytest.param(said("Deny", Condition=arn("ArnNotEquals", OTHER)), True, id="all but another, by a condition"),
        pytest.param(said("Deny", {"AWS": [OTHER, ROOT]}, key="NotPrincipal"), True, id="everybody but another role"),
        pytest.param(said("Deny", {"AWS": [ROLE, ROOT]}, key="NotPrincipal"), False, id="everybody but the role"),
    ],
)
def test_whom_it_refuses(statement: dict[str, Any], refused: bool) -> None:  # noqa: FBT001  a column of the table
    assert read(said("Allow"), statement).refuse(ROLE) is refused


def test_who_is_refused_is_not_admitted_by_that() -> None:
    found = read(said("Deny", {"AWS": ROLE}))
    assert (found.to(ROLE), found.to_account_of(ROLE)) == (Access.NONE, Access.NONE)


def test_several_actions_must_all_be_admitted() -> None:
    text = json.dumps({"Statement": said("Allow", {"AWS": ROLE}, Action="kms:GenerateDataKey*")})
    assert grants(text, "kms:GenerateDataKey", "kms:Decrypt").to(ROLE) is Access.NONE


def test_one_of_several_actions_that_is_denied_is_enough() -> None:
    text = json.dumps({"Statement": [said("Allow", Action="*"), said("Deny", Action="kms:Decrypt")]})
    assert grants(text, "kms:GenerateDataKey", "kms:Decrypt").refuse(ROLE)


def test_conditions_that_differ_by_action_are_judged_together() -> None:
    known, other = said("Allow", Action="kms:Decrypt", Condition=arn("ArnEquals", ROLE)), arn("ArnEquals", OTHER)
    for condition, answer in (({}, Access.DIRECT), (PERHAPS, Access.CONDITIONAL), (other, Access.NONE)):
        text = json.dumps({"Statement": [known, said("Allow", Action="kms:GenerateDataKey*", Condition=condition)]})
        assert grants(text, "kms:GenerateDataKey", "kms:Decrypt").to(ROLE) is answer


def test_a_policy_whose_conditions_are_decided_keeps_no_statement() -> None:
    assert read(said("Allow", Condition=SECURE), said("Deny", Condition=INSECURE)) == Grants(admitted=("*",))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Statement": [{"Effect": "s3cret"}]}'])
def test_what_is_no_policy_can_not_be_read(text: str) -> None:
    with pytest.raises(Unreadable) as unread:
        grants(text, SEND)
    assert unread.value.first.reason is Reason.MALFORMED
    assert "s3cret" not in unread.value.first.detail
