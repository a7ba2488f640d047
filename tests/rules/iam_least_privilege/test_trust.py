import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import trust
from tests.aws.account import ACCOUNT
from tests.rules.iam_least_privilege.policies import CONDITION
from tests.rules.roles import BY_LAMBDA, Document, document, principal, review, role

STRANGER = "999988887777"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param({"Service": "lambda.amazonaws.com"}, Status.PASS, id="Lambda"),
        pytest.param({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, Status.WARN, id="EC2 too"),
        pytest.param({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Status.WARN, id="the account"),
        pytest.param({"Federated": "cognito-identity.amazonaws.com"}, Status.WARN, id="who logs in elsewhere"),
        pytest.param("*", Status.FAIL, id="everybody"),
        pytest.param({"AWS": "*"}, Status.FAIL, id="every account"),
        pytest.param({"Federated": "*"}, Status.FAIL, id="who logs in wherever"),
    ],
)
def test_trust(who: object, status: Status) -> None:
    trusts = document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})
    assert trust(role(), review(principal(trust=trusts))).status is status


@pytest.mark.parametrize(
    ("who", "condition", "status"),
    [
        pytest.param("*", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.WARN, id="its own account"),
        pytest.param("*", {"StringEquals": {"aws:PrincipalAccount": STRANGER}}, Status.WARN, id="one foreign account"),
        pytest.param(
            "*", {"StringNotEquals": {"aws:PrincipalAccount": STRANGER}}, Status.FAIL, id="all accounts but one"
        ),
        pytest.param("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, Status.FAIL, id="any such role"),
        pytest.param("*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, Status.WARN, id="an organization"),
        pytest.param("*", {"StringEquals": {"sts:ExternalId": "s3cret"}}, Status.FAIL, id="who knows an external ID"),
        pytest.param("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}, Status.WARN, id="a network, whosever"),
        pytest.param("*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, Status.WARN, id="any service for us"),
        pytest.param("*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}, Status.WARN, id="any service"),
        pytest.param(
            {"Federated": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.FAIL, id="whatever login"
        ),
        pytest.param(
            {"AWS": "*", "Federated": "accounts.google.com"},
            {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
            Status.FAIL,
            id="whatever account, and a login",
        ),
        pytest.param(
            {"AWS": STRANGER},
            {"StringEquals": {"sts:ExternalId": "s3cret"}},
            Status.WARN,
            id="a foreign account by one",
        ),
        pytest.param(
            {"AWS": STRANGER}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.PASS, id="nobody, after all"
        ),
        pytest.param(
            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}},
            Status.WARN,
            id="one role of the account",
        ),
        pytest.param(
            {"Service": "lambda.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            Status.PASS,
            id="Lambda for us",
        ),
        pytest.param(
            {"Service": "ec2.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": STRANGER}}, Status.WARN, id="EC2"
        ),
    ],
)
def test_trust_under_a_condition(who: object, condition: Document, status: Status) -> None:
    trusts = document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole", "Condition": condition})
    verdict = trust(role(), review(principal(trust=trusts)))
    assert verdict.status is status
    assert "s3cret" not in repr(verdict)


def test_trust_in_all_but_one_names_the_one_as_left_out() -> None:
    trusts = document({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    message = trust(role(), review(principal(trust=trusts))).message
    assert message == f"cart can be assumed by any principal: trust policy allows all principals except {ACCOUNT}"


def test_trust_in_all_but_some_is_trust_in_everybody() -> None:
    trusts = document({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    assert trust(role(), review(principal(trust=trusts))).status is Status.FAIL


def test_who_may_tag_a_session_can_not_assume_the_role() -> None:
    tags = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:TagSession"}
    assert trust(role(), review(principal(trust=document(*BY_LAMBDA["Statement"], tags)))).status is Status.PASS


def test_who_is_not_let_in_is_no_stranger() -> None:
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": CONDITION}
    trusts = document(*BY_LAMBDA["Statement"], refusal)
    assert trust(role(), review(principal(trust=trusts))).status is Status.PASS
