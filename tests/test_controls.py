"""The controls that checks answer for: each exists, and none is claimed of a check that is weaker."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from readiness.checklist import BackupDecision, TableSettings
from readiness.engine.control import Control, Framework
from readiness.engine.rule import Check
from readiness.report.content import ControlLine
from readiness.report.controls import control_list, requirements
from readiness.rules import ASKED
from tests.controls import KNOWN

PAGE = Path(__file__).parents[1] / "docs" / "other-tools.md"
DECLARED = [(check, control) for rule in ASKED for check in rule.checks for control in check.controls]
CHECKS = {check.id: check for rule in ASKED for check in rule.checks}

FAILS, WARNS = TableSettings(deletion_protection="fail"), TableSettings(deletion_protection="warn")


def decided(mode: str) -> TableSettings:
    decision = {"mode": mode, "decided_by": "the CTO", "decided_on": date(2026, 11, 1), "reason": "enough"}
    return TableSettings(backup_decision=BackupDecision(**decision))  # type: ignore[arg-type]  # by name


def direct(check: str, settings: TableSettings) -> set[str]:
    """The ids of AWS's controls that pass wherever the check does."""
    aws = (Framework.SECURITY_HUB, Framework.CONFIG)
    found = CHECKS[check].controls
    return {each.id for each in found if each.framework in aws and not each.is_related(settings)}


@pytest.mark.parametrize(("check", "control"), DECLARED, ids=lambda each: each.id)
def test_a_control_that_is_named_exists(check: Check, control: Control) -> None:
    assert control.id in KNOWN[control.framework]
    assert [each for each in check.controls if each == control] == [control], "named once"


def test_no_check_answers_a_whole_question_or_a_control_of_nist() -> None:
    wider = {Framework.WELL_ARCHITECTED, Framework.NIST}
    assert all(control.related for _, control in DECLARED if control.framework in wider)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(FAILS, {"DynamoDB.6", "dynamodb-table-deletion-protection-enabled"}), (WARNS, set()), (TableSettings(), set())],
    ids=["the checklist demands it", "it warns", "by default"],
)
def test_deletion_protection_answers_for_its_control_only_where_the_checklist_demands_it(
    settings: TableSettings, expected: set[str]
) -> None:
    assert direct("pitr-enabled/deletion-protection", settings) == expected


@pytest.mark.parametrize(
    ("settings", "answered"),
    [
        (decided("aws_backup"), True),
        (decided("on_demand"), False),
        (decided("pitr_only"), False),
        (TableSettings(), False),
    ],
    ids=["AWS Backup", "on-demand backups", "PITR only", "not decided"],
)
def test_a_backup_plan_answers_for_its_control_only_where_one_is_decided(
    settings: TableSettings, *, answered: bool
) -> None:
    plan = {"DynamoDB.4", "dynamodb-in-backup-plan", "dynamodb-resources-protected-by-backup-plan"}
    assert direct("backups-scheduled/selected", settings) == (plan if answered else set())


def test_the_controls_that_can_be_turned_off_are_these() -> None:
    """Whoever adds one has compared what fails both."""
    found = {(check, each) for check in CHECKS for each in direct(check, TableSettings())}
    assert found == {
        ("billing-on-demand/mode", "DynamoDB.1"),
        ("billing-on-demand/mode", "dynamodb-autoscaling-enabled"),
        ("encryption-kms/on", "dynamodb-table-encrypted-kms"),
        ("encryption-kms/key", "KMS.3"),
        ("encryption-kms/key", "kms-cmk-not-scheduled-for-deletion"),
        ("pitr-enabled/on", "DynamoDB.2"),
        ("pitr-enabled/on", "dynamodb-pitr-enabled"),
        ("cost-monitored/tagged", "DynamoDB.5"),
    }


def lines(controls: Iterable[Control]) -> list[ControlLine]:
    return [ControlLine(each.framework, each.id, each.is_related(WARNS)) for each in controls]


def test_controls_read_by_framework_with_what_limits_them() -> None:
    controls = CHECKS["pitr-enabled/deletion-protection"].controls
    assert control_list(controls[:3]) == (
        'AWS Security Hub DynamoDB.6 (related unless deletion_protection is "fail");'
        ' AWS Config dynamodb-table-deletion-protection-enabled (related unless deletion_protection is "fail");'
        " NIST.800-53.r5 CA-9(1) (related)"
    )
    assert control_list(lines(controls[2:5])) == "NIST.800-53.r5 CA-9(1), CM-2, CM-2(2) (related)"


def test_the_page_for_those_who_come_from_other_tools_has_every_control_with_its_checks() -> None:
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    found = {(name, check, replaced) for name, checks, replaced in rows for check in checks.split(", ")}
    declared = {(control.id, linked(check), replaced(control)) for check, control in DECLARED}
    assert found == declared, "run `make docs`"


def linked(check: Check) -> str:
    return f"[`{check.id}`](rules/{check.rule.id}.md#{check.name})"


def replaced(control: Control) -> str:
    return f"if {control.only_if.text}" if control.only_if else "related" if control.related else "yes"


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.id)
def test_the_requirements_of_a_check_fit_into_asff(check: Check) -> None:
    found = requirements(lines(check.controls))
    assert len(found) <= 32
    assert all(len(each) <= 64 for each in found)
    assert not any("Prowler" in each for each in found)
    assert "AWS Config lambda-dlq-check, related" in found or check.id != "dead-letters-kept/asynchronous"
