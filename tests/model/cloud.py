"""As much of DynamoDB, SNS, EventBridge and SSM as a run calls, in memory: what the histories of whole runs stand on.

Conditions and updates are read as the store writes them; a call that is none of these is a KeyError.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from readiness.state.store.wire import decode, decode_item

Item = Mapping[str, Any]

TOKEN = re.compile(r"attribute_(?:not_)?exists\(#\w+\)|attribute_type\(#\w+, :\w+\)|#\w+ [=<>] :\w+|AND|OR|NOT|[()]")
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(decode(one) == decode(other)),
    "<": lambda one, other: [*one] == [*other] and decode(one) < decode(other),
    ">": lambda one, other: [*one] == [*other] and decode(one) > decode(other),
}
"""DynamoDB orders no values of different types."""

CANCELLED, UNMET = "TransactionCanceledException", "ConditionalCheckFailedException"
THROTTLED, DENIED = "Throttled", "AccessDeniedException"


class Refusal(ClientError):
    """An error as botocore raises it."""

    def __init__(self, code: str, operation: str, *reasons: str) -> None:
        """`reasons` are those for which DynamoDB cancels a transaction."""
        answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        super().__init__(answer, operation)


@dataclass
class Condition:
    """An expression, on one row or on none."""

    asked: Mapping[str, Any]
    row: Item | None

    def holds(self) -> bool:
        """`OR` binds weaker than `AND`, as DynamoDB has it."""
        expression = self.asked.get("ConditionExpression")
        if not expression:
            return True
        self.tokens = TOKEN.findall(expression)
        assert "".join(self.tokens).replace(" ", "") == expression.replace(" ", ""), expression
        return self._any()

    def _any(self) -> bool:
        held = self._all()
        while self.tokens and self.tokens[0] == "OR":
            self.tokens.pop(0)
            held = self._all() or held
        return held

    def _all(self) -> bool:
        held = self._one()
        while self.tokens and self.tokens[0] == "AND":
            self.tokens.pop(0)
            held = self._one() and held
        return held

    def _one(self) -> bool:
        token = self.tokens.pop(0)
        if token == "(":
            held = self._any()
            self.tokens.pop(0)
            return held
        if token == "NOT":
            return not self._one()
        name, *given = re.findall(r"[#:]\w+", token)
        value = (self.row or {}).get(self.asked["ExpressionAttributeNames"][name])
        wanted = [self.asked["ExpressionAttributeValues"][each] for each in given]
        if token.startswith("attribute_type"):
            return value is not None and [*value] == [decode(wanted[0])]
        if token.startswith("attribute"):
            return (value is None) is ("not_" in token)
        return value is not None and COMPARED[token.split(" ")[1]](value, wanted[0])


@dataclass(frozen=True)
class Commit:
    """The head and the memory of the checks after a commit, and the documents that were put into the outbox by then."""

    head: Mapping[str, Any]
    memory: Mapping[str, Any]
    documents: tuple[Mapping[str, Any], ...]


@dataclass
class Cloud:
    """The account, and what its services were told. `recorded` are the messages that were put into the outbox."""

    now: datetime = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    table_id: str = "T1"
    recovering: bool = True
    on_since: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    rows: dict[str, Item] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    documents: tuple[Mapping[str, Any], ...] = ()
    commits: list[Commit] = field(default_factory=list)
    published: list[Mapping[str, Any]] = field(default_factory=list)
    bus: list[Mapping[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    refusing: bool = False
    denying: bool = False
    late: bool = False
    flying: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def flip(self) -> None:
        """Somebody switches recovery off, or on."""
        self.recovering, self.on_since = not self.recovering, self.now

    # DynamoDB

    def describe_table(self, **_asked: Any) -> Any:
        return {
            "Table": {
                "TableId": self.table_id,
                "TableStatus": "ACTIVE",
                "CreationDateTime": datetime(2026, 1, 1, tzinfo=UTC),
                "DeletionProtectionEnabled": True,
            }
        }

    def describe_continuous_backups(self, **_asked: Any) -> Any:
        said = {"PointInTimeRecoveryStatus": "ENABLED" if self.recovering else "DISABLED", "RecoveryPeriodInDays": 35}
        since = {
            "EarliestRestorableDateTime": self.on_since,
            "LatestRestorableDateTime": self.now - timedelta(minutes=5),
        }
        return {
            "ContinuousBackupsDescription": {
                "PointInTimeRecoveryDescription": said | (since if self.recovering else {})
            }
        }

    def query(self, **asked: Any) -> Any:
        prefix = decode(asked["ExpressionAttributeValues"].get(":prefix", {"S": ""}))
        rows = sorted(self.rows.items(), reverse=not asked.get("ScanIndexForward", True))
        found = [row for key, row in rows if key.startswith(prefix)][: asked.get("Limit")]
        return {"Count": len(found)} if asked.get("Select") == "COUNT" else {"Items": found, "Count": len(found)}

    def transact_write_items(self, *, TransactItems: list[Any]) -> Any:  # noqa: N803  as botocore has it
        actions = [next(iter(each.items())) for each in TransactItems]
        keyed = [(kind, _key(asked.get("Item") or asked["Key"]), asked) for kind, asked in actions]
        held = [Condition(asked, self.rows.get(key)).holds() for _, key, asked in keyed]
        if not all(held):
            reasons = ["None" if each else "ConditionalCheckFailed" for each in held]
            raise Refusal(CANCELLED, "TransactWriteItems", *reasons)
        for kind, key, asked in keyed:
            if kind == "Put":
                self._put(key, asked["Item"])
            elif kind == "Delete":
                self.rows.pop(key, None)
        if any(key == "STATE" for kind, key, _ in keyed if kind == "Put"):
            head, memory = (decode_item(self.rows[key]) for key in ("STATE", "STATE#CHECKS"))
            self.commits.append(Commit(head, memory, self.documents))
        return {}

    def update_item(self, **asked: Any) -> Any:
        key = _key(asked["Key"])
        row = self._checked(asked, "UpdateItem")
        self.rows[key] = {**(row or asked["Key"]), **dict(_updated(asked, row or {}))}
        for name in _removed(asked):
            self.rows[key].pop(name, None)  # type: ignore[attr-defined]  # just made
        return {}

    def delete_item(self, **asked: Any) -> Any:
        self._checked(asked, "DeleteItem")
        self.rows.pop(_key(asked["Key"]), None)
        return {}

    def _checked(self, asked: Mapping[str, Any], operation: str) -> Item | None:
        row = self.rows.get(_key(asked["Key"]))
        if not Condition(asked, row).holds():
            raise Refusal(UNMET, operation)
        return row

    def _put(self, key: str, item: Item) -> None:
        self.rows[key] = item
        if key.startswith("OUTBOX#"):
            row = decode_item(item)
            self.recorded[row["message"]["id"]] = key
            self.documents = (*self.documents, json.loads(row["message"]["bodies"]["https"]))

    # SNS

    def get_topic_attributes(self, **_asked: Any) -> Any:
        return {"Attributes": {"SubscriptionsConfirmed": "1"}}

    def publish(self, **asked: Any) -> Any:
        if self.refusing:
            raise Refusal(THROTTLED, "Publish")
        self.published.append(asked)
        return {"MessageId": "1"}

    # EventBridge, and the pager that a rule calls

    def put_events(self, *, Entries: list[Any]) -> Any:  # noqa: N803  as botocore has it
        details = [(json.loads(each["Detail"]), each["DetailType"]) for each in Entries]
        self.bus += [detail for detail, kind in details if kind != "Readiness Pager Event"]
        self.flying += [(self.now, detail) for detail, kind in details if kind == "Readiness Pager Event"]
        if not self.late:
            self.arrive()
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    def arrive(self, *, before: datetime | None = None) -> None:
        """Events arrive, the last one first: all, or those that were put on the bus before that time."""
        due = [event for at, event in self.flying if before is None or at < before]
        self.flying = [each for each in self.flying if each[1] not in due] if before else []
        for event in reversed(due):
            key = event["dedup_key"].split("/", 3)[3]
            self.opened = self.opened | {key} if event["event_action"] == "trigger" else self.opened - {key}

    # SSM

    class exceptions:  # noqa: N801  as botocore has it
        class ParameterNotFound(Exception):
            """It was never written."""

        class ParameterAlreadyExists(Exception):
            """It is not to be overwritten."""

    def get_parameter(self, **asked: Any) -> Any:
        if self.denying:
            raise Refusal(DENIED, "GetParameter")
        if asked["Name"] not in self.parameters:
            raise self.exceptions.ParameterNotFound
        return {"Parameter": {"Value": self.parameters[asked["Name"]]}}

    def put_parameter(self, **asked: Any) -> Any:
        if self.denying:
            raise Refusal(DENIED, "PutParameter")
        if asked["Name"] in self.parameters and not asked["Overwrite"]:
            raise self.exceptions.ParameterAlreadyExists
        self.parameters[asked["Name"]] = asked["Value"]
        return {}

    # CloudTrail

    def lookup_events(self, **_asked: Any) -> Any:
        raise Refusal(DENIED, "LookupEvents")


@dataclass
class Clients:
    """One run's clients of all services: `gate` is passed before and after each call but those that only look."""

    cloud: Cloud
    gate: Callable[[str], None]
    calls: int = 0

    def client(self, _service: str, _region: str | None = None) -> "Clients":
        """One for all."""
        return self

    def impatient(self, service: str, region: str, _seconds: float) -> "Clients":
        return self.client(service, region)

    @property
    def exceptions(self) -> Any:
        """Those of SSM."""
        return self.cloud.exceptions

    def __getattr__(self, name: str) -> Any:
        """The call of that name."""
        call = getattr(self.cloud, name)
        if name.startswith("describe"):
            return call

        def gated(**asked: Any) -> Any:
            self.gate(name)
            answer = call(**asked)
            self.gate(f"{name} answered")
            return answer

        return gated


def told_failing(rows: Mapping[str, Item]) -> set[str]:
    """Return the checks that people were told fail, without those that only lack a record."""
    checks = decode_item(rows["STATE#CHECKS"])["checks"]
    told = {check: memory.get("told", {}).values() for check, memory in checks.items()}
    return {check for check, each in told.items() if any(one["status"] == "FAIL" for one in each)}


def _key(item: Item) -> str:
    key: str = item["SK"]["S"]
    return key


def _updated(asked: Mapping[str, Any], row: Item) -> Iterator[tuple[str, Any]]:
    names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
    for name, value in re.findall(r"(#\w+) = (:\w+)", asked["UpdateExpression"]):
        yield names[name], values[value]
    for name, value in re.findall(r"ADD (#\w+) (:\w+)", asked["UpdateExpression"]):
        before = decode(row.get(names[name], {"N": "0"}))
        yield names[name], {"N": str(before + decode(values[value]))}


def _removed(asked: Mapping[str, Any]) -> list[str]:
    _, _, removed = asked["UpdateExpression"].partition("REMOVE ")
    return [asked["ExpressionAttributeNames"][name] for name in re.findall(r"#\w+", removed)]
