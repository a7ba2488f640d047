"""`readiness own`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit
from readiness.cli.names import rule_of
from readiness.cli.records import command_tables, needed
from readiness.printable import line
from readiness.state.people import Owner


def run(rule: str, owner: str | None, *, withdraw: bool, **options: Any) -> Exit:
    """Record the owner of the item in each table, or withdraw it, so that the checklist file's owner applies."""
    item = rule_of(rule)
    needed("OWNER", owner, withdraw=withdraw)
    for table in command_tables(**options):
        if owner is None:
            table.withdraw(
                Owner,
                item.id,
                action=f"withdraw the owner of {item.id}",
                missing=f"no owner of {item.id} is recorded",
                result=f"owner of {item.id} removed; the checklist file's owner applies, if it has one",
            )
        else:
            action = f"record {line(owner)} as the owner of {item.id}"
            table.record(partial(Owner, rule=item.id, owner=owner), action, f"owner of {item.id}: {line(owner)}")
    return Exit.OK
