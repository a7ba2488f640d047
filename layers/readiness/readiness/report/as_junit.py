"""The report as JUnit XML, which CI systems show: a test suite for each table, a test case for each finding.

A FAIL without a waiver is a failure. WARN, UNKNOWN, NOT_APPLICABLE and waived findings are skipped, which is neither
passed nor failed; the attribute `type` has the status.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from markupsafe import escape

from readiness.model import Status
from readiness.printable import line
from readiness.report.content import Report, TableReport
from readiness.report.controls import control_list
from readiness.report.export import ExportedFinding, as_plain, exported, exported_of

FAILURE, SKIPPED, PASSED = "failure", "skipped", ""


def render(report: Report) -> str:
    """Return XML, without a newline at its end."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_suites(report)])


def _suites(report: Report) -> Iterator[str]:
    results = Counter(map(_result, exported(report)))
    counts = {"tests": str(results.total()), "failures": str(results[FAILURE]), "errors": "0"}
    yield f"<testsuites{_attributes({'name': 'readiness', **counts})}>"
    for table in report.tables:
        yield from _suite(table)
    yield "</testsuites>"


def _suite(table: TableReport) -> Iterator[str]:
    findings = list(exported_of(table))
    results = Counter(map(_result, findings))
    suite = {
        "name": table.table,
        "timestamp": f"{table.observed_at:%Y-%m-%dT%H:%M:%S}",
        "tests": str(len(findings)),
        "failures": str(results[FAILURE]),
        "errors": "0",
        "skipped": str(results[SKIPPED]),
        "time": "0",
    }
    yield f"  <testsuite{_attributes(suite)}>"
    yield "    <properties>"
    for name in ("account", "region", "status", "checklist"):
        yield f"      <property{_attributes({'name': name, 'value': getattr(table, name)})}/>"
    yield "    </properties>"
    for finding in findings:
        yield from _case(finding)
    yield "  </testsuite>"


def _result(finding: ExportedFinding) -> str:
    """Return the element in the test case of the finding."""
    match finding.found.status:
        case Status.PASS:
            return PASSED
        case Status.FAIL if not finding.is_waived:
            return FAILURE
        case _:
            return SKIPPED


def _case(finding: ExportedFinding) -> Iterator[str]:
    resource = "" if finding.is_about_table else f" {finding.found.resource}"
    classname = f"{finding.table.table}.{finding.rule.id}"
    case = _attributes({"classname": classname, "name": f"{finding.found.check}{resource}", "time": "0"})
    result, status = _result(finding), str(finding.found.status)
    if result == PASSED:
        yield f"    <testcase{case}/>"
        return
    message = ": ".join(filter(None, [status, finding.waiver, finding.message]))
    yield f"    <testcase{case}>"
    yield f"      <{result}{_attributes({'type': status, 'message': message})}>{escape(_details(finding))}</{result}>"
    yield "    </testcase>"


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


def _attributes(attributes: Mapping[str, str]) -> str:
    """Return the attributes with a space before each. A text is on one line, which has only characters of XML."""
    return "".join(f' {name}="{escape(line(text))}"' for name, text in attributes.items())
