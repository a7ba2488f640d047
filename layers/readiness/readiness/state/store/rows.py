"""The monitor's rows in one table: their keys, and the calls that read and write them. No other key is accessed."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from readiness.aws.answer import Answer
from readiness.model import Reason, Unavailable
from readiness.state.store.errors import StoreUnavailable, explained, happened, raced
from readiness.state.store.wire import Item, decode_item, encode, encode_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

SCHEMA = 2
"""The form of the rows. A release that meets a newer one writes nothing. Releases with schema 1 did not sign rows."""

MOST_PAGES = 1_000
"""The maximum number of pages of one query, of up to 1 MB each. A query that takes more is taken to have no end."""

QUERY = "dynamodb:Query"
PUT = "dynamodb:PutItem"

# Bytes. DynamoDB's limit is 1,024. The rest is for the HISTORY# prefix and the time suffix of a former annotation.
LONGEST_KEY = 900

MOST_COMPARED = 40
"""The number of attributes that a condition compares. Rows of the monitor have fewer."""

Write = Mapping[str, Any]
"""One action of TransactWriteItems."""


class WriteCondition(Struct, frozen=True):
    """A DynamoDB expression.

    `#pk`, `#sk` and `#expires` are the key and TTL attributes of the table; other `#name` are attribute names.
    `read` holds encoded values of a row that was read, by attribute; `#read0` and `:read0` stand for the first of them.
    """

    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)
    read: Item = field(default_factory=dict)


class Rows(Struct, frozen=True):
    """The monitor's rows: one partition of one table, whose keys are strings."""

    client: "DynamoDBClient"
    account: str
    region: str
    table: str
    partition_key: str = "PK"
    sort_key: str = "SK"
    ttl_attribute: str = "expiresAt"

    @property
    def partition(self) -> str:
        """Return the partition key. It has the Region, because the replicas of a global table share their items."""
        return f"READINESS#{self.account}#{self.region}#{self.table}"

    def key(self, sort_key: str) -> dict[str, Any]:
        """Return the primary key of a row."""
        return encode_item({self.partition_key: self.partition, self.sort_key: sort_key})

    def item(
        self,
        sort_key: str,
        table_id: str,
        values: Mapping[str, Any],
        expires: datetime | None = None,
        *,
        schema: int = SCHEMA,
    ) -> dict[str, Any]:
        """Return a whole row. `expires` is written as epoch seconds, as TTL needs it."""
        ends = {} if expires is None else {self.ttl_attribute: int(expires.timestamp())}
        return {**encode_item({**values, "tableId": table_id, "schema": schema, **ends}), **self.key(sort_key)}

    def sort_key_of(self, row: Mapping[str, Any]) -> str:
        """Return the sort key of a decoded row."""
        sort_key: str = row[self.sort_key]
        return sort_key

    def place_of(self, item: Item) -> str:
        """Return the sort key of an encoded row."""
        sort_key: str = item[self.sort_key]["S"]
        return sort_key

    def put(self, item: Item, condition: WriteCondition | None = None) -> Write:
        """Return an action that writes a row."""
        return {"Put": {"TableName": self.table, "Item": item, **self._conditional(condition)}}

    def drop(self, sort_key: str, condition: WriteCondition | None = None) -> Write:
        """Return an action that deletes a row."""
        return {"Delete": {"TableName": self.table, "Key": self.key(sort_key), **self._conditional(condition)}}

    def check(self, sort_key: str, condition: WriteCondition) -> Write:
        """Return an action that writes nothing, and cancels the transaction if the condition does not hold."""
        return {"ConditionCheck": {"TableName": self.table, "Key": self.key(sort_key), **self._conditional(condition)}}

    def add(self, sort_key: str, name: str, number: int, expires: datetime) -> Write:
        """Return an action that adds a number to an attribute of a row, and creates the row if it does not exist."""
        expression = f"ADD #{name} :number SET #expires = :expires"
        named = self._named(expression, {"number": number, "expires": int(expires.timestamp())}, {})
        update = {"UpdateExpression": expression, **named}
        return {"Update": {"TableName": self.table, "Key": self.key(sort_key), **update}}

    def transact(self, writes: Sequence[Any]) -> None:
        """Run all of the actions or none. botocore creates the token, so only its retries of this call repeat it.

        WriteConflict, StoreUnavailable.
        """
        with explained(PUT), raced(PUT):
            self.client.transact_write_items(TransactItems=writes)

    def update(self, sort_key: str, expression: str, values: Mapping[str, Any], condition: WriteCondition) -> bool:
        """Update one row. Return False if the condition does not hold. StoreUnavailable."""
        arguments: dict[str, Any] = {
            "UpdateExpression": expression,
            "ConditionExpression": condition.expression,
            **self._named(f"{expression} {condition.expression}", {**condition.values, **values}, condition.read),
        }
        with explained("dynamodb:UpdateItem"):
            return happened(lambda: self.client.update_item(TableName=self.table, Key=self.key(sort_key), **arguments))

    def delete(self, sort_key: str, condition: WriteCondition) -> bool:
        """Delete one row. Return False if the condition does not hold. StoreUnavailable."""
        arguments = self._conditional(condition)
        with explained("dynamodb:DeleteItem"):
            return happened(lambda: self.client.delete_item(TableName=self.table, Key=self.key(sort_key), **arguments))

    def get(self, sort_key: str) -> dict[str, Any] | None:
        """Return one row, read consistently; None if it does not exist. StoreUnavailable."""
        with explained("dynamodb:GetItem"):
            answer = self.client.get_item(TableName=self.table, Key=self.key(sort_key), ConsistentRead=True)
        return decode_item(answer["Item"]) if "Item" in answer else None

    def query(self, prefix: str = "", limit: int | None = None, *, newest: bool = False) -> Iterator[dict[str, Any]]:
        """Return the rows whose sort key begins with `prefix`, read consistently, in key order.

        With `limit`, at most that number. `newest`: in reverse order, in which the latest time comes first.
        StoreUnavailable.
        """
        return map(decode_item, self.items(prefix, limit, newest=newest))

    def items(self, prefix: str = "", limit: int | None = None, *, newest: bool = False) -> Iterator[dict[str, Any]]:
        """Return the same rows as `query`, encoded as DynamoDB returns them. StoreUnavailable."""
        asking = {**self._asking(prefix), **({"ScanIndexForward": False} if newest else {})}
        pages = self._pages(asking) if limit is None else islice(self._pages({**asking, "Limit": limit}), 1)
        for page in pages:
            with explained(QUERY):
                items = Answer(page, QUERY).need("Items", list)
            yield from items

    def count(self, prefix: str = "") -> int:
        """Return the number of rows whose sort key begins with `prefix`. StoreUnavailable."""
        with explained(QUERY):
            pages = self._pages({**self._asking(prefix), "Select": "COUNT"})
            return sum(Answer(page, QUERY).need("Count", int) for page in pages)

    def _pages(self, asking: Mapping[str, Any]) -> Iterator["QueryOutputTypeDef"]:
        rest: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            with explained(QUERY):
                page = self.client.query(**asking, ConsistentRead=True, **rest)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            rest = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        raise StoreUnavailable(Unavailable(Reason.MALFORMED, QUERY, f"more than {MOST_PAGES} pages"))

    def _asking(self, prefix: str) -> dict[str, Any]:
        """Return the arguments of a Query for the sort keys that begin with `prefix`; for all rows if it is empty."""
        begins = " AND begins_with(#sk, :prefix)" if prefix else ""
        condition = WriteCondition(
            f"#pk = :pk{begins}", {"pk": self.partition} | ({"prefix": prefix} if prefix else {})
        )
        expression = self._conditional(condition)
        return {"TableName": self.table, "KeyConditionExpression": expression.pop("ConditionExpression"), **expression}

    def _conditional(self, condition: WriteCondition | None) -> dict[str, Any]:
        """Return the arguments that a condition adds to a call or an action."""
        if condition is None:
            return {}
        named = self._named(condition.expression, condition.values, condition.read)
        return {"ConditionExpression": condition.expression, **named}

    def _named(self, expressions: str, values: Mapping[str, Any], read: Item) -> dict[str, Any]:
        """Return the names and values that the expressions refer to."""
        keys = {"pk": self.partition_key, "sk": self.sort_key, "expires": self.ttl_attribute}
        keys |= {f"read{number}": name for number, name in enumerate(read)}
        names = {f"#{name}": keys.get(name, name) for name in re.findall(r"#(\w+)", expressions)}
        encoded = {f":{name}": encode(value) for name, value in values.items()}
        encoded |= {f":read{number}": value for number, value in enumerate(read.values())}
        return {"ExpressionAttributeNames": names} | ({"ExpressionAttributeValues": encoded} if encoded else {})


def unmoved(item: Item) -> WriteCondition:
    """Return the condition that an encoded row still has the attributes that were read."""
    read = {name: item[name] for name in sorted(item)[:MOST_COMPARED]}
    return WriteCondition(" AND ".join(f"#read{number} = :read{number}" for number in range(len(read))), read=read)


def joined(*parts: str) -> str:
    """Return a sort key. A key that is too long for DynamoDB is shortened."""
    return shortened("#".join(parts), LONGEST_KEY, 64)


def shortened(key: str, most: int, digits: int) -> str:
    """Return a key of at most `most` bytes. A longer one is cut and ends in a digest, so that it stays unique.

    `digits` is the number of hexadecimal digits of the digest.
    """
    if len(key.encode()) <= most:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:digits]
    return key.encode()[: most - len(digest) - 1].decode(errors="ignore") + "#" + digest
