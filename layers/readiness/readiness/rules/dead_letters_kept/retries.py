"""Retries of stream records: a failed record reaches the destination only if Lambda discards it before it expires."""

from typing import Any

from readiness.engine.rule import passed, warned
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.function_sources import FunctionSource, StreamRetention
from readiness.model import Gone, Unavailable, Unreadable, Verdict
from readiness.rules.dead_letters_kept.pollers import named, of_mapping, span

BISECTED = frozenset({"dynamodb", "kinesis"})
"""Batches of Kafka can be split too, but only by a mapping in provisioned mode."""


def given_up(source: FunctionSource, retention: StreamRetention | Gone | Unavailable | None) -> Verdict:
    """Return the verdict on one stream. Raises Unreadable where its retention decides and could not be read."""
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
    if not _ends(source):
        if mapping.max_age_seconds is None:
            return warned(f"{record} blocks its shard until it expires, and is lost: retries are unlimited", **seen)
        if outlived := _outlived(mapping, retention):
            return warned(f"{record} is retried for {span(mapping.max_age_seconds)}, {outlived}", **seen)
    if source.kind in BISECTED and not mapping.bisects:
        return warned(f"{record} fails its whole batch: BisectBatchOnFunctionError is false", **seen)
    return passed(f"{record} is discarded in time", **seen)


def _ends(source: FunctionSource) -> bool:
    """True if retries are limited: for Kafka with a destination, 10 by default.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """
    kafka = source.kind == "kafka" and source.mapping.on_failure is not None
    return source.mapping.retries is not None or kafka


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
