"""The report as data. `--format json` prints it; the other formats are made from it.

Its JSON Schema is `docs/report.schema.json`. Fields may be added, never removed or given another meaning.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict

from readiness import __version__
from readiness.checklist import TableSettings
from readiness.engine.evaluate import TableEvaluation
from readiness.engine.rule import Check, Rule, number_of
from readiness.model import Finding, Omission, Status, worst
from readiness.state import signature
from readiness.state.overlay import Overlay
from readiness.state.store import STATE
from readiness.state.table_id import another, is_known

SCHEMA = "readiness.report/1"

ITEMS = ("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "3.4", "5.1", "5.2", "5.3")
"""Items without which no checklist is complete, even if a package lacks their rules. Rules may add other items."""

MET = frozenset({Status.PASS, Status.WARN, Status.NOT_APPLICABLE})

WAIVABLE = frozenset({Status.FAIL, Status.WARN})
"""The statuses that a waiver can accept."""


class WaiverLine(Struct, frozen=True):
    """The acceptance of a failing check. If it is not `announced`, it takes effect in the next run of the monitor."""

    reason: str
    by: str
    until: datetime
    announced: bool = True


class AcknowledgementLine(Struct, frozen=True):
    """The acknowledgement of a failure."""

    by: str
    at: datetime
    note: str


class AttestationLine(Struct, frozen=True):
    """A person's attestation for an item. `status` is VALID or EXPIRED."""

    by: str
    at: datetime
    until: datetime
    evidence: str
    status: Literal["VALID", "EXPIRED"]


class SignoffLine(Struct, frozen=True):
    """The sign-off of the complete checklist, and its status.

    VOID: it is for another table or account. EXPIRED: `until` has passed. UNKNOWN: the TableId could not be read.
    CHANGED: the results of the checks in `changed` differ since; results that cannot be read now do not count.
    """

    by: str
    at: datetime
    until: datetime
    status: Literal["VALID", "CHANGED", "EXPIRED", "VOID", "UNKNOWN"]
    changed: tuple[str, ...]


class VoidLine(Struct, frozen=True):
    """A record for a former table of this name, which is not valid for this one."""

    kind: str
    about: str
    by: str
    at: datetime


class ControlLine(Struct, frozen=True):
    """A control of another standard or tool that the check of a finding answers for.

    `related`: the check is weaker than the control, or covers only a part of it.
    """

    framework: str
    id: str
    related: bool


class FindingLine(Struct, frozen=True):
    """One finding. `reason` and `permission` are the cause of UNKNOWN.

    For other statuses `permission` is null. `reason` is NOT_RECORDED for a FAIL whose only cause is that something is
    not recorded, NOT_CONFIGURED for a NOT_APPLICABLE because a setting is missing, and null otherwise.

    `acknowledgement` is null if the finding does not fail, or nobody has acknowledged it. `as_of` is when the oldest
    response was read that the finding rests on, if an earlier run read it; null if all were read for this report.
    """

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
    acknowledgement: AcknowledgementLine | None = None
    controls: tuple[ControlLine, ...] = ()
    as_of: datetime | None = None


