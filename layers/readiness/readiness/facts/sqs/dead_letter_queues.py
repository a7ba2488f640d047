"""The queues in which failed events wait for a person: each is read once, however the events get there."""

from readiness.aws.arn import service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.lambda_.function_sources import SourceQueue
from readiness.facts.sqs.queues import Queue, read_queue
from readiness.model import Fact


class DeadLetterQueue(Fact):
    """A queue that functions send failed events to, or into which a polled queue moves them. Its key is its ARN.

    Whether it exists is not said: a function, and a queue, goes on naming one that was deleted.
    """

    arn: str


@fact()
def dead_letter_queues(
    table: Table,  # noqa: ARG001  says where they stand: below the table, not below one function
    targets: Each[FailureTarget],
    sources: Each[SourceQueue],
) -> Each[DeadLetterQueue]:
    """What can't be told of one source or function may be another queue."""
    sent, unlisted = targets.readable()
    polled, unread = sources.readable()
    arns = {target.arn for target in sent if service_of(target.arn) == "sqs"}
    arns |= {source.queue.redrives_to for source in polled if source.queue.redrives_to}
    return Each({arn: DeadLetterQueue(arn) for arn in arns}, unlisted or unread)


class KeptLetters(Fact):
    """What SQS says of the queue."""

    queue: Queue


@fact("sqs:GetQueueUrl", "sqs:GetQueueAttributes")
def kept_letters(aws: Aws, queue: DeadLetterQueue) -> KeptLetters:
    """Gone where it was deleted."""
    return KeptLetters(read_queue(aws, queue.arn))


class RedriveQueue(Fact):
    """The queue into which a polled queue moves what can't be processed."""

    queue: Queue


@fact()
def redrive_queue(source: SourceQueue, queues: Each[KeptLetters]) -> RedriveQueue | None:
    """None: it moves nothing."""
    return RedriveQueue(queues[source.queue.redrives_to].queue) if source.queue.redrives_to else None
