from readiness.facts.lambda_.event_sources import sources_by_function
from readiness.facts.lambda_.function_sources import SourceQueue, function_sources, source_queue
from tests.aws.account import Account
from tests.rules.dead_letters import DEAD, KEPT, MAPPING, POLLED, mapping, source
from tests.rules.functions import CHECKOUT, DENIED, each


def test_the_sources_of_one_function() -> None:
    others = mapping(arn=f"{MAPPING}2", function=f"{CHECKOUT}-2")
    live = mapping(function=f"{CHECKOUT}:live", source=POLLED)
    assert list(function_sources(KEPT, sources_by_function(each(live, others)))) == [
        source("sqs", "live", function=f"{CHECKOUT}:live", source=POLLED)
    ]


def test_sources_that_could_not_be_listed_may_be_more() -> None:
    assert function_sources(KEPT, sources_by_function(each(unlisted=DENIED))).readable() == ([], DENIED)


def test_a_source_without_an_arn_is_kafka() -> None:
    assert [found.kind for found in function_sources(KEPT, sources_by_function(each(mapping(source=None))))] == [
        "kafka"
    ]


def test_the_queue_that_is_polled(account: Account) -> None:
    client = account.client("sqs")
    client.create_queue(QueueName="checkout-dead-letters")
    redrive = f'{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":5}}'
    client.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})
    found = source_queue(account.aws, source("sqs", source=POLLED))
    assert isinstance(found, SourceQueue)
    assert (found.queue.arn, found.queue.redrives_to) == (POLLED, DEAD)


def test_no_queue_is_a_stream(account: Account) -> None:
    assert source_queue(account.aws, source()) is None
    assert account.calls == []
