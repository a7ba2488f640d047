"""Event sources of a function, the queues among them, and the retention of streams."""

from readiness.aws.answer import Answer
from readiness.aws.arn import name_of, part_of, qualifier_of, region_of
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import QUEUE
from readiness.facts.lambda_.event_sources import EventSource, SourcesByFunction
from readiness.facts.lambda_.invocation_paths import DlqFunction
from readiness.facts.sqs.queues import Queue, read_queue
from readiness.model import Fact


class FunctionSource(Fact):
    """An event source of a function that requires a dead-letter queue, by the key of the mapping."""

    function: str
    qualifier: str
    kind: str
    mapping: EventSource


@fact()
def function_sources(function: DlqFunction, sources: SourcesByFunction) -> Each[FunctionSource]:
    """Return the mappings of the function for all qualifiers."""
    own = {
        source.arn: FunctionSource(function.name, qualifier_of(source.function), source.kind, source)
        for source in sources.of.get(function.arn, ())
    }
    return Each(own, sources.unlisted)


class SourceQueue(Fact):
    """The polled queue."""

    queue: Queue


@fact("sqs:GetQueueUrl", "sqs:GetQueueAttributes", events=QUEUE, absent="the event source is not an SQS queue")
def source_queue(aws: Aws, source: FunctionSource) -> SourceQueue | None:
    """Return None if the source is not an SQS queue."""
    if source.kind != "sqs" or source.mapping.source is None:
        return None
    return SourceQueue(read_queue(aws, source.mapping.source))


HOUR = 3600
OF_DYNAMODB = 24 * HOUR
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""


class StreamRetention(Fact):
    """The retention of a stream's records, in seconds."""

    seconds: int


@fact("kinesis:DescribeStreamSummary")
def stream_retention(aws: Aws, source: FunctionSource) -> StreamRetention | None:
    """Return None if the source is not a stream, or no AWS API returns its retention, as for Kafka topics."""
    if source.kind == "dynamodb":
        return StreamRetention(OF_DYNAMODB)
    if source.kind != "kinesis" or source.mapping.source is None:
        return None
    arn = source.mapping.source.partition("/consumer/")[0]
    with existing(f"the stream {part_of(name_of(arn), 1)}"):
        answered = aws.client("kinesis", region_of(arn)).describe_stream_summary(StreamARN=arn)
    summary = Answer(answered, "kinesis:DescribeStreamSummary").part("StreamDescriptionSummary")
    return StreamRetention(summary.need("RetentionPeriodHours", int) * HOUR)
