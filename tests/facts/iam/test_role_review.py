from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from readiness.checklist import FunctionSettings
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.table_roles import RolePolicies, reviewed, role_review
from readiness.iam.violation import ViolationKind
from readiness.model import Gone, Reason, Unavailable
from tests.aws.account import ARN
from tests.rules.facts import checklist
from tests.rules.roles import GOOD, NO_POLICY, ROLE, THE_TABLE, allow, by_table, document, principal, review, role


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    reviewed.cache_clear()
    yield
    reviewed.cache_clear()


def test_what_has_not_changed_is_not_reviewed_again() -> None:
    review(principal())
    another_order = principal({"cart": document(*reversed(GOOD["cart"]["Statement"]))})
    again = replace(principal(), known=another_order.identity)
    assert review(again).found == ()
    assert (reviewed.cache_info().hits, reviewed.cache_info().misses) == (1, 1)


def test_a_policy_that_has_changed_is_reviewed_and_found() -> None:
    assert review(principal()).found == ()
    widened = principal({**GOOD, "extra": document(allow("dynamodb:DeleteTable", ARN))})
    assert [each.kind for each in review(widened).found] == [ViolationKind.ADMINISTERS]
    assert reviewed.cache_info().misses == 2
    assert review(principal()).found == (), "and forgotten when it is gone"


def test_what_the_functions_need_and_where_they_log_is_part_of_the_question() -> None:
    scans = principal({**GOOD, "extra": document(allow("dynamodb:Scan", ARN))})
    listed = checklist(functions=FunctionSettings(actions={"*": ("dynamodb:*",)}))
    assert [each.kind for each in review(scans).found] == [ViolationKind.SCANS]
    assert review(scans, listed).found == ()
    elsewhere = role(log_groups=("/shop/cart",))
    assert ViolationKind.MUTE in {each.kind for each in review(scans, listed, elsewhere).found}


def test_another_table_is_another_question() -> None:
    review(principal())
    orders = Table("orders", ARN.replace("babesclub-commerce", "orders"), THE_TABLE.account, THE_TABLE.region)
    found = role_review(orders, checklist(), role(), RolePolicies(principal()), NO_POLICY)
    assert found
    assert {each.kind for each in found.found} == {ViolationKind.BEYOND}


def test_a_policy_that_got_another_name_is_told_by_it() -> None:
    wide = document(allow("dynamodb:DeleteTable", ARN))
    before = review(principal({**GOOD, "old": wide}))
    renamed = review(principal({**GOOD, "new": wide}))
    assert ([each.policy for each in before.found], [each.policy for each in renamed.found]) == (["old"], ["new"])


def test_there_is_nothing_to_review_of_a_role_that_does_not_exist() -> None:
    assert role_review(THE_TABLE, checklist(), role(), Gone("the role cart does not exist"), NO_POLICY) is None


def test_what_the_tables_own_policy_gives_the_role_is_its_own_too() -> None:
    given = by_table(allow("dynamodb:*", ARN, Principal={"AWS": ROLE}))
    assert {each.kind for each in review(principal(), policy=given).found} == {
        ViolationKind.ADMINISTERS,
        ViolationKind.SCANS,
        ViolationKind.UNLISTED,
    }
    assert review(principal()).found == (), "and no more when it is gone"


def test_a_policy_of_the_table_that_could_not_be_read_is_remembered() -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
    assert review(principal(), policy=denied).unread == denied
    review(principal()).certain()


def test_another_value_of_a_condition_in_the_tables_policy_is_another_question() -> None:
    def given(who: str) -> ResourcePolicy:
        only = {"ArnEquals": {"aws:PrincipalArn": who}}
        return by_table(allow("dynamodb:DeleteTable", ARN, Principal="*", Condition=only))

    assert review(principal(), policy=given(ROLE)).found
    assert not review(principal(), policy=given(f"{ROLE}-admin")).found
