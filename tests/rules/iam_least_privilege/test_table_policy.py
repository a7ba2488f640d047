from typing import Any

import pytest

from readiness.model import Status, Unreadable
from readiness.rules.iam_least_privilege import actions, administration, scope
from tests.aws.account import ACCOUNT, ARN
from tests.rules.iam_least_privilege.policies import DENIED
from tests.rules.roles import GOOD, ROLE, Document, allow, by_table, deny, document, principal, review, role

TO_THE_ROLE = {"Principal": {"AWS": ROLE}}


@pytest.mark.parametrize(
    ("given", "judge", "status"),
    [
        pytest.param(
            allow("dynamodb:*", ARN, **TO_THE_ROLE), administration, Status.FAIL, id="to administer it, which fails"
        ),
        pytest.param(allow("dynamodb:*", ARN, **TO_THE_ROLE), actions, Status.FAIL, id="to scan it, which fails"),
        pytest.param(
            allow("dynamodb:*", "*", **TO_THE_ROLE), scope, Status.PASS, id="everything, which is the table alone"
        ),
        pytest.param(
            allow("dynamodb:DeleteTable", ARN, Principal="*"), administration, Status.FAIL, id="as it lets everybody"
        ),
        pytest.param(allow("dynamodb:GetItem", ARN, **TO_THE_ROLE), actions, Status.PASS, id="what it needs anyway"),
        pytest.param(
            allow("dynamodb:*", ARN, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
            administration,
            Status.PASS,
            id="what its own policies would have to allow",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}),
            administration,
            Status.FAIL,
            id="something, for it is the one that a condition names",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": f"{ROLE}-admin"}}),
            administration,
            Status.PASS,
            id="nothing, for a condition names another",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            administration,
            Status.WARN,
            id="something if its account is of an organization",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            administration,
            Status.FAIL,
            id="something if the request comes from a network",
        ),
    ],
)
def test_the_tables_own_policy_lets_a_role(given: Document, judge: Any, status: Status) -> None:
    assert judge(role(), review(principal(), policy=by_table(given))).status is status


def test_a_deny_in_the_tables_own_policy_takes_away_what_the_role_has() -> None:
    wide = principal({**GOOD, "extra": document(allow("dynamodb:DeleteTable", ARN))})
    given = by_table(deny("dynamodb:DeleteTable", ARN, Principal="*"))
    assert administration(role(), review(wide, policy=given)).status is Status.PASS


@pytest.mark.parametrize("judge", [administration, actions])
def test_only_a_failure_is_certain_without_the_tables_own_policy(judge: Any) -> None:
    wide = principal({**GOOD, "extra": document(allow("dynamodb:*", ARN))})
    assert judge(role(), review(wide, policy=DENIED)).status is Status.FAIL
    with pytest.raises(Unreadable):
        judge(role(), review(principal(), policy=DENIED))


def test_beyond_the_table_its_own_policy_can_let_nobody() -> None:
    assert scope(role(), review(principal(), policy=DENIED)).status is Status.PASS
