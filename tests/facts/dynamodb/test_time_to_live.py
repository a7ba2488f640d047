from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.dynamodb.time_to_live import TimeToLive, time_to_live
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import TABLE, Account, Json
from tests.rules.facts import description


def read(account: Account, table: Table, **described: Any) -> TimeToLive:
    return time_to_live(account.aws, table, description(**described))


def test_it_is_on(furnished: Account, table: Table) -> None:
    assert read(furnished, table) == TimeToLive("ENABLED", "expiresAt")


def test_off_names_no_attribute(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
    )
    assert read(furnished, table) == TimeToLive("DISABLED", None)


@pytest.mark.parametrize("status", ["ENABLING", "DISABLING"])
def test_what_moto_passes_over_is_read(furnished: Account, table: Table, status: str) -> None:
    """Botocore's model: TimeToLiveStatus has ENABLING and DISABLING, each up to an hour; moto switches at once."""
    furnished.alter(
        "dynamodb",
        "DescribeTimeToLive",
        lambda answer: answer["TimeToLiveDescription"].update(TimeToLiveStatus=status),
    )
    assert read(furnished, table) == TimeToLive(status, "expiresAt")


def test_moto_spells_a_missing_table_in_its_own_way(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        read(account, table)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "TableNotFoundException"])
def test_aws_spells_it_in_two(furnished: Account, table: Table, code: str) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", code)
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        read(furnished, table)


def test_of_a_table_that_is_being_deleted_it_is_gone(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "ValidationException")
    with pytest.raises(Gone, match="the table babesclub-commerce is being deleted"):
        read(furnished, table, status="DELETING")


def test_a_table_that_is_being_created_has_none_yet(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "ValidationException")
    assert read(furnished, table, status="CREATING") == TimeToLive("CREATING", None)


@pytest.mark.parametrize(
    "found",
    [description(), Unavailable(Reason.ACCESS_DENIED), Gone("it does not exist")],
    ids=["active", "denied", "gone"],
)
def test_a_call_that_aws_finds_invalid_says_nothing_of_any_other_table(
    furnished: Account, table: Table, found: TableDescription | Unavailable | Gone
) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "ValidationException")
    with pytest.raises(ClientError, match="ValidationException"):
        time_to_live(furnished.aws, table, found)


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        read(furnished, table)


def test_an_answer_without_the_status_is_not_taken_for_off(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeTimeToLive", without("TimeToLiveStatus"))
    with pytest.raises(Unreadable) as unread:
        read(furnished, table)
    assert unread.value.first.detail == "TimeToLiveDescription.TimeToLiveStatus"


def test_one_that_is_on_without_its_attribute_is_on_all_the_same(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeTimeToLive", without("AttributeName"))
    found = read(furnished, table)
    assert found.status == "ENABLED"
    with pytest.raises(Unreadable):
        _ = found.attribute


def without(member: str) -> Callable[[Json], None]:
    def change(answer: Json) -> None:
        del answer["TimeToLiveDescription"][member]

    return change
