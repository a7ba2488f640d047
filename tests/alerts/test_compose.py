"""The bodies and attributes of a message, for those who route and filter it, and its limits."""

import json
import re

import msgspec
import pytest
from msgspec.structs import replace

from readiness.alerts import compose as alert
from readiness.alerts.alert import Alert, Trouble, TroubleKind
from readiness.model import Message, Status
from readiness.state.drift import EventKind
from readiness.state.people import Pause
from tests.alerts.composing import composed, low
from tests.alerts.samples import (
    FUNCTION,
    GOLDEN,
    PLACE,
    RULES,
    difference,
    environment,
    event,
    first,
    known,
    news,
    off,
    paused,
    recovered,
    ttl_moved,
)

SNS_BYTES = 262_144


def test_no_news_is_no_message() -> None:
    assert alert.compose(news()) is None


def test_what_is_silent_is_not_told() -> None:
    told = off()
    silent = msgspec.structs.replace(told, event=msgspec.structs.replace(told.event, silent=True))
    assert alert.compose(news(silent)) is None


def test_message_is_named_after_the_first_kind_and_bears_the_worst_severity_of_what_is_bad() -> None:
    message = composed(news(recovered(), low(EventKind.STILL), low(EventKind.REGRESSED)))
    assert message.subject == "[LOW] babesclub-commerce: time to live is off, and 2 more"
    assert message.attributes["kind"] == "REGRESSED"
    assert message.attributes["severity"] == "CRITICAL", "who heard of the critical failure hears that it is over"


def test_the_id_is_that_of_the_version_that_tells_it() -> None:
    assert composed(news(off())).id == f"{PLACE.table_id}/8"


def test_machines_get_json_and_phones_a_line() -> None:
    message = composed(news(off()))
    assert set(message.bodies) == {"default", "sms", "http", "https", "lambda", "sqs"}
    assert len(message.bodies["sms"]) <= 140
    assert {message.bodies[name] for name in ("http", "https", "lambda")} == {message.bodies["sqs"]}


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(first(), id="the first run"),
        pytest.param(news(trouble=Trouble(TroubleKind.DELETED)), id="the table deleted"),
    ],
)
def test_what_concerns_the_whole_table_passes_a_filter_on_any_rule(what: Alert) -> None:
    assert composed(what).attributes["rules"] == RULES


def test_rules_are_those_that_speak() -> None:
    assert composed(news(off(), ttl_moved())).attributes["rules"] == ("pitr-enabled", "ttl-enabled")


def crowd(size: int, found: str) -> Alert:
    """As many checks as that, each with as many resources and long words."""
    resources = [f"{FUNCTION}{number:04}" for number in range(size)]
    moved = [difference(None, known(Status.FAIL, values=[found] * 5), resource) for resource in resources]
    one = environment(event(EventKind.REGRESSED, "env-vars-set/variable", *moved), dict.fromkeys(resources, found))
    return news(*(msgspec.structs.replace(one, why=found, remedy="aws " + "x" * 9000) for _ in range(size)))


@pytest.mark.parametrize("found", ["the finding goes on and on " * 100, "\N{PILE OF POO}" * 3000, 'quoted "' * 500])
def test_a_flood_stays_below_the_limit_and_says_how_much_is_left_out(found: str) -> None:
    message = composed(crowd(60, found))
    assert len(json.dumps(dict(message.bodies), ensure_ascii=False).encode()) < SNS_BYTES
    assert re.search(r"\.\.\. and \d+ more: readiness check", message.bodies["default"])
    document = json.loads(message.bodies["sqs"])
    assert document["more_events"] + len(document["events"]) == 60


def test_the_safe_message_takes_nothing_from_the_refused_one_but_its_id() -> None:
    refused = Message("an-id/7", "bad\nsubject", {"default": "secret"}, {"table": "\x00"})
    safe = alert.safe_message(refused)
    assert safe.id == refused.id
    assert "secret" not in str(safe)
    assert "\x00" not in str(safe.attributes)
    assert safe.subject.isprintable()


def test_many_long_notes_leave_room_for_the_change_and_are_counted() -> None:
    said = paused()
    assert isinstance(said.word, Pause)
    long = replace(said, word=replace(said.word, reason="x " * 5_000))
    message = alert.compose(replace(GOLDEN["pitr_off"], notes=(long,) * 150))
    assert message is not None
    body = message.bodies["default"]
    assert "aws dynamodb update-continuous-backups" in body
    shown = body.count("NOTE: ")
    assert f"... and {150 - shown} more notes: PAUSE, PAUSE" in body
    document = json.loads(message.bodies["sqs"])
    assert len(document["notes"]) + document["more_notes"] == 150
    assert document["events"]
