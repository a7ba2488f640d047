"""`readiness ack`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.start import check_of
from readiness.cli.store import written
from readiness.cli.words import Place, Where, text
from readiness.model import Status
from readiness.state.drift import Memory
from readiness.state.overlay import known
from readiness.state.people import Acknowledgement


def run(check: str, note: str | None, *, withdraw: bool, **where: Any) -> Exit:
    """Say in each table where the check fails who is on it, or that nobody is: reminders stop, or go on."""
    asked = check_of(check).id
    said = "" if note is None else text("--note", note, "what is being done")
    if withdraw and note is not None:
        msg = "--note goes not with --withdraw"
        raise Usage(msg)
    places = list(Where(**where).places())
    if withdraw:
        for place in places:
            place.withdraw(
                Acknowledgement,
                asked,
                what=f"withdraw the acknowledgement of {asked}",
                nothing=f"{asked} is not acknowledged",
                then=f"the acknowledgement of {asked} is withdrawn; reminders go on",
            )
        return Exit.OK
    failing = [place for place in places if _fails(place, asked)]
    if not failing:
        names = ", ".join(place.table.name for place in places)
        msg = f"nothing of {asked} is known to fail on {names}: there is nothing to take (see `readiness check`)"
        raise Usage(msg)
    ack = partial(Acknowledgement, check=asked, note=said)
    for place in failing:
        place.record(
            ack, f"acknowledge that {asked} fails", f"{asked} is yours; no reminders until something else of it fails"
        )
    return Exit.OK


def _fails(place: Place, check: str) -> bool:
    """As the table's own memory has it: what was never told needs no acknowledgement."""
    with written(place.table.name):
        item = place.store.read().about(place.table_id).checks.get(check)
    return item is not None and known(Memory.from_item(item)) is Status.FAIL
