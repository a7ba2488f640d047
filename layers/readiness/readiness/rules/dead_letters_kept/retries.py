"""Whether Lambda gives a record up that can't be processed before its stream forgets it: only then is it kept."""

from typing import Any

from readiness.engine.rule import passed, warned
from readiness.facts.dynamodb.stream_retentions import StreamRetention
from readiness.facts.lambda_.event_sources import EventSource
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.model import Gone, Unavailable, Unreadable, Verdict
from readiness.rules.dead_letters_kept.pollers import named, of_mapping, span

BISECTED = frozenset({"dynamodb", "kinesis"})
"""Kafka's batches can be split too, but only for a mapping in provisioned mode."""


def given_up(source: FunctionSource, retention: StreamRetention | Gone | Unavailable | None) -> Verdict:
    """A verdict on one stream. Unreadable: how long the stream keeps a record decides."""
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
            return warned(f"{record} stops its shard until it expires, and is lost", **seen)
        if outlived := _outlived(mapping, retention):
            return warned(f"{record} is tried for {span(mapping.max_age_seconds)}, {outlived}", **seen)
    if source.kind in BISECTED and not mapping.bisects:
        return warned(f"{record} takes its whole batch with it", **seen)
    return passed(f"{record} is given up in time", **seen)


def _ends(source: FunctionSource) -> bool:
    """Whether the attempts have an end: for Kafka, 10 where there is a destination and no other number.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """
    kafka = source.kind == "kafka" and source.mapping.on_failure is not None
    return source.mapping.retries is not None or kafka


def _outlived(mapping: EventSource, retention: StreamRetention | Gone | Unavailable | None) -> str:
    """What is said where the record expires before it is given up; empty where it does not."""
    age: Any = mapping.max_age_seconds
    match retention:
        case StreamRetention(seconds) if age >= seconds:
            return f"and its stream keeps it for {span(seconds)}: it expires first, and is lost"
        case StreamRetention():
            return ""
        case Unavailable() as why:
            raise Unreadable({mapping.arn: why})
        case Gone() as gone:
            return f"and {gone}"
        case None:
            return "and how long its topic keeps it is not known"
