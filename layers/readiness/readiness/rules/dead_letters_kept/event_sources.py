"""The event sources that Lambda polls for a function: their names and evidence, and the verdicts on their retries."""

import json
from typing import Any

from readiness.aws.arn import name_of, part_of, region_of, unqualified
from readiness.engine.each import Each
from readiness.engine.rule import failed, passed, recovered, warned
from readiness.facts.lambda_.event_sources import EventSource, uuid_of
from readiness.facts.lambda_.function_sources import FunctionSource, StreamRetention
from readiness.facts.lambda_.invocation_paths import Qualifier
from readiness.facts.lambda_.live_versions import Configuration, no_function
from readiness.facts.sqs.queues import FIFO, Queue, is_fifo
from readiness.model import Gone, Unavailable, Unreadable, Verdict
from readiness.rules.dead_letters_kept import remedies

DAY = 86_400
SPANS = (("day", DAY), ("hour", 3600), ("minute", 60))

BISECTED = frozenset({"dynamodb", "kinesis"})
"""Batches of Kafka can be split too, but only by a mapping in provisioned mode."""

LONGEST = 14 * DAY
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""

DEFAULT_RETENTION = 4 * DAY


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
    """Return the attributes with which a dead-letter queue of this ARN is created, as the AWS CLI takes them."""
    return ",".join(f"{name}={value}" for name, value in remedies.attributes(fifo=is_fifo(arn)).items())


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


def given_up(source: FunctionSource, retention: StreamRetention | Gone | Unavailable | None) -> Verdict:
    """Return the verdict on the retries of one stream: Lambda must discard a record before it expires.

    Raises Unreadable where the retention of the stream decides and could not be read.
    """
    mapping = source.mapping
    seen = {
        "evidence": {
            **of_mapping(source),
            "MaximumRetryAttempts": mapping.retries,
            "MaximumRecordAgeInSeconds": mapping.max_age_seconds,
            "BisectBatchOnFunctionError": mapping.bisects,
        }
    }
    record = f"a record of {named(source)} that always fails"
    # For Kafka with a destination, retries are limited to 10 by default:
    # https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    kafka = source.kind == "kafka" and mapping.on_failure is not None
    if mapping.retries is None and not kafka:
        if mapping.max_age_seconds is None:
            return warned(f"{record} blocks its shard until it expires, and is lost: retries are unlimited", **seen)
        if outlived := _outlived(mapping, retention):
            return warned(f"{record} is retried for {span(mapping.max_age_seconds)}, {outlived}", **seen)
    if source.kind in BISECTED and not mapping.bisects:
        return warned(f"{record} fails its whole batch: BisectBatchOnFunctionError is false", **seen)
    return passed(f"{record} is discarded in time", **seen)


def _outlived(mapping: EventSource, retention: StreamRetention | Gone | Unavailable | None) -> str:
    """Return the message where the record expires before Lambda discards it; empty where it does not."""
    age: Any = mapping.max_age_seconds
    match retention:
        case StreamRetention(seconds) if age >= seconds:
            return f"but the stream keeps it for {span(seconds)}: it expires first, and is lost"
        case StreamRetention():
            return ""
        case Unavailable() as why:
            raise Unreadable({mapping.arn: why})
        case Gone() as gone:
            return f"but {gone}"
        case None:
            return "but the retention of its topic is not known"


def redriven(source: FunctionSource, polled: Queue, dead: Queue) -> Verdict:
    """Return the verdict on the two queues.

    Messages of a standard queue keep their enqueue timestamp when they are moved; those of a FIFO queue get a new one.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    if not dead.admits(polled.arn):
        said = f"the dead-letter queue does not allow {named(source)}: redrivePermission is {dead.redrive_permission}"
        sources = sorted({*dead.sources, polled.arn})
        admitting = {"RedriveAllowPolicy": _as_json({"redrivePermission": "byQueue", "sourceQueueArns": sources})}
        subject = f"the dead-letter queue does not allow {named(source)} any more"
        return failed(said, subject=subject, evidence=_mended(polled, dead, dead, admitting))
    if dead.retention_seconds > polled.retention_seconds or is_fifo(dead.arn):
        evidence = _mended(polled, dead, dead, {})
        return recovered(f"the dead-letter queue keeps messages of {named(source)}", evidence=evidence)
    both = f"{span(dead.retention_seconds)}, that of {named(source)} is {span(polled.retention_seconds)}"
    said = f"retention of the dead-letter queue is {both}, expected longer: moved messages keep their age"
    if dead.retention_seconds >= LONGEST:
        shorter = _mended(polled, dead, polled, {"MessageRetentionPeriod": str(DEFAULT_RETENTION)})
        return warned(f"{said}; {span(LONGEST)} is the maximum, so shorten that of the source", evidence=shorter)
    longer = _mended(polled, dead, dead, {"MessageRetentionPeriod": str(LONGEST)})
    subject = f"retention of the dead-letter queue of {named(source)} is too short"
    return failed(said, subject=subject, evidence=longer)


def _mended(polled: Queue, dead: Queue, changed: Queue, attributes: dict[str, str]) -> dict[str, Any]:
    """Return the evidence, and the attributes that one of the two queues needs."""
    return {
        "QueueUrl": changed.url,
        "Region": region_of(changed.arn),
        "MessageRetentionPeriod": dead.retention_seconds,
        "redrivePermission": dead.redrive_permission,
        "SourceRetentionPeriod": polled.retention_seconds,
        "Attributes": _as_json(attributes),
    }


def _as_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
