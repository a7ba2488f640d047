"""`readiness ack`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.start import check_of
from readiness.cli.store import written
from readiness.cli.words import Place, Where, text
from readiness.model import Status
from readiness.state.drift import CheckState
from readiness.state.overlay import known
from readiness.state.people import Acknowledgement


def run(check: str, note: str | None, *, withdraw: bool, **where: Any) -> Exit:
    """Acknowledge the check in each table where it fails, which stops reminders; or withdraw the acknowledgement."""
    asked = check_of(check).id
    said = "" if note is None else text("--note", note, "what is being done")
    if withdraw and note is not None:
        msg = "--note cannot be used with --withdraw"
        raise Usage(msg)
    places = list(Where(**where).places())
    if withdraw:
        for place in places:
            place.withdraw(
                Acknowledgement,
                asked,
                what=f"withdraw the acknowledgement of {asked}",
                nothing=f"{asked} is not acknowledged",
                then=f"acknowledgement of {asked} withdrawn; reminders continue",
            )
        return Exit.OK
    failing = [place for place in places if _fails(place, asked)]
    if not failing:
        names = ", ".join(place.table.name for place in places)
        msg = f"no run has recorded a failure of {asked} on {names}: nothing to acknowledge (see `readiness check`)"
        raise Usage(msg)
    ack = partial(Acknowledgement, check=asked, note=said)
    for place in failing:
        place.record(
            ack, f"acknowledge the failure of {asked}", f"{asked} acknowledged; no reminders until another failure"
        )
    return Exit.OK


def _fails(place: Place, check: str) -> bool:
    """Return True if the last recorded status is FAIL: a failure that no run recorded has no reminders."""
    with written(place.table.name):
        item = place.store.read().about(place.table_id).checks.get(check)
    return item is not None and known(CheckState.from_item(item)) is Status.FAIL
