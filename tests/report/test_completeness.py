"""Items that must be met until a checklist is complete."""

from datetime import UTC, datetime

import pytest

from readiness.checklist import Settings, TableSettings
from readiness.engine.evaluate import CheckFindings, TableEvaluation
from readiness.engine.rule import Rule, passed
from readiness.model import Finding, Severity, Status, Verdict
from readiness.report.content import ITEMS, ReportSubject, table_report
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SUBJECT = ReportSubject("table", "id", "123456789012", "us-east-1", NOW, "digest")
SETTINGS = Settings(tables=(TableSettings(),), owners={"default": "platform"})


def item(number: str, status: Status, *, required: bool = True) -> CheckFindings:
    """The finding of an item with one check, from a module of its own."""

    def on() -> Verdict:
        return passed("it is on")

    on.__module__ = f"rules.rule_{number.replace('.', '_')}"
    rule = Rule(number, "Title", Severity.HIGH, "https://docs.aws.amazon.com/")
    rule.check(required=required)(on)
    [check] = rule.checks
    finding = Finding(rule.id, check.name, "table", status, "it is as it is", Severity.HIGH)
    return CheckFindings(check, (finding,), complete=True)


def missing(*items: CheckFindings) -> tuple[str, ...]:
    """Return the incomplete items in the report on a table whose other items pass and are recorded."""
    others = {each.check.rule.item for each in items}
    passing = [item(number, Status.PASS) for number in ITEMS if number not in others]
    recorded = Remembered(
        table_id="id", verified_at=NOW, signs={each.check.rule.id: "sign" for each in (*passing, *items)}
    )
    evaluation = TableEvaluation(frozenset(), (*passing, *items))
    report = table_report(SUBJECT, evaluation, Overlay(recorded, SETTINGS, NOW))
    assert report.complete is not bool(report.incomplete)
    return report.incomplete


def test_nothing_is_missing_where_all_items_pass() -> None:
    assert missing() == ()


@pytest.mark.parametrize("number", ["1.4", "1.5", "1.10", "4.1", "9.9"])
def test_an_item_that_fails_is_missing_also_if_it_is_new(number: str) -> None:
    assert missing(item(number, Status.FAIL)) == (f"{number}: FAIL",)


def test_items_are_in_the_order_of_their_numbers() -> None:
    found = missing(*(item(number, Status.FAIL) for number in ("5.10", "1.10", "1.9", "5.3")))
    assert found == ("1.9: FAIL", "1.10: FAIL", "5.3: FAIL", "5.10: FAIL")


def test_an_item_of_which_only_an_advisory_check_is_unknown_is_missing() -> None:
    assert missing(item("1.5", Status.UNKNOWN, required=False)) == ("1.5: UNKNOWN",)
