from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.lambda_.function_sources import FunctionSource
from readiness.facts.lambda_.live_versions import Configuration
from readiness.model import Gone, Status
from readiness.rules.dead_letters_kept import (
    SourceChange,
    filtered,
    other_source,
    retried,
    sources_running,
    stream_source,
)
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.rules.dead_letters import POLLED, polled, qualifier, source
from tests.rules.dead_letters_kept.builders import BROKER, MSK, in_time
from tests.rules.facts import NOW, ago
from tests.rules.functions import CHECKOUT, configuration, each, table_function

CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:carts"


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({}, Status.PASS, id="five receives, and six timeouts of 30 s"),
        pytest.param({"max_receives": 4}, Status.WARN, id="four receives"),
        pytest.param({"visibility_seconds": 179}, Status.WARN, id="a second less than six timeouts"),
        pytest.param({"redrives_to": None}, Status.NOT_APPLICABLE, id="no redrive policy"),
    ],
)
def test_retried(other: dict[str, Any], status: Status) -> None:
    configurations = Each({f"{CHECKOUT}:$LATEST": configuration()})
    assert retried(source("sqs"), polled(**other), each(qualifier()), configurations).status is status


def test_the_timeout_is_that_of_the_version_that_is_invoked() -> None:
    configurations = Each(
        {
            f"{CHECKOUT}:$LATEST": configuration(timeout_seconds=900),
            f"{CHECKOUT}:7": configuration(version="7", timeout_seconds=31),
        }
    )
    found = retried(source("sqs", "live"), polled(), each(qualifier(), qualifier("live", "7")), configurations)
    assert found.status is Status.WARN
    assert found.evidence["EnoughVisibilityTimeout"] == 186


def timed(**seconds: int) -> Each[Configuration]:
    """Versions with these timeouts: `v7=10`."""
    numbers = {key.removeprefix("v"): timeout for key, timeout in seconds.items()}
    return Each({f"{CHECKOUT}:{each}": configuration(version=each, timeout_seconds=s) for each, s in numbers.items()})


def test_a_version_that_is_not_known_counts_as_the_slowest() -> None:
    found = retried(source("sqs", "6"), polled(), each(qualifier()), timed(v7=10, v8=900))
    assert (found.status, found.evidence["EnoughVisibilityTimeout"]) == (Status.WARN, 5400)


def test_of_two_weighted_versions_the_slower_one_counts() -> None:
    found = retried(source("sqs", "live"), polled(), each(qualifier("live", "7", "8")), timed(v7=10, v8=40))
    assert (found.status, found.evidence["EnoughVisibilityTimeout"]) == (Status.WARN, 240)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(source("mq", source=BROKER, on_failure=None), Status.WARN, id="a broker"),
        pytest.param(source("documentdb", source=CLUSTER, on_failure=None), Status.WARN, id="a cluster of DocumentDB"),
        pytest.param(source("kafka", source=MSK), Status.NOT_APPLICABLE, id="Kafka"),
        pytest.param(source(), Status.NOT_APPLICABLE, id="a stream"),
        pytest.param(source("sqs", source=POLLED), Status.NOT_APPLICABLE, id="a queue"),
    ],
)
def test_lambda_keeps_nothing_of_what_fails_of_a_broker_or_a_cluster(found: FunctionSource, status: Status) -> None:
    assert other_source(found).status is status


@pytest.mark.parametrize("arn", [MSK, None], ids=["MSK", "self-managed"])
def test_topics_of_kafka_need_a_destination_as_streams_do(arn: str | None) -> None:
    assert stream_source(table_function(), source("kafka", source=arn)).status is Status.PASS
    assert stream_source(table_function(), source("kafka", source=arn, on_failure=None)).status is Status.FAIL


def test_a_filter_that_can_not_be_decrypted_is_said() -> None:
    assert filtered(source()).status is Status.PASS
    verdict = filtered(source(filter_error="KMSAccessDeniedException"))
    assert verdict.status is Status.WARN
    assert "cannot be decrypted: KMSAccessDeniedException" in verdict.message


def test_a_stream_without_a_destination_loses_records() -> None:
    assert stream_source(table_function(), source()).status is Status.PASS
    assert stream_source(table_function(), source(on_failure=None)).status is Status.FAIL


def test_a_queue_is_no_stream() -> None:
    assert stream_source(table_function(), source("sqs")).status is Status.NOT_APPLICABLE
    assert in_time(source("sqs")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("other", "before", "status"),
    [
        pytest.param({}, None, Status.PASS, id="enabled"),
        pytest.param({"state": "Disabled"}, None, Status.FAIL, id="disabled"),
        pytest.param({"state": "Disabling"}, None, Status.FAIL, id="being disabled"),
        pytest.param({"result": "PROBLEM: Function call failed"}, None, Status.FAIL, id="in trouble"),
        pytest.param({"result": "No records processed"}, None, Status.PASS, id="nothing to do"),
        pytest.param({"state": "Updating"}, None, Status.WARN, id="being updated"),
        pytest.param(
            {"state": "Updating"}, SourceChange("Updating", ago(minutes=15)), Status.WARN, id="for 15 minutes"
        ),
        pytest.param({"state": "Updating"}, SourceChange("Updating", ago(minutes=16)), Status.FAIL, id="for too long"),
        pytest.param(
            {"state": "Enabling"}, SourceChange("Updating", ago(minutes=16)), Status.WARN, id="now it is another change"
        ),
    ],
)
def test_sources_running(other: dict[str, Any], before: SourceChange | None, status: Status) -> None:
    assert sources_running(source(**other), NOW, before).status is status


@pytest.mark.parametrize(
    ("found", "name"),
    [
        pytest.param(source("sqs", source=POLLED), "SQS queue orders", id="a queue"),
        pytest.param(source(), f"DynamoDB stream of {TABLE}", id="a table's stream"),
        pytest.param(
            source("kinesis", source=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"),
            "Kinesis stream clicks",
            id="Kinesis",
        ),
        pytest.param(source("kafka", source=None), "Kafka cluster", id="self-managed Kafka"),
        pytest.param(source("kafka", source=MSK), "Kafka cluster shop", id="MSK"),
        pytest.param(source("mq", source=BROKER), "Amazon MQ broker orders", id="a broker"),
        pytest.param(source("documentdb", source=CLUSTER), "DocumentDB cluster carts", id="a cluster of DocumentDB"),
        pytest.param(source("new", source="arn:aws:new:::x"), "event source (new)", id="anything else"),
    ],
)
def test_a_source_is_called_by_its_name(found: FunctionSource, name: str) -> None:
    """The finding is about a mapping, whose key nobody knows."""
    stopped = FunctionSource(found.function, found.qualifier, found.kind, replace(found.mapping, state="Disabled"))
    message = sources_running(stopped, NOW, None).message
    assert message == f"event source mapping of {name} for checkout is Disabled, expected Enabled"


def test_trouble_is_told_in_the_words_of_lambda() -> None:
    verdict = sources_running(source("sqs", source=POLLED, result="PROBLEM: Function call failed"), NOW, None)
    assert verdict.message.endswith("SQS queue orders for checkout fails: PROBLEM: Function call failed")


def test_a_function_without_any_version_has_no_timeout() -> None:
    with pytest.raises(Gone):
        retried(source("sqs", "6"), polled(), each(), Each[Configuration]({}))
