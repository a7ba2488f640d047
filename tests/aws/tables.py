"""The two tables of the command line's tests and of the demo: one that meets the items about it, one that does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.aws.account import REGION

Client = Callable[[str], Any]

KEYS: Any = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
}


def make_good(client: Client, name: str) -> None:
    """A table with every setting that the checklist wants of it, and 35 days of restore points."""
    kms, dynamodb = client("kms"), client("dynamodb")
    key = kms.create_key()["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["Arn"]},
        DeletionProtectionEnabled=True,
        **KEYS,
    )
    switch_recovery(client, name, on=True)
    reach_back(name)
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )


def make_bad(client: Client, name: str) -> None:
    """A table with few settings."""
    client("dynamodb").create_table(
        TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}, **KEYS
    )


def switch_recovery(client: Client, name: str, *, on: bool) -> None:
    """Enable or disable PITR."""
    client("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
    )


def reach_back(name: str) -> None:
    """Let recovery of a table that is seconds old reach back as that of an old one does."""
    backups = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[name].continuous_backups
    earliest = datetime.now(UTC) - timedelta(days=35)
    backups["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"] = earliest.timestamp()
