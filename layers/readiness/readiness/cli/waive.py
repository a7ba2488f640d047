"""`readiness waive`."""

from datetime import datetime
from functools import partial
from typing import Any

from readiness.alerts.words import line
from readiness.aws.time import minute
from readiness.cli.exits import Exit
from readiness.cli.start import check_of
from readiness.cli.words import Where, future, needed, text
from readiness.state.people import Waiver


def run(
    check: str, resource: str | None, reason: str | None, until: datetime | None, *, withdraw: bool, **where: Any
) -> Exit:
    """Record in each table the waiver of a check until then, on one resource or all; or withdraw it."""
    asked = check_of(check).id
    for option, typed in (("--reason", reason), ("--until", until)):
        needed(option, typed, withdraw=withdraw)
    resources = [] if resource is None else [text("--resource", resource, "the resource of a finding")]
    of = " on ".join([asked, *map(line, resources)])
    if until is None or reason is None:
        for place in Where(**where).places():
            place.withdraw(
                Waiver,
                asked,
                *resources,
                what=f"withdraw the waiver of {of}",
                nothing=f"{of} is not waived",
                then=f"waiver of {of} withdrawn; the next run reports its failures",
            )
        return Exit.OK
    waiver = partial(
        Waiver,
        check=asked,
        resource=resource,
        reason=text("--reason", reason, "why the failure is accepted"),
        until=future("--until", until),
    )
    for place in Where(**where).places():
        place.record(waiver, f"waive {of} until {minute(until)}", f"{of} waived until {minute(until)}")
    return Exit.OK
