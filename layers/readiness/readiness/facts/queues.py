"""What a queue keeps, for how long, and where it puts what nobody could process."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.arn import account_of, name_of, region_of
from readiness.aws import Aws
from readiness.facts.grants import NOBODY, Grants, grants
from readiness.model import Gone, Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

FIFO = ".fifo"


@dataclass(frozen=True)
class Queue:
    """A queue of SQS.

    `redrives_to` is the ARN of its dead-letter queue, which a message reaches after `max_receives`; None without one.
    `redrive_permission` is which queues may use it as theirs: `allowAll`, `denyAll`, or `byQueue`, the `sources` alone.
    `key` is as its owner wrote it: an id, an ARN or an alias. `senders` are whom its own policy lets send.
    """

    arn: str
    url: str
    retention_seconds: int
    visibility_seconds: int
    redrives_to: str | None = None
    max_receives: int = 0
    redrive_permission: str = "allowAll"
    sources: tuple[str, ...] = ()
    key: str | None = None
    senders: Grants = NOBODY

    def admits(self, source: str) -> bool:
        """Whether the queue of that ARN may use this one for its dead letters."""
        if self.redrive_permission == "byQueue":
            return source in self.sources
        return self.redrive_permission == "allowAll"


def read_queue(aws: Aws, arn: str) -> Queue:
    """The queue, in its own Region and account. Gone: there is none of that name."""
    name, account = name_of(arn), account_of(arn)
    client = aws.client("sqs", region_of(arn))
    try:
        url = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        attributes = _attributes(client, url)
    except client.exceptions.QueueDoesNotExist:
        if account != aws.account:
            detail = "another account's queue that is closed to us looks like one that does not exist"
            raise Unreadable({arn: Unavailable(Reason.ACCESS_DENIED, "sqs:GetQueueUrl", detail)}) from None
        msg = f"the queue {name} does not exist"
        raise Gone(msg) from None
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    allowed = json.loads(attributes.get("RedriveAllowPolicy") or "{}")
    return Queue(
        arn=arn,
        url=url,
        retention_seconds=int(attributes["MessageRetentionPeriod"]),
        visibility_seconds=int(attributes["VisibilityTimeout"]),
        redrives_to=redrive.get("deadLetterTargetArn") or None,
        max_receives=int(redrive.get("maxReceiveCount", 0)),
        redrive_permission=allowed.get("redrivePermission", "allowAll"),
        sources=tuple(sorted(allowed.get("sourceQueueArns", []))),
        key=attributes.get("KmsMasterKeyId") or None,
        senders=grants(attributes.get("Policy", ""), "sqs:SendMessage"),
    )


def is_fifo(arn: str) -> bool:
    """Whether a queue or topic is one: AWS demands the ending of the name."""
    return arn.endswith(FIFO)


def _attributes(client: "SQSClient", url: str) -> "dict[QueueAttributeNameType, str]":
    """Without AttributeNames AWS returns none at all."""
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
