"""`readiness ack`."""

from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.failures import stored
from readiness.cli.records import Place, places
from readiness.cli.start import check_of
from readiness.model import Status
from readiness.state.drift import CheckState
from readiness.state.overlay import known
from readiness.state.people import Acknowledgement


def run(check: str, note: str | None, *, withdraw: bool, **options: Any) -> Exit:
    """Acknowledge the check in each table where it fails, which stops reminders; or withdraw the acknowledgement."""
    name = check_of(check).id
    if withdraw and note is not None:
        raise Usage("--note cannot be used with --withdraw")
    tables = list(places(**options))
    if withdraw:
        for place in tables:
            place.withdraw(
                Acknowledgement,
                name,
                what=f"withdraw the acknowledgement of {name}",
                nothing=f"{name} is not acknowledged",
                then=f"acknowledgement of {name} withdrawn; reminders continue",
            )
        return Exit.OK
    failing = [place for place in tables if _fails(place, name)]
    if not failing:
        names = ", ".join(place.table.name for place in tables)
        raise Usage(
            f"no run has recorded a failure of {name} on {names}: nothing to acknowledge (see `readiness check`)"
        )
    ack = partial(Acknowledgement, check=name, note=note or "")
    for place in failing:
        then = f"{name} acknowledged; no reminders until another failure"
        place.record(ack, f"acknowledge the failure of {name}", then)
    return Exit.OK


def _fails(place: Place, check: str) -> bool:
    """Return True if the last recorded status is FAIL: a failure that no run recorded has no reminders."""
    with stored(place.table.name):
        item = place.store.read().about(place.table_id).checks.get(check)
    return item is not None and known(CheckState.from_item(item)) is Status.FAIL
