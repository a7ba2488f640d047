from datetime import datetime

import pytest

from readiness.facts.recovery import Recovery
from readiness.model import Status
from readiness.rules.pitr_enabled import (
    RecoveryStart,
    deletion_protection,
    filled,
    fresh,
    kept,
    on,
    window,
)
from tests.rules.facts import AT, NOW, OFF, ago, checklist, description, recovery

FULL = RecoveryStart(earliest=ago(days=35, minutes=5), seen=ago(minutes=5))


def test_on_passes() -> None:
    assert on(recovery(), NOW, None).status is Status.PASS


def test_off_fails_and_remembers_what_could_be_restored() -> None:
    verdict = on(OFF, NOW, FULL)
    assert verdict.status is Status.FAIL
    assert verdict.message == "point-in-time recovery is off"
    assert verdict.carry == FULL


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param(recovery(), None, id="nothing is known of before"),
        pytest.param(recovery(), FULL, id="the window rolls"),
        pytest.param(recovery(earliest=ago(days=9)), RecoveryStart(ago(days=9), ago(minutes=5)), id="the window fills"),
        pytest.param(recovery(earliest=ago(days=7), window_days=7), FULL, id="the window was made shorter"),
        pytest.param(
            recovery(earliest=ago(days=9)),
            RecoveryStart(ago(days=9, minutes=15), ago(minutes=5)),
            id="ten minutes more than went by are tolerated",
        ),
        pytest.param(recovery(earliest=None), FULL, id="AWS does not say where it starts"),
    ],
)
def test_a_start_that_time_explains_is_no_reset(now: Recovery, before: RecoveryStart | None) -> None:
    verdict = on(now, NOW, before)
    assert (verdict.status, verdict.incident) == (Status.PASS, None)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(FULL, id="between two looks"),
        pytest.param(RecoveryStart(ago(days=36), ago(days=1)), id="the looks between saw it off"),
    ],
)
def test_off_and_on_is_an_incident_that_names_the_lost_days(before: RecoveryStart) -> None:
    verdict = on(recovery(earliest=ago(minutes=3)), NOW, before)
    assert verdict.status is Status.PASS
    assert verdict.incident
    assert "days before 2026-11-24 02:57 UTC are lost" in verdict.incident.after
    assert f"{before.earliest:%Y-%m-%d}" in verdict.incident.before
    assert verdict.carry == RecoveryStart(ago(minutes=3), AT)


def test_eleven_minutes_more_than_went_by_are_a_reset() -> None:
    before = RecoveryStart(ago(days=9, minutes=16), ago(minutes=5))
    assert on(recovery(earliest=ago(days=9)), NOW, before).incident


def test_what_moves_by_itself_is_not_watched() -> None:
    for verdict in (on(recovery(), NOW, None), filled(recovery(), checklist(), NOW), fresh(recovery(), NOW)):
        assert not verdict.watched


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(recovery(), Status.PASS, id="35 of 35 days pass"),
        pytest.param(recovery(window_days=34), Status.FAIL, id="34 of 35 fail"),
        pytest.param(OFF, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_window(found: Recovery, status: Status) -> None:
    assert window(found, checklist()).status is status


@pytest.mark.parametrize(
    ("found", "days", "status"),
    [
        pytest.param(recovery(earliest=AT), 0, Status.PASS, id="no days are demanded"),
        pytest.param(recovery(earliest=ago(days=14)), 14, Status.PASS, id="as many as are demanded"),
        pytest.param(recovery(earliest=ago(days=13, hours=23)), 14, Status.WARN, id="fewer"),
        pytest.param(recovery(earliest=None), 1, Status.WARN, id="none yet"),
        pytest.param(OFF, 14, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_filled(found: Recovery, days: int, status: Status) -> None:
    assert filled(found, checklist(days_before_cutover=days), NOW).status is status


@pytest.mark.parametrize(
    ("latest", "status"),
    [
        pytest.param(ago(minutes=15), Status.PASS, id="15 minutes behind"),
        pytest.param(ago(minutes=16), Status.WARN, id="16 minutes behind"),
        pytest.param(ago(hours=24), Status.WARN, id="a day behind"),
        pytest.param(ago(hours=24, seconds=1), Status.FAIL, id="more than a day behind"),
        pytest.param(None, Status.WARN, id="nothing yet"),
    ],
)
def test_fresh(latest: datetime | None, status: Status) -> None:
    assert fresh(recovery(latest=latest), NOW).status is status


def test_freshness_is_not_asked_of_what_is_off() -> None:
    assert fresh(OFF, NOW).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("protected", "wish", "status"),
    [
        (True, "fail", Status.PASS),
        (False, "warn", Status.WARN),
        (False, "fail", Status.FAIL),
    ],
)
def test_deletion_protection(protected: bool, wish: str, status: Status) -> None:  # noqa: FBT001  a column of the table
    found = description(deletion_protected=protected)
    assert deletion_protection(found, checklist(deletion_protection=wish)).status is status


def test_a_table_that_is_being_deleted_fails() -> None:
    assert kept(description()).status is Status.PASS
    assert kept(description(status="DELETING")).status is Status.FAIL
