import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.iam.catalogue import actions, spoken_of
from readiness.iam.statement import Statement, about

EVERYWHERE = {
    "DescribeEndpoints",
    "DescribeLimits",
    "DescribeReservedCapacity",
    "DescribeReservedCapacityOfferings",
    "GetAbacStatus",
    "InjectError",
    "ListBackups",
    "ListContributorInsights",
    "ListGlobalTables",
    "ListStreams",
    "ListTables",
    "PurchaseReservedCapacityOfferings",
    "UpdateAbacStatus",
}
"""Without a resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html."""


def test_those_that_aws_demands_any_resource_for() -> None:
    assert {action.name for action in actions("dynamodb").values() if not action.scopable} == {
        f"dynamodb:{name}" for name in EVERYWHERE
    }


def test_the_kinds_of_resources_that_an_action_can_be_about() -> None:
    assert set(actions("dynamodb")["dynamodb:query"].kinds) == {"index", "table"}
    assert actions("dynamodb")["dynamodb:deletebackup"].kinds == ("backup",)


@pytest.mark.parametrize(
    ("action", "level"),
    [("Scan", "Read"), ("GetItem", "Read"), ("PutItem", "Write"), ("ListTables", "List"), ("DeleteTable", "Write")],
)
def test_levels(action: str, level: str) -> None:
    assert actions("dynamodb")[f"dynamodb:{action.lower()}"].level == level


def test_a_transaction_is_no_action_of_its_own() -> None:
    assert not [name for name in actions("dynamodb") if "transact" in name]
    assert (
        spoken_of(Statement(allow=True, actions=("dynamodb:transactwriteitems",), resources=("*",)), "dynamodb") == ()
    )


def test_a_service_that_is_not_brought_along_is_a_defect() -> None:
    with pytest.raises(LookupError, match="sqs"):
        actions("sqs")


PIECES = st.sampled_from(["*", "?", "dynamodb", "d", ":", "get", "Put", "item", "batch", "table", "s3", "scan"])
PATTERNS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=5).map("".join),
    st.sampled_from(["dynamodb:GetItem", "dynamodb:*", "*", "dynamodb:Describe*", "s3:*", "dynamodb:??tItem"]),
)


def spelled_out(patterns: list[str], name: str) -> bool:
    """Brute force: character by character."""

    def fits(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(fits(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])

    return any(fits(re.sub(r"\*+", "*", pattern.lower()), name.lower()) for pattern in patterns)


@given(st.lists(PATTERNS, min_size=1, max_size=3), st.booleans())
@settings(max_examples=500, deadline=None)
def test_it_spells_wildcards_out_as_brute_force_does(patterns: list[str], but: bool) -> None:  # noqa: FBT001
    statement = Statement(
        allow=True, actions=tuple(pattern.lower() for pattern in patterns), resources=("*",), but_actions=but
    )
    expected = [action for action in actions("dynamodb").values() if spelled_out(patterns, action.name) is not but]
    assert list(spoken_of(statement, "dynamodb")) == expected
    assert [action for each in about({"dynamodb"}, [statement]) for action in spoken_of(each, "dynamodb")] == expected
