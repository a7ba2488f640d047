import pytest
from botocore.exceptions import ClientError

from readiness.facts.table import Table
from readiness.facts.time_to_live import TimeToLive, time_to_live
from readiness.model import Gone
from tests.aws.account import TABLE, Account


def test_it_is_on(furnished: Account, table: Table) -> None:
    assert time_to_live(furnished.aws, table) == TimeToLive("ENABLED", "expiresAt")


def test_off_names_no_attribute(furnished: Account, table: Table) -> None:
    furnished.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
    )
    assert time_to_live(furnished.aws, table) == TimeToLive("DISABLED", None)


@pytest.mark.parametrize("status", ["ENABLING", "DISABLING"])
def test_what_moto_passes_over_is_read(furnished: Account, table: Table, status: str) -> None:
    """Botocore's model: TimeToLiveStatus has ENABLING and DISABLING, each up to an hour; moto switches at once."""
    furnished.alter(
        "dynamodb",
        "DescribeTimeToLive",
        lambda answer: answer["TimeToLiveDescription"].update(TimeToLiveStatus=status),
    )
    assert time_to_live(furnished.aws, table) == TimeToLive(status, "expiresAt")


def test_moto_spells_a_missing_table_in_its_own_way(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        time_to_live(account.aws, table)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "TableNotFoundException"])
def test_aws_spells_it_in_two(furnished: Account, table: Table, code: str) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", code)
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        time_to_live(furnished.aws, table)


def test_a_table_that_is_being_deleted_has_none(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "ValidationException")
    with pytest.raises(Gone, match="being created or deleted"):
        time_to_live(furnished.aws, table)


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTimeToLive", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        time_to_live(furnished.aws, table)


def test_an_answer_without_the_status_is_not_taken_for_off(furnished: Account, table: Table) -> None:
    furnished.alter(
        "dynamodb", "DescribeTimeToLive", lambda answer: answer["TimeToLiveDescription"].pop("TimeToLiveStatus")
    )
    with pytest.raises(KeyError):
        time_to_live(furnished.aws, table)