class RuleLine(Struct, frozen=True):
    """One item of the checklist.

    `unwaived` is its status without the failures and warnings that waivers cover. `since` is when its status was first
    read, null where nothing is remembered. `attestations` are those of this very table, the newest first.
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
    attestations: tuple[AttestationLine, ...] = ()

    @property
    def unrecorded(self) -> bool:
        """True if the item fails only because something is not recorded."""
        return {line.reason for line in self.findings if line.status is Status.FAIL} == {Omission.NOT_RECORDED}

    @property
    def waived(self) -> bool:
        """True if the item fails, and waivers cover all its failures."""
        return self.status is Status.FAIL and self.unwaived is not Status.FAIL


class ReportSubject(Struct, frozen=True):
    """The table of a report. `table_id` is null if it could not be read or the table does not exist.

    `checklist` is the checklist file, or the text "built-in defaults". `snapshot` is the file whose facts were judged
    offline, and `observed_at` then the time when they were read; it is empty if they were read now. `runbook` is the
    address in the checklist, which is empty if there is none.
    """

    table: str
    table_id: str | None
    account: str
    region: str
    observed_at: datetime
    checklist_digest: str
    exists: bool = True
    checklist: str = ""
    snapshot: str = ""
    runbook: str = ""


class TableReport(ReportSubject, frozen=True, kw_only=True):
    """The report of one table. `counts` are its items by status; WAIVED is the number of FAIL items with waivers.

    `monitor` has the monitor's own health, which is not an item and is not counted. `nearest_tables` are existing names
    similar to that of a table that does not exist; `existing_tables` are up to ten of all. `signoff` is null if there
    is none, or it could not be read. `void` lists records for another table of this name.
    """

    status: Status
    complete: bool
    incomplete: tuple[str, ...]
    counts: Mapping[str, int]
    rules: tuple[RuleLine, ...]
    monitor: tuple[RuleLine, ...] = ()
    nearest_tables: tuple[str, ...] = ()
    signoff: SignoffLine | None = None
    void: tuple[VoidLine, ...] = ()
    existing_tables: tuple[str, ...] = ()


class Report(Struct, frozen=True):
    """All tables of one report."""

    tables: tuple[TableReport, ...]
    schema: str = SCHEMA
    version: str = __version__


def table_report(
    subject: ReportSubject,
    judgement: TableEvaluation,
    overlay: Overlay,
    nearest_tables: Iterable[str] = (),
    existing_tables: Iterable[str] = (),
) -> TableReport:
    """Return the report of one table, with the rules in checklist order."""
    settings = overlay.settings.wanted(subject.table)
    rules = tuple(_rule_line(rule, judgement, overlay, settings) for rule in judgement.rules if not rule.own)
    monitor = tuple(_rule_line(rule, judgement, overlay, settings) for rule in judgement.rules if rule.own)
    missing, counted = tuple(_missing(rules, overlay, subject)), Counter(rule.status for rule in rules)
    return TableReport(
        **asdict(subject),
        status=worst(rule.status for rule in rules or monitor),
        complete=not missing,
        incomplete=missing,
        counts={**{status.value: counted[status] for status in Status}, "WAIVED": sum(rule.waived for rule in rules)},
        rules=rules,
        monitor=monitor,
        nearest_tables=tuple(nearest_tables),
        signoff=_signoff(judgement, overlay, subject),
        void=tuple(
            VoidLine(word.kind, " ".join(part for part in word.about if isinstance(part, str)), word.by, word.at)
            for word in overlay.void
        ),
        existing_tables=tuple(existing_tables),
    )


def _signoff(judgement: TableEvaluation, overlay: Overlay, subject: ReportSubject) -> SignoffLine | None:
    signoff = overlay.signoff
    if signoff is None:
        return None
    changed = signature.changed(signoff.checks, signature.digests(judgement))
    mine = not another(subject.table_id, signoff.table_id) and signoff.account == subject.account
    status: Literal["VALID", "CHANGED", "EXPIRED", "VOID", "UNKNOWN"] = "VALID"
    if not mine:
        status = "VOID"
    elif signoff.until <= overlay.at:
        status = "EXPIRED"
    elif not (is_known(subject.table_id) and is_known(signoff.table_id)):
        status = "UNKNOWN"
    elif changed:
        status = "CHANGED"
    return SignoffLine(signoff.by, signoff.at, signoff.until, status, changed if status == "CHANGED" else ())


def _rule_line(rule: Rule, judgement: TableEvaluation, overlay: Overlay, settings: TableSettings) -> RuleLine:
    asked, status = judgement.of(rule), judgement.status(rule)
    lines = [
        _finding_line(finding, overlay, _controls(each.check, settings)) for each in asked for finding in each.findings
    ]
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
        attestations=tuple(
            AttestationLine(
                each.by, each.at, each.until, each.evidence, "VALID" if each.until > overlay.at else "EXPIRED"
            )
            for each in overlay.attestations(rule.id)
        ),
    )


def _unwaived(lines: list[FindingLine], required: set[str]) -> Status:
    """Return the roll-up of the findings that no waiver covers; NOT_APPLICABLE if waivers cover all."""
    left = [line for line in lines if not (line.status in WAIVABLE and line.waiver)]
    counted = [line.status for line in left if line.check in required or line.status is not Status.UNKNOWN]
    return worst([Status.NOT_APPLICABLE, *counted])


def _controls(check: Check, settings: TableSettings) -> tuple[ControlLine, ...]:
    return tuple(ControlLine(each.framework, each.id, each.is_related(settings)) for each in check.controls)


def _finding_line(finding: Finding, overlay: Overlay, controls: tuple[ControlLine, ...]) -> FindingLine:
    unavailable = finding.unavailable
    check = f"{finding.rule}/{finding.check}"
    waiver = overlay.waiver(check, finding.resource)
    return FindingLine(
        check=finding.check,
        status=finding.status,
        resource=finding.resource,
        message=finding.message,
        evidence=finding.evidence,
        severity=finding.severity,
        reason=unavailable.reason if unavailable else finding.omission,
        permission=unavailable.permission if unavailable else None,
        remediation=finding.remediation,
        waiver=WaiverLine(waiver.reason, waiver.by, waiver.until, overlay.is_announced(waiver)) if waiver else None,
        acknowledgement=_acknowledged(check, finding, overlay),
        controls=controls,
        as_of=finding.as_of,
    )


def _acknowledged(check: str, finding: Finding, overlay: Overlay) -> AcknowledgementLine | None:
    memory = overlay.memories.get(check)
    known = memory.known.get(finding.resource) if memory else None
    if finding.status is not Status.FAIL or known is None or known.status is not Status.FAIL:
        return None
    ack = overlay.acknowledgement(check, known.since)
    return AcknowledgementLine(ack.by, ack.at, ack.note) if ack else None


def _missing(rules: tuple[RuleLine, ...], overlay: Overlay, subject: ReportSubject) -> Iterable[str]:
    """Yield what is missing until the checklist is complete, item by item."""
    if not subject.exists:
        yield "the table does not exist"
    elif subject.table_id is None:
        yield "the TableId could not be read"
    if not overlay.readable:
        yield "owners and waivers could not be read"
    for key in overlay.illegible:
        yield f"item {key} is not in the format of Readiness"
    for key in overlay.later:
        yield f"item {key} has the schema of a later release and is not used: use the release that monitors the table"
    if overlay.readable and STATE not in overlay.later:
        yield from _unrecorded(overlay, subject)
    lacks = [(rule.item, lack) for rule in rules for lack in _lacking(rule, overlay, subject)]
    lacks += [(item, "not evaluated") for item in ITEMS if item not in {rule.item for rule in rules}]
    yield from (f"{item}: {lack}" for item, lack in sorted(lacks, key=lambda each: number_of(each[0])))


def _lacking(rule: RuleLine, overlay: Overlay, subject: ReportSubject) -> Iterable[str]:
    """Yield what is missing of one item. UNKNOWN counts also if only advisory checks have findings."""
    status = rule.status if rule.status is Status.UNKNOWN else rule.unwaived
    if status not in MET:
        yield str(status)
    yield from dict.fromkeys(line.message for line in rule.findings if line.reason == Omission.NOT_CONFIGURED)
    yield from _ended(rule, overlay)
    if not rule.owner:
        yield "no owner"
    if overlay.judges(subject.table_id) and not overlay.recorded(rule.id):
        yield "not recorded"


def _unrecorded(overlay: Overlay, subject: ReportSubject) -> Iterable[str]:
    """Yield what is missing of the monitor's own runs: they must have recorded this table, on schedule."""
    if not overlay.judges(subject.table_id):
        yield "no run has recorded results of this table"
    elif overlay.judged_at is None or overlay.at - overlay.judged_at > 2 * overlay.interval:
        judged = f"{overlay.judged_at:%Y-%m-%d %H.%M} UTC" if overlay.judged_at else "an unknown time"
        yield f"last run recorded on {judged}, more than two intervals of {minutes(overlay.interval)} ago"


def _ended(rule: RuleLine, overlay: Overlay) -> Iterable[str]:
    """Yield the waivers and attestations that have ended and were not replaced."""
    waivable = [(f"{rule.id}/{line.check}", line.resource) for line in rule.findings if line.status in WAIVABLE]
    ended = ((check, overlay.ended(check, resource)) for check, resource in waivable)
    yield from dict.fromkeys(f"waiver of {check} ended on {last.until:%Y-%m-%d}" for check, last in ended if last)
    if rule.attestations and all(each.status == "EXPIRED" for each in rule.attestations):
        last = max(each.until for each in rule.attestations)
        yield f"attestation ended on {last:%Y-%m-%d}"


def minutes(span: timedelta) -> str:
    """Return the minutes of a duration, such as `5 minutes`."""
    number = int(span.total_seconds() // 60)
    return f"{number} minute{'' if number == 1 else 's'}"
