"""What a message promises to those who route, filter, parse and read it."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness import alerts as alert
from readiness.alerts import Alert, AlertEntry, Trouble, TroubleKind, phrase
from readiness.alerts.words import dashboard
from readiness.model import Incident, Message, Reason, Severity, Status, Verdict
from readiness.state.drift import Difference, EventKind
from readiness.state.people import Pause
from tests.alerts.samples import (
    FUNCTION,
    GOLDEN,
    NOW,
    PITR_OFF,
    PLACE,
    RULES,
    TABLE,
    blind,
    difference,
    environment,
    event,
    first,
    first_unrecorded,
    known,
    news,
    off,
    partly_blind,
    paused,
    pitr,
    recovered,
    rejudged,
    reported,
    resumed,
    still,
    ttl,
    ttl_moved,
    unrecorded,
)

SNS_BYTES = 262_144


def composed(what: Alert) -> Message:
    """The message there must be."""
    message = alert.compose(what)
    assert message is not None
    return message


def machine(what: Alert) -> dict[str, Any]:
    """The JSON of the message."""
    document: dict[str, Any] = json.loads(composed(what).bodies["sqs"])
    return document


def low(kind: EventKind, found: str = "time to live is off") -> AlertEntry:
    """A change of a check that hardly matters."""
    return ttl(event(kind, "ttl-enabled/on", difference(None, known(Status.FAIL)), severity=Severity.LOW), found)


def switched(moved: Difference | None = None, kind: EventKind = EventKind.REGRESSED) -> AlertEntry:
    """A change that the rule has words of its own for."""
    verdict = Verdict(Status.FAIL, "recovery is off", subject="recovery was switched off")
    what = event(kind, "pitr-enabled/on", moved or difference(None, known(Status.FAIL)))
    return reported(what, {TABLE: verdict})


def new_function() -> AlertEntry:
    """A resource that was not told of before: it may have passed, or not have been there."""
    moved = difference(None, known(Status.FAIL), f"{FUNCTION}cart")
    what = event(EventKind.REGRESSED, "env-vars-set/variables", moved)
    verdict = Verdict(Status.FAIL, "tracing of babesclub-cart is off", subject="tracing was switched off")
    return reported(what, {f"{FUNCTION}cart": verdict}, "env-vars-set/functions")


def test_no_news_is_no_message() -> None:
    assert alert.compose(news()) is None


def test_what_is_silent_is_not_told() -> None:
    told = off()
    silent = msgspec.structs.replace(told, event=msgspec.structs.replace(told.event, silent=True))
    assert alert.compose(news(silent)) is None


@pytest.mark.parametrize(
    ("what", "subject"),
    [
        pytest.param(
            news(switched()),
            "[CRITICAL] babesclub-commerce: recovery was switched off",
            id="the rule says what its change is called",
        ),
        pytest.param(
            news(new_function()),
            "[CRITICAL] babesclub-commerce: tracing of babesclub-cart is off",
            id="what may be new was not turned off",
        ),
        pytest.param(
            news(low(EventKind.REGRESSED)),
            "[LOW] babesclub-commerce: time to live is off",
            id="without such words it is said as it was found",
        ),
        pytest.param(
            news(switched(difference(known(Status.WARN), known(Status.PASS)), EventKind.EASED)),
            "[RESOLVED] babesclub-commerce: recovery was switched off",
            id="what passes again too",
        ),
        pytest.param(
            news(switched(difference(known(Status.FAIL, days=7), known(Status.FAIL, days=5)), EventKind.CHANGED)),
            "[NOTE] babesclub-commerce: recovery was switched off",
            id="what fails in another way was changed",
        ),
        pytest.param(
            news(switched(difference(known(Status.PASS, days=7), known(Status.PASS, days=5)), EventKind.CHANGED)),
            "[NOTE] babesclub-commerce: recovery is off",
            id="what passed before did not come to pass",
        ),
        pytest.param(
            news(switched(difference(unrecorded(), known(Status.FAIL)))),
            "[CRITICAL] babesclub-commerce: recovery is off",
            id="what failed before did not come to fail",
        ),
        pytest.param(
            news(still()),
            "[CRITICAL] babesclub-commerce: PITR still disabled after 24 h",
            id="after a day",
        ),
        pytest.param(
            news(blind()), "[UNKNOWN] babesclub-commerce: 1.4 PITR can no longer be read", id="it is not readable"
        ),
        pytest.param(
            news(partly_blind()),
            "[UNKNOWN] babesclub-commerce: 2.1 Environment variables can no longer be read wholly",
            id="it is not wholly readable",
        ),
        pytest.param(
            first(),
            "[NOTE] babesclub-commerce: monitoring started, 2 of 14 items do not pass: 2 fail",
            id="the first run",
        ),
        pytest.param(
            news(first={Status.PASS: 13, Status.UNKNOWN: 1}),
            "[NOTE] babesclub-commerce: monitoring started, 1 of 14 items does not pass: 0 fail, 1 unknown",
            id="a first run that could not read all",
        ),
        pytest.param(
            news(first={Status.PASS: 14}),
            "[NOTE] babesclub-commerce: monitoring started, all 14 items pass",
            id="a first run without failures wakes nobody",
        ),
        pytest.param(
            first_unrecorded(),
            "[NOTE] babesclub-commerce: monitoring started, 4 of 14 items do not pass: 1 fail, 3 not recorded",
            id="a first run tells apart what nobody has recorded",
        ),
        pytest.param(
            msgspec.structs.replace(first_unrecorded(), entries=first_unrecorded().entries[:4], unrecorded=4),
            "[NOTE] babesclub-commerce: monitoring started, 4 of 14 items do not pass: 0 fail, 4 not recorded",
            id="what nobody has recorded wakes nobody",
        ),
        pytest.param(
            news(pitr(event(EventKind.REJUDGED, "pitr-enabled/on", difference(known(Status.WARN), unrecorded())), "")),
            "[NOTE] babesclub-commerce: 1 result re-evaluated, 0 fail, 1 not recorded",
            id="a release that begins to tell it apart wakes nobody",
        ),
        pytest.param(
            resumed(),
            "[HIGH] babesclub-commerce: monitoring resumed after a pause: 1 change, 1 fail",
            id="after a pause",
        ),
        pytest.param(rejudged(), "[HIGH] babesclub-commerce: 2 results re-evaluated, 1 fail", id="judged anew"),
        pytest.param(
            news(pitr(event(EventKind.REJUDGED, "pitr-enabled/on"), "")),
            "[NOTE] babesclub-commerce: 1 new check evaluated, 0 fail",
            id="a new check that nothing fails",
        ),
        pytest.param(
            news(trouble=Trouble(TroubleKind.FORGOTTEN)),
            "[HIGH] babesclub-commerce: the monitor's items in this table were deleted",
            id="memory deleted",
        ),
    ],
)
def test_subject_says_the_worst_in_a_line(what: Alert, subject: str) -> None:
    assert composed(what).subject == subject


def test_a_new_check_that_nothing_fails_is_named_in_the_text() -> None:
    new = pitr(event(EventKind.REJUDGED, "pitr-enabled/on"), "")
    assert f"1.4 PITR: {new.question}" in " ".join(composed(news(new)).bodies["default"].split())


def test_what_passes_on_the_first_run_is_not_among_what_is_not_recorded() -> None:
    passes = pitr(
        event(EventKind.REJUDGED, "pitr-enabled/window", difference(None, known(Status.PASS, windowDays=35))), ""
    )
    told = (*first_unrecorded().entries, passes)
    seen = msgspec.structs.replace(first_unrecorded(), entries=told)
    assert [each.item for each in seen.missing] == ["2.1", "2.1", "5.2", "5.3"]
    assert [each.item for each in seen.failing] == ["1.3"]


def test_message_is_named_after_the_first_kind_and_bears_the_worst_severity_of_what_is_bad() -> None:
    message = composed(news(recovered(), low(EventKind.STILL), low(EventKind.REGRESSED)))
    assert message.subject == "[LOW] babesclub-commerce: time to live is off, and 2 more"
    assert message.attributes["kind"] == "REGRESSED"
    assert message.attributes["severity"] == "CRITICAL", "who heard of the critical failure hears that it is over"


def fails_now(check: str, found: str, severity: Severity = Severity.CRITICAL) -> AlertEntry:
    happening = event(EventKind.REGRESSED, check, difference(known(Status.PASS), known(Status.FAIL)), severity=severity)
    return msgspec.structs.replace(off(), event=happening, messages={TABLE: found}, subjects={})


DELETED = "the table babesclub-commerce is being deleted"
OF_IT = [
    fails_now("encryption-kms/on", f"{DELETED}: DescribeTable has no SSEDescription of it any more"),
    fails_now("pitr-enabled/kept", DELETED.replace(" babesclub-commerce", "")),
    fails_now("load-tested/unchanged", f"{DELETED}: DescribeTable has no KeySchema of it any more", Severity.LOW),
]


def test_what_fails_because_the_table_is_being_deleted_is_a_count() -> None:
    message = composed(news(*OF_IT))
    assert message.subject == "[CRITICAL] babesclub-commerce: the table is being deleted"
    body = message.bodies["default"]
    assert body.startswith("The table babesclub-commerce is being deleted\n")
    assert "\n2 other checks fail for the same reason.\n" in body
    assert "DescribeTable" not in body
    assert "1 other check fails for the same reason." in composed(news(*OF_IT[:2])).bodies["default"]


def test_what_fails_besides_is_told_as_ever() -> None:
    message = composed(news(*OF_IT, fails_now("encryption-kms/key", "the table's key is Disabled")))
    assert message.subject == "[CRITICAL] babesclub-commerce: the table is being deleted, and 1 more"
    body = message.bodies["default"]
    assert body.startswith("2 changes on babesclub-commerce at 03:12 UTC\n")
    assert "2 CRITICAL  1.4 PITR: the table's key is Disabled" in body


@pytest.mark.parametrize("beside", ["arn:aws:dynamodb:eu-west-1:1:table/other", "zzz"])
def test_a_check_that_also_fails_on_another_resource_is_told_as_ever(beside: str) -> None:
    first = fails_now("encryption-kms/on", f"{DELETED}: DescribeTable does not return its SSEDescription")
    both = (*first.event.differences, Difference(beside, known(Status.PASS), known(Status.FAIL)))
    happening = msgspec.structs.replace(first.event, differences=both)
    messages = {**first.messages, beside: "encrypted with an AWS owned key"}
    message = composed(news(OF_IT[1], msgspec.structs.replace(first, event=happening, messages=messages)))
    assert message.subject == "[CRITICAL] babesclub-commerce: the table is being deleted, and 1 more"
    assert "same reason" not in message.bodies["default"]


def test_nothing_is_counted_where_the_reason_itself_is_not_told() -> None:
    body = composed(news(OF_IT[0], OF_IT[2])).bodies["default"]
    assert "same reason" not in body
    assert "SSEDescription" in body
    assert "KeySchema" in body


def test_nothing_is_counted_where_the_deletion_is_over() -> None:
    over = event(EventKind.RECOVERED, "pitr-enabled/kept", difference(known(Status.FAIL), known(Status.PASS)))
    kept = msgspec.structs.replace(OF_IT[1], event=over)
    assert "same reason" not in composed(news(kept, OF_IT[0], OF_IT[2])).bodies["default"]


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


@pytest.mark.parametrize(("hours", "said"), [(72, "72 h"), (73, "3 days")])
def test_a_failure_of_more_than_three_days_is_told_in_days(hours: int, said: str) -> None:
    failing = known(Status.FAIL, hours * 60)
    entry = reported(event(EventKind.STILL, "pitr-enabled/on", difference(failing, failing)), {TABLE: PITR_OFF})
    assert composed(news(entry)).subject.endswith(f"PITR still disabled after {said}")


def test_json_counts_incidents_that_the_memory_had_no_room_for() -> None:
    missed = (Incident("1", "PITR was disabled", "it was enabled again"),)
    over = event(EventKind.RECOVERED, "pitr-enabled/on", difference(known(Status.FAIL), known(Status.PASS)))
    entry = pitr(msgspec.structs.replace(over, missed=missed, more_missed=3), "PITR is enabled")
    (said,) = machine(news(entry))["events"]
    assert (len(said["missed"]), said["more_missed"]) == (1, 3)


def test_a_resource_that_is_not_the_table_is_named() -> None:
    moved = difference(known(Status.PASS), known(Status.FAIL), f"{FUNCTION}cart")
    told = environment(event(EventKind.REGRESSED, "env-vars-set/variable", moved), {f"{FUNCTION}cart": "X is not set"})
    assert "babesclub-cart: X is not set" in composed(news(told)).subject


def test_a_resource_that_is_gone_is_not_described_by_another() -> None:
    gone = difference(known(Status.FAIL), None, f"{FUNCTION}old")
    told = environment(event(EventKind.RECOVERED, "env-vars-set/variable", gone), {f"{FUNCTION}cart": "X is set"})
    assert (
        composed(news(told)).subject == "[RESOLVED] babesclub-commerce: babesclub-old was deleted or is no longer used"
    )


def test_a_watched_value_that_is_absent_is_no_null() -> None:
    before = known(Status.PASS, functions={"cart": None}, owner="ada", ttl=None)
    moved = difference(before, known(Status.FAIL, functions={"cart": [None]}, ttl="expiresAt"))
    body = composed(news(pitr(event(EventKind.REGRESSED, "pitr-enabled/on", moved), "it is off"))).bodies["default"]
    assert 'Was      functions {"cart": "none"}, owner ada, ttl none' in body
    assert "null" not in body


def test_a_long_table_name_gives_way_before_the_verb() -> None:
    place = msgspec.structs.replace(PLACE, table="commerce-" * 25 + "prod")
    subject = composed(msgspec.structs.replace(news(switched()), place=place)).subject
    assert subject.endswith(": recovery was switched off")
    assert len(subject) <= 99


def test_a_subject_of_just_99_characters_is_not_cut() -> None:
    table = "t" * (99 - len("[LOW] : PITR disabled"))
    assert phrase.subject("LOW", table, "PITR disabled") == f"[LOW] {table}: PITR disabled"


def test_a_resource_that_is_gone_comes_after_those_that_are_there() -> None:
    gone = difference(known(Status.FAIL), None, f"{FUNCTION}cart")
    passes = difference(known(Status.FAIL), known(Status.PASS), f"{FUNCTION}checkout")
    entry = reported(event(EventKind.RECOVERED, "env-vars-set/functions", gone, passes), {})
    assert entry.differences == (passes, gone)


@given(st.text(min_size=1), st.text(min_size=1, max_size=255))
def test_subject_is_one_that_sns_takes(found: str, table: str) -> None:
    told = pitr(event(EventKind.REGRESSED, "pitr-enabled/on", difference(None, known(Status.FAIL))), found)
    what = msgspec.structs.replace(news(told, off()), place=msgspec.structs.replace(PLACE, table=table))
    subject = composed(what).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) <= 99


def test_the_id_is_that_of_the_version_that_tells_it() -> None:
    assert composed(news(off())).id == f"{PLACE.table_id}/8"


def test_machines_get_json_and_phones_a_line() -> None:
    message = composed(news(off()))
    assert set(message.bodies) == {"default", "sms", "http", "https", "lambda", "sqs"}
    assert len(message.bodies["sms"]) <= 140
    assert {message.bodies[name] for name in ("http", "https", "lambda")} == {message.bodies["sqs"]}


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


@pytest.mark.parametrize(
    ("before", "after", "pages"),
    [
        pytest.param(Status.PASS, Status.FAIL, True, id="it fails now"),
        pytest.param(Status.FAIL, Status.FAIL, False, id="it failed before"),
        pytest.param(Status.PASS, Status.WARN, False, id="it warns"),
        pytest.param(None, Status.PASS, False, id="it is new and passes"),
        pytest.param(Status.WARN, None, False, id="it is gone"),
    ],
)
def test_what_is_judged_anew_pages_where_it_fails_now_and_did_not(
    before: Status | None, after: Status | None, *, pages: bool
) -> None:
    moved = difference(known(before) if before else None, known(after) if after else None)
    assert pitr(event(EventKind.REJUDGED, "pitr-enabled/on", moved), "").pages is pages


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
