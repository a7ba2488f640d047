"""`readiness own`."""

from functools import partial
from typing import Any

from readiness.alerts.words import line
from readiness.cli.exits import Exit
from readiness.cli.start import chosen
from readiness.cli.words import Where, needed, text
from readiness.state.people import Owner


def run(rule: str, owner: str | None, *, withdraw: bool, **where: Any) -> Exit:
    """Record the owner of the item in each table, or withdraw it, so that the checklist file's owner applies."""
    (item,) = chosen([rule])
    needed("OWNER", owner, withdraw=withdraw)
    whose = "" if owner is None else text("OWNER", owner, "the owner of the item")
    for place in Where(**where).places():
        if withdraw:
            place.withdraw(
                Owner,
                item.id,
                what=f"withdraw the owner of {item.id}",
                nothing=f"no owner of {item.id} is recorded",
                then=f"owner of {item.id} removed; the checklist file's owner applies, if it has one",
            )
        else:
            place.record(
                partial(Owner, rule=item.id, owner=whose),
                f"record {line(whose)} as the owner of {item.id}",
                f"owner of {item.id}: {line(whose)}",
            )
    return Exit.OK
