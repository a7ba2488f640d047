"""The order and the groups of the entries of an alert: failures, records that are missing, and consequences."""

import msgspec
import pytest

from readiness.alerts.alert import AlertEntry
from readiness.model import Severity, Status
from readiness.state.drift import Difference, EventKind
from tests.alerts.composing import composed
from tests.alerts.samples import (
    FUNCTION,
    TABLE,
    difference,
    event,
    first_unrecorded,
    known,
    news,
    off,
    pitr,
    reported,
)


def test_what_passes_on_the_first_run_is_not_among_what_is_not_recorded() -> None:
    passes = pitr(
        event(EventKind.REJUDGED, "pitr-enabled/window", difference(None, known(Status.PASS, windowDays=35))), ""
    )
    told = (*first_unrecorded().entries, passes)
    seen = msgspec.structs.replace(first_unrecorded(), entries=told)
    assert [each.item for each in seen.missing] == ["2.1", "2.1", "5.2", "5.3"]
    assert [each.item for each in seen.failing] == ["1.3"]


def test_a_resource_that_is_gone_comes_after_those_that_are_there() -> None:
    gone = difference(known(Status.FAIL), None, f"{FUNCTION}cart")
    passes = difference(known(Status.FAIL), known(Status.PASS), f"{FUNCTION}checkout")
    entry = reported(event(EventKind.RECOVERED, "env-vars-set/functions", gone, passes), {})
    assert entry.differences == (passes, gone)


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
