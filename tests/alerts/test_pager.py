"""The events and notifications of a pager, in the forms that are published, whatever names and texts somebody chose."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.alerts.alert import AlertContext
from readiness.alerts.pager import (
    Incident,
    alarm,
    alarm_subject,
    as_json,
    dedup_key,
    event,
    incidents,
    paged_checks,
    trial,
)
from readiness.checklist import Settings
from readiness.model import Severity, Status
from readiness.rules import ASKED
from readiness.state.drift import CheckState, Known
from readiness.state.overlay import Overlay
from readiness.state.people import Waiver
from readiness.state.store import Remembered
from tests.aws.pager import MOST_BYTES, ROUTING_KEY, VALIDATOR

NOW = datetime(2026, 11, 24, 3, 12, 41, 123456, tzinfo=UTC)
PLACE = AlertContext(
    "babesclub-commerce",
    "T1",
    "123456789012",
    "us-east-1",
    runbook="https://wiki.example.com/runbook",
    dashboard="https://us-east-1.console.aws.amazon.com/cloudwatch/home",
)
ON, KEPT, PROTECTION = "pitr-enabled/on", "pitr-enabled/kept", "pitr-enabled/deletion-protection"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
CHECKS = paged_checks(ASKED)
INCIDENT = Incident(
    key=ON,
    check=ON,
    severity=Severity.CRITICAL,
    item="1.4",
    title="PITR",
    message="PITR is disabled",
    impact="Items that are deleted cannot be restored.",
    since=NOW,
    resources=(TABLE,),
    owner="data-platform@example.com",
)
TOPIC = "arn:aws:sns:us-east-1:123456789012:pager"


def errors(sent: Mapping[str, Any]) -> list[str]:
    """What the published form of the Events API says of an event with its key."""
    return [error.message for error in VALIDATOR.iter_errors({**sent, "routing_key": ROUTING_KEY})]


# What should be open


def told(**statuses: str) -> Overlay:
    """A memory in which these checks were told; the names have no hyphens."""
    names = {"on": ON, "kept": KEPT, "protection": PROTECTION}
    memories = {
        names[name]: CheckState(
            told={TABLE: Known(Status(status.removesuffix("?")), {}, NOW, unrecorded=status.endswith("?"))}
        ).to_item()
        for name, status in statuses.items()
    }
    return Overlay(Remembered(version=3, table_id="T1", checks=memories), Settings(), NOW)


def opened(overlay: Overlay) -> set[str]:
    return set(incidents(overlay, CHECKS, {}))


def test_a_critical_or_high_check_that_was_told_as_failing_is_open() -> None:
    assert opened(told(on="FAIL", protection="WARN")) == {ON}
    assert opened(told(on="PASS")) == set()
    assert {check.severity for check in CHECKS.values()} == {Severity.CRITICAL, Severity.HIGH}


def test_what_nobody_has_recorded_opens_nothing() -> None:
    assert opened(told(on="FAIL?")) == set()


def test_while_the_table_is_being_deleted_nothing_else_is_open() -> None:
    assert opened(told(on="FAIL", kept="FAIL")) == {KEPT}
    assert opened(told(on="FAIL", kept="PASS")) == {ON}


@pytest.mark.parametrize(
    ("resource", "until", "found"),
    [
        pytest.param(None, NOW + timedelta(days=1), set(), id="the check"),
        pytest.param(TABLE, NOW + timedelta(days=1), set(), id="the resource"),
        pytest.param("another", NOW + timedelta(days=1), {ON}, id="another resource"),
        pytest.param(None, NOW, {ON}, id="a waiver that is over"),
    ],
)
def test_what_is_waived_is_not_open(resource: str | None, until: datetime, found: set[str]) -> None:
    overlay = told(on="FAIL")
    word = Waiver(by="li", at=NOW, table_id="T1", check=ON, resource=resource, reason="planned", until=until)
    assert overlay.remembered is not None
    assert opened(Overlay(replace(overlay.remembered, waivers=(word,)), Settings(), NOW)) == found


def test_a_renamed_check_keeps_its_key() -> None:
    renamed = replace(CHECKS[ON], formerly=("pitr-enabled/later", "pitr-enabled/first"))
    rule = replace(CHECKS[ON].rule, checks=[renamed])
    assert set(paged_checks([rule])) == {"pitr-enabled/first"}
    overlay = told(on="FAIL")
    assert set(incidents(overlay, paged_checks([rule]), {})) == {"pitr-enabled/first"}
    assert overlay.remembered is not None
    former = {"pitr-enabled/first": overlay.remembered.checks[ON]}
    before = Overlay(replace(overlay.remembered, checks=former), Settings(), NOW)
    assert set(incidents(before, paged_checks([rule]), {})) == {"pitr-enabled/first"}


def test_an_incident_names_its_message_or_the_check_and_since_when_it_fails() -> None:
    overlay = told(on="FAIL")
    assert incidents(overlay, CHECKS, {(ON, TABLE): "PITR is disabled"})[ON].message == "PITR is disabled"
    unread = incidents(overlay, CHECKS, {})[ON]
    assert unread.message == f"fails: {CHECKS[ON].question}"
    assert unread.since == NOW


# Keys


def test_a_key_is_the_place_of_the_table_and_the_check_whatever_its_id() -> None:
    assert dedup_key(PLACE, ON) == "123456789012/us-east-1/babesclub-commerce/pitr-enabled/on"
    assert dedup_key(replace(PLACE, table_id="T2"), ON) == dedup_key(PLACE, ON)


def test_a_long_key_is_cut_and_stays_unique() -> None:
    long = replace(PLACE, table="t" * 255)
    keys = {dedup_key(long, key) for key in CHECKS}
    assert len(keys) == len(CHECKS)
    assert max(map(len, keys)) <= 255


# Events API v2


def test_every_check_that_pages_has_an_event_in_the_published_form() -> None:
    for key, check in CHECKS.items():
        incident = replace(INCIDENT, key=key, check=check.id, severity=check.severity, impact=check.impact)
        assert errors(event(PLACE, key, incident)) == []
        assert errors(event(PLACE, key, None)) == []
    assert errors(event(PLACE, "test", trial(PLACE, NOW))) == []


def test_an_event_says_what_where_since_when_and_who() -> None:
    sent = event(PLACE, ON, INCIDENT)
    payload = sent["payload"]
    assert (sent["event_action"], sent["client"]) == ("trigger", "Readiness")
    assert payload["summary"] == "babesclub-commerce: PITR is disabled"
    assert (payload["source"], payload["severity"], payload["class"]) == ("babesclub-commerce", "critical", ON)
    assert payload["timestamp"] == "2026-11-24T03:12:41.123456Z"
    assert payload["custom_details"]["owner"] == "data-platform@example.com"
    assert payload["custom_details"]["acknowledge"] == f"readiness ack {ON} --table babesclub-commerce"
    assert [each["text"] for each in sent["links"]] == ["Console", "Dashboard", "Runbook"]
    assert event(PLACE, ON, replace(INCIDENT, severity=Severity.HIGH))["payload"]["severity"] == "error"


def test_a_resolve_needs_the_key_only() -> None:
    assert event(PLACE, ON, None) == {"event_action": "resolve", "dedup_key": dedup_key(PLACE, ON)}


@settings(max_examples=30)
@given(
    text=st.text(max_size=3_000),
    name=st.text(max_size=300),
    many=st.integers(1, 60),
    runbook=st.sampled_from(["", "javascript:alert(1)", "https://wiki\r\nX: y"]),
)
def test_no_name_or_text_breaks_an_event_or_a_notification(text: str, name: str, many: int, runbook: str) -> None:
    place = replace(PLACE, runbook=runbook)
    incident = replace(
        INCIDENT, message=text, impact=text, owner=name, resources=tuple(f"{name}{n}" for n in range(many))
    )
    sent = event(place, ON, incident)
    assert errors(sent) == []
    assert len(as_json(sent).encode()) < min(MOST_BYTES, 64_000), "the limit of an API destination"
    summary = sent["payload"]["summary"]
    assert summary.isprintable()
    assert json.loads(as_json(sent)) == json.loads(json.dumps(sent))
    notified = alarm(place, ON, incident, at=NOW, topic=TOPIC)
    assert len(notified["NewStateReason"]) <= 1_023
    assert len(as_json(notified).encode()) < 25_600, "ten of them fit into one PublishBatch"
    subject = alarm_subject(notified)
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) <= 99


# Notifications of alarms


def opsgenie(alarm: Mapping[str, Any]) -> tuple[str, str]:
    """Opsgenie's alias and action: https://support.atlassian.com/opsgenie/docs/integrate-opsgenie-with-amazon-cloudwatch."""
    actions = {"ALARM": "create", "OK": "close"}
    return alarm["AlarmName"], actions[alarm["NewStateValue"]]


