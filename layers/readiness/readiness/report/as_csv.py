"""The report as CSV (RFC 4180), one line for each finding, for spreadsheets."""

import csv
import io
import json

from readiness.printable import line
from readiness.report.content import Report
from readiness.report.controls import control_list
from readiness.report.export import ExportedFinding, as_plain, exported

COLUMNS = (
    *("account", "region", "table", "item", "rule", "title", "check", "severity", "status", "waiver", "resource"),
    *("message", "reason", "permission", "evidence", "remediation", "controls", "related_controls", "owner", "since"),
    *("observed_at", "reference", "id"),
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  spreadsheets take these for formulas, too
"""The characters with which a cell begins that a spreadsheet evaluates as a formula."""


def render(report: Report) -> str:
    """Return CSV with a line of column names, without the LF of the last line.

    A cell that a spreadsheet would evaluate as a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for finding in exported(report):
        writer.writerow([_cell(each) for each in _values(finding)])
    return out.getvalue().removesuffix("\n")


def _values(finding: ExportedFinding) -> tuple[str, ...]:
    table, rule, found = finding.table, finding.rule, finding.found
    return (
        *(table.account, table.region, table.table, rule.item, rule.id, rule.title, finding.check),
        *(found.severity, found.status, finding.waiver, found.resource, found.message),
        *(found.reason or "", found.permission or "", json.dumps(as_plain(found.evidence), sort_keys=True)),
        *(found.remediation, control_list(each for each in found.controls if not each.related)),
        *(control_list(each for each in found.controls if each.related), rule.owner or ""),
        *(rule.since.isoformat() if rule.since else "", table.observed_at.isoformat(), rule.reference, finding.id),
    )


def _cell(text: str) -> str:
    text = line(text)
    return f"'{text}" if text.startswith(FORMULA) else text
