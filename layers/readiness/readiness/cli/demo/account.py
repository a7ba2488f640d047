"""An AWS account inside this process, by moto, with two tables and a topic with a queue subscribed to it."""

import importlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session

REGION = "us-east-1"
GOOD = "babesclub-commerce"
BAD = "babesclub-staging"

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def helper(name: str) -> Any:
    """Return a module of the tests' account, which creates compliant resources."""
    return importlib.import_module(f"tests.aws.{name}")


@dataclass(frozen=True)
class Account:
    """The embedded account: changes that an administrator makes, and the results."""

    admin: "Session"
    topic_arn: str
    queue_url: str

    def expire_by(self, attribute: str) -> None:
        """Set the TTL attribute of the good table."""
        self.admin.client("dynamodb").update_time_to_live(
            TableName=GOOD, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
        )

    def allow_monitor(self, *but: str) -> None:
        """Allow the monitor all actions but these."""
        allow(self.admin, "monitor", ALLOW, *({"Effect": "Deny", "Action": each, "Resource": "*"} for each in but))

    def received(self) -> list[dict[str, Any]]:
        """Return the messages that the queue received since the last call, as SNS delivered them."""
        sqs = self.admin.client("sqs")
        received = []
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                received.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return received

    def is_subscribed(self) -> bool:
        """Return True if the topic has a subscription."""
        return bool(self.admin.client("sns").list_subscriptions_by_topic(TopicArn=self.topic_arn)["Subscriptions"])

    def mailed(self) -> str:
        """Return the last message as an email subscriber would read it: moto keeps published messages."""
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.sns.models import sns_backends

        _, published, *_ = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[self.topic_arn].sent_notifications[-1]
        text: str = json.loads(published)["default"]
        return text

    def rows(self) -> list[dict[str, Any]]:
        """Return the items that Readiness wrote into the good table."""
        items = self.admin.client("dynamodb").scan(TableName=GOOD)["Items"]
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
    unauthenticated = settings.INITIAL_NO_AUTH_ACTION_COUNT
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
        settings.INITIAL_NO_AUTH_ACTION_COUNT = unauthenticated
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
    """Create the tables, a trail, and the topic with its queue."""
    tables = helper("tables")
    tables.make_good(session.client, GOOD)
    tables.make_bad(session.client, BAD)
    session.client("s3").create_bucket(Bucket="trail")
    session.client("cloudtrail").create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    session.client("cloudtrail").start_logging(Name="all")
    sns, sqs = session.client("sns"), session.client("sqs")
    topic_arn = sns.create_topic(Name="readiness")["TopicArn"]
    queue_url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    helper("admitting").admit(sqs, queue_url, topic_arn)
    undelivered = helper("shop").dead_letters(session.client, "undelivered")
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": undelivered})}
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes=redrive)
    from boto3 import Session as NewSession

    key, secret = _user(session, "admin")
    return Account(NewSession(key, secret, region_name=REGION), topic_arn, queue_url)


def _user(session: "Session", name: str) -> tuple[str, str]:
    session.client("iam").create_user(UserName=name)
    allow(session, name, ALLOW)
    key = session.client("iam").create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def allow(session: "Session", user: str, *statements: dict[str, str]) -> None:
    """Replace the policy of the user."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    session.client("iam").put_user_policy(UserName=user, PolicyName="embedded", PolicyDocument=document)
