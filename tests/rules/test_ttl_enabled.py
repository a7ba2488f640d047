from datetime import datetime

import pytest

from readiness.facts.canaries import Canaries
from readiness.facts.time_to_live import TimeToLive
from readiness.model import Status, Verdict
from readiness.rules.ttl_enabled import Canary, Enabling, attribute, canary, on
from tests.rules.facts import AT, NOW, ago, checklist

ON = TimeToLive("ENABLED", "expiresAt")


@pytest.mark.parametrize(
    ("state", "before", "status"),
    [
        pytest.param("ENABLED", None, Status.PASS, id="on passes"),
        pytest.param("DISABLED", None, Status.FAIL, id="off fails"),
        pytest.param("DISABLING", None, Status.FAIL, id="being switched off fails already"),
        pytest.param("ENABLING", None, Status.WARN, id="being switched on is in between"),
        pytest.param("ENABLING", Enabling("ENABLING", ago(hours=2)), Status.WARN, id="for two hours"),
        pytest.param("ENABLING", Enabling("ENABLING", ago(hours=2, seconds=1)), Status.FAIL, id="and no longer"),
    ],
)
def test_on(state: str, before: Enabling | None, status: Status) -> None:
    assert on(TimeToLive(state, "expiresAt"), NOW, before).status is status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("expiresAt", Status.PASS, id="the application's attribute passes"),
        pytest.param("ttl", Status.FAIL, id="another one fails"),
        pytest.param("ExpiresAt", Status.FAIL, id="case matters"),
        pytest.param(None, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_attribute(name: str | None, status: Status) -> None:
    assert attribute(TimeToLive("ENABLED", name), checklist()).status is status


def test_a_wrong_attribute_is_said_in_a_sentence() -> None:
    assert attribute(TimeToLive("ENABLED", "ttl"), checklist()).message == (
        "expired items are deleted by ttl, not by expiresAt"
    )


def look(present: tuple[datetime, ...], before: Canary | None, ttl: TimeToLive = ON) -> Verdict:
    return canary(Canaries(present), ttl, checklist(), NOW, before)


LONG_AGO = ago(days=100)


@pytest.mark.parametrize(
    ("present", "before", "status"),
    [
        pytest.param((), None, Status.NOT_APPLICABLE, id="nothing is written yet"),
        pytest.param(
            (ago(hours=72),),
            Canary(LONG_AGO, (ago(hours=72),), proven=False),
            Status.NOT_APPLICABLE,
            id="an item may take 72 hours",
        ),
        pytest.param((ago(hours=73),), Canary(LONG_AGO, (ago(hours=73),), proven=True), Status.WARN, id="more is slow"),
        pytest.param(
            (ago(days=8),), Canary(LONG_AGO, (ago(days=8),), proven=True), Status.FAIL, id="a week is too much"
        ),
        pytest.param((), Canary(LONG_AGO, (ago(hours=9),), proven=False), Status.PASS, id="one that is gone is proof"),
        pytest.param(
            (ago(hours=9),), Canary(LONG_AGO, (ago(hours=9),), proven=True), Status.PASS, id="former proof holds"
        ),
        pytest.param(
            (),
            Canary(LONG_AGO, (ago(hours=-1),), proven=False),
            Status.NOT_APPLICABLE,
            id="one that was gone before it expired was not deleted by time to live",
        ),
        pytest.param(
            (ago(days=20),),
            Canary(ago(hours=1), (ago(days=20),), proven=False),
            Status.NOT_APPLICABLE,
            id="old items get their time after time to live is on again",
        ),
    ],
)
def test_canary(present: tuple[datetime, ...], before: Canary | None, status: Status) -> None:
    assert look(present, before).status is status


def test_the_first_proof_has_a_date() -> None:
    assert look((), None).message == "first proof due on 2026-11-27"


def test_what_was_there_is_carried_to_the_next_look() -> None:
    assert look((ago(hours=2),), None).carry == Canary(AT, (ago(hours=2),), proven=False)


@pytest.mark.parametrize("ttl", [TimeToLive("DISABLED", None), TimeToLive("ENABLED", "ttl")])
def test_nothing_is_proven_while_time_to_live_is_not_on(ttl: TimeToLive) -> None:
    assert look((ago(days=8),), None, ttl).status is Status.NOT_APPLICABLE
