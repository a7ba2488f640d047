"""`readiness waive`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.alerts.words import counted
from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.names import check_of
from readiness.cli.records import command_tables, limited, needed
from readiness.printable import line
from readiness.state.people import Waiver


def run(
    check: str, resource: str | None, reason: str | None, until: datetime | None, *, withdraw: bool, **options: Any
) -> Exit:
    """Record in each table the waiver of a check until then, on one resource or all; or withdraw it."""
    name = check_of(check).id
    for option, typed in (("--reason", reason), ("--until", until)):
        needed(option, typed, withdraw=withdraw)
    waived = name if resource is None else f"{name} on {line(resource)}"
    for table in command_tables(**options):
        if until is None or reason is None:
            table.withdraw(
                Waiver,
                *([name] if resource is None else [name, resource]),
                action=f"withdraw the waiver of {waived}",
                missing=f"{waived} is not waived",
                result=f"waiver of {waived} withdrawn; the next run reports its failures",
            )
        else:
            waiver = partial(Waiver, check=name, resource=resource, reason=reason, until=until)
            limits = table.settings.limits
            cut = limited(until, limits.waiver, counted(limits.waiver_days, "day"), "limits.waiver_days")
            then = f"until {minute(until)}{cut}"
            table.record(waiver, f"waive {waived} {then}", f"{waived} waived {then}")
    return Exit.OK
