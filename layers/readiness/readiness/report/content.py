"""The report as data: what `--format json` prints, and what the other formats are made of.

Its JSON Schema is `docs/report.schema.json`. Fields may be added, never removed or given another meaning.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from readiness import __version__
from readiness.evaluate import Judgement
from readiness.model import Finding, Status, worst
from readiness.overlay import Overlay
from readiness.rule import Rule

SCHEMA = "readiness.report/1"

ITEMS = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "3.4", "5.1", "5.2", "5.3")
"""All items of the checklist: one that nothing judges is not complete."""

MET = frozenset({Status.PASS, Status.WARN, Status.NOT_APPLICABLE})

WAIVABLE = frozenset({Status.FAIL, Status.WARN})
"""What can be accepted: not that something is unknown."""


@dataclass(frozen=True)
class WaiverLine:
    """Who accepted a failing check, why, and until when."""

    reason: str
    by: str
    until: datetime


@dataclass(frozen=True)
class FindingLine:
    """One finding. `reason` and `permission` say why it is UNKNOWN; both are null where it is not."""

    check: str
    status: Status
    resource: str
    message: str
    evidence: Mapping[str, Any]
    severity: str
    reason: str | None
    permission: str | None
    remediation: str
    waiver: WaiverLine | None


@dataclass(frozen=True)
class RuleLine:
    """One item of the checklist.

    `unwaived` is its status without the failures and warnings that waivers cover. `since` is when its status was first
    read, null where nothing is remembered.
    """

    id: str
    item: str
    title: str
    status: Status
    unwaived: Status
    severity: str
    owner: str | None
    since: datetime | None
    findings: tuple[FindingLine, ...]
    reference: str

    @property
    def waived(self) -> bool:
        """It fails, and only where a waiver covers it."""
        return self.status is Status.FAIL and self.unwaived is not Status.FAIL


@dataclass(frozen=True)
class TableReport:
    """One table. `counts` are its items by status and add up to their number; WAIVED says how many FAILs are.

    `monitor` is what is said of the monitor's own health, which is no item and is not counted. `nearest_tables` are
    names like that of a table which does not exist.
    """

    table: str
    table_id: str | None
    account: str
    region: str
    observed_at: datetime
    checklist_digest: str
    status: Status
    complete: bool
    incomplete: tuple[str, ...]
    counts: Mapping[str, int]
    rules: tuple[RuleLine, ...]
    monitor: tuple[RuleLine, ...] = ()
    exists: bool = True
    nearest_tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All tables of one look."""

    tables: tuple[TableReport, ...]
    schema: str = SCHEMA
    version: str = __version__


@dataclass(frozen=True)
class Subject:
    """The table that a report is about. `table_id` is None where it could not be read or does not exist."""

    table: str
    table_id: str | None
    account: str
    region: str
    observed_at: datetime
    checklist_digest: str
    exists: bool = True


def table_report(
    subject: Subject, judgement: Judgement, overlay: Overlay, nearest_tables: Iterable[str] = ()
) -> TableReport:
    """The report on one table, rules in the order of the checklist."""
    rules = tuple(_rule_line(rule, judgement, overlay) for rule in judgement.rules if not rule.own)
    monitor = tuple(_rule_line(rule, judgement, overlay) for rule in judgement.rules if rule.own)
    missing = tuple(_missing(rules, overlay, subject))
    return TableReport(
        table=subject.table,
        table_id=subject.table_id,
        account=subject.account,
        region=subject.region,
        observed_at=subject.observed_at,
        checklist_digest=subject.checklist_digest,
        status=worst(rule.status for rule in rules or monitor),
        complete=not missing,
        incomplete=missing,
        counts=_counts(rules),
        rules=rules,
        monitor=monitor,
        exists=subject.exists,
        nearest_tables=tuple(nearest_tables),
    )


def _rule_line(rule: Rule, judgement: Judgement, overlay: Overlay) -> RuleLine:
    asked, status = judgement.of(rule), judgement.status(rule)
    lines = [_finding_line(finding, overlay) for each in asked for finding in each.findings]
    return RuleLine(
        id=rule.id,
        item=rule.item,
        title=rule.title,
        status=status,
        unwaived=_unwaived(lines, {each.check.name for each in asked if each.check.required}),
        severity=rule.severity,
        owner=overlay.owner(rule.id),
        since=overlay.since(rule.id, status),
        findings=tuple(lines),
        reference=rule.reference,
    )


def _unwaived(lines: list[FindingLine], required: set[str]) -> Status:
    """Rolled up as the status is, of which it is a part; NOT_APPLICABLE where waivers cover everything."""
    left = [line for line in lines if not (line.status in WAIVABLE and line.waiver)]
    counted = [line.status for line in left if line.check in required or line.status is not Status.UNKNOWN]
    return worst([Status.NOT_APPLICABLE, *counted])


def _finding_line(finding: Finding, overlay: Overlay) -> FindingLine:
    unavailable = finding.unavailable
    waiver = overlay.waiver(f"{finding.rule}/{finding.check}", finding.resource)
    return FindingLine(
        check=finding.check,
        status=finding.status,
        resource=finding.resource,
        message=finding.message,
        evidence=finding.evidence,
        severity=finding.severity,
        reason=unavailable.reason if unavailable else None,
        permission=unavailable.permission if unavailable else None,
        remediation=finding.remediation,
        waiver=WaiverLine(waiver.reason, waiver.by, waiver.until) if waiver else None,
    )


def _counts(rules: tuple[RuleLine, ...]) -> dict[str, int]:
    counted = Counter(rule.status for rule in rules)
    return {**{status.value: counted[status] for status in Status}, "WAIVED": sum(rule.waived for rule in rules)}


def _missing(rules: tuple[RuleLine, ...], overlay: Overlay, subject: Subject) -> Iterable[str]:
    """What is still to do before the checklist is complete, item by item."""
    if not subject.exists:
        yield "the table does not exist"
    elif subject.table_id is None:
        yield "the table's identity could not be read"
    if not overlay.readable:
        yield "owners and waivers could not be read"
    for key in overlay.illegible:
        yield f"{key} can't be read as what Readiness writes"
    lines = {rule.item: rule for rule in rules}
    for item in ITEMS:
        if item not in lines:
            yield f"{item}: not judged"
            continue
        rule = lines[item]
        if rule.unwaived not in MET:
            yield f"{item}: {rule.unwaived}"
        if not rule.owner:
            yield f"{item}: no owner"
