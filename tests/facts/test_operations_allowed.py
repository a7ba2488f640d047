"""What the functions of a table may do to it."""

from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.dynamodb.operations import OperationsAllowed, operations_allowed
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import TableRole
from readiness.iam.statement import statements
from readiness.model import Reason, Unavailable
from tests.aws.account import ARN
from tests.rules.roles import ROLE, THE_TABLE, Document, allow, document, principal

DENIED = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails")
OWN = ResourcePolicy(())
CART = TableRole("cart", ROLE, ("cart",), ())


ROLES: Each[TableRole] = Each({ROLE: CART})


def may(
    *written: Document, policy: ResourcePolicy | Unavailable = OWN, roles: Each[TableRole] = ROLES
) -> OperationsAllowed:
    known: Each[Principal] = Each({ROLE: principal({"cart": document(*written)})})
    return operations_allowed(THE_TABLE, roles, known, policy)


@pytest.mark.parametrize(
    ("actions", "operations"),
    [
        pytest.param(["dynamodb:GetItem"], {"GetItem", "TransactGetItems"}, id="reads, which transactions do too"),
        pytest.param(["dynamodb:PutItem"], {"PutItem"}, id="writes, of which the monitor makes the transactions"),
        pytest.param(
            ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"],
            {"PutItem", "TransactWriteItems"},
            id="checks, which only transactions do",
        ),
        pytest.param(
            ["dynamodb:PartiQLSelect"],
            {"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"},
            id="statements",
        ),
        pytest.param(["dynamodb:Q*", "s3:*"], {"Query"}, id="by a pattern"),
    ],
)
def test_operations_are_allowed_by_the_actions_that_they_need(actions: list[str], operations: set[str]) -> None:
    assert may(allow(actions, ARN)) == OperationsAllowed(frozenset(operations))


def test_another_table_is_another_matter() -> None:
    assert may(allow("dynamodb:*", f"{ARN}-staging")).names == frozenset()


def test_what_holds_under_a_condition_counts() -> None:
    found = may(allow("dynamodb:Query", ARN, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
    assert found.names == frozenset({"Query"})


def test_the_table_itself_may_let_the_role_in() -> None:
    said = statements(document(allow("dynamodb:Scan", ARN, Principal={"AWS": ROLE})))
    assert may(policy=ResourcePolicy(said)).names == frozenset({"Scan"})


def test_other_roles_do_not_count() -> None:
    other = replace(principal(), arn=f"{ROLE}-2", known=replace(principal().identity, arn=f"{ROLE}-2"))
    found = operations_allowed(THE_TABLE, Each({ROLE: CART}), Each({other.arn: other}), OWN)
    assert found == OperationsAllowed(frozenset())


def test_without_a_function_nobody_can_tell_whose_operations_they_are() -> None:
    assert may(allow("dynamodb:*", ARN), roles=Each({})) == OperationsAllowed(None)


def of_role(**other: Any) -> OperationsAllowed:
    known = replace(principal({"cart": document(allow("dynamodb:Query", ARN))}), **other)
    return operations_allowed(THE_TABLE, ROLES, Each({ROLE: known}), OWN)


def test_what_a_policy_allows_is_allowed_whatever_another_says() -> None:
    assert of_role(unread=DENIED).names == frozenset({"Query"})
    assert of_role(unread_boundary=DENIED).names == frozenset()


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(may(policy=DENIED), id="the table's policy"),
        pytest.param(may(roles=Each({ROLE: CART}, DENIED)), id="the functions"),
        pytest.param(operations_allowed(THE_TABLE, Each({ROLE: CART}), Each({ROLE: DENIED}), OWN), id="the role"),
        pytest.param(of_role(unread=DENIED), id="a policy of the role"),
        pytest.param(of_role(unread_boundary=DENIED), id="the boundary of the role"),
    ],
)
def test_what_can_not_be_read_may_allow_more(found: OperationsAllowed) -> None:
    assert found.unread == DENIED


def test_a_role_that_can_be_read_does_not_hide_that_another_cannot() -> None:
    other = f"{ROLE}-2"
    known = principal({"cart": document(allow("dynamodb:Query", ARN))})
    roles = Each({ROLE: CART, other: replace(CART, arn=other)})
    principals = Each({ROLE: known, other: replace(known, arn=other, unread=DENIED)})
    assert operations_allowed(THE_TABLE, roles, principals, OWN).unread == DENIED
