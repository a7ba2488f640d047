"""The event sources that Lambda polls for a function: their names in findings and the values of remedies."""

from typing import Any

from readiness.aws.arn import name_of, part_of, region_of, unqualified
from readiness.engine.each import Each
from readiness.facts.lambda_.event_sources import uuid_of
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.invocation_paths import Qualifier
from readiness.facts.lambda_.live_versions import Configuration, no_function
from readiness.facts.sqs.queues import FIFO, Queue, is_fifo
from readiness.rules.dead_letters_kept.remedies import FOURTEEN_DAYS

DAY = 86_400
SPANS = (("day", DAY), ("hour", 3600), ("minute", 60))


def span(seconds: int) -> str:
    """Return a duration such as `4 days` or `1 hour`."""
    unit, size = next((each for each in SPANS if seconds >= each[1]), SPANS[-1])
    return f"{seconds / size:.3g} {unit}{'' if seconds == size else 's'}"


def named(source: FunctionSource) -> str:
    """Return the name of a source, such as `DynamoDB stream of orders`; people do not know the UUID of a mapping."""
    arn = source.mapping.source or ""
    names = {
        "documentdb": f"DocumentDB cluster {name_of(arn)}",
        "dynamodb": f"DynamoDB stream of {part_of(arn, 1)}",
        "kafka": f"Kafka cluster {part_of(arn, 1)}".rstrip(),
        "kinesis": f"Kinesis stream {part_of(arn, 1)}",
        "mq": f"Amazon MQ broker {name_of(arn.rpartition(':')[0])}",
        "sqs": f"SQS queue {name_of(arn)}",
    }
    return names.get(source.kind, f"event source ({source.kind})")


def attributes(arn: str) -> str:
    """Return the attributes with which a dead-letter queue of this ARN is created."""
    return f"{FOURTEEN_DAYS},FifoQueue=true" if is_fifo(arn) else FOURTEEN_DAYS


def of_mapping(source: FunctionSource) -> dict[str, Any]:
    """Return the evidence on an event source mapping."""
    return {
        "FunctionName": source.function,
        "EventSourceArn": source.mapping.source,
        "UUID": uuid_of(source.mapping),
    }


def of_queue(queue: Queue) -> dict[str, Any]:
    """Return the evidence on a queue, with a dead-letter queue of its type for the remedy."""
    base, ending = (queue.arn.removesuffix(FIFO), FIFO) if is_fifo(queue.arn) else (queue.arn, "")
    new = f"{base}-dead-letters{ending}"
    return {
        "QueueUrl": queue.url,
        "Region": region_of(queue.arn),
        "deadLetterTargetArn": queue.redrives_to,
        "maxReceiveCount": queue.max_receives,
        "VisibilityTimeout": queue.visibility_seconds,
        "NewQueueArn": new,
        "NewQueueName": name_of(new),
        "NewQueueAttributes": attributes(new),
    }


def timeout(source: FunctionSource, qualifiers: Each[Qualifier], configurations: Each[Configuration]) -> int:
    """Return the longest timeout, in seconds, of the versions that Lambda invokes; of all, if they are not known.

    Raises Gone where there is no version.
    """
    function = unqualified(source.mapping.function)
    try:
        behind = qualifiers[f"{function}:{source.qualifier}"].versions
        return max(configurations[version].timeout_seconds for version in behind)
    except KeyError:
        longest = max((configuration.timeout_seconds for configuration in configurations), default=None)
    if longest is None:
        raise no_function(name_of(function))
    return longest
