"""An account on moto, whose answers can be altered and whose calls can be refused.

Alterations happen where botocore has parsed the answer, so they hold for members that moto lacks or flattens.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

from readiness.aws.client import Aws, Caller
from tests.aws.quick import quicken

ACCOUNT = "123456789012"
REGION = "us-east-1"
TABLE = "babesclub-commerce"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
TABLE_ID = "6f0c3e1a-7f0e-4a55-9d3a-1f0d7a1f2b3c"

Json = dict[str, Any]

quicken()


class PreparedCaller(Caller):
    """A caller whose clients of its own Region get their event handlers when they are created.

    Most tests use few of the services whose answers are altered, and a client takes longer to create than to use.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session, REGION)
        self._waiting: defaultdict[str, list[tuple[str, Callable[..., object]]]] = defaultdict(list)

    def prepare(self, service: str, event: str, handler: Callable[..., object]) -> None:
        """Register the handler. In the name of the event, {} stands for AWS's id of the service."""
        self._waiting[service].append((event, handler))
        if (service, REGION) in self._clients:
            self.client(service)

    def client(self, service: str, region: str | None = None) -> Any:
        with self._lock:
            client = super().client(service, region)
            if region in (None, REGION):
                name = client.meta.service_model.service_id.hyphenize()
                for event, handler in self._waiting.pop(service, ()):
                    client.meta.events.register(event.format(name), handler)
            return client


class Account:
    """One session on moto. `calls` are the operations that were asked for, in order, as `service:Operation`."""

    def __init__(self) -> None:
        self.session = Session()
        self.session.set_credentials("testing", "testing")
        self.calls: list[str] = []
        self.session.get_component("event_emitter").register("before-call", self._record)
        self.caller = PreparedCaller(self.session)
        self.aws = Aws(ACCOUNT, REGION, caller=self.caller)
        self.alter("dynamodb", "DescribeTable", _with_table_id)
        self.alter("dynamodb", "DescribeTimeToLive", _without_attribute)
        self.alter("kms", "DescribeKey", _managed_by_aws)

    def client(self, service: str) -> Any:
        """A client of the account, to set things up with."""
        return self.aws.client(service)  # type: ignore[call-overload]

    def alter(self, service: str, operation: str, change: Callable[[Json], None]) -> None:
        """Let `change` work on each answer of the operation before anybody sees it."""

        def after(parsed: Json, **_event: object) -> None:
            if "Error" not in parsed:
                change(parsed)

        self._register("after-call", service, operation, after)

    def answer(self, service: str, operation: str, *answers: Json) -> None:
        """Give these answers instead of moto's, one after the other."""
        following = iter(answers)
        self._instead(service, operation, 200, lambda: next(following))

    def refuse(self, service: str, operation: str, code: str, status: int = 400, message: str = "refused") -> None:
        """Answer every such call with an error of that code."""
        self._instead(service, operation, status, lambda: {"Error": {"Code": code, "Message": message}})

    def refuse_while(self, answers: list[bool], service: str, operation: str, code: str) -> None:
        """Refuse such calls as long as there is something in the list."""

        def before(**_event: object) -> tuple[AWSResponse, Json] | None:
            if not answers:
                return None
            error = {"Error": {"Code": code, "Message": "refused"}}
            return AWSResponse("", 400, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 400}} | error

        self._register("before-call", service, operation, before)

    def fail(self, service: str, operation: str, error: Exception) -> None:
        """Let every such call end in an exception of botocore's own."""

        def raised() -> Json:
            raise error

        self._instead(service, operation, 200, raised)

    def _instead(self, service: str, operation: str, status: int, parsed: Callable[[], Json]) -> None:
        def before(**_event: object) -> tuple[AWSResponse, Json]:
            answer = parsed()
            return AWSResponse("", status, HTTPHeaders(), None), {
                "ResponseMetadata": {"HTTPStatusCode": status}
            } | answer

        self._register("before-call", service, operation, before)

    def _register(self, event: str, service: str, operation: str, handler: Callable[..., object]) -> None:
        self.caller.prepare(service, f"{event}.{{}}.{operation}", handler)

    def _record(self, model: Any, **_event: object) -> None:
        self.calls.append(f"{model.service_model.service_name}:{model.name}")


def good_table(account: Account, name: str = TABLE) -> None:
    """A table that meets every rule, encrypted with the key that AWS manages."""
    make_table(account.client("dynamodb"), name)


def make_table(dynamodb: Any, name: str = TABLE) -> None:
    """Make it by a client."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "S"},
        ],
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
        DeletionProtectionEnabled=True,
    )
    dynamodb.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35},
    )
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )


def encrypt(account: Account, key: str) -> None:
    """Encrypt the table with that key. Moto passes over SSESpecification in UpdateTable, which botocore's model has."""
    description = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    account.alter(
        "dynamodb", "DescribeTable", lambda answer: answer.get("Table", {}).update(SSEDescription=description)
    )


def _with_table_id(answer: Json) -> None:
    """Moto has no TableId. botocore's model: TableDescription$TableId, "Unique identifier for the table"."""
    if "Table" in answer:
        answer["Table"].setdefault("TableId", TABLE_ID)


def _without_attribute(answer: Json) -> None:
    """Moto goes on naming the attribute when time to live is off.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html: a table without it has
    the status alone.
    """
    description = answer.get("TimeToLiveDescription", {})
    if description.get("TimeToLiveStatus") == "DISABLED":
        description.pop("AttributeName", None)


def _managed_by_aws(answer: Json) -> None:
    """Moto says CUSTOMER of the key that AWS manages for DynamoDB.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html: KeyManager is AWS for AWS managed keys.
    """
    if answer.get("KeyMetadata", {}).get("Description", "").startswith("Default master key"):
        answer["KeyMetadata"]["KeyManager"] = "AWS"
