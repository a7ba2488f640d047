"""The role's condition on `dynamodb:LeadingKeys`, as a botocore hook: moto and ministack know no IAM conditions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def only_ours(client: "DynamoDBClient", partition_key: str = "PK") -> None:
    """From now on a data call of the client on a row whose key does not begin with READINESS# fails the test."""

    def check(params: dict[str, Any], **_event: object) -> None:
        keys = list(_leading_keys(json.loads(params["body"]), partition_key))
        assert keys, f"a call without a leading key: {params['body']!r}"
        assert all(key.startswith("READINESS#") for key in keys), keys

    for operation in (
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactWriteItems",
        "UpdateItem",
    ):
        client.meta.events.register(f"before-call.dynamodb.{operation}", check)


def _leading_keys(body: Any, partition_key: str) -> Iterator[str]:
    """The partition keys of a request: those of its keys and items, and what a Query compares `#pk` with."""
    if isinstance(body, dict):
        if body.get("ExpressionAttributeNames", {}).get("#pk") == partition_key and "KeyConditionExpression" in body:
            yield body["ExpressionAttributeValues"][":pk"]["S"]
        if row := body.get("Key") or body.get("Item"):
            yield row[partition_key]["S"]
            return
        for value in body.values():
            yield from _leading_keys(value, partition_key)
    elif isinstance(body, list):
        for value in body:
            yield from _leading_keys(value, partition_key)
