"""The report for programs: whatever a check observed, it can be written."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.rule import Check
from readiness.facts.backup.decision import OnDemand
from readiness.facts.backup.on_demand import OnDemandBackups
from readiness.model import Status, Verdict
from readiness.report import as_json
from readiness.report.content import Report
from readiness.rules import ASKED, backups_scheduled
from tests.golden.verdicts import TABLES, said
from tests.report.samples import GOOD, finding, items, table
from tests.rules.facts import NOW, description

CHECKS = [check for rule in ASKED for check in rule.checks]


def printed(evidence: Any) -> Any:
    """The evidence of a finding as the report has it."""
    line = replace(finding("on", Status.FAIL, "it is off"), evidence=evidence)
    report = json.loads(as_json.render(Report((table(items(None, (line,))),))))
    return report["tables"][0]["rules"][0]["findings"][0]["evidence"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(MappingProxyType({"a": MappingProxyType({"b": 1})}), {"a": {"b": 1}}, id="a mapping"),
        pytest.param({"a": (1, 2)}, {"a": [1, 2]}, id="a tuple"),
        pytest.param({"a": frozenset({"x"})}, {"a": ["x"]}, id="a set"),
        pytest.param({"a": datetime(2026, 11, 24, tzinfo=UTC)}, {"a": "2026-11-24T00:00:00Z"}, id="an instant"),
        pytest.param({"a": date(2026, 11, 24)}, {"a": "2026-11-24"}, id="a day"),
        pytest.param({"a": timedelta(hours=1)}, {"a": "PT3600S"}, id="a span"),
        pytest.param({"a": Decimal(5)}, {"a": "5"}, id="a decimal"),
        pytest.param({"a": range(2)}, {"a": "range(0, 2)"}, id="anything else"),
        pytest.param({"a": Status.FAIL, "b": None}, {"a": "FAIL", "b": None}, id="a word of ours"),
    ],
)
def test_what_was_observed_can_be_written(value: Any, shown: Any) -> None:
    assert printed(value) == shown


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_what_every_check_says_of_the_fixed_tables_can_be_written(check: Check) -> None:
    for facts in TABLES.values():
        for verdict in said(check, facts):
            assert set(printed(verdict.evidence)) == set(verdict.evidence)


def test_that_there_is_no_usable_backup_can_be_written() -> None:
    verdict: Verdict = backups_scheduled.on_demand(OnDemand(24), OnDemandBackups(()), description(), NOW)
    assert verdict.status is Status.FAIL
    assert printed(verdict.evidence) == dict(verdict.evidence)


def test_a_report_is_printed_whole() -> None:
    assert len(json.loads(as_json.render(Report((GOOD,))))["tables"][0]["rules"]) == len(GOOD.rules)
