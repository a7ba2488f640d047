"""`readiness own`."""

from functools import partial
from typing import Any

from readiness.alerts.words import line
from readiness.cli.exits import Exit
from readiness.cli.records import needed, places
from readiness.cli.start import chosen
from readiness.state.people import Owner


def run(rule: str, owner: str | None, *, withdraw: bool, **options: Any) -> Exit:
    """Record the owner of the item in each table, or withdraw it, so that the checklist file's owner applies."""
    (item,) = chosen([rule])
    needed("OWNER", owner, withdraw=withdraw)
    for place in places(**options):
        if owner is None:
            place.withdraw(
                Owner,
                item.id,
                what=f"withdraw the owner of {item.id}",
                nothing=f"no owner of {item.id} is recorded",
                then=f"owner of {item.id} removed; the checklist file's owner applies, if it has one",
            )
        else:
            what = f"record {line(owner)} as the owner of {item.id}"
            place.record(partial(Owner, rule=item.id, owner=owner), what, f"owner of {item.id}: {line(owner)}")
    return Exit.OK
