import pytest

from readiness.engine.each import Each
from readiness.facts.lambda_.failure_targets import TargetQueue, target_queue
from readiness.facts.lambda_.function_sources import SourceQueue
from readiness.facts.sqs.dead_letter_queues import (
    DlqAttributes,
    RedriveQueue,
    dead_letter_queues,
    dlq_attributes,
    redrive_queue,
)
from readiness.model import Gone, Unreadable
from tests.aws.account import Account
from tests.rules.dead_letters import DEAD, MAPPING, POLLED, TOPIC, letters, polled, queue, target, waiting
from tests.rules.functions import DENIED, each

BEHIND = f"{POLLED}-dead-letters"
NONE: Each[SourceQueue] = Each({})
MISSING = Gone("SQS queue checkout-dead-letters does not exist")


def test_each_queue_once_however_events_get_there() -> None:
    sources = Each(
        {"one": polled(redrives_to=DEAD), "two": polled(redrives_to=BEHIND), "three": polled(redrives_to=None)}
    )
    found = dead_letter_queues(each(target(), target(TOPIC)), sources)
    assert list(found.answers()) == [DEAD, BEHIND]


def test_a_target_or_source_that_could_not_be_read_may_have_another() -> None:
    assert dead_letter_queues(each(target(), unlisted=DENIED), NONE).unlisted == DENIED
    denied: Each[SourceQueue] = Each({MAPPING: DENIED})
    assert dead_letter_queues(each(target()), denied).unlisted == DENIED


def test_a_polled_queue_that_is_gone_has_no_other() -> None:
    gone: Each[SourceQueue] = Each({MAPPING: Gone("SQS queue orders does not exist")})
    assert dead_letter_queues(each(target()), gone).unlisted is None


def test_what_is_known_of_one(account: Account) -> None:
    account.client("sqs").create_queue(QueueName="checkout-dead-letters")
    assert dlq_attributes(account.aws, waiting()).queue.arn == DEAD


def test_one_that_was_deleted_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="SQS queue checkout-dead-letters does not exist"):
        dlq_attributes(account.aws, waiting())


def test_it_is_the_queue_of_a_target_and_the_one_behind_a_source() -> None:
    known: Each[DlqAttributes] = Each({DEAD: letters(), BEHIND: DENIED})
    assert target_queue(target(), known) == TargetQueue(queue())
    assert redrive_queue(polled(), known) == RedriveQueue(queue())


def test_a_topic_is_no_queue_and_a_source_may_have_none_behind_it() -> None:
    assert target_queue(target(TOPIC), Each({})) is None
    assert redrive_queue(polled(redrives_to=None), Each({})) is None


def test_one_that_is_gone_or_closed_to_us_is_so_for_whoever_uses_it() -> None:
    known: Each[DlqAttributes] = Each({DEAD: MISSING, BEHIND: DENIED})
    with pytest.raises(Gone):
        target_queue(target(), known)
    with pytest.raises(Unreadable):
        redrive_queue(polled(redrives_to=BEHIND), known)
