from datetime import date
from typing import Any

import pytest

from readiness.checklist import BillingException
from readiness.facts.dynamodb.consumption import Maxima, Peaks, ScalableTargets
from readiness.model import Status, Unreadable
from readiness.rules.billing_on_demand import Billing, TableChange, autoscaling, maximum, mode, settled
from tests.rules.facts import AT, NOW, ago, checklist, description

PROVISIONED = {"billing_mode": "PROVISIONED"}
SWITCHING = {**PROVISIONED, "status": "UPDATING"}


def excepted(until: date) -> BillingException:
    return BillingException("consistent throughput", "the CTO", until)


@pytest.mark.parametrize(
    ("facts", "before", "status"),
    [
        pytest.param({}, None, Status.PASS, id="an on-demand table passes"),
        pytest.param({"status": "UPDATING"}, None, Status.PASS, id="an on-demand table that is updated passes"),
        pytest.param({"max_reads": 40}, None, Status.PASS, id="a maximum is configuration, not a failure"),
        pytest.param(PROVISIONED, None, Status.FAIL, id="a provisioned table fails"),
        pytest.param({**PROVISIONED, "last_on_demand": AT}, None, Status.FAIL, id="having been on-demand is no help"),
        pytest.param(SWITCHING, None, Status.WARN, id="a switch may be under way"),
        pytest.param(SWITCHING, Billing("UPDATING", ago(minutes=15)), Status.WARN, id="a switch takes 15 minutes"),
        pytest.param(SWITCHING, Billing("UPDATING", ago(minutes=16)), Status.FAIL, id="and no longer"),
        pytest.param(
            SWITCHING,
            Billing("PROVISIONED", ago(days=3)),
            Status.FAIL,
            id="an update is no recovery",
        ),
    ],
)
def test_mode(facts: dict[str, Any], before: Billing | None, status: Status) -> None:
    assert mode(description(**facts), checklist(), NOW, before).status is status


def test_the_start_of_a_switch_is_carried_from_look_to_look() -> None:
    first = mode(description(**SWITCHING), checklist(), NOW, None)
    assert first.carry == Billing("UPDATING", AT)
    started = Billing("UPDATING", ago(minutes=5))
    assert mode(description(**SWITCHING), checklist(), NOW, started).carry == started


@pytest.mark.parametrize(
    ("until", "status"),
    [
        pytest.param(date(2026, 11, 24), Status.WARN, id="an exception holds on its last day"),
        pytest.param(date(2026, 11, 23), Status.FAIL, id="an exception that ended yesterday does not"),
    ],
)
def test_exception(until: date, status: Status) -> None:
    verdict = mode(description(**PROVISIONED), checklist(billing_exception=excepted(until)), NOW, None)
    assert verdict.status is status
    assert str(until) in verdict.message


def test_when_it_was_last_switched_is_shown_but_not_watched() -> None:
    verdict = mode(description(last_on_demand=AT), checklist(), NOW, None)
    assert "LastUpdateToPayPerRequestDateTime" in verdict.evidence
    assert verdict.watched == {
        "BillingMode": "PAY_PER_REQUEST",
        "MaxReadRequestUnits": None,
        "MaxWriteRequestUnits": None,
    }


@pytest.mark.parametrize(
    ("state", "before", "status"),
    [
        pytest.param("ACTIVE", None, Status.PASS, id="an active table is settled"),
        pytest.param("CREATING", None, Status.WARN, id="one that is being created is not yet"),
        pytest.param("CREATING", TableChange("CREATING", ago(minutes=60)), Status.WARN, id="creation takes an hour"),
        pytest.param("CREATING", TableChange("CREATING", ago(minutes=61)), Status.FAIL, id="and no longer"),
        pytest.param("CREATING", TableChange("UPDATING", ago(hours=3)), Status.WARN, id="each change has its own hour"),
        pytest.param("UPDATING", TableChange("UPDATING", ago(hours=9)), Status.PASS, id="an index takes hours to add"),
        pytest.param("ARCHIVED", None, Status.PASS, id="so is what becomes of its key"),
        pytest.param("REPLICATION_NOT_AUTHORIZED", None, Status.FAIL, id="a table that may not replicate fails"),
        pytest.param("DELETING", None, Status.PASS, id="deletion is another check's"),
    ],
)
def test_settled(state: str, before: TableChange | None, status: Status) -> None:
    assert settled(description(status=state), NOW, before).status is status


def test_a_status_that_aws_did_not_have_yet_concludes_nothing() -> None:
    with pytest.raises(Unreadable):
        settled(description(status="FROZEN"), NOW, None)


@pytest.mark.parametrize(
    ("facts", "targets", "status"),
    [
        pytest.param({}, (), Status.PASS, id="nothing is left over"),
        pytest.param({}, ("table/t dynamodb:table:ReadCapacityUnits",), Status.WARN, id="a target is left over"),
        pytest.param(
            PROVISIONED,
            ("table/t dynamodb:table:ReadCapacityUnits",),
            Status.NOT_APPLICABLE,
            id="provisioned capacity is scaled rightly",
        ),
    ],
)
def test_autoscaling(facts: dict[str, Any], targets: tuple[str, ...], status: Status) -> None:
    assert autoscaling(description(**facts), ScalableTargets(targets)).status is status


@pytest.mark.parametrize(
    ("maxima", "peaks", "status"),
    [
        pytest.param(Maxima(150, None), Peaks(100, 900), Status.PASS, id="half as much again is room"),
        pytest.param(Maxima(149, None), Peaks(100, 0), Status.WARN, id="less is none"),
        pytest.param(Maxima(None, 149), Peaks(900, 100), Status.WARN, id="of writes too"),
        pytest.param(Maxima(1, 1), Peaks(0, 0), Status.PASS, id="nothing was consumed"),
    ],
)
def test_maximum(maxima: Maxima, peaks: Peaks, status: Status) -> None:
    assert maximum(maxima, peaks).status is status


def test_a_maximum_is_raised_and_none_is_set_where_there_was_none() -> None:
    evidence = maximum(Maxima(100, None), Peaks(100, 100)).evidence
    assert (evidence["EnoughReads"], evidence["EnoughWrites"]) == (150, -1)


def test_a_billing_mode_that_aws_did_not_have_yet_concludes_nothing() -> None:
    with pytest.raises(Unreadable):
        mode(description(billing_mode="BY_THE_MOON"), checklist(), NOW, None)
