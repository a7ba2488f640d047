"""`readiness waive`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.alerts.words import line
from readiness.cli.exits import Exit
from readiness.cli.start import check_of
from readiness.cli.words import Where, future, minute, needed, text
from readiness.state.people import Waiver


def run(
    check: str, resource: str | None, reason: str | None, until: datetime | None, *, withdraw: bool, **where: Any
) -> Exit:
    """Say in each table that a failing check is accepted until then, on one resource or all; or no longer."""
    asked = check_of(check).id
    for option, typed in (("--reason", reason), ("--until", until)):
        needed(option, typed, withdraw=withdraw)
    resources = [] if resource is None else [text("--resource", resource, "what a finding of the check is about")]
    of = " on ".join([asked, *map(line, resources)])
    if until is None or reason is None:
        for place in Where(**where).places():
            place.withdraw(
                Waiver,
                asked,
                *resources,
                what=f"withdraw the waiver of {of}",
                nothing=f"{of} is not waived",
                then=f"the waiver of {of} is withdrawn; the next run tells what fails of it",
            )
        return Exit.OK
    waiver = partial(
        Waiver,
        check=asked,
        resource=resource,
        reason=text("--reason", reason, "why it is accepted"),
        until=future("--until", until),
    )
    for place in Where(**where).places():
        place.record(waiver, f"waive {of} until {minute(until)}", f"{of} is waived until {minute(until)}")
    return Exit.OK
