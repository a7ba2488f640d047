"""`readiness own`."""

from functools import partial
from typing import Any

from readiness.alerts.words import line
from readiness.cli.exits import Exit
from readiness.cli.start import chosen
from readiness.cli.words import Where, needed, text
from readiness.state.people import Owner


def run(rule: str, owner: str | None, *, withdraw: bool, **where: Any) -> Exit:
    """Say in each table who the item belongs to, or that it is as the checklist file has it."""
    (item,) = chosen([rule])
    needed("OWNER", owner, withdraw=withdraw)
    whose = "" if owner is None else text("OWNER", owner, "who the item belongs to")
    for place in Where(**where).places():
        if withdraw:
            place.withdraw(
                Owner,
                item.id,
                what=f"withdraw the owner of {item.id}",
                nothing=f"no owner of {item.id} is recorded",
                then=f"the owner of {item.id} is withdrawn; the checklist file's counts again, if it names one",
            )
        else:
            place.record(
                partial(Owner, rule=item.id, owner=whose),
                f"record that {item.id} belongs to {line(whose)}",
                f"{item.id} belongs to {line(whose)}",
            )
    return Exit.OK
