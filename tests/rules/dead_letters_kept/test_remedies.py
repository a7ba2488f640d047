import json
import shlex

import pytest

from readiness.engine.each import Each
from readiness.engine.rule import Check
from readiness.facts.lambda_.failure_targets import Destination, KeyOfTarget
from readiness.rules.dead_letters_kept import (
    asynchronous,
    delivered,
    destination,
    encrypting,
    exists,
    filtered,
    functions,
    key,
    other_source,
    queue_source,
    redrive,
    retained,
    retried,
    rule,
    sources_running,
    standard,
    stream_source,
    subscribed,
    tried,
    used,
)
from tests.rules.alarms import queue_alarm, routes
from tests.rules.dead_letters import (
    DEAD,
    KEPT,
    POLLED,
    TOPIC,
    metrics,
    polled,
    qualifier,
    redriven,
    roles,
    source,
    target,
    target_queue,
    target_topic,
    waiting,
    way,
    ways,
)
from tests.rules.dead_letters_kept.builders import (
    BROKER,
    BY_ACCOUNT,
    KMS,
    MISSING,
    NONE,
    SHOP,
    SYNCHRONOUS,
    UNKEPT,
    configs,
    in_time,
    sends,
    wanting,
    watching,
)
from tests.rules.facts import NOW
from tests.rules.functions import CHECKOUT, configuration, each, table_function
from tests.rules.remedied import remedied


def test_the_target_of_a_remedy_is_a_queue_of_the_same_type() -> None:
    evidence = queue_source(source("sqs", source=POLLED), polled(arn=f"{POLLED}.fifo", redrives_to=None)).evidence
    assert evidence["NewQueueName"] == "orders-dead-letters.fifo"
    assert "FifoQueue=true" in evidence["NewQueueAttributes"]


LIMPING = polled(max_receives=1)


CONFIGURED = Each({f"{CHECKOUT}:$LATEST": configuration()})


BAD = {
    "functions": functions(wanting("*cart*"), each(table_function())),
    "asynchronous": asynchronous(qualifier(), way(**UNKEPT), ways("$LATEST"), NONE, metrics()),
    "used": used(qualifier("live"), SYNCHRONOUS, NONE, metrics()),
    "tried": tried(qualifier(), configs("$LATEST", 0)),
    "standard": standard(target(f"{DEAD}.fifo")),
    "retained": retained(target_queue(retention_seconds=60)),
    "subscribed": subscribed(target(TOPIC), target_topic(subscribers=0), None),
    "sending": sends(target(), target_queue(), None, roles()),
    "key": key(KeyOfTarget(KMS, "Disabled", BY_ACCOUNT)),
    "encrypting": encrypting(target(), KeyOfTarget(KMS, "Enabled", BY_ACCOUNT), roles()),
    "queue-source": queue_source(source("sqs", source=POLLED), polled(redrives_to=None)),
    "redrive": redrive(source("sqs", source=POLLED), polled(), redriven(retention_seconds=60)),
    "retried": retried(source("sqs"), LIMPING, each(qualifier()), CONFIGURED),
    "stream-source": stream_source(table_function(), source(on_failure=None)),
    "given-up": in_time(source(bisects=False)),
    "other-source": other_source(source("mq", source=BROKER)),
    "filtered": filtered(source(filter_error="KMSAccessDeniedException")),
    "destination": destination(target(SHOP), Destination("lambda", "the function shop")),
    "sources-running": sources_running(source(state="Disabled"), NOW, None),
    "exists": exists(waiting(), MISSING),
    "watched": watching(each(), routes()),
    "delivered": delivered(KEPT, metrics(DeadLetterErrors=1)),
}


@pytest.mark.parametrize("check", rule.checks, ids=lambda check: check.name)
def test_a_remedy_can_be_pasted(check: Check) -> None:
    """A shell reads it as commands, and what is JSON in them is."""
    words = shlex.split(remedied(check, BAD[check.name]))
    assert "aws" in words
    documents = [json.loads(word) for word in words if word.startswith("{")]
    for nested in ("RedrivePolicy", "RedriveAllowPolicy"):
        assert all(json.loads(document[nested]) for document in documents if nested in document)


def test_the_destination_of_a_remedy_is_that_of_the_qualifier() -> None:
    verdict = asynchronous(qualifier("live"), way(name="live", **UNKEPT), ways("live"), NONE, metrics())
    assert (verdict.evidence["FunctionName"], verdict.evidence["Qualifier"]) == ("checkout", "live")


def test_a_new_alarm_goes_where_the_others_go() -> None:
    other = queue_alarm("orders-dead-letters")
    verdict = watching(each(other), routes(other))
    assert verdict.evidence["TopicArn"] == other.actions[0]
