"""The settings of one table, from the checklist file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from readiness.checklist import (
    AlarmSettings,
    AllowedToggler,
    BackupDecision,
    BillingException,
    DocumentationSettings,
    DrillSettings,
    FailureSettings,
    FunctionSettings,
    SampleSettings,
    Settings,
)
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table


@dataclass(frozen=True)
class Checklist:
    """Settings of the table and of its functions.

    A check that needs them is evaluated anew when they change, without a report of drift.
    """

    ttl_attribute: str
    deletion_protection: Literal["warn", "fail"]
    window_days: int
    days_before_cutover: int
    billing_exception: BillingException | None
    allowed_togglers: tuple[AllowedToggler, ...]
    functions: FunctionSettings
    write_failures: FailureSettings
    trusted_accounts: tuple[str, ...]
    trusted_organization: str
    tags: Mapping[str, str]
    alarms: AlarmSettings
    backup_decision: BackupDecision | None
    drills: DrillSettings
    documentation: DocumentationSettings
    sample: SampleSettings
    not_used: tuple[str, ...] = ()


@fact()
def checklist(table: Table, settings: Settings) -> Checklist:
    """Return the settings of the table."""
    wanted = settings.wanted(table.name)
    return Checklist(
        ttl_attribute=wanted.ttl_attribute,
        deletion_protection=wanted.deletion_protection,
        window_days=wanted.pitr.window_days,
        days_before_cutover=wanted.pitr.days_before_cutover,
        billing_exception=wanted.billing_exception,
        allowed_togglers=wanted.pitr.allowed_togglers,
        functions=wanted.functions or settings.functions,
        write_failures=wanted.write_failures,
        trusted_accounts=wanted.trusted_accounts,
        trusted_organization=wanted.trusted_organization,
        tags=wanted.tags,
        alarms=wanted.alarms,
        backup_decision=wanted.backup_decision,
        drills=wanted.drills,
        documentation=wanted.documentation or settings.documentation,
        sample=wanted.sample,
        not_used=wanted.not_used,
    )
