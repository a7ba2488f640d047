"""The order of calls within one run, where the model's bounds do not reach."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from readiness.alerts.compose import safe_message
from readiness.alerts.deliver import DeliveryResult, deliver
from readiness.alerts.merge import merged
from readiness.alerts.topic import Refused
from readiness.model import Message
from readiness.run import Outcome, TableRun
from readiness.state.store import WriteConflict
from readiness.state.table_id import UNKNOWN

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=90)


def message(number: int, **attributes: str | tuple[str, ...]) -> Message:
    document = json.dumps({"number": number})
    return Message(f"T/{number}", f"subject {number}", {"default": f"text {number}", "https": document}, attributes)


@dataclass
class Entry:
    message: Message
    table_id: str = "T"


@dataclass
class Outbox:
    entries: list[Entry]
    leased: bool = False
    claims: int = 0
    remembered: str = "T"
    released: list[Entry] = field(default_factory=list)

    def head(self) -> Entry | None:
        return self.entries[0] if self.entries else None

    def claim(self, _entry: Entry, _until: datetime, _now: datetime) -> bool:
        self.claims += 1
        return not self.leased

    def release(self, entry: Entry) -> None:
        self.released.append(entry)

    def discard(self, entry: Entry, table_id: str) -> bool:
        if self.remembered != table_id:
            return False
        self.entries.remove(entry)
        return True

    def delete(self, entry: Entry) -> None:
        self.entries.remove(entry)

    def pending(self) -> int:
        return len(self.entries)


@dataclass
class Topic:
    refuses: dict[str, bool] = field(default_factory=dict)
    answers: bool = True
    subscribed: bool = True
    asked: int = 0
    taken: list[Message] = field(default_factory=list)

    def publish(self, message: Message) -> None:
        if message.subject in self.refuses:
            raise Refused(message.subject, invalid=self.refuses[message.subject], answered=self.answers)
        self.taken.append(message)

    def has_subscribers(self) -> bool:
        self.asked += 1
        return self.subscribed


def delivery(outbox: Outbox, topic: Topic, table_id: str = "T") -> DeliveryResult:
    return deliver(outbox, topic, table_id, until=UNTIL, clock=lambda: NOW)


def delivered(outbox: Outbox, topic: Topic, table_id: str = "T") -> int:
    return delivery(outbox, topic, table_id).pending


def test_all_that_waits_is_sent_in_order() -> None:
    topic = Topic()

    assert delivered(Outbox([Entry(message(1)), Entry(message(2))]), topic) == 0
    assert [each.id for each in topic.taken] == ["T/1", "T/2"]
    assert topic.asked == 1, "who listens to one listens to the next"


@pytest.mark.parametrize("heard", [True, False])
def test_a_message_that_a_restore_brought_back_is_not_sent(*, heard: bool) -> None:
    outbox, topic = Outbox([Entry(message(1), "former"), Entry(message(2))]), Topic(subscribed=heard)

    assert delivered(outbox, topic) == (0 if heard else 1)
    assert [each.id for each in topic.taken] == (["T/2"] if heard else [])
    assert [each.table_id for each in outbox.entries] == ([] if heard else ["T"])


def test_a_message_of_another_table_stays_and_is_free_while_the_memory_is_not_of_this_one() -> None:
    outbox, topic = Outbox([Entry(message(1), "former"), Entry(message(2))], remembered="former"), Topic()

    assert delivered(outbox, topic) == 2
    assert topic.taken == []
    assert [each.table_id for each in outbox.released] == ["former"]


def test_a_message_of_another_table_that_a_living_run_holds_is_not_discarded() -> None:
    outbox = Outbox([Entry(message(1), "former")], leased=True)

    assert delivered(outbox, Topic()) == 1
    assert len(outbox.entries) == 1


@pytest.mark.parametrize(
    ("about", "ours"),
    [
        pytest.param(UNKNOWN, "T", id="the message does not say which table it is of"),
        pytest.param("T", UNKNOWN, id="the run does not know which table this is"),
        pytest.param(UNKNOWN, UNKNOWN, id="nobody knows"),
    ],
)
def test_an_unknown_table_is_not_another(about: str, ours: str) -> None:
    outbox, topic = Outbox([Entry(message(1), about)], remembered="someone else's"), Topic()

    assert delivered(outbox, topic, ours) == 0
    assert [each.id for each in topic.taken] == ["T/1"]


def test_while_nobody_listens_nothing_is_claimed() -> None:
    outbox, topic = Outbox([Entry(message(1))]), Topic(subscribed=False)

    assert delivered(outbox, topic) == 1
    assert outbox.claims == 0
    assert topic.taken == []


def test_a_head_that_a_living_run_holds_stops_delivery() -> None:
    topic = Topic()

    assert delivered(Outbox([Entry(message(1)), Entry(message(2))], leased=True), topic) == 2
    assert topic.taken == []


def test_an_invalid_message_is_replaced_and_does_not_block_the_next() -> None:
    topic = Topic({"subject 1": True})

    assert delivered(Outbox([Entry(message(1)), Entry(message(2))]), topic) == 0
    assert [(each.id, each.subject == "subject 1") for each in topic.taken] == [("T/1", False), ("T/2", False)]


def test_any_other_refusal_stops_delivery_and_loses_nothing() -> None:
    outbox, topic = Outbox([Entry(message(1)), Entry(message(2))]), Topic({"subject 1": False})

    assert delivered(outbox, topic) == 2
    assert topic.taken == []
    assert [each.message.id for each in outbox.released] == ["T/1"]


def test_a_message_whose_answer_got_lost_keeps_its_lease() -> None:
    outbox, topic = Outbox([Entry(message(1))]), Topic({"subject 1": False}, answers=False)

    assert delivered(outbox, topic) == 1
    assert outbox.released == []


def test_a_safe_message_that_is_refused_too_stops_delivery_and_loses_nothing() -> None:
    subject = safe_message(message(1)).subject
    outbox, topic = Outbox([Entry(message(1))]), Topic({"subject 1": True, subject: False})

    assert delivered(outbox, topic) == 1
    assert [each.message.id for each in outbox.released] == ["T/1"]


@dataclass
class Ledger:
    """As much of a `TableRun` as `commit` needs, and its store: the state is a number, the scan and the plan texts."""

    losses: int
    version: int = 1
    late: bool = False
    committed: list[str] = field(default_factory=list)
    tidied: int = 0

    @property
    def change(self) -> str:
        return ""

    def commit(self, before: int, _change: str, /) -> None:
        if self.losses:
            self.losses -= 1
            raise WriteConflict
        self.committed.append(self.planned[before])

    def in_time(self) -> bool:
        return not self.late

    def rescan(self) -> tuple[int, str]:
        self.version += 1
        return self.version, f"scanned after {self.version}"

    def plan(self, state: int, scan: str) -> "Ledger":
        self.planned = {state: f"{scan} over {state}"}
        return self

    def tidy(self, *_committed: object) -> None:
        self.tidied += 1

    def __post_init__(self) -> None:
        self.run = self.store = self


def ended(ledger: Ledger) -> Outcome:
    return TableRun.commit(cast("Any", ledger), cast("Any", ledger.version), cast("Any", "scanned with other tables"))


def test_a_scan_shared_with_other_tables_is_committed() -> None:
    ledger = Ledger(losses=0)

    assert ended(ledger).committed
    assert ledger.committed == ["scanned with other tables over 1"]
    assert ledger.tidied == 1


def test_a_run_that_lost_reads_and_scans_again() -> None:
    ledger = Ledger(losses=2)
    outcome: Any = ended(ledger)

    assert (outcome.state, outcome.scan, outcome.committed) == (3, "scanned after 3", True)
    assert ledger.committed == ["scanned after 3 over 3"]


def test_after_three_rescans_a_run_gives_way() -> None:
    ledger = Ledger(losses=9)

    assert not ended(ledger).committed
    assert (ledger.version, ledger.tidied) == (4, 0)


def test_a_run_out_of_time_does_not_scan_again() -> None:
    ledger = Ledger(losses=1, late=True)

    assert not ended(ledger).committed
    assert ledger.version == 1


def test_two_messages_become_one_under_the_first_ones_name() -> None:
    first, later = message(1, severity="LOW", rules=("a",)), message(2, severity="CRITICAL", rules=("a", "b"))
    one = merged(merged(first, later), message(3))

    assert (one.id, one.subject) == ("T/1", "subject 1")
    assert one.bodies["default"] == "text 1\n\ntext 2\n\ntext 3"
    assert json.loads(one.bodies["https"]) == {"merged": [{"number": 1}, {"number": 2}, {"number": 3}]}
    assert one.attributes == {"severity": "CRITICAL", "rules": ("a", "b")}


@pytest.mark.parametrize(
    ("severities", "kind"), [(("LOW", "CRITICAL"), "B"), (("HIGH", "LOW"), "A"), (("LOW", "LOW"), "A")]
)
def test_a_filter_on_the_kind_sees_that_of_the_worse_message(severities: tuple[str, str], kind: str) -> None:
    first, later = (
        Message(f"T/{name}", name, {"default": name}, {"severity": severity, "kind": name})
        for name, severity in zip("AB", severities, strict=True)
    )
    assert merged(first, later).attributes["kind"] == kind


def test_noise_does_not_drive_a_severe_message_out_of_the_merged_one_and_what_is_left_out_is_counted() -> None:
    def told(number: int, severity: str) -> Message:
        document = json.dumps({"number": number, "severity": severity, "text": "x" * 20_000})
        bodies = {"default": f"text {number} {'x' * 20_000}", "https": document, "sms": ""}
        return Message(f"T/{number}", "", bodies, {"severity": severity})

    one = told(1, "LOW")
    for number in range(2, 10):
        one = merged(one, told(number, "LOW"))
    one = merged(merged(one, told(10, "CRITICAL")), told(11, "LOW"))

    document = json.loads(one.bodies["https"])
    assert [each["number"] for each in document["merged"]] == [1, 2, 3, 10]
    assert document["more_messages"] == 7
    text = one.bodies["default"]
    assert text.startswith("text 10 ")
    assert text.endswith("see what fails now.\n")
    assert text.count("did not fit") == 1


def test_merged_messages_never_outgrow_what_sns_takes() -> None:
    one = message(1)
    for number in range(2, 40):
        large = json.dumps({"number": number, "text": "é" * 20_000})
        one = merged(one, Message(f"T/{number}", "", {"default": "é" * 20_000, "https": large}, {}))

    assert len(json.dumps(dict(one.bodies))) <= 262_144
    assert one.bodies["default"].startswith("text 1")
    assert json.loads(one.bodies["https"])["merged"][0] == {"number": 1}
