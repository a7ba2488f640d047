"""Events are sent in few calls, what is refused once more, and a pager that does not answer is not waited for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from readiness.alerts.pager_client import BusPager, TopicPager
from readiness.aws.client import Aws
from tests.alerts.test_pager import INCIDENT, NOW, PLACE, TOPIC
from tests.aws.account import REGION

BUS = "arn:aws:events:us-east-1:123456789012:event-bus/pager"
KEYS = [f"rule/check-{number:02}" for number in range(23)]
EVENTS = dict.fromkeys(KEYS, INCIDENT)


@dataclass
class Client:
    """EventBridge and SNS, which accept what `accepts` says."""

    accepts: Callable[[str], bool] = lambda _key: True
    calls: list[list[str]] = field(default_factory=list)

    def put_events(self, **asked: Any) -> Any:
        keys = [json.loads(each["Detail"])["dedup_key"].split("/", 3)[3] for each in asked["Entries"]]
        self.calls.append(keys)
        answers: list[Mapping[str, str]] = [
            {"EventId": "1"} if self.accepts(key) else {"ErrorCode": "InternalFailure"} for key in keys
        ]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in answers), "Entries": answers}

    def publish_batch(self, **asked: Any) -> Any:
        names = [(each["Id"], json.loads(each["Message"])["AlarmName"]) for each in asked["PublishBatchRequestEntries"]]
        keys = [(number, name.split("/", 3)[3]) for number, name in names]
        self.calls.append([key for _, key in keys])
        taken = [{"Id": number, "MessageId": "1"} for number, key in keys if self.accepts(key)]
        return {"Successful": taken} if taken else {"Failed": [{"Id": number} for number, _ in keys]}


def pagers(client: Any) -> list[BusPager | TopicPager]:
    """Both, with a client that waits for 2 seconds."""
    aws = Aws("123456789012", REGION, caller=Calling(client))  # type: ignore[arg-type]  # as much as is called
    return [BusPager(aws, BUS, PLACE), TopicPager(aws, TOPIC, PLACE, lambda: NOW)]


@dataclass
class Calling:
    """The clients of a run."""

    client: Any

    def impatient(self, service: str, region: str, seconds: float) -> Any:
        assert (region, seconds) == (REGION, 2.0)
        assert service in {"events", "sns"}
        return self.client


@pytest.mark.parametrize("which", [0, 1])
def test_ten_events_are_sent_at_once(which: int) -> None:
    client = Client()
    assert pagers(client)[which].send(EVENTS) == {*KEYS}
    assert [len(each) for each in client.calls] == [10, 10, 3]


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_refused_is_tried_once_more_and_not_accepted(which: int) -> None:
    client = Client(lambda key: key != KEYS[12])
    assert pagers(client)[which].send(EVENTS) == {*KEYS} - {KEYS[12]}
    assert client.calls[3:] == [[KEYS[12]]]


@pytest.mark.parametrize("which", [0, 1])
def test_a_pager_that_does_not_answer_is_called_twice_at_most(which: int) -> None:
    def stops(key: str) -> bool:
        if key == KEYS[10]:
            raise ReadTimeoutError(endpoint_url="https://events.us-east-1.amazonaws.com")
        return True

    client = Client(stops)
    assert pagers(client)[which].send(EVENTS) == {*KEYS[:10]}
    assert len(client.calls) == 3


def test_an_answer_without_entries_accepts_nothing() -> None:
    client = Client()
    client.put_events = lambda **_asked: {}  # type: ignore[method-assign]  # an answer may lack members
    assert pagers(client)[0].send(EVENTS) == frozenset()
