"""The JSON of an alert, for those who parse it."""

import json
from typing import Any

import msgspec
import pytest

from readiness.alerts.alert import Alert
from readiness.model import Incident, Reason, Status
from readiness.state.drift import EventKind
from tests.alerts.composing import composed
from tests.alerts.samples import GOLDEN, NOW, difference, event, known, news, off, pitr


def machine(what: Alert) -> dict[str, Any]:
    """The JSON of the message."""
    document: dict[str, Any] = json.loads(composed(what).bodies["sqs"])
    return document


def test_json_counts_incidents_that_the_memory_had_no_room_for() -> None:
    missed = (Incident("1", "PITR was disabled", "it was enabled again"),)
    over = event(EventKind.RECOVERED, "pitr-enabled/on", difference(known(Status.FAIL), known(Status.PASS)))
    entry = pitr(msgspec.structs.replace(over, missed=missed, more_missed=3), "PITR is enabled")
    (said,) = machine(news(entry))["events"]
    assert (len(said["missed"]), said["more_missed"]) == (1, 3)


def test_json_says_all_that_the_text_says() -> None:
    document = machine(news(off()))
    assert document["schema"] == "readiness.alert/1"
    assert document["console"].endswith("/dynamodbv2/home?region=us-east-1#table?name=babesclub-commerce")
    (told,) = document["events"]
    assert told["kind"] == "REGRESSED"
    assert told["check"] == "pitr-enabled/on"
    assert told["remediation"].startswith("aws dynamodb update-continuous-backups")
    assert told["actor"] == {
        "who": "maria@example.com, signed in with permission set PowerUser",
        "from": "203.0.113.7",
        "with": "AWS CLI 2.31.0",
        "call": "UpdateContinuousBackups",
        "at": "2026-11-24T03:12:02Z",
        "event": "0f2c7a3e-5b1d-4f6a-9c8e-7d1e2f3a4b5c",
    }
    (moved,) = told["differences"]
    assert [moved["status_before"], moved["status_after"]] == ["PASS", "FAIL"]
    assert moved["after"]["since"] == NOW.isoformat()


@pytest.mark.parametrize(("unread", "shown", "more"), [(0, 0, 0), (9, 9, 0), (10, 10, 0), (12, 10, 2)])
def test_json_counts_what_could_not_be_read_and_is_not_shown(unread: int, shown: int, more: int) -> None:
    denied = (Reason.ACCESS_DENIED, "sqs:GetQueueAttributes")
    told = msgspec.structs.replace(off(), unread={f"queue{number:02}": denied for number in range(unread)})
    (said,) = machine(news(told))["events"]
    assert (len(said["unread"]), said["more_unread"]) == (shown, more)


def test_json_says_whose_waiver_ends_and_when() -> None:
    (said,) = machine(GOLDEN["waiver_ends"])["events"]
    assert set(said["waiver"]) == {"by", "reason", "until", "resource"}


EVENT_FIELDS = {
    *("check", "rule", "item", "title", "kind", "severity", "at", "owner", "actor", "message", "question", "why"),
    *("remediation", "note", "incident", "unread", "more_unread", "differences", "more_differences"),
}

FIELDS = {
    *("schema", "id", "at", "kind", "severity", "subject", "table", "table_id", "account", "region", "console"),
    *("dashboard", "runbook", "items", "trouble", "more_events", "events", "notes", "more_notes"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_no_field_that_machines_rely_on_is_missing(name: str) -> None:
    document = machine(GOLDEN[name])
    assert set(document) >= FIELDS
    assert all(set(told) >= EVENT_FIELDS for told in document["events"])
