"""Retention of the streams that Lambda polls for functions."""

from readiness.aws.answer import Answer
from readiness.aws.arn import name_of, part_of, region_of
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.model import Fact

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
