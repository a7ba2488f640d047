"""The attributes of an SQS queue: retention, redrive policy, key and access policy."""

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, name_of, region_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws
from readiness.facts.iam.grants import Grants, grants
from readiness.model import Gone, Reason, Unavailable, Unreadable

FIFO = ".fifo"
URL = "sqs:GetQueueUrl"
ATTRIBUTES = "sqs:GetQueueAttributes"


class Queue(Struct, frozen=True):
    """An SQS queue; times are in seconds.

    `redrives_to` is the ARN of its dead-letter queue, to which a message moves after `max_receives`; None without one.
    `redrive_permission` (RedriveAllowPolicy) is `allowAll`, `denyAll` or `byQueue`: only the `sources` may use it as a
    dead-letter queue. `key` is KmsMasterKeyId: an ID, an ARN or an alias. `senders` are the grants of its policy.
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
        """True if the queue with the ARN `source` may use this one as its dead-letter queue."""
        if self.redrive_permission == "byQueue":
            return source in self.sources
        return self.redrive_permission == "allowAll"


def read_queue(aws: Aws, arn: str) -> Queue:
    """Read the queue in its own Region and account. Raises Gone where it does not exist."""
    name, account = name_of(arn), account_of(arn)
    try:
        url, attributes = queue_attributes(aws, arn)
    except aws.client("sqs", region_of(arn)).exceptions.QueueDoesNotExist:
        if account != aws.account:
            detail = "SQS gives the same answer for a missing queue and for a queue of another account without access"
            raise Unreadable({arn: Unavailable(Reason.ACCESS_DENIED, "sqs:GetQueueUrl", detail)}) from None
        msg = f"SQS queue {name} does not exist"
        raise Gone(msg) from None
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


def queue_attributes(aws: Aws, arn: str) -> tuple[str, Answer]:
    """Return the URL and the attributes of a queue, which the facts of a collection share."""

    def read() -> tuple[str, Answer]:
        client = aws.client("sqs", region_of(arn))
        named = client.get_queue_url(QueueName=name_of(arn), QueueOwnerAWSAccountId=account_of(arn))
        url = Answer(named, URL).need("QueueUrl", str)
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return url, Answer(answer, ATTRIBUTES).part("Attributes")

    return shared((ATTRIBUTES, arn), read)


def _count(redrive: Answer) -> int:
    """Return maxReceiveCount, which SQS returns as it was written: a number or a string."""
    text = redrive.get("maxReceiveCount", object)
    return redrive.number("maxReceiveCount") if isinstance(text, str) else redrive.need("maxReceiveCount", int)


def is_fifo(arn: str) -> bool:
    """True for a FIFO queue or topic, whose name must end with `.fifo`."""
    return arn.endswith(FIFO)
