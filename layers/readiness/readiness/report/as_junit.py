"""The report as JUnit XML, which CI systems show: a test suite for each table, a test case for each finding.

A FAIL without a waiver is a failure. WARN, UNKNOWN, NOT_APPLICABLE and waived findings are skipped, which is neither
passed nor failed; the attribute `type` has the status.
"""

import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET  # nosec B405  it only writes

from readiness.model import Status
from readiness.printable import line
from readiness.report.content import Report, TableReport
from readiness.report.controls import control_list
from readiness.report.export import ExportedFinding, as_plain, exported_of

FAILURE, SKIPPED = "failure", "skipped"


def render(report: Report) -> str:
    """Return XML, without a newline at its end."""
    suites = [_suite(table) for table in report.tables]
    root = ET.Element("testsuites", {"name": "readiness", **_total(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(table: TableReport) -> ET.Element:
    cases = [_case(finding) for finding in exported_of(table)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find(FAILURE) is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find(SKIPPED) is not None for case in cases)),
        "time": "0",
    }
    at = f"{table.observed_at:%Y-%m-%dT%H:%M:%S}"
    suite = ET.Element("testsuite", {"name": line(table.table), "timestamp": at, **counts})
    properties = ET.SubElement(suite, "properties")
    for name in ("account", "region", "status", "checklist"):
        ET.SubElement(properties, "property", {"name": name, "value": line(getattr(table, name))})
    suite.extend(cases)
    return suite


def _total(suites: Sequence[ET.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors")
    return {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in names}


def _case(finding: ExportedFinding) -> ET.Element:
    resource = "" if finding.is_about_table else f" {finding.resource}"
    named = {"classname": f"{line(finding.table.table)}.{finding.rule.id}", "name": f"{finding.found.check}{resource}"}
    case = ET.Element("testcase", {**named, "time": "0"})
    status = finding.found.status
    if status is Status.PASS:
        return case
    result = FAILURE if status is Status.FAIL and not finding.is_waived else SKIPPED
    message = ": ".join(filter(None, [str(status), finding.waiver, finding.message]))
    ET.SubElement(case, result, {"type": str(status), "message": message}).text = _details(finding)
    return case


def _details(finding: ExportedFinding) -> str:
    """Return one line for each detail that the finding has."""
    found = finding.found
    details = {
        "Severity": found.severity,
        "Resource": found.resource,
        "Cause": " ".join(filter(None, [found.reason, found.permission])),
        "Evidence": json.dumps(as_plain(found.evidence), sort_keys=True) if found.evidence else "",
        "Remediation": found.remediation,
        "Controls": control_list(found.controls),
        "Reference": finding.rule.reference,
    }
    return "\n".join(f"{name}: {line(text)}" for name, text in details.items() if text)
