"""The text of an alert, where no approved message shows it. Whole texts are in `golden/`."""

import msgspec
import pytest

from readiness.alerts.alert import AlertEntry
from readiness.alerts.words import dashboard
from readiness.model import Reason, Status
from readiness.state.drift import EventKind
from tests.alerts.composing import composed, switched
from tests.alerts.samples import (
    FUNCTION,
    PLACE,
    blind,
    difference,
    environment,
    event,
    known,
    news,
    off,
    partly_blind,
    pitr,
    recovered,
)


def test_a_new_check_that_nothing_fails_is_named_in_the_text() -> None:
    new = pitr(event(EventKind.REJUDGED, "pitr-enabled/on"), "")
    assert f"1.4 PITR: {new.question}" in " ".join(composed(news(new)).bodies["default"].split())


def test_only_a_permission_that_was_denied_is_to_be_allowed() -> None:
    reasons = {"cart": (Reason.ACCESS_DENIED, "lambda:ListAliases"), "shop": (Reason.THROTTLED, "sqs:GetQueueUrl")}
    body = composed(news(msgspec.structs.replace(partly_blind(), unread=reasons))).bodies["default"]
    assert "allow lambda:ListAliases in the policy" in body
    assert "allow sqs:GetQueueUrl" not in body


def test_a_check_without_an_impact_says_why_its_rule_matters() -> None:
    told = switched()
    assert f"Impact   {told.impact}" in composed(news(told)).bodies["default"]
    without = msgspec.structs.replace(told, impact="")
    assert f"Impact   {told.why[:40]}" in composed(news(without)).bodies["default"]
    assert "Impact" not in composed(news(msgspec.structs.replace(without, why=""))).bodies["default"]


def test_a_watched_value_that_is_absent_is_no_null() -> None:
    before = known(Status.PASS, functions={"cart": None}, owner="ada", ttl=None)
    moved = difference(before, known(Status.FAIL, functions={"cart": [None]}, ttl="expiresAt"))
    body = composed(news(pitr(event(EventKind.REGRESSED, "pitr-enabled/on", moved), "it is off"))).bodies["default"]
    assert 'Was      functions {"cart": "none"}, owner ada, ttl none' in body
    assert "null" not in body


def test_hours_are_told_in_the_zone_of_on_call_too() -> None:
    body = composed(news(off())).bodies["default"]
    assert body.splitlines()[1].endswith(" at 22:12:02 New York, 03:12:02 UTC")
    assert "\nDetected 2026-11-23 22:12:41 America/New_York (03:12:41 UTC), 39 s after the call\n" in body


@pytest.mark.parametrize("zone", ["UTC", "Mars/Olympus", "../etc"])
def test_a_zone_that_says_nothing_more_is_left_out(zone: str) -> None:
    what = msgspec.structs.replace(news(off()), place=msgspec.structs.replace(PLACE, time_zone=zone))
    body = composed(what).bodies["default"]
    assert body.splitlines()[1].endswith(" at 03:12:02 UTC")
    assert "\nDetected 2026-11-24 03:12:41 UTC, 39 s after the call\n" in body


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_partition(partition: str, host: str) -> None:
    what = msgspec.structs.replace(news(off()), place=msgspec.structs.replace(PLACE, partition=partition))
    assert f"https://us-east-1.{host}/dynamodbv2/" in composed(what).bodies["default"]
    assert dashboard(partition, "us-east-1", "readiness").startswith(f"https://us-east-1.{host}/cloudwatch/")


def test_without_a_dashboard_there_is_no_link_to_one() -> None:
    assert dashboard("aws", "us-east-1", "") == ""


@pytest.mark.parametrize("said", [recovered(), blind()], ids=["what is mended", "what can't be seen"])
def test_no_command_is_offered_for(said: AlertEntry) -> None:
    said = msgspec.structs.replace(said, remedy="aws dynamodb some-command")
    assert said.remedy not in composed(news(said)).bodies["default"]


def test_a_recovery_of_many_resources_says_how_many_more_there_are() -> None:
    names = [f"{FUNCTION}{number}" for number in range(8)]
    moved = [difference(known(Status.FAIL), known(Status.PASS), name) for name in names]
    entry = environment(event(EventKind.RECOVERED, "env-vars-set/functions", *moved), dict.fromkeys(names, "it is set"))
    body = composed(news(entry)).bodies["default"]
    assert "\n            babesclub-5: it is set\n            ... and 2 more\n" in body
