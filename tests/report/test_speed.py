"""What a report does not do again for each finding."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.checklist import Settings, TableSettings
from readiness.engine.evaluate import CheckFindings, TableEvaluation
from readiness.model import Finding, Severity, Status
from readiness.report.content import ReportSubject, table_report
from readiness.rules import RULES
from readiness.state.drift import CheckState
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_a_report_reads_the_memory_of_each_check_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [check for rule in RULES for check in rule.checks]
    findings = [
        tuple(
            Finding(check.rule.id, check.name, f"role-{number}", Status.FAIL, "it fails", Severity.HIGH)
            for number in range(20)
        )
        for check in checks
    ]
    judgement = TableEvaluation(
        frozenset(), tuple(CheckFindings(*each, complete=True) for each in zip(checks, findings, strict=True))
    )
    remembered = Remembered(checks={check.id: CheckState().to_item() for check in checks})
    read: list[Any] = []
    from_item = CheckState.from_item

    def reading(item: Mapping[str, Any]) -> CheckState:
        read.append(item)
        return from_item(item)

    monkeypatch.setattr(CheckState, "from_item", reading)
    subject = ReportSubject("table", "id", "123456789012", "us-east-1", NOW, "digest")
    table_report(subject, judgement, Overlay(remembered, Settings(tables=(TableSettings(),)), NOW))
    assert len(read) == len(checks)
