"""What the owner wants of one table, from the checklist file."""

from dataclasses import dataclass
from typing import Literal

from readiness.checklist import BillingException, Settings
from readiness.fact import fact
from readiness.facts.table import Table


@dataclass(frozen=True)
class Checklist:
    """What is wanted of the table. A check that asks for it is judged anew, not drifted, when the wish changes."""

    ttl_attribute: str
    deletion_protection: Literal["warn", "fail"]
    window_days: int
    days_before_cutover: int
    billing_exception: BillingException | None


@fact()
def checklist(table: Table, settings: Settings) -> Checklist:
    """The table's part of the file."""
    wanted = settings.only(table.name).tables[0]
    return Checklist(
        ttl_attribute=wanted.ttl_attribute,
        deletion_protection=wanted.deletion_protection,
        window_days=wanted.pitr.window_days,
        days_before_cutover=wanted.pitr.days_before_cutover,
        billing_exception=wanted.billing_exception,
    )
