from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from readiness.facts.table import Encryption, Table, table_description
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import TABLE, Account, Json


def test_the_good_table_is_described(furnished: Account, table: Table) -> None:
    description = table_description(furnished.aws, table)
    described = furnished.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    assert (description.table_id, description.status) == (described["TableId"], "ACTIVE")
    assert description.billing_mode == "PAY_PER_REQUEST"
    assert description.deletion_protected
    assert description.encryption
    assert (description.encryption.kind, description.encryption.status) == ("KMS", "ENABLED")
    assert description.created.tzinfo is UTC


def test_one_without_a_billing_summary_is_provisioned(furnished: Account, table: Table) -> None:
    """AWS leaves it out for a table that was never on-demand; moto never does. botocore's model: BillingModeSummary."""
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop("BillingModeSummary"))
    assert table_description(furnished.aws, table).billing_mode == "PROVISIONED"


def test_one_that_went_back_to_provisioned_is_not_taken_for_on_demand(furnished: Account, table: Table) -> None:
    switched = datetime(2026, 1, 2, tzinfo=UTC)

    def back(answer: Json) -> None:
        answer["Table"]["BillingModeSummary"] = {
            "BillingMode": "PROVISIONED",
            "LastUpdateToPayPerRequestDateTime": switched,
        }

    furnished.alter("dynamodb", "DescribeTable", back)
    description = table_description(furnished.aws, table)
    assert (description.billing_mode, description.last_on_demand) == ("PROVISIONED", switched)


@pytest.mark.parametrize(
    ("maxima", "found"),
    [
        pytest.param({"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}, (None, None), id="-1 is no maximum"),
        pytest.param({"MaxReadRequestUnits": 40}, (40, None), id="an absent member is no maximum"),
    ],
)
def test_maxima(furnished: Account, table: Table, maxima: Json, found: tuple[int | None, int | None]) -> None:
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(OnDemandThroughput=maxima))
    description = table_description(furnished.aws, table)
    assert (description.max_reads, description.max_writes) == found


def test_without_a_description_of_encryption_aws_owns_the_key(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop("SSEDescription"))
    assert table_description(furnished.aws, table).encryption is None


def test_a_key_out_of_reach_is_dated_in_utc(furnished: Account, table: Table) -> None:
    since = datetime(2026, 11, 20, 3, tzinfo=UTC)
    description = {"Status": "ENABLED", "SSEType": "KMS", "InaccessibleEncryptionDateTime": since}
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(SSEDescription=description))
    assert table_description(furnished.aws, table).encryption == Encryption("ENABLED", "KMS", None, since)


def test_indexes_are_sorted(furnished: Account, table: Table) -> None:
    indexes = [{"IndexName": "b"}, {"IndexName": "a"}]
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(GlobalSecondaryIndexes=indexes))
    assert table_description(furnished.aws, table).indexes == ("a", "b")


def test_a_missing_table_is_gone(account: Account, table: Table) -> None:
    with pytest.raises(Gone, match="the table babesclub-commerce does not exist"):
        table_description(account.aws, table)


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table) -> None:
    furnished.refuse("dynamodb", "DescribeTable", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        table_description(furnished.aws, table)


@pytest.mark.parametrize(
    ("member", "field"), [("TableId", "table_id"), ("TableStatus", "status"), ("CreationDateTime", "created")]
)
def test_only_what_needs_an_absent_member_is_unreadable(
    furnished: Account, table: Table, member: str, field: str
) -> None:
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop(member))
    described = table_description(furnished.aws, table)
    assert described.billing_mode == "PAY_PER_REQUEST"
    with pytest.raises(Unreadable) as unread:
        getattr(described, field)
    assert unread.value.first == Unavailable(Reason.INCOMPLETE_ANSWER, "dynamodb:DescribeTable", f"Table.{member}")
