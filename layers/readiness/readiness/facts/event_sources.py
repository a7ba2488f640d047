"""What Lambda polls for functions: streams and queues, by ListEventSourceMappings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

WITHOUT_END = -1


@dataclass(frozen=True)
class EventSource:
    """One event source mapping. Its key is its ARN.

    `function` is the ARN of the function that it invokes, as it is written there: maybe with a qualifier. `source` is
    the ARN of the stream or queue, None for self-managed Kafka. `state` and `result` are AWS's State and
    LastProcessingResult. `on_failure` is the ARN of the destination, None without one. `retries` and `max_age_seconds`
    are None where AWS says -1, without end, or nothing. `bisects` and `reports_items` are whether a failing batch is
    split, and whether the function says which of its items failed.
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


@fact("lambda:ListEventSourceMappings")
def event_sources(aws: Aws) -> Each[EventSource]:
    """All of the account and Region."""
    pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate()
    answers = [answer for page in pages for answer in page["EventSourceMappings"]]
    return Each({answer["EventSourceMappingArn"]: _source(answer) for answer in answers})


def _source(answer: "EventSourceMappingConfigurationTypeDef") -> EventSource:
    """What a queue has no use for, such as retries, is not in the answer about one."""
    destination = answer.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return EventSource(
        arn=answer["EventSourceMappingArn"],
        function=answer["FunctionArn"],
        source=answer.get("EventSourceArn"),
        state=answer["State"],
        result=answer.get("LastProcessingResult", ""),
        on_failure=destination or None,
        retries=_bounded(answer.get("MaximumRetryAttempts")),
        max_age_seconds=_bounded(answer.get("MaximumRecordAgeInSeconds")),
        bisects=answer.get("BisectBatchOnFunctionError", False),
        reports_items="ReportBatchItemFailures" in answer.get("FunctionResponseTypes", []),
    )


def _bounded(limit: int | None) -> int | None:
    return None if limit == WITHOUT_END else limit
