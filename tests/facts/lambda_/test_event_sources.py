from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.facts.lambda_.event_sources import EventSource, event_sources
from readiness.model import Unreadable
from tests.aws.account import Account
from tests.aws.functions import arn_of, function, stream

MAPPING = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:14e0db71-xmpl-4eb5-b481-8945cf9d10c2"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"

OF_A_STREAM = {
    "EventSourceMappingArn": MAPPING,
    "FunctionArn": arn_of("index:live"),
    "EventSourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce/stream/2026-01-01T00:00:00.000",
    "State": "Enabled",
    "LastProcessingResult": "OK",
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    "MaximumRetryAttempts": 3,
    "MaximumRecordAgeInSeconds": 3600,
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}
"""As https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html has it."""

OF_A_QUEUE = {
    "EventSourceMappingArn": MAPPING,
    "FunctionArn": arn_of("index"),
    "EventSourceArn": QUEUE,
    "State": "Disabled",
}


def read(account: Account, answer: dict[str, Any]) -> EventSource:
    account.answer("lambda", "ListEventSourceMappings", {"EventSourceMappings": [answer]})
    return event_sources(account.aws)[MAPPING]


def test_a_mapping_as_moto_has_it(furnished: Account) -> None:
    function(furnished, "index")
    source = stream(furnished)
    furnished.client("lambda").create_event_source_mapping(
        FunctionName="index", EventSourceArn=source, StartingPosition="LATEST", MaximumRetryAttempts=3
    )
    [found] = event_sources(furnished.aws)
    assert (found.function, found.source, found.state, found.retries) == (arn_of("index"), source, "Enabled", 3)


def test_all_that_is_configured_of_a_stream(account: Account) -> None:
    assert read(account, OF_A_STREAM) == EventSource(
        arn=MAPPING,
        function=arn_of("index:live"),
        source=str(OF_A_STREAM["EventSourceArn"]),
        state="Enabled",
        result="OK",
        on_failure=QUEUE,
        retries=3,
        max_age_seconds=3600,
        bisects=True,
    )


def test_minus_one_is_without_end(account: Account) -> None:
    found = read(account, {**OF_A_STREAM, "MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1})
    assert (found.retries, found.max_age_seconds) == (None, None)


def test_no_retries_at_all_are_not_without_end(account: Account) -> None:
    assert read(account, {**OF_A_STREAM, "MaximumRetryAttempts": 0}).retries == 0


@pytest.mark.parametrize("destination", [{}, {"OnFailure": {}}, {"OnFailure": {"Destination": ""}}])
def test_no_destination(account: Account, destination: dict[str, Any]) -> None:
    assert read(account, {**OF_A_STREAM, "DestinationConfig": destination}).on_failure is None


def test_a_queue_has_none_of_a_streams_settings(account: Account) -> None:
    found = read(account, OF_A_QUEUE)
    assert (found.on_failure, found.retries, found.bisects) == (None, None, False)


def test_self_managed_kafka_has_no_arn(account: Account) -> None:
    own = {name: value for name, value in OF_A_QUEUE.items() if name != "EventSourceArn"}
    assert read(account, {**own, "SelfManagedEventSource": {"Endpoints": {}}}).source is None


def test_a_source_without_an_arn_is_no_kafka_by_itself(account: Account) -> None:
    own = {name: value for name, value in OF_A_QUEUE.items() if name != "EventSourceArn"}
    account.answer("lambda", "ListEventSourceMappings", {"EventSourceMappings": [own]})
    with pytest.raises(Unreadable):
        list(event_sources(account.aws))


def test_an_empty_page_is_not_the_end(account: Account) -> None:
    account.answer(
        "lambda",
        "ListEventSourceMappings",
        {"EventSourceMappings": [], "NextMarker": "more"},
        {"EventSourceMappings": [OF_A_QUEUE]},
    )
    assert len(event_sources(account.aws)) == 1


def test_a_refusal_is_left_to_the_collector(account: Account) -> None:
    account.refuse("lambda", "ListEventSourceMappings", "AccessDeniedException")
    with pytest.raises(ClientError, match="ListEventSourceMappings"):
        event_sources(account.aws)
