"""An AWS account inside this process, by moto, with two tables and a topic with a queue subscribed to it."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "us-east-1"
GOOD = "babesclub-commerce"
BAD = "babesclub-staging"

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Account:
    """The embedded account: changes that an administrator makes, and the results."""

    admin: "Session"
    topic_arn: str
    queue_url: str

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """The administrator's client."""
        return self.admin.client("dynamodb")

    def switch_recovery(self, *, on: bool) -> None:
        """Enable or disable PITR of the good table."""
        self.dynamodb.update_continuous_backups(
            TableName=GOOD, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    def expire_by(self, attribute: str) -> None:
        """Set the TTL attribute of the good table."""
        self.dynamodb.update_time_to_live(
            TableName=GOOD, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
        )

    def delete_alarm(self, name: str) -> None:
        """Delete an alarm."""
        self.admin.client("cloudwatch").delete_alarms(AlarmNames=[name])

    def deny_monitor(self, action: str) -> None:
        """Deny the monitor an action."""
        _allow(self.admin, "monitor", ALLOW, {"Effect": "Deny", "Action": action, "Resource": "*"})

    def allow_monitor(self) -> None:
        """Allow the monitor all actions again."""
        _allow(self.admin, "monitor", ALLOW)

    def heard(self) -> list[dict[str, Any]]:
        """Return the messages that the queue received since the last call, as SNS delivered them."""
        sqs = self.admin.client("sqs")
        heard = []
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return heard

    def mailed(self) -> str:
        """Return the last message as an email subscriber would read it: moto keeps published messages."""
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.sns.models import sns_backends

        _, published, *_ = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[self.topic_arn].sent_notifications[-1]
        text: str = json.loads(published)["default"]
        return text

    def rows(self) -> list[dict[str, Any]]:
        """Return the items that Readiness wrote into the good table."""
        items = self.dynamodb.scan(TableName=GOOD)["Items"]
        return sorted(items, key=lambda item: item["SK"]["S"])


@contextmanager
def embedded() -> Iterator[Account]:
    """Start the account and use it in this process as the user `monitor`; restore the environment at the end."""
    from boto3 import Session
    from moto import settings
    from moto.core.authorization import ActionAuthenticatorMixin
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    before = dict(os.environ)
    open_door = settings.INITIAL_NO_AUTH_ACTION_COUNT
    try:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        host, port = server.get_host_and_port()
        os.environ.update(_environment(f"http://{host}:{port}", "embedded", "embedded"))
        account = _furnish(Session())
        os.environ.update(_environment(f"http://{host}:{port}", *_user(Session(), "monitor")))
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        yield account
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = open_door
        ActionAuthenticatorMixin.request_count = 0
        os.environ.clear()
        os.environ.update(before)
        server.stop()


def _environment(endpoint: str, key: str, secret: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": REGION,
    }


def _furnish(session: "Session") -> Account:
    _meeting_table(session)
    _failing_table(session)
    _trail(session)
    topic_arn = session.client("sns").create_topic(Name="readiness")["TopicArn"]
    sqs = session.client("sqs")
    queue_url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    undelivered = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    kept = sqs.get_queue_attributes(QueueUrl=undelivered, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": _admitting(queue_arn, topic_arn)})
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": kept})}
    session.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes=redrive)
    from boto3 import Session as NewSession

    key, secret = _user(session, "admin")
    return Account(NewSession(key, secret, region_name=REGION), topic_arn, queue_url)


def _admitting(queue: str, topic: str) -> str:
    """Return a queue policy that allows the topic to send messages."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _user(session: "Session", name: str) -> tuple[str, str]:
    iam = session.client("iam")
    iam.create_user(UserName=name)
    _allow(session, name, ALLOW)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def _allow(session: "Session", user: str, *statements: dict[str, str]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    session.client("iam").put_user_policy(UserName=user, PolicyName="embedded", PolicyDocument=document)


def _meeting_table(session: "Session") -> None:
    """Create a table that meets the items about the table itself."""
    kms, dynamodb = session.client("kms"), session.client("dynamodb")
    key = kms.create_key(Description="cart and checkout")["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    dynamodb.create_table(
        TableName=GOOD,
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["Arn"]},
        DeletionProtectionEnabled=True,
        **_keys(),
    )
    dynamodb.update_continuous_backups(
        TableName=GOOD, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.update_time_to_live(
        TableName=GOOD, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"}
    )
    _recoverable_since(datetime.now(UTC) - timedelta(days=35))


def _failing_table(session: "Session") -> None:
    """Create a table with few settings."""
    session.client("dynamodb").create_table(
        TableName=BAD, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}, **_keys()
    )


def _trail(session: "Session") -> None:
    """Create a trail, which sends API calls to EventBridge."""
    session.client("s3").create_bucket(Bucket="trail")
    session.client("cloudtrail").create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    session.client("cloudtrail").start_logging(Name="all")


def _keys() -> Any:
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    }


def _recoverable_since(earliest: datetime) -> None:
    """Set the earliest restorable time: the table is only seconds old."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.dynamodb.models import dynamodb_backends

    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[GOOD]
    table.continuous_backups["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"] = earliest.timestamp()
