from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from readiness.facts.dynamodb.table import Encryption, ReplicaDescription, Table, table_description
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ARN, TABLE, TABLE_ID, Account, Json


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


DELETING: Json = {
    "TableName": TABLE,
    "TableStatus": "DELETING",
    "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
    "TableSizeBytes": 0,
    "ItemCount": 0,
    "TableArn": ARN,
    "TableId": TABLE_ID,
    "DeletionProtectionEnabled": False,
}


def test_of_a_table_that_is_being_deleted_what_is_left_is_read(furnished: Account, table: Table) -> None:
    furnished.answer("dynamodb", "DescribeTable", {"Table": DELETING})
    found = table_description(furnished.aws, table)
    assert (found.status, found.table_id, found.deletion_protected) == ("DELETING", TABLE_ID, False)


@pytest.mark.parametrize(
    ("field", "member"),
    [
        ("created", "CreationDateTime"),
        ("billing_mode", "BillingModeSummary"),
        ("last_on_demand", "BillingModeSummary"),
        ("max_reads", "OnDemandThroughput"),
        ("max_writes", "OnDemandThroughput"),
        ("encryption", "SSEDescription"),
        ("indexes", "GlobalSecondaryIndexes"),
        ("vector_indexes", "VectorIndexes"),
        ("keys", "KeySchema"),
        ("table_class", "TableClassSummary"),
        ("warm_reads", "WarmThroughput"),
        ("warm_writes", "WarmThroughput"),
        ("replicas", "Replicas"),
    ],
)
def test_what_is_no_longer_told_of_it_is_gone_with_it(
    furnished: Account, table: Table, field: str, member: str
) -> None:
    furnished.answer("dynamodb", "DescribeTable", {"Table": DELETING})
    found = table_description(furnished.aws, table)
    with pytest.raises(Gone, match=f"the table {TABLE} is being deleted: DescribeTable does not return its {member}"):
        getattr(found, field)


def test_one_that_has_its_members_still_is_read_as_any(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(TableStatus="DELETING"))
    found = table_description(furnished.aws, table)
    assert (found.billing_mode, found.keys) == ("PAY_PER_REQUEST", ("PK, SK",))


def test_vector_indexes_are_told_apart(furnished: Account, table: Table) -> None:
    indexes = [{"IndexName": "by-picture"}, {"IndexName": "by-text"}]
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(VectorIndexes=indexes))
    found = table_description(furnished.aws, table)
    assert (found.indexes, found.vector_indexes) == ((), ("by-picture", "by-text"))


def test_a_replica_is_read_with_what_keeps_it_apart(furnished: Account, table: Table) -> None:
    since = datetime(2026, 11, 24, 0, tzinfo=UTC)
    replica = {
        "RegionName": "eu-west-1",
        "ReplicaArn": ARN.replace("us-east-1", "eu-west-1"),
        "ReplicaStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
        "ReplicaInaccessibleDateTime": since,
        "KMSMasterKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
    }
    more = {"Replicas": [replica], "MultiRegionConsistency": "STRONG", "DisassociationProtectionEnabled": False}
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(more))
    found = table_description(furnished.aws, table)
    assert found.replicas == (ReplicaDescription(*replica.values()),)  # type: ignore[arg-type]  # in their order
    assert (found.consistency, found.disassociation_protected) == ("STRONG", False)


def test_without_a_word_replicas_agree_in_the_end_and_are_protected(furnished: Account, table: Table) -> None:
    """Botocore's model: "defaults to EVENTUAL"; "Protection is enabled by default"."""
    found = table_description(furnished.aws, table)
    assert (found.replicas, found.consistency, found.disassociation_protected) == ((), "EVENTUAL", True)


def test_an_archived_table_names_its_archive(furnished: Account, table: Table) -> None:
    summary = {"ArchivalReason": "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ArchivalBackupArn": f"{ARN}/backup/1"}
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(ArchivalSummary=summary))
    assert table_description(furnished.aws, table).archive == f"{ARN}/backup/1"
