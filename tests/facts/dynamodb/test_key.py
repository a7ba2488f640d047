from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.aws.client import Caller
from readiness.facts.dynamodb.key import KeyRotation, ManualRotation, TableKey, key_rotation, manual_rotation, table_key
from readiness.facts.dynamodb.table import Table, TableDescription, table_description
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import Account, Json, encrypt


@pytest.fixture
def key(furnished: Account) -> str:
    """The ARN of the customer key under which the table is."""
    arn: str = furnished.client("kms").create_key()["KeyMetadata"]["Arn"]
    encrypt(furnished, arn)
    return arn


def described(account: Account, table: Table) -> TableDescription:
    return table_description(account.aws, table)


def read(account: Account, table: Table) -> TableKey:
    found = table_key(account.aws, described(account, table))
    assert found
    return found


def test_the_key_that_aws_manages(furnished: Account, table: Table) -> None:
    found = read(furnished, table)
    assert (found.manager, found.state, found.rotatable) == ("AWS", "Enabled", False)
    assert key_rotation(furnished.aws, found) is None


def test_no_key_where_aws_owns_it(furnished: Account, table: Table) -> None:
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].pop("SSEDescription"))
    assert table_key(furnished.aws, described(furnished, table)) is None


def test_a_customer_key_that_is_to_be_deleted(furnished: Account, table: Table, key: str) -> None:
    furnished.client("kms").schedule_key_deletion(KeyId=key.rpartition("/")[2], PendingWindowInDays=7)
    found = read(furnished, table)
    assert (found.manager, found.state) == ("CUSTOMER", "PendingDeletion")
    assert found.deleted_on
    assert found.deleted_on.tzinfo is UTC
    assert key_rotation(furnished.aws, found) is None, "a dead key is not blamed for its rotation too"


def test_rotation_that_is_on(furnished: Account, table: Table, key: str) -> None:
    furnished.client("kms").enable_key_rotation(KeyId=key)
    found = key_rotation(furnished.aws, read(furnished, table))
    assert found
    assert found.enabled
    assert manual_rotation(furnished.aws, read(furnished, table), found) is None
    assert "kms:ListKeyRotations" not in furnished.calls


@pytest.mark.usefixtures("key")
def test_rotation_by_hand_is_looked_up_where_aws_does_not(furnished: Account, table: Table) -> None:
    """The newest of those on demand, over all pages; moto has but one page.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    furnished.answer(
        "kms",
        "ListKeyRotations",
        {"Rotations": [], "Truncated": True, "NextMarker": "more"},
        {"Rotations": [_rotated(2025, "ON_DEMAND"), _rotated(2026, "AUTOMATIC")], "Truncated": False},
    )
    off = key_rotation(furnished.aws, read(furnished, table))
    assert off == KeyRotation(enabled=False, period_days=None)
    found = manual_rotation(furnished.aws, read(furnished, table), off)
    assert found == ManualRotation(datetime(2025, 3, 1, tzinfo=UTC))


@pytest.mark.usefixtures("key")
def test_a_key_never_rotated(furnished: Account, table: Table) -> None:
    off = KeyRotation(enabled=False, period_days=None)
    assert manual_rotation(furnished.aws, read(furnished, table), off) == ManualRotation(None)


def test_rotation_of_a_replica_is_read_on_its_primary(furnished: Account, table: Table) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html: a shared property."""
    kms = Caller(furnished.session, "eu-west-1").client("kms")
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=primary)
    replica = furnished.client("kms").create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    encrypt(furnished, replica)
    configuration = {"MultiRegionKeyType": "REPLICA", "PrimaryKey": {"Arn": primary, "Region": "eu-west-1"}}
    furnished.alter(
        "kms", "DescribeKey", lambda answer: answer["KeyMetadata"].update(MultiRegionConfiguration=configuration)
    )
    found = read(furnished, table)
    assert (found.arn, found.primary_arn) == (replica, primary)
    rotation = key_rotation(furnished.aws, found)
    assert rotation
    assert rotation.enabled


def test_a_key_that_does_not_exist_is_gone(furnished: Account, table: Table) -> None:
    arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    encrypt(furnished, arn)
    with pytest.raises(Gone, match="the key arn:aws:kms:us-east-1"):
        table_key(furnished.aws, described(furnished, table))


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("operation", ["DescribeKey", "GetKeyRotationStatus", "ListKeyRotations"])
def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table, operation: str) -> None:
    furnished.refuse("kms", operation, "AccessDeniedException")
    with pytest.raises(ClientError, match=operation):
        _all(furnished, table)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("member", ["KeyState", "KeyManager", "Origin"])
