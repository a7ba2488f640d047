"""What changed since the checklist was signed is named; what can't be seen is not said to have."""

from collections.abc import Mapping
from typing import Any

import pytest

from readiness.engine.evaluate import CheckFindings, TableEvaluation
from readiness.engine.snapshot import ROOT
from readiness.model import Finding, Reason, Severity, Status, Unavailable
from readiness.rules import pitr_enabled, ttl_enabled
from readiness.state import signature

ON, WINDOW = pitr_enabled.rule.checks[:2]
TTL = ttl_enabled.rule.checks[0]
PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN


def found(status: Status, resource: str = "table", watched: Mapping[str, Any] | None = None) -> Finding:
    why = Unavailable(Reason.ACCESS_DENIED) if status is UNKNOWN else None
    return Finding("pitr-enabled", "on", resource, status, "", Severity.HIGH, watched=watched or {}, unavailable=why)


def judged(*asked: CheckFindings) -> dict[str, str]:
    return signature.digests(TableEvaluation(ROOT, asked))


def on(*findings: Finding, complete: bool = True) -> CheckFindings:
    return CheckFindings(ON, findings, complete)


SIGNED = on(found(WARN), found(PASS, "queue", {"days": 14}))


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        pytest.param(SIGNED, False, id="nothing"),
        pytest.param(on(*reversed(SIGNED.findings)), False, id="the order of the findings"),
        pytest.param(on(*SIGNED.findings, found(PASS, "another")), False, id="something new that passes"),
        pytest.param(on(found(FAIL), SIGNED.findings[1]), True, id="a status"),
        pytest.param(on(found(WARN), found(PASS, "queue", {"days": 4})), True, id="a watched value"),
        pytest.param(on(found(WARN)), True, id="something with watched values is gone"),
        pytest.param(on(*SIGNED.findings, found(WARN, "another")), True, id="something new that warns"),
        pytest.param(on(found(UNKNOWN), SIGNED.findings[1]), False, id="our sight"),
        pytest.param(on(found(WARN), complete=False), False, id="what the listing shows of it"),
    ],
)
def test_a_check_has_changed_where_it_says_something_else(now: CheckFindings, *, moved: bool) -> None:
    assert signature.changed(judged(SIGNED), judged(now)) == (("pitr-enabled/on",) if moved else ())


def test_what_was_out_of_sight_when_it_was_signed_has_not_changed_when_it_is_seen() -> None:
    assert signature.changed(judged(on(found(UNKNOWN))), judged(on(found(FAIL)))) == ()


def test_checks_that_came_or_went_are_named() -> None:
    other = CheckFindings(WINDOW, (found(WARN),), complete=True)
    assert signature.changed(judged(SIGNED), judged(SIGNED, other)) == ("pitr-enabled/window",)
    assert signature.changed(judged(SIGNED, other), judged(SIGNED)) == ("pitr-enabled/window",)


def test_a_rule_that_is_not_asked_now_has_not_changed() -> None:
    ttl = CheckFindings(TTL, (found(WARN),), complete=True)
    assert signature.changed(judged(SIGNED, ttl), judged(SIGNED)) == ()


def test_the_whole_has_another_digest_as_soon_as_one_check_has() -> None:
    wholes = {signature.digest(judged(each)) for each in (SIGNED, on(found(FAIL)), on(found(UNKNOWN)))}
    assert len(wholes) == 3
