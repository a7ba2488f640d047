"""The report as events of the Open Cybersecurity Schema Framework: a JSON list of Compliance Findings (class 2003).

https://schema.ocsf.io/1.6.0/classes/compliance_finding
"""

import json
from datetime import datetime
from typing import Any

from readiness import __version__
from readiness.aws.arn import region_of
from readiness.model import Severity, Status
from readiness.printable import line
from readiness.report.content import Report
from readiness.report.controls import requirements
from readiness.report.export import ExportedFinding, as_plain, exported, partition, without_surrogates

VERSION = "1.6.0"
CATEGORY, CLASS, CREATE = 2, 2003, 1

COMPLIANCE = {
    Status.PASS: (1, "Pass"),
    Status.WARN: (2, "Warning"),
    Status.FAIL: (3, "Fail"),
    Status.UNKNOWN: (0, "Unknown"),
    Status.NOT_APPLICABLE: (99, "Not Applicable"),
}
"""`compliance.status_id` and `compliance.status` of each status."""

NEW, IN_PROGRESS, SUPPRESSED, RESOLVED = (1, "New"), (2, "In Progress"), (3, "Suppressed"), (4, "Resolved")
"""The values of `status_id` and `status`, the state of the work on a finding."""

SEVERITY = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
INFORMATIONAL = (1, "Informational")
DONE = frozenset({Status.PASS, Status.NOT_APPLICABLE})

AWS_ACCOUNT = 10


def render(report: Report) -> str:
    """Return the JSON list, without a newline at its end."""
    return json.dumps([without_surrogates(_event(each)) for each in exported(report)], indent=2)


def _event(finding: ExportedFinding) -> dict[str, Any]:
    table, found = finding.table, finding.found
    severity_id, severity = INFORMATIONAL if found.status in DONE else SEVERITY[Severity(found.severity)]
    status_id, status = _work(finding)
    return {
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": CATEGORY,
        "class_name": "Compliance Finding",
        "class_uid": CLASS,
        "type_name": "Compliance Finding: Create",
        "type_uid": CLASS * 100 + CREATE,
        "time": _milliseconds(table.observed_at),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        **({"status_detail": finding.waiver} if finding.waiver else {}),
        "message": finding.message,
        "metadata": _metadata(finding),
        "cloud": {
            "provider": "AWS",
            "region": table.region,
            "account": {"uid": table.account, "type_id": AWS_ACCOUNT, "type": "AWS Account"},
        },
        "finding_info": _info(finding),
        "resources": [_resource(finding)],
        "compliance": _compliance(finding),
        "remediation": {
            "desc": line(found.remediation) or f"readiness explain {finding.check}",
            "references": [finding.rule.reference],
        },
    }


def _work(finding: ExportedFinding) -> tuple[int, str]:
    """Return the state of the work: a waiver suppresses the finding, somebody who acknowledged it works on it."""
    if finding.found.status in DONE:
        return RESOLVED
    if finding.is_waived:
        return SUPPRESSED
    return IN_PROGRESS if finding.found.acknowledgement else NEW


def _metadata(finding: ExportedFinding) -> dict[str, Any]:
    product = {"name": "Readiness", "vendor_name": "Readiness", "version": __version__}
    return {"version": VERSION, "profiles": ["cloud"], "product": product, "event_code": finding.check}


def _info(finding: ExportedFinding) -> dict[str, Any]:
    rule = finding.rule
    since = {"first_seen_time": _milliseconds(rule.since)} if rule.since else {}
    return {
        "uid": finding.id,
        "title": f"{rule.title}: {finding.message}",
        "desc": finding.message,
        **since,
        "last_seen_time": _milliseconds(finding.table.observed_at),
    }


def _resource(finding: ExportedFinding) -> dict[str, Any]:
    owner = {"owner": {"name": line(finding.rule.owner)}} if finding.rule.owner else {}
    return {
        "uid": finding.resource,
        "region": region_of(finding.resource) or finding.table.region,
        "cloud_partition": partition(finding.table),
        **owner,
        "data": {**as_plain(finding.found.evidence)},
    }


def _compliance(finding: ExportedFinding) -> dict[str, Any]:
    found = finding.found
    status_id, status = COMPLIANCE[found.status]
    causes = list(filter(None, [found.reason, found.permission]))
    return {
        "control": finding.check,
        "standards": ["Readiness"],
        "requirements": requirements(found.controls),
        "status_id": status_id,
        "status": status,
        "status_details": [finding.message, *causes],
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
