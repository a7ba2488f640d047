"""What the tests of the store write, and how they look at the table from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from readiness.model import Finding, Message, Severity, Status
from readiness.state.store import Change, DriftRecord, OutboxEntry, RuleRecord, RunRecord, Store, message_id
from readiness.state.store.wire import decode_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "babesclub-commerce"
ACCOUNT = "123456789012"
REGION = "us-east-1"
PARTITION = f"READINESS#{ACCOUNT}#{REGION}#{TABLE}"

THIS = "11111111-aaaa-4aaa-8aaa-111111111111"
FORMER = "99999999-ffff-4fff-8fff-999999999999"

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=5)

FIRST = int(NOW.timestamp())
"""The version that a first run at that time commits."""

RUN = RunRecord(trigger="schedule", seconds=1.25, calls=21, statuses={"pitr-enabled": Status.PASS})


class Ssm:
    """As much of SSM as the store calls, in memory."""

    class exceptions:  # noqa: N801  as botocore has it
        class ParameterNotFound(Exception):
            """There is none of that name."""

        class ParameterAlreadyExists(Exception):
            """There is one, and it is not to be overwritten."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> Any:  # noqa: N803, ARG002  as botocore has it
        if Name not in self.held:
            raise self.exceptions.ParameterNotFound
        return {"Parameter": {"Value": self.held[Name]}}

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> None:  # noqa: N803, ARG002
        if Name in self.held and not Overwrite:
            raise self.exceptions.ParameterAlreadyExists
        self.held[Name] = Value

    def delete_parameter(self, *, Name: str) -> None:  # noqa: N803
        if self.held.pop(Name, None) is None:
            raise self.exceptions.ParameterNotFound


def change(**differs: Any) -> Change:
    """What a run that found nothing new commits, but for what differs."""
    usual = {"table_id": THIS, "at": NOW, "release": "0.1.0", "checks": {"pitr-enabled/on": {"judge": "1"}}, "run": RUN}
    return Change(**{**usual, **differs})


def message(version: int, subject: str = "[CRITICAL] recovery was turned off", table_id: str = THIS) -> Message:
    """A message of the commit that makes that version."""
    return Message(
        id=message_id(table_id, version),
        subject=subject,
        bodies={"default": "Recovery is off."},
        attributes={"severity": "CRITICAL", "rules": ("pitr-enabled", "ttl-enabled")},
    )


def finding(status: Status = Status.FAIL, **differs: Any) -> Finding:
    """A finding on point-in-time recovery, but for what differs."""
    usual = {
        "rule": "pitr-enabled",
        "check": "on",
        "resource": "arn:table",
        "status": status,
        "message": "point-in-time recovery is off",
        "severity": Severity.CRITICAL,
    }
    return Finding(**{**usual, **differs})


def rule(*findings: Finding) -> RuleRecord:
    """The item 1.4 with these findings."""
    return RuleRecord(
        rule="pitr-enabled",
        item="1.4",
        title="PITR",
        status=Status.FAIL,
        known=Status.FAIL,
        since=NOW,
        blind_since=None,
        owner="data-platform@example.com",
        waivers=(),
        findings=findings,
    )


def head(store: Store) -> OutboxEntry:
    """The first message of the outbox."""
    first = store.head()
    assert isinstance(first, OutboxEntry)
    return first


def drift(check: str = "pitr-enabled/on", **differs: Any) -> DriftRecord:
    """Recovery was turned off, but for what differs."""
    usual = {"check": check, "kind": "REGRESSED", "before": {"status": "PASS"}, "after": {"status": "FAIL"}}
    return DriftRecord(**{**usual, **differs})


@dataclass(frozen=True)
class Outside:
    """The table as somebody sees it who is not the store."""

    client: "DynamoDBClient"
    ssm: Ssm = field(default_factory=Ssm)

    def rows(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """All rows of ours by sort key, in order, whose sort key begins so."""
        pages = self.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        found = [decode_item(item) for page in pages for item in page["Items"] if item["PK"]["S"] == PARTITION]
        return {row["SK"]: row for row in sorted(found, key=lambda row: row["SK"]) if row["SK"].startswith(prefix)}

    def theirs(self) -> list[dict[str, Any]]:
        """The rows of the application."""
        items = self.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        return [decode_item(item) for item in items if item["PK"]["S"] != PARTITION]

    def edit(self, sort_key: str, **attributes: Any) -> None:
        """Somebody edits a row by hand."""
        key = {"PK": {"S": PARTITION}, "SK": {"S": sort_key}}
        item = self.client.get_item(TableName=TABLE, Key=key).get("Item", key)
        self.client.put_item(TableName=TABLE, Item={**item, **attributes})


@contextmanager
def intercepted(client: "DynamoDBClient", event: str, handler: Any) -> Iterator[None]:
    """A botocore event handler, for as long as the block lasts."""
    client.meta.events.register_first(event, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event, handler)
