"""The dead-letter queues and on-failure destinations of the table's functions: each queue is read once."""

from readiness.aws.arn import service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import QUEUE
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.lambda_.function_sources import SourceQueue
from readiness.facts.sqs.queues import Queue, read_queue
from readiness.model import Fact


class DeadLetterQueue(Fact):
    """An SQS queue that functions send failed events to, or a polled queue moves them to; it need not exist."""

    arn: str


@fact(on=Table)
def dead_letter_queues(targets: Each[FailureTarget], sources: Each[SourceQueue]) -> Each[DeadLetterQueue]:
    """List the queues; the list is incomplete where a source or a function could not be read."""
    sent, unlisted = targets.readable()
    polled, unread = sources.readable()
    arns = {target.arn for target in sent if service_of(target.arn) == "sqs"}
    arns |= {source.queue.redrives_to for source in polled if source.queue.redrives_to}
    return Each({arn: DeadLetterQueue(arn) for arn in arns}, unlisted or unread)


class DlqAttributes(Fact):
    """The attributes of a dead-letter queue."""

    stored_as = "KeptLetters"

    queue: Queue


@fact("sqs:GetQueueUrl", "sqs:GetQueueAttributes", events=QUEUE)
def dlq_attributes(aws: Aws, queue: DeadLetterQueue) -> DlqAttributes:
    """Read the attributes. Gone where the queue was deleted."""
    return DlqAttributes(read_queue(aws, queue.arn))


class RedriveQueue(Fact):
    """The dead-letter queue of a polled queue."""

    queue: Queue


@fact(absent="no redrive policy")
def redrive_queue(source: SourceQueue, queues: Each[DlqAttributes]) -> RedriveQueue | None:
    """Return None for a queue without a redrive policy."""
    return RedriveQueue(queues[source.queue.redrives_to].queue) if source.queue.redrives_to else None