def test_an_answer_without_what_aws_documents_is_not_made_up_for(furnished: Account, table: Table, member: str) -> None:
    furnished.alter("kms", "DescribeKey", lambda answer: answer["KeyMetadata"].pop(member))
    found = read(furnished, table)
    assert found.arn
    with pytest.raises(Unreadable) as unread:
        _ = (found.state, found.manager, found.origin)
    assert unread.value.first == Unavailable(Reason.INCOMPLETE_ANSWER, "kms:DescribeKey", f"KeyMetadata.{member}")


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("answer", [{}, {"KeyRotationEnabled": None}], ids=["absent", "null"])
def test_rotation_that_is_not_told_is_not_taken_for_off(furnished: Account, table: Table, answer: Json) -> None:
    furnished.answer("kms", "GetKeyRotationStatus", answer)
    with pytest.raises(Unreadable):
        key_rotation(furnished.aws, read(furnished, table))


@pytest.mark.usefixtures("key")
def test_rotations_that_are_not_listed_are_not_taken_for_none(furnished: Account, table: Table) -> None:
    furnished.answer("kms", "ListKeyRotations", {"Truncated": False})
    with pytest.raises(Unreadable):
        manual_rotation(furnished.aws, read(furnished, table), KeyRotation(enabled=False, period_days=None))


def test_a_description_without_the_key_is_not_taken_for_none(furnished: Account, table: Table) -> None:
    described_as = {"Status": "ENABLED", "SSEType": "KMS"}
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(SSEDescription=described_as))
    with pytest.raises(Unreadable) as unread:
        table_key(furnished.aws, described(furnished, table))
    assert unread.value.first.detail == "Table.SSEDescription.KMSMasterKeyArn"
    described_as["Status"] = "DISABLED"
    assert table_key(furnished.aws, described(furnished, table)) is None


def imported(account: Account) -> None:
    """Moto imports no material. botocore's model: KeyMetadata$Origin is EXTERNAL where it was."""
    account.alter("kms", "DescribeKey", lambda answer: answer["KeyMetadata"].update(Origin="EXTERNAL"))


@pytest.mark.usefixtures("key")
def test_of_imported_material_all_is_listed_that_which_waits_too(furnished: Account, table: Table) -> None:
    """The first material, and what waits to be used, have no RotationDate: botocore's model, RotationsListEntry."""
    imported(furnished)
    first, second = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
    asked: list[Json] = []
    furnished.client("kms").meta.events.register(
        "provide-client-params.kms.ListKeyRotations", lambda params, **_event: asked.append(params)
    )
    furnished.answer(
        "kms",
        "ListKeyRotations",
        {
            "Rotations": [
                {"KeyMaterialId": "a1", "KeyMaterialState": "NON_CURRENT", "ValidTo": second},
                {"KeyMaterialId": "b2", "KeyMaterialState": "CURRENT", **_rotated(2026, "ON_DEMAND")},
                {"KeyMaterialId": "c3", "KeyMaterialState": "PENDING_ROTATION", "ValidTo": first},
            ],
            "Truncated": False,
        },
    )
    found = manual_rotation(furnished.aws, read(furnished, table), None)
    assert found == ManualRotation(datetime(2026, 3, 1, tzinfo=UTC), first, "c3")
    assert asked[0]["IncludeKeyMaterial"] == "ALL_KEY_MATERIAL"


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"MultiRegion": True}, id="a multi-Region key"),
        pytest.param({"KeyState": "PendingImport"}, id="a key whose material is gone"),
        pytest.param({"KeyManager": "AWS"}, id="a key that AWS manages"),
        pytest.param({"Origin": "AWS_CLOUDHSM"}, id="a key of a key store"),
    ],
)
def test_material_is_not_listed_of(furnished: Account, table: Table, more: Json) -> None:
    imported(furnished)
    furnished.alter("kms", "DescribeKey", lambda answer: answer["KeyMetadata"].update(more))
    assert manual_rotation(furnished.aws, read(furnished, table), None) is None
    assert "kms:ListKeyRotations" not in furnished.calls


def _all(account: Account, table: Table) -> None:
    key = read(account, table)
    rotation = key_rotation(account.aws, key)
    assert rotation
    manual_rotation(account.aws, key, rotation)


def _rotated(year: int, kind: str) -> dict[str, Any]:
    return {"RotationDate": datetime(year, 3, 1, tzinfo=UTC), "RotationType": kind}


def test_a_key_that_is_gone_by_then_is_named(furnished: Account, table: Table, key: str) -> None:
    found = read(furnished, table)
    rotation = key_rotation(furnished.aws, found)
    furnished.refuse("kms", "GetKeyRotationStatus", "NotFoundException")
    furnished.refuse("kms", "ListKeyRotations", "NotFoundException")
    with pytest.raises(Gone, match=f"the key {key} does not exist"):
        key_rotation(furnished.aws, found)
    with pytest.raises(Gone, match=f"the key {key} does not exist"):
        manual_rotation(furnished.aws, found, rotation)
