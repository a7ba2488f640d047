"""The findings of a report as the formats of other tools have them: flat, with a stable id each. Pure."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from readiness.aws.arn import partition_of
from readiness.model import Status
from readiness.printable import line
from readiness.report.content import WAIVABLE, FindingLine, Report, RuleLine, TableReport


class ExportedFinding(Struct, frozen=True):
    """A finding with its rule and its table. Rules about the monitor itself are exported too."""

    table: TableReport
    rule: RuleLine
    found: FindingLine

    @property
    def check(self) -> str:
        """The id of the check, such as `pitr-enabled/on`."""
        return f"{self.rule.id}/{self.found.check}"

    @property
    def id(self) -> str:
        """The id of the finding: the same in each report, for the same table, check and resource."""
        resource = hashlib.sha256(self.found.resource.encode(errors="replace")).hexdigest()[:32]
        return f"readiness/{self.table.account}/{self.table.region}/{self.table.table}/{self.check}/{resource}"

    @property
    def is_waived(self) -> bool:
        """True if a waiver covers the failure or warning."""
        return self.found.status in WAIVABLE and self.found.waiver is not None

    @property
    def is_about_table(self) -> bool:
        """True if the resource is the table of the report itself."""
        table = self.table
        return self.found.resource.endswith(f":dynamodb:{table.region}:{table.account}:table/{table.table}")

    @property
    def message(self) -> str:
        """The message on one line."""
        return line(self.found.message)

    @property
    def resource(self) -> str:
        """The resource on one line."""
        return line(self.found.resource)

    @property
    def waiver(self) -> str:
        """The waiver as a text; empty without one."""
        waiver = self.found.waiver
        if waiver is None or not self.is_waived:
            return ""
        return f"waived until {waiver.until:%Y-%m-%dT%H:%M:%SZ} by {line(waiver.by)}: {line(waiver.reason)}"


def exported(report: Report) -> Iterator[ExportedFinding]:
    """Yield all findings, table by table, in the order of the checklist."""
    for table in report.tables:
        yield from exported_of(table)


def exported_of(table: TableReport) -> Iterator[ExportedFinding]:
    """Yield the findings of one table."""
    for rule in (*table.rules, *table.monitor):
        for found in rule.findings:
            yield ExportedFinding(table, rule, found)


def partition(table: TableReport) -> str:
    """Return the AWS partition of the account, as the ARNs of the findings have it; `aws` if there are none."""
    arns = (each.found.resource for each in exported_of(table) if each.found.resource.startswith("arn:"))
    return next((partition_of(arn) for arn in arns), "aws")


def as_plain(value: Any) -> Any:
    """Return evidence as values of JSON, without characters that UTF-8 does not have."""
    return without_surrogates(msgspec.to_builtins(value, enc_hook=plain, str_keys=True))


def plain(value: Any) -> Any:
    """Return a value that msgspec cannot represent as one that it can, so that no evidence prevents the report."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def without_surrogates(value: Any) -> Any:
    """Return a value of JSON in which `?` replaces each lone surrogate, which UTF-8 cannot encode.

    A float that JSON does not have, such as NaN, becomes null, as in the report as JSON.
    """
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {without_surrogates(key): without_surrogates(each) for key, each in value.items()}
        case list() | tuple():
            return [without_surrogates(each) for each in value]
        case _:
            return value


NOT_PASSED = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})
"""The statuses that a report for people shows first. UNKNOWN is neither passed nor failed."""
