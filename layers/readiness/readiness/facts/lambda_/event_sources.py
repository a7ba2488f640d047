"""What Lambda polls for functions: streams, queues, topics of Kafka, brokers; by ListEventSourceMappings."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import service_of, unqualified
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.model import Fact, Unavailable

PERMISSION = "lambda:ListEventSourceMappings"
WITHOUT_END = -1

SELF_MANAGED = "SelfManagedEventSource"
"""A cluster of Kafka that AWS does not run, and that has no ARN."""


class EventSource(Fact):
    """One event source mapping. Its key is its ARN.

    `function` is the ARN of the function that it invokes, as it is written there: maybe with a qualifier. `source` is
    the ARN of the stream, queue, cluster or broker, None for self-managed Kafka. `state` and `result` are AWS's State
    and LastProcessingResult. `on_failure` is the ARN of the destination, None without one. `retries` and
    `max_age_seconds` are None where AWS says -1, without end, or nothing. `bisects` and `reports_items` are whether a
    failing batch is split, and whether the function says which of its items failed. `filter_error` is why Lambda can't
    read the encrypted filter, empty where it can.
    """

    arn: str
    function: str
    source: str | None
    state: str
    result: str
    on_failure: str | None
    retries: int | None
    max_age_seconds: int | None
    bisects: bool
    reports_items: bool
    filter_error: str = ""

    @property
    def kind(self) -> str:
        """The service that is polled. Self-managed Kafka has no ARN, and clusters of DocumentDB have one of RDS."""
        service = service_of(self.source) if self.source else "kafka"
        return "documentdb" if service == "rds" else service


def uuid_of(mapping: EventSource) -> str:
    """By which commands name it."""
    return mapping.arn.rpartition(":")[2]


@fact(PERMISSION)
def event_sources(aws: Aws) -> Each[EventSource]:
    """All of the account and Region."""
    pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate()
    return each_of(listed(pages, "EventSourceMappings", PERMISSION), _key, _source)


class SourcesByFunction(Fact):
    """The event sources of the account and Region by the ARN of the function; `unlisted` is why there may be more."""

    of: Mapping[str, tuple[EventSource, ...]]
    unlisted: Unavailable | None


@fact()
def sources_by_function(sources: Each[EventSource]) -> SourcesByFunction:
    """Once for all functions: each of them going through all sources would take the product of both."""
    found, unlisted = sources.readable()
    of: defaultdict[str, list[EventSource]] = defaultdict(list)
    for source in found:
        of[unqualified(source.function)].append(source)
    return SourcesByFunction({arn: tuple(own) for arn, own in of.items()}, unlisted)


def _key(answer: Answer) -> str:
    """Recordings that are older than EventSourceMappingArn have the UUID, which the ARN ends with."""
    arn, uuid = answer.get("EventSourceMappingArn", str), answer.get("UUID", str)
    if arn or not uuid:
        return answer.need("EventSourceMappingArn", str)
    prefix = unqualified(answer.need("FunctionArn", str)).rpartition(":function:")[0]
    return f"{prefix}:event-source-mapping:{uuid}"


def _source(answer: Answer) -> EventSource:
    """What a queue has no use for, such as retries, is not in the answer about one."""
    destination = answer.part_or_none("DestinationConfig")
    on_failure = destination.part_or_none("OnFailure") if destination else None
    error = answer.part_or_none("FilterCriteriaError")
    return EventSource(
        arn=_key(answer),
        function=answer.need("FunctionArn", str),
        source=answer.bound("EventSourceArn", str, here=not answer.has(SELF_MANAGED)) or None,
        state=answer.need("State", str),
        result=answer.get("LastProcessingResult", str, ""),
        on_failure=(on_failure.get("Destination", str) if on_failure else None) or None,
        retries=_bounded(answer.get("MaximumRetryAttempts", int)),
        max_age_seconds=_bounded(answer.get("MaximumRecordAgeInSeconds", int)),
        bisects=answer.get("BisectBatchOnFunctionError", bool, default=False),
        reports_items="ReportBatchItemFailures" in answer.texts_or_empty("FunctionResponseTypes"),
        filter_error=error.get("ErrorCode", str, "unknown") if error else "",
    )


def _bounded(limit: int | None) -> int | None:
    return None if limit == WITHOUT_END else limit
