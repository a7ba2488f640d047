"""Event source mappings, from ListEventSourceMappings."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.aws.answer import Answer, listed
from readiness.aws.arn import service_of, unqualified
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.model import Fact, Unavailable

PERMISSION = "lambda:ListEventSourceMappings"
WITHOUT_END = -1

SELF_MANAGED = "SelfManagedEventSource"
"""A Kafka cluster outside AWS, without an ARN."""


class EventSource(Fact):
    """An event source mapping. Its key is its ARN.

    `function` is the ARN of the invoked function, qualified or not. `source` is the ARN of the stream, queue, cluster
    or broker, None for self-managed Kafka. `state` and `result` are State and LastProcessingResult. `on_failure` is the
    ARN of the on-failure destination, None without one. `retries` and `max_age_seconds` are None where AWS gives -1
    (infinite) or nothing. `bisects` is BisectBatchOnFunctionError.
    `filter_error` is the error code where Lambda cannot decrypt the filter criteria; empty without one.
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
    filter_error: str = ""

    @property
    def kind(self) -> str:
        """Return the service that is polled. Self-managed Kafka has no ARN, and DocumentDB clusters have one of RDS."""
        service = service_of(self.source) if self.source else "kafka"
        return "documentdb" if service == "rds" else service


def uuid_of(mapping: EventSource) -> str:
    """Return the UUID by which commands name the mapping."""
    return mapping.arn.rpartition(":")[2]


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    events=(
        "lambda:CreateEventSourceMapping20150331",
        "lambda:UpdateEventSourceMapping20150331",
        "lambda:DeleteEventSourceMapping20150331",
    ),
)
def event_sources(aws: Aws) -> Each[EventSource]:
    """List all mappings of the account and Region."""
    pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate()
    return each_of(listed(pages, "EventSourceMappings", PERMISSION), _key, _source)


class SourcesByFunction(Fact):
    """The event source mappings by the ARN of the function; `unlisted` is why there may be more."""

    of: Mapping[str, tuple[EventSource, ...]]
    unlisted: Unavailable | None


@fact()
def sources_by_function(sources: Each[EventSource]) -> SourcesByFunction:
    """Return the mappings of all functions, grouped once for all of them."""
    found, unlisted = sources.readable()
    of: defaultdict[str, list[EventSource]] = defaultdict(list)
    for source in found:
        of[unqualified(source.function)].append(source)
    return SourcesByFunction({arn: tuple(own) for arn, own in of.items()}, unlisted)


def _key(answer: Answer) -> str:
    """Return the ARN. Older recordings have only the UUID, with which the ARN ends."""
    arn, uuid = answer.get("EventSourceMappingArn", str), answer.get("UUID", str)
    if arn or not uuid:
        return answer.need("EventSourceMappingArn", str)
    prefix = unqualified(answer.need("FunctionArn", str)).rpartition(":function:")[0]
    return f"{prefix}:event-source-mapping:{uuid}"


def _source(answer: Answer) -> EventSource:
    """Return the mapping. Members that do not apply to its source, such as retries for a queue, are absent."""
    error = answer.part_or_none("FilterCriteriaError")
    return EventSource(
        arn=_key(answer),
        function=answer.need("FunctionArn", str),
        source=answer.bound("EventSourceArn", str, here=not answer.has(SELF_MANAGED)) or None,
        state=answer.need("State", str),
        result=answer.get("LastProcessingResult", str, ""),
        on_failure=on_failure(answer),
        retries=_bounded(answer.get("MaximumRetryAttempts", int)),
        max_age_seconds=_bounded(answer.get("MaximumRecordAgeInSeconds", int)),
        bisects=answer.get("BisectBatchOnFunctionError", bool, default=False),
        filter_error=error.get("ErrorCode", str, "unknown") if error else "",
    )


def on_failure(configuration: Answer) -> str | None:
    """Return the ARN of the on-failure destination of a mapping, or of asynchronous invocations; None without one."""
    return configuration.part_or_empty("DestinationConfig").part_or_empty("OnFailure").get("Destination", str) or None


def _bounded(limit: int | None) -> int | None:
    return None if limit == WITHOUT_END else limit
