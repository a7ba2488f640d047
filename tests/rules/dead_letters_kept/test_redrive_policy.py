import json
from typing import Any

import pytest

from readiness.facts.lambda_.function_sources import SourceQueue
from readiness.model import Status
from readiness.rules.dead_letters_kept import queue_source, redrive
from tests.rules.dead_letters import DAY, DEAD, POLLED, TOPIC, polled, redriven, source


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(polled(), Status.PASS, id="as it should be"),
        pytest.param(polled(redrives_to=None), Status.FAIL, id="no redrive policy, whatever the function has"),
        pytest.param(polled(redrives_to=f"{DEAD}.fifo"), Status.FAIL, id="a FIFO behind a standard queue"),
        pytest.param(polled(arn=f"{POLLED}.fifo"), Status.FAIL, id="a standard queue behind a FIFO"),
        pytest.param(polled(arn=f"{POLLED}.fifo", redrives_to=f"{DEAD}.fifo"), Status.PASS, id="both FIFO"),
    ],
)
def test_queue_source(found: SourceQueue, status: Status) -> None:
    assert queue_source(source("sqs", source=POLLED), found).status is status


@pytest.mark.parametrize(
    ("dead", "status"),
    [
        pytest.param({}, Status.PASS, id="fourteen days behind four"),
        pytest.param({"retention_seconds": 4 * DAY + 1}, Status.PASS, id="a second longer"),
        pytest.param({"retention_seconds": 4 * DAY}, Status.FAIL, id="not longer"),
        pytest.param({"redrive_permission": "denyAll"}, Status.FAIL, id="lets nobody in"),
        pytest.param({"redrive_permission": "byQueue", "sources": (POLLED,)}, Status.PASS, id="lets this queue in"),
        pytest.param({"redrive_permission": "byQueue", "sources": (TOPIC,)}, Status.FAIL, id="lets another queue in"),
    ],
)
def test_redrive(dead: dict[str, Any], status: Status) -> None:
    assert redrive(source("sqs", source=POLLED), polled(), redriven(**dead)).status is status


def test_a_source_that_keeps_a_message_as_long_as_aws_allows_has_to_be_shortened() -> None:
    found = polled(retention_seconds=14 * DAY)
    verdict = redrive(source("sqs", source=POLLED), found, redriven(retention_seconds=14 * DAY))
    assert verdict.status is Status.WARN
    assert verdict.message.endswith("14 days is the maximum, so shorten that of the source")
    assert verdict.evidence["QueueUrl"] == found.queue.url
    assert json.loads(verdict.evidence["Attributes"]) == {"MessageRetentionPeriod": "345600"}


def test_fifo_queues_that_both_keep_fourteen_days_are_in_order() -> None:
    """A message of a FIFO is as old as its move."""
    found = polled(arn=f"{POLLED}.fifo", redrives_to=f"{DEAD}.fifo", retention_seconds=14 * DAY)
    behind = redriven(arn=f"{DEAD}.fifo", retention_seconds=14 * DAY)
    assert redrive(source("sqs", source=f"{POLLED}.fifo"), found, behind).status is Status.PASS


def test_a_dead_letter_queue_is_opened_to_that_queue_and_to_no_other() -> None:
    other = f"{POLLED}-other"
    closed = redriven(redrive_permission="byQueue", sources=(other,))
    attributes = json.loads(redrive(source("sqs", source=POLLED), polled(), closed).evidence["Attributes"])
    allowed = json.loads(attributes["RedriveAllowPolicy"])
    assert allowed == {"redrivePermission": "byQueue", "sourceQueueArns": [POLLED, other]}


def test_a_dead_letter_queue_that_keeps_too_little_is_told_to_keep_longer() -> None:
    verdict = redrive(source("sqs", source=POLLED), polled(), redriven(retention_seconds=DAY))
    assert verdict.evidence["QueueUrl"].endswith("/checkout-dead-letters")
    assert json.loads(verdict.evidence["Attributes"]) == {"MessageRetentionPeriod": "1209600"}
