"""Changes on an event bus: which events there are, what EventBridge is asked, and what it may do."""

import json
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from msgspec.structs import replace

from readiness.alerts import bus
from readiness.alerts.alert import TroubleKind
from readiness.alerts.bus import MOST_BYTES, SCHEMA, BusEvent, EventBus, batches, events_of
from readiness.alerts.merge import merged
from readiness.aws.client import Aws
from readiness.model import Message, Severity, Status
from readiness.state.drift import EventKind
from tests.alerts.composing import composed
from tests.alerts.samples import GOLDEN, NOW, news, off, ttl_moved, variables_lost
from tests.alerts.test_compose import crowd
from tests.aws.account import Account
from tests.model.cloud import THROTTLED, Refusal

Json = dict[str, Any]

DOCS = Path(__file__).parents[2] / "docs"
PUBLISHED: Json = json.loads((DOCS / "finding-changed.schema.json").read_text(encoding="utf-8"))
ARN = "arn:aws:events:us-east-1:123456789012:event-bus/findings"
AT = NOW.isoformat()


def details(message: Message) -> list[Json]:
    return [json.loads(each.detail) for each in events_of(message)]


def closed(schema: Any) -> Any:
    """The schema without room for fields that it does not describe."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema else {}
    return {name: closed(each) for name, each in schema.items()} | more


STRICT = jsonschema.Draft202012Validator(closed(PUBLISHED))


@pytest.mark.parametrize("name", GOLDEN)
def test_each_change_of_a_message_is_one_event_of_the_published_schema(name: str) -> None:
    message = composed(GOLDEN[name])
    document = json.loads(message.bodies["sqs"])
    found = details(message)
    assert [each["change"] for each in found] == document["events"]
    assert [each["id"] for each in found] == [f"{message.id}/{number}" for number in range(len(found))]
    for each in found:
        STRICT.validate(each)
        assert (each["message"]["id"], each["table"], each["trouble"]) == (
            *(message.id, document["table"], document["trouble"]),
        )


def test_the_schema_knows_all_words() -> None:
    named = PUBLISHED["$defs"]
    found = [named[name]["enum"] for name in ("kind", "severity", "status")]
    assert found == [[*EventKind], [*Severity], [*Status]]
    assert named["trouble"]["properties"]["what"]["enum"] == [*TroubleKind]
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


def test_changes_that_the_json_has_no_room_for_are_events_too() -> None:
    message = composed(crowd(60, "the finding"))
    shown = len(json.loads(message.bodies["sqs"])["events"])
    found = details(message)
    assert 0 < shown < len(found)
    assert [each["id"] for each in found] == [f"{message.id}/{number}" for number in range(len(found))]
    assert sum(map(len, message.further)) <= 60_000
    for each in found:
        STRICT.validate(each)


def test_of_merged_messages_each_change_keeps_its_id() -> None:
    first, later = composed(news(off(), ttl_moved())), composed(replace(crowd(30, "the finding"), version=9))
    alone = [each["id"] for each in (*details(first), *details(later))]
    assert [each["id"] for each in details(merged(first, later))] == alone
    assert len({*alone}) == len(alone)


@pytest.mark.parametrize("name", ["paused", "table_deleted", "retired"])
def test_a_message_without_a_change_is_no_event(name: str) -> None:
    assert details(composed(GOLDEN[name])) == []


def test_strings_that_no_utf_8_can_have_are_replaced() -> None:
    hostile = replace(off(), owner="\ud800 \x00 \N{PILE OF POO} ﷽")
    (found,) = events_of(composed(news(hostile)))
    assert json.loads(found.detail)["change"]["owner"] == "\ufffd \x00 \N{PILE OF POO} ﷽"
    assert found.size > len(found.detail)


UNREADABLE: Mapping[str, Json] = {
    "no JSON": {"sqs": "x"},
    "no object": {"sqs": "[]", "more": ["1"]},
    "deep": {"sqs": "[" * 100_000},
    "a time that is none": {"sqs": json.dumps({"id": "T/1", "at": "soon", "events": [{}]})},
    "changes that are none": {"sqs": json.dumps({"id": "T/1", "at": AT, "events": [1]})},
    "a number that is not finite": {"sqs": json.dumps({"id": "T/1", "at": AT, "events": [{"x": float("nan")}]})},
    "merged with something else": {"sqs": json.dumps({"merged": 1})},
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_message_that_cannot_be_read_is_logged_and_counted(name: str, caplog: pytest.LogCaptureFixture) -> None:
    content = UNREADABLE[name]
    message = Message("T/1", "s", {"default": "x", "sqs": content["sqs"]}, {}, tuple(content.get("more", ())))
    assert EventBus(Aws("1", "us-east-1"), ARN).put(message) == 1
    assert [vars(each)["alert"] for each in caplog.records] == ["T/1"]


def test_a_call_has_ten_events_at_most_and_no_more_bytes_than_eventbridge_takes() -> None:
    def event(number: int, size: int) -> BusEvent:
        return BusEvent(str(number), NOW, "\N{PILE OF POO}" * (size // 4))

    assert [len(each) for each in batches([event(number, 100) for number in range(23)])] == [10, 10, 3]
    large = [event(number, 100_000) for number in range(5)]
    assert [len(each) for each in batches(large)] == [2, 2, 1]
    assert [len(each) for each in batches([event(1, 10), event(2, 2 * MOST_BYTES), event(3, 10)])] == [1, 1, 1]
    assert [*batches([])] == []


class Bridge:
    """EventBridge: what it is asked, and its answers, the last of them for good."""

    def __init__(self, *answers: Callable[[list[Json]], Any]) -> None:
        self.answers = list(answers)
        self.asked: list[list[Json]] = []
        self.made: list[tuple[str, str, float]] = []
        self.now = 0.0

    def impatient(self, service: str, region: str, seconds: float) -> "Bridge":
        self.made.append((service, region, seconds))
        return self

    def put_events(self, *, Entries: list[Json]) -> Any:  # noqa: N803  as botocore has it
        self.asked.append(Entries)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(Entries)

    def hangs(self, _entries: list[Json]) -> Any:
        self.now += 2
        raise ReadTimeoutError(endpoint_url="https://events.us-east-1.amazonaws.com")

    def put(self, message: Message) -> int:
        return self.bus().put(message)

    def bus(self) -> EventBus:
        aws = Aws("123456789012", "us-east-1", caller=self)  # type: ignore[arg-type]  # as much as is called
        return EventBus(aws, ARN, clock=lambda: self.now)

    @property
    def ids(self) -> list[list[str]]:
        """The numbers of the events of each call."""
        return [[json.loads(each["Detail"])["id"].rpartition("/")[2] for each in call] for call in self.asked]


def takes(entries: list[Json]) -> Any:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(number)} for number, _ in enumerate(entries)]}


def refuses(*numbers: int) -> Callable[[list[Json]], Any]:
    """It refuses some of the events, in words that may hold anything."""
    error = {"ErrorCode": "InternalFailure", "ErrorMessage": "hunter2"}
    return lambda entries: {
        "Entries": [error if number in numbers else {"EventId": "1"} for number, _ in enumerate(entries)]
    }


def throttles(_entries: list[Json]) -> Any:
    raise Refusal(THROTTLED, "PutEvents")


THREE = composed(GOLDEN["three_changes"])


def test_all_events_of_a_message_are_one_call_to_the_bus_in_its_region() -> None:
    bridge = Bridge(takes)
    assert bridge.put(THREE) == 0
    assert (bridge.ids, bridge.made) == ([["0", "1", "2"]], [("events", "us-east-1", 2.0)])
    (entries,) = bridge.asked
    assert {(each["EventBusName"], each["Source"], each["DetailType"], each["Time"]) for each in entries} == {
        (ARN, "readiness", "Readiness Finding Changed", NOW)
    }


def test_what_is_refused_in_part_is_put_once_more_and_then_counted(caplog: pytest.LogCaptureFixture) -> None:
    bridge = Bridge(refuses(0, 2), refuses(1))
    assert bridge.put(THREE) == 1
    assert bridge.ids == [["0", "1", "2"], ["0", "2"]]
    assert "hunter2" not in str([vars(each) for each in caplog.records])
    assert vars(caplog.records[-1])["events"] == 1


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(throttles, id="refused wholly"),
        pytest.param(lambda _entries: {"Entries": []}, id="an answer without the events"),
        pytest.param(lambda _entries: {}, id="an empty answer"),
        pytest.param(lambda _entries: 1 / 0, id="a defect"),
    ],
)
def test_a_call_that_fails_is_made_once_more(first: Callable[[list[Json]], Any]) -> None:
    bridge = Bridge(first, takes)
    assert bridge.put(THREE) == 0
    assert bridge.ids == [["0", "1", "2"]] * 2
    bridge = Bridge(first)
    assert (bridge.put(THREE), len(bridge.asked)) == (3, 2)


def test_a_bus_that_does_not_answer_is_called_twice_in_a_run(caplog: pytest.LogCaptureFixture) -> None:
    bridge = Bridge(takes)
    bridge.answers = [bridge.hangs]
    called = bridge.bus()
    many = composed(news(off(), ttl_moved(), variables_lost(), *[off()] * 9))
    assert [called.put(many), called.put(THREE)] == [12, 3]
    assert (len(bridge.asked), bridge.now) == (2, 4.0)
    assert vars(caplog.records[0])["error"] == "ReadTimeoutError"


def test_a_real_client_does_not_wait_for_a_bus_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        assert EventBus(Account().aws, ARN).put(THREE) == 3
        assert time.monotonic() - begun < 8
        silent.settimeout(1)
        connections = [silent.accept()[0] for _ in range(2)]
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):
            silent.accept()
    for each in connections:
        each.close()


def test_a_real_client_puts_events_that_a_rule_of_the_page_routes_by_owner() -> None:
    page = (DOCS / "alerts.md").read_text(encoding="utf-8")
    pattern = page.partition("<!-- rule -->\n```json\n")[2].partition("```")[0]
    with mock_aws():
        account = Account()
        events, sqs = account.client("events"), account.client("sqs")
        events.create_event_bus(Name="findings")
        queue = sqs.create_queue(QueueName="data-platform")["QueueUrl"]
        target = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="mine", EventBusName="findings", EventPattern=pattern)
        events.put_targets(Rule="mine", EventBusName="findings", Targets=[{"Id": "queue", "Arn": target}])
        assert EventBus(account.aws, ARN).put(THREE) == 0
        arrived = [json.loads(each["Body"]) for each in sqs.receive_message(QueueUrl=queue)["Messages"]]
    assert [each["detail"]["change"]["check"] for each in arrived] == ["pitr-enabled/on"]
    STRICT.validate(arrived[0]["detail"])