def incident_io(alarm: Mapping[str, Any]) -> tuple[str, str]:
    """An alert source of incident.io is keyed by the ARN of the alarm, and resolved by OK."""
    status = {"ALARM": "firing", "OK": "resolved"}
    return alarm["AlarmArn"], status[alarm["NewStateValue"]]


def alerta(alarm: Mapping[str, Any]) -> tuple[str, str]:
    """Alerta keys an alert by resource and event, and takes `normal` for its end; it reads each of these members."""
    (first, *_) = alarm["Trigger"]["Dimensions"]
    read = (alarm["AWSAccountId"], alarm["Trigger"]["Namespace"], alarm["AlarmDescription"], alarm["Region"])
    assert all(read)
    severities = {"ALARM": "major", "OK": "normal"}
    return f"{first['name']}:{first['value']} {alarm['AlarmName']}", severities[alarm["NewStateValue"]]


@pytest.mark.parametrize("reads", [opsgenie, incident_io, alerta])
def test_an_integration_opens_and_closes_the_same_alert(reads: Any) -> None:
    fails, passes = (alarm(PLACE, ON, each, at=NOW, topic=TOPIC) for each in (INCIDENT, None))
    (opened_key, opens), (closed_key, closes) = reads(fails), reads(passes)
    assert opened_key == closed_key
    assert opens != closes
    others = [alarm(replace(PLACE, region="eu-west-1"), ON, None, at=NOW, topic=TOPIC)]
    others += [alarm(replace(PLACE, account="999999999999"), ON, None, at=NOW, topic=TOPIC)]
    others += [alarm(PLACE, PROTECTION, None, at=NOW, topic=TOPIC)]
    assert opened_key not in {reads(each)[0] for each in others}


def test_a_notification_has_the_members_and_the_time_of_cloudwatchs_own() -> None:
    notified = alarm(PLACE, ON, INCIDENT, at=NOW, topic=TOPIC)
    assert notified["StateChangeTime"] == "2026-11-24T03:12:41.123+0000"
    assert datetime.strptime(notified["StateChangeTime"], "%Y-%m-%dT%H:%M:%S.%f%z").tzinfo is not None
    assert (notified["OldStateValue"], notified["NewStateValue"]) == ("OK", "ALARM")
    assert notified["NewStateReason"] == "babesclub-commerce: PITR is disabled"
    assert notified["AlarmArn"].startswith("arn:aws:cloudwatch:us-east-1:123456789012:alarm:")
    assert notified["Trigger"]["Dimensions"][1] == {"name": "check", "value": ON}
    assert alarm_subject(notified).startswith('ALARM: "123456789012/us-east-1/')
