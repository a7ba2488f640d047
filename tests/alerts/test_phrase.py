"""The subject of an alert."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.alerts import phrase
from readiness.alerts.alert import Alert, AlertEntry, Trouble, TroubleKind
from readiness.model import Status, Verdict
from readiness.state.drift import EventKind
from tests.alerts.composing import composed, low, switched
from tests.alerts.samples import (
    FUNCTION,
    PITR_OFF,
    PLACE,
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
    pitr,
    rejudged,
    reported,
    resumed,
    still,
    unrecorded,
)


def new_function() -> AlertEntry:
    """A resource that was not told of before: it may have passed, or not have been there."""
    moved = difference(None, known(Status.FAIL), f"{FUNCTION}cart")
    what = event(EventKind.REGRESSED, "env-vars-set/variables", moved)
    verdict = Verdict(Status.FAIL, "tracing of babesclub-cart is off", subject="tracing was switched off")
    return reported(what, {f"{FUNCTION}cart": verdict}, "env-vars-set/functions")


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


@pytest.mark.parametrize(("hours", "said"), [(72, "72 h"), (73, "3 days")])
def test_a_failure_of_more_than_three_days_is_told_in_days(hours: int, said: str) -> None:
    failing = known(Status.FAIL, hours * 60)
    entry = reported(event(EventKind.STILL, "pitr-enabled/on", difference(failing, failing)), {TABLE: PITR_OFF})
    assert composed(news(entry)).subject.endswith(f"PITR still disabled after {said}")


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


def test_a_long_table_name_gives_way_before_the_verb() -> None:
    place = msgspec.structs.replace(PLACE, table="commerce-" * 25 + "prod")
    subject = composed(msgspec.structs.replace(news(switched()), place=place)).subject
    assert subject.endswith(": recovery was switched off")
    assert len(subject) <= 99


def test_a_subject_of_just_99_characters_is_not_cut() -> None:
    table = "t" * (99 - len("[LOW] : PITR disabled"))
    assert phrase.subject("LOW", table, "PITR disabled") == f"[LOW] {table}: PITR disabled"


@given(st.text(min_size=1), st.text(min_size=1, max_size=255))
def test_subject_is_one_that_sns_takes(found: str, table: str) -> None:
    told = pitr(event(EventKind.REGRESSED, "pitr-enabled/on", difference(None, known(Status.FAIL))), found)
    what = msgspec.structs.replace(news(told, off()), place=msgspec.structs.replace(PLACE, table=table))
    subject = composed(what).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) <= 99
