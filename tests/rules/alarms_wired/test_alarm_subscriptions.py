import json

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Gone, Status, Unavailable, Unreadable, Verdict
from readiness.rules.alarms_wired import confirmed, redriven
from tests.rules.alarms import TOPIC
from tests.rules.alarms_wired.builders import DENIED
from tests.rules.functions import THE_TABLE
from tests.rules.table_alarms import ALL, indexed

OPEN = TopicAttributes((), pending=0, key=None, relay=())


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        pytest.param(OPEN, Status.PASS, id="all have"),
        pytest.param(replace(OPEN, pending=2), Status.WARN, id="two have not"),
        pytest.param(Gone("it"), Status.PASS, id="a topic that is gone, which the route says"),
    ],
)
def test_who_has_not_confirmed(attributes: TopicAttributes | Gone, status: Status) -> None:
    [verdict] = confirmed(THE_TABLE, indexed(*ALL), Each({TOPIC: attributes, "other": replace(OPEN, pending=1)}))
    assert verdict.status is status


def test_a_topic_that_is_denied_is_unknown() -> None:
    with pytest.raises(Unreadable) as unread:
        list(confirmed(THE_TABLE, indexed(*ALL), Each({TOPIC: DENIED})))
    assert unread.value.elements == {TOPIC: DENIED}


def delivers(protocol: str, filtering: Filtering | Unavailable, topic: str = TOPIC) -> list[Verdict]:
    arn = f"{topic}:1"
    known = Each({arn: Subscription(arn, protocol, None)})
    return list(redriven(THE_TABLE, indexed(*ALL), known, Each({arn: filtering})))


@pytest.mark.parametrize(
    ("protocol", "topic", "kept", "status"),
    [
        pytest.param("https", TOPIC, False, Status.WARN, id="a web hook without a queue"),
        pytest.param("https", TOPIC, True, Status.PASS, id="a web hook with one"),
        pytest.param("email", TOPIC, False, Status.PASS, id="mail"),
        pytest.param("https", f"{TOPIC}-other", False, Status.PASS, id="a topic of other alarms"),
    ],
)
def test_what_can_not_be_delivered(protocol: str, topic: str, *, kept: bool, status: Status) -> None:
    [verdict] = delivers(protocol, Filtering(f"{topic}:1", redriven=kept), topic)
    assert verdict.status is status


def test_a_subscription_that_is_denied_is_unknown() -> None:
    with pytest.raises(Unreadable):
        delivers("https", DENIED)


def test_the_queue_of_the_remedy_is_named_after_the_topic_and_accepts_its_messages_alone() -> None:
    [verdict] = delivers("https", Filtering(f"{TOPIC}:1", redriven=False))
    assert verdict.remedy
    values = verdict.remedy.values
    [statement] = json.loads(json.loads(values["QueueAttributes"])["Policy"])["Statement"]
    queue = "arn:aws:sqs:us-east-1:123456789012:on-call-undelivered"
    assert statement["Resource"] == queue
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": TOPIC}}
    assert json.loads(values["RedrivePolicy"]) == {"deadLetterTargetArn": queue}
