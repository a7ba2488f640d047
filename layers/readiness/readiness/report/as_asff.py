"""The report in the AWS Security Finding Format: a JSON list of findings for `aws securityhub batch-import-findings`.

The limits of lengths are those of the Security Hub user guide; the call takes at most 100 findings.
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

import json
import re
from datetime import datetime
from typing import Any

from readiness import __version__
from readiness.aws.arn import is_table, region_of, resource_of, service_of
from readiness.model import Severity, Status
from readiness.printable import clip, line
from readiness.report.content import Report
from readiness.report.controls import requirements
from readiness.report.export import ExportedFinding, exported, partition, without_surrogates

TITLE, DESCRIPTION, RECOMMENDATION, VALUE, RESOURCE, REASON = 256, 1024, 512, 2048, 512, 2048
"""The longest texts that Security Hub accepts, in characters."""

STATUS = {
    Status.PASS: "PASSED",
    Status.WARN: "WARNING",
    Status.FAIL: "FAILED",
    Status.UNKNOWN: "NOT_AVAILABLE",
    Status.NOT_APPLICABLE: "NOT_AVAILABLE",
}
"""The compliance status of each status. UNKNOWN is `NOT_AVAILABLE`: the check could not be performed."""

EXPLAINED = frozenset({Status.WARN, Status.UNKNOWN, Status.NOT_APPLICABLE})
"""The statuses that `StatusReasons` explain."""

TYPES = ["Software and Configuration Checks/AWS Security Best Practices"]

RESOURCE_TYPES = {
    "backup:backup-plan": "AwsBackupBackupPlan",
    "cloudwatch:alarm": "AwsCloudWatchAlarm",
    "iam:role": "AwsIamRole",
    "iam:user": "AwsIamUser",
    "kms:key": "AwsKmsKey",
    "lambda:function": "AwsLambdaFunction",
}
"""The types of resources, by the service and the first part of the resource in their ARNs."""

NAMED_ONLY = {"sns": "AwsSnsTopic", "sqs": "AwsSqsQueue"}
"""The types of resources whose ARNs have nothing but their names after the account."""


def render(report: Report) -> str:
    """Return the JSON list, without a newline at its end."""
    findings = [without_surrogates(_finding(each)) for each in exported(report)]
    return json.dumps(findings, indent=2)


def _finding(finding: ExportedFinding) -> dict[str, Any]:
    table, rule, found = finding.table, finding.rule, finding.found
    at, label = _moment(table.observed_at), _severity(finding)
    arn = f"arn:{partition(table)}:securityhub:{table.region}:{table.account}"
    since = {"FirstObservedAt": _moment(rule.since)} if rule.since else {}
    return {
        "SchemaVersion": "2018-10-08",
        "Id": finding.id,
        "ProductArn": f"{arn}:product/{table.account}/default",
        "ProductName": "Readiness",
        "CompanyName": "Readiness",
        "GeneratorId": finding.check,
        "AwsAccountId": table.account,
        "Types": TYPES,
        **since,
        "LastObservedAt": at,
        "CreatedAt": _moment(rule.since or table.observed_at),
        "UpdatedAt": at,
        "Severity": {"Label": label},
        "FindingProviderFields": {"Severity": {"Label": label}, "Types": TYPES},
        "Title": clip(f"{rule.title}: {finding.message}", TITLE),
        "Description": clip(finding.message or rule.title, DESCRIPTION),
        "Remediation": {"Recommendation": _recommendation(finding)},
        "ProductFields": _fields(finding),
        "Resources": [_resource(finding)],
        "Compliance": _compliance(finding),
        "RecordState": "ARCHIVED" if found.status is Status.NOT_APPLICABLE else "ACTIVE",
    }


def _severity(finding: ExportedFinding) -> str:
    """Return the label: INFORMATIONAL where nothing has to be done, as Security Hub has it for a passed control."""
    found = finding.found
    return "INFORMATIONAL" if found.status in {Status.PASS, Status.NOT_APPLICABLE} else Severity(found.severity).value


def _recommendation(finding: ExportedFinding) -> dict[str, str]:
    text = line(finding.found.remediation) or f"readiness explain {finding.check}"
    return {"Text": clip(text, RECOMMENDATION), "Url": finding.rule.reference}


def _fields(finding: ExportedFinding) -> dict[str, str]:
    """Return what ASFF has no field for. The exact status is here, because ASFF has fewer."""
    table, found = finding.table, finding.found
    fields = {
        "readiness/Status": str(found.status),
        "readiness/Table": table.table,
        "readiness/Item": finding.rule.item,
        "readiness/Owner": finding.rule.owner or "",
        "readiness/Waiver": finding.waiver,
        "readiness/Reason": found.reason or "",
        "readiness/Permission": found.permission or "",
        "readiness/Version": __version__,
    }
    return {name: clip(line(text), VALUE) for name, text in fields.items() if text}


def _resource(finding: ExportedFinding) -> dict[str, str]:
    resource, table = finding.resource, finding.table
    return {
        "Type": _type(resource),
        "Id": clip(resource, RESOURCE) or table.table,
        "Partition": partition(table),
        "Region": region_of(resource) or table.region,
    }


def _type(resource: str) -> str:
    if is_table(resource):
        return "AwsDynamoDbTable"
    service, part = service_of(resource), re.split("[:/]", resource_of(resource))[0]
    return RESOURCE_TYPES.get(f"{service}:{part}") or NAMED_ONLY.get(service, "Other")


def _compliance(finding: ExportedFinding) -> dict[str, Any]:
    found = finding.found
    compliance: dict[str, Any] = {"Status": STATUS[found.status], "SecurityControlId": finding.check}
    if related := requirements(found.controls):
        compliance["RelatedRequirements"] = related
    if found.status in EXPLAINED:
        reason = {"ReasonCode": str(found.status), "Description": clip(finding.message, REASON)}
        compliance["StatusReasons"] = [reason]
    return compliance


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
