"""What a queue keeps, for how long, and where it puts what nobody could process."""

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, name_of, region_of
from readiness.aws.client import Aws
from readiness.facts.iam.grants import Grants, grants
from readiness.model import Gone, Reason, Unavailable, Unreadable

FIFO = ".fifo"
URL = "sqs:GetQueueUrl"
ATTRIBUTES = "sqs:GetQueueAttributes"


class Queue(Struct, frozen=True):
    """A queue of SQS.

    `redrives_to` is the ARN of its dead-letter queue, which a message reaches after `max_receives`; None without one.
    `redrive_permission` is which queues may use it as theirs: `allowAll`, `denyAll`, or `byQueue`, the `sources` alone.
    `key` is as its owner wrote it: an id, an ARN or an alias. `senders` are whom its own policy lets send.
    """

    arn: str
    url: str
    retention_seconds: int
    visibility_seconds: int
    redrives_to: str | None
    max_receives: int
    redrive_permission: str
    sources: tuple[str, ...]
    key: str | None
    senders: Grants

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
        url = Answer(client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account), URL).need("QueueUrl", str)
        answer = Answer(client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]), ATTRIBUTES)
    except client.exceptions.QueueDoesNotExist:
        if account != aws.account:
            detail = "another account's queue that is closed to us looks like one that does not exist"
            raise Unreadable({arn: Unavailable(Reason.ACCESS_DENIED, "sqs:GetQueueUrl", detail)}) from None
        msg = f"the queue {name} does not exist"
        raise Gone(msg) from None
    return _queue(arn, url, answer.part("Attributes"))


def _queue(arn: str, url: str, attributes: Answer) -> Queue:
    """Without a redrive policy there is no dead-letter queue; without one that allows, every queue may use it."""
    redrive, allowed = attributes.document("RedrivePolicy"), attributes.document("RedriveAllowPolicy")
    return Queue(
        arn=arn,
        url=url,
        retention_seconds=attributes.number("MessageRetentionPeriod"),
        visibility_seconds=attributes.number("VisibilityTimeout"),
        redrives_to=redrive.need("deadLetterTargetArn", str) if redrive else None,
        max_receives=_count(redrive) if redrive else 0,
        redrive_permission=allowed.get("redrivePermission", str, "allowAll") if allowed else "allowAll",
        sources=tuple(sorted(allowed.texts_or_empty("sourceQueueArns"))) if allowed else (),
        key=attributes.get("KmsMasterKeyId", str) or None,
        senders=grants(attributes.get("Policy", str, ""), "sqs:SendMessage"),
    )


def _count(redrive: Answer) -> int:
    """AWS hands it over as it was written: a number, or the text of one."""
    text = redrive.get("maxReceiveCount", object)
    return redrive.number("maxReceiveCount") if isinstance(text, str) else redrive.need("maxReceiveCount", int)


def is_fifo(arn: str) -> bool:
    """Whether a queue or topic is one: AWS demands the ending of the name."""
    return arn.endswith(FIFO)
